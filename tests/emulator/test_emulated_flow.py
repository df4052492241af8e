"""The bench's own rheology against closed forms and the reference vectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.emulator.flow import Channel, FlowTable, Fluid, cone_kpa, reduced_flow, tube_kpa


def test_needle_cone_and_barrel_give_the_reference_pressures(vectors):
    inks = vectors["tube_cone_flow"]["inks"]
    for row in vectors["tube_cone_flow"]["rows"]:
        ink = inks[row["ink"]]
        fluid, q = Fluid(ink["K"], ink["n"], ink["t0"]), np.array([row["Q_mm3_s"]])
        assert tube_kpa(fluid, 0.603, 12.7, q)[0] == pytest.approx(row["dP_nozzle_kPa"], rel=1e-6)
        assert cone_kpa(fluid, 4.0, 0.603, 20.0, q)[0] == pytest.approx(row["dP_cone_kPa"], rel=1e-4)
        assert tube_kpa(fluid, 14.43, 50.0, q)[0] == pytest.approx(row["dP_barrel50mm_kPa"], rel=1e-4)
        table = FlowTable(fluid, Channel())
        assert table.pressure_kpa(row["Q_mm3_s"], 50.0) == pytest.approx(row["P_total_kPa"], rel=1e-3)


def test_the_inverse_table_returns_the_flow_of_the_vector(vectors):
    flows = FlowTable(Fluid(150.0, 0.4, 80.0), Channel()).flows(50.0)
    assert np.interp(103.00772 / 0.25, np.arange(len(flows)), flows) == pytest.approx(2.0, rel=1e-3)


def test_flow_stops_at_the_yield_pressure(vectors):
    row = vectors["yield_pressure"]
    yields = row["tube_kPa"] + row["cone_kPa"] + row["barrel50_kPa"]
    flows = FlowTable(Fluid(150.0, 0.4, 80.0), Channel()).flows(50.0)
    first = next(i for i, q in enumerate(flows) if q > 0) * 0.25
    assert yields <= first <= yields + 0.25


def test_the_closed_form_gives_the_herschel_bulkley_flow(vectors):
    row = vectors["herschel_bulkley_inverse"]
    g = reduced_flow(Fluid(row["K"], row["n"], row["tau0"]), np.array([row["tau_w"]]))[0]
    assert g * math.pi * (row["D"] / 2) ** 3 == pytest.approx(row["Q_mm3_s"], rel=1e-6)


def test_a_finer_bore_raises_pressure_by_the_power_of_the_ratio(vectors):
    fluid, q = Fluid(150.0, 0.4, 0.0), np.array([2.0])
    ratio = tube_kpa(fluid, 0.413, 12.7, q)[0] / tube_kpa(fluid, 0.603, 12.7, q)[0]
    assert ratio == pytest.approx(vectors["pressure_ratios_n0.4"]["22G_vs_20G"], rel=1e-4)


@given(factor=st.floats(0.2, 5.0), q=st.floats(0.05, 10.0))
def test_a_stiffer_ink_flows_like_the_reference_at_a_scaled_flow(factor, q):
    n = 0.4
    stiff = tube_kpa(Fluid(150.0 * factor, n, 80.0), 0.603, 12.7, np.array([q]))[0]
    scaled = tube_kpa(Fluid(150.0, n, 80.0), 0.603, 12.7, np.array([q * factor ** (1 / n)]))[0]
    assert stiff == pytest.approx(scaled, rel=1e-9)
