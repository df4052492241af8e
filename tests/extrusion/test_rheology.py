"""Pressure and flow against the reference vectors and against each other."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.recipe import Nozzle
from printcare.errors import PrintcareError
from printcare.extrusion.rheology import (
    Cone,
    Ink,
    Tube,
    arrhenius_factor,
    cone_pressure_kpa,
    predicted_pressure_kpa,
    temperature_for,
    tube_flow_mm3_s,
    tube_pressure_kpa,
    tube_yield_kpa,
    wall_stress_pa,
    with_consistency,
)
from printcare.formats.recipe import load_recipe

INKS = st.builds(
    Ink,
    consistency_pa_sn=st.floats(0.5, 1000),
    flow_index=st.floats(0.25, 1.0),
    yield_stress_pa=st.one_of(st.just(0.0), st.floats(1, 500)),
)
TUBES = st.builds(Tube, bore_mm=st.floats(0.2, 2.0), length_mm=st.floats(2, 40))


def test_every_ink_of_the_reference_table_needs_its_pressure_in_tube_cone_and_barrel(vectors):
    table = vectors["tube_cone_flow"]
    nozzle, cone = table["nozzle"], table["cone"]
    for row in table["rows"]:
        given_ink = table["inks"][row["ink"]]
        ink = Ink(given_ink["K"], given_ink["n"], given_ink["t0"])
        flow = row["Q_mm3_s"]
        tube = tube_pressure_kpa(ink, Tube(nozzle["D"], nozzle["L"]), flow)
        taper = cone_pressure_kpa(ink, Cone(cone["D1"], nozzle["D"], cone["half"]), flow)
        barrel = tube_pressure_kpa(ink, Tube(table["barrel_id_mm"], 50.0), flow)
        assert tube == pytest.approx(row["dP_nozzle_kPa"], rel=1e-6)
        assert taper == pytest.approx(row["dP_cone_kPa"], rel=1e-4)
        assert barrel == pytest.approx(row["dP_barrel50mm_kPa"], rel=1e-5)
        assert tube + taper + barrel == pytest.approx(row["P_total_kPa"], rel=1e-5)


def test_the_worked_power_law_tube_is_reproduced(vectors):
    row = vectors["power_law_tube"]
    ink, tube = Ink(row["K"], row["n"]), Tube(row["D"], row["L"])
    assert wall_stress_pa(ink, row["D"], row["Q"]) == pytest.approx(row["tau_w"], rel=1e-6)
    assert tube_pressure_kpa(ink, tube, row["Q"]) == pytest.approx(row["dP_kPa"], rel=1e-6)


def test_a_newtonian_ink_follows_hagen_and_poiseuille(vectors):
    row = vectors["newton_tube"]
    assert tube_pressure_kpa(Ink(row["mu"], 1.0), Tube(row["D"], row["L"]), row["Q"]) == pytest.approx(
        row["dP_kPa"], rel=1e-6
    )


def test_the_worked_cone_is_reproduced(vectors):
    row = vectors["cone_power_law"]
    cone = Cone(row["D1"], row["D2"], row["half_angle_deg"])
    assert cone_pressure_kpa(Ink(row["K"], row["n"]), cone, row["Q"]) == pytest.approx(row["dP_kPa"], rel=1e-6)


def test_pressure_drives_the_herschel_bulkley_flow_of_the_reference(vectors):
    row = vectors["herschel_bulkley_inverse"]
    ink, tube = Ink(row["K"], row["n"], row["tau0"]), Tube(row["D"], row["L"])
    assert tube_flow_mm3_s(ink, tube, row["dP_kPa"]) == pytest.approx(row["Q_mm3_s"], rel=1e-6)


def test_flow_stops_at_the_yield_limit(vectors):
    row = vectors["yield_pressure"]
    ink, tube = Ink(150, 0.4, row["tau0"]), Tube(0.603, 12.7)
    assert tube_yield_kpa(ink, tube) == pytest.approx(row["tube_kPa"], rel=1e-6)
    assert cone_pressure_kpa(ink, Cone(4.0, 0.603, 20.0), 0.0) == pytest.approx(row["cone_kPa"], rel=1e-6)
    assert tube_flow_mm3_s(ink, tube, 0.999 * row["tube_kPa"]) == 0
    assert tube_flow_mm3_s(ink, tube, -5.0) == 0


def test_other_gauges_scale_the_pressure_as_published(vectors):
    ratios = vectors["pressure_ratios_n0.4"]
    bores = {"18G": 0.838, "21G": 0.514, "22G": 0.413, "25G": 0.26}
    ink = Ink(150, 0.4)
    base = tube_pressure_kpa(ink, Tube(0.603, 12.7), 2.0)
    for gauge, bore in bores.items():
        ratio = tube_pressure_kpa(ink, Tube(bore, 12.7), 2.0) / base
        assert ratio == pytest.approx(ratios[f"{gauge}_vs_20G"], rel=1e-6)


def test_consistency_follows_arrhenius(vectors):
    for row in vectors["arrhenius_K_factor"]:
        assert arrhenius_factor(row["Ea_kJ_mol"], row["T"], row["Tref"]) == pytest.approx(row["factor"], rel=1e-6)


def test_a_negative_flow_is_refused():
    with pytest.raises(PrintcareError, match="RHEOLOGY_FLOW"):
        wall_stress_pa(Ink(1, 1), 0.6, -1.0)


@given(ink=INKS, tube=TUBES, flow=st.floats(0.01, 50))
def test_flow_at_the_pressure_of_a_flow_is_that_flow(ink, tube, flow):
    pressure = tube_pressure_kpa(ink, tube, flow)
    assert tube_flow_mm3_s(ink, tube, pressure) == pytest.approx(flow, rel=1e-6)


@given(ink=INKS, tube=TUBES, flow=st.floats(0.01, 20), more=st.floats(1.01, 3))
def test_more_flow_or_a_thicker_ink_needs_more_pressure(ink, tube, flow, more):
    base = tube_pressure_kpa(ink, tube, flow)
    assert tube_pressure_kpa(ink, tube, flow * more) > base
    assert tube_pressure_kpa(with_consistency(ink, more), tube, flow) > base


@given(ink=INKS)
def test_a_nearly_straight_cone_is_a_tube(ink):
    cone = Cone(0.6 + 1e-4, 0.6, math.degrees(math.atan(1e-4 / 2 / 10)))  # 10 mm long
    assert cone_pressure_kpa(ink, cone, 2.0) == pytest.approx(tube_pressure_kpa(ink, Tube(0.60005, 10), 2.0), rel=1e-3)


def test_the_recipe_s_ink_is_predicted_at_its_temperature(vectors):
    row = vectors["power_law_tube"]
    shipped = load_recipe("cyclophosphamide-sse")
    validated = {"reference_c": Decimal(40), "activation_kj_mol": Decimal(50), "yield_stress_pa": Decimal(0)}
    ink = replace(shipped.ink, consistency_pa_sn=Decimal(row["K"]), flow_index=Decimal("0.4"), **validated)
    nozzle = Nozzle("x", "20G", Decimal("0.603"), Decimal("12.7"))
    assert predicted_pressure_kpa(ink, nozzle, 2.0, 40.0) == pytest.approx(row["dP_kPa"], rel=1e-6)
    colder = predicted_pressure_kpa(ink, nozzle, 2.0, 35.0)
    assert colder == pytest.approx(row["dP_kPa"] * vectors["arrhenius_K_factor"][0]["factor"], rel=1e-6)


@pytest.mark.parametrize("celsius", [22.0, 35.0, 38.0, 45.0])
def test_the_temperature_of_a_consistency_is_found_back(celsius):
    assert temperature_for(arrhenius_factor(30.0, celsius, 38.0), 30.0, 38.0) == pytest.approx(celsius)
