"""Inks found again from their pressures, made by the bench's own equations and not by the model that is fitted."""

import numpy as np
import pytest

from printcare.errors import PrintcareError
from printcare.extrusion.rheology import Cone, Tube, tube_pressure_kpa
from printcare.extrusion.rheometry import Channel, SteadyPressure, fitted

NEEDLE = Tube(0.61, 12.7)
CHANNEL = Channel(NEEDLE)
FLOWS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


def _power_law_kpa(k: float, n: float, flow: float) -> float:
    """Return the Rabinowitsch closed form (process.md §1.1), written out anew."""
    rate = 32 * flow / (np.pi * NEEDLE.bore_mm**3)
    return 4 * NEEDLE.length_mm / NEEDLE.bore_mm * k * ((3 * n + 1) / (4 * n) * rate) ** n / 1000


@pytest.mark.parametrize(("k", "n"), [(30.0, 0.35), (120.0, 0.5), (5.0, 0.9), (2.0, 1.0)])
def test_a_power_law_ink_is_found_again(k, n):
    found = fitted([SteadyPressure(flow, _power_law_kpa(k, n, flow)) for flow in FLOWS], CHANNEL)
    assert found.consistency_pa_sn.value == pytest.approx(k, rel=1e-3)
    assert found.flow_index.value == pytest.approx(n, rel=1e-3)
    assert found.yield_stress_pa is None


@pytest.mark.parametrize("seed", range(5))
def test_under_scatter_the_truth_lies_in_the_intervals(seed):
    rng = np.random.default_rng(seed)
    points = [SteadyPressure(flow, _power_law_kpa(60, 0.45, flow) * (1 + rng.normal(0, 0.01))) for flow in FLOWS * 3]
    found = fitted(points, CHANNEL)
    assert found.consistency_pa_sn.value == pytest.approx(60, rel=0.1)
    assert found.flow_index.low < 0.45 < found.flow_index.high
    assert found.residual_pct == pytest.approx(1.0, abs=0.5)


def test_a_yield_stress_is_told_where_it_shows():
    ink_kpa = [tube_pressure_kpa_of_yield(flow) for flow in FLOWS]
    found = fitted([SteadyPressure(flow, kpa) for flow, kpa in zip(FLOWS, ink_kpa, strict=True)], CHANNEL)
    assert found.yield_stress_pa is not None
    assert found.yield_stress_pa.value == pytest.approx(400, rel=0.05)
    assert found.flow_index.value == pytest.approx(0.6, rel=0.05)
    assert tube_pressure_kpa(found.ink, NEEDLE, 3.0) == pytest.approx(tube_pressure_kpa_of_yield(3.0), rel=1e-3)


def tube_pressure_kpa_of_yield(flow_mm3_s: float, tau0: float = 400.0, k: float = 50.0, n: float = 0.6) -> float:
    """Return the Herschel–Bulkley pressure of the needle by integrating the shear rate over the radius."""
    radius = NEEDLE.bore_mm / 2

    def flow_at(stress: float) -> float:
        r = np.linspace(0, radius, 40_001)
        over = np.clip(stress * r / radius - tau0, 0, None)
        rate = (over / k) ** (1 / n)
        return float(np.pi * np.trapezoid(rate * r**2, r))

    low, high = tau0, 1e6
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if flow_at(middle) < flow_mm3_s else (low, middle)
    return 4 * low * NEEDLE.length_mm / NEEDLE.bore_mm / 1000


def test_a_hub_and_a_barrel_left_out_would_pass_for_a_thicker_ink():
    whole = Channel(NEEDLE, Cone(4.3, 0.61, 20.0), Tube(14.5, 40.0))
    ink = fitted([SteadyPressure(flow, _power_law_kpa(60, 0.45, flow)) for flow in FLOWS], CHANNEL).ink
    points = [SteadyPressure(flow, whole.pressure_kpa(ink, flow)) for flow in FLOWS]
    assert fitted(points, whole).consistency_pa_sn.value == pytest.approx(60, rel=1e-3)
    assert fitted(points, CHANNEL).consistency_pa_sn.value > 62


def test_three_flows_tell_a_power_law_and_no_more():
    points = [SteadyPressure(flow, tube_pressure_kpa_of_yield(flow)) for flow in (1.0, 4.0, 16.0)]
    assert fitted(points, CHANNEL).yield_stress_pa is None


@pytest.mark.parametrize(
    "points",
    [[], [(1, 10), (2, 12)], [(1, 10), (1.5, 12), (2, 14)], [(1, 10), (4, 0), (9, 14)], [(0, 5), (4, 9), (9, 14)]],
)
def test_poor_data_are_refused(points):
    with pytest.raises(PrintcareError) as refused:
        fitted([SteadyPressure(*point) for point in points], CHANNEL)
    assert refused.value.code == "RHEOLOGY_DATA"
