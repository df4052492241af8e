"""The prime's signature: which nozzle, which ink, and how sure."""

from __future__ import annotations

import pytest

from printcare.extrusion.rheology import Ink, Tube, tube_pressure_kpa
from printcare.extrusion.signature import GAUGES_MM, Point, bore_for, gauge_of, judge, pressure_ratio

OWN = Ink(150, 0.4, 80)
NOZZLE = Tube(0.603, 12.7)


def primed(ink=OWN, bore_mm=0.603, times=8, flows=(2.0, 4.5)):
    tube = Tube(bore_mm, 12.7)
    return [
        Point(flow, tube_pressure_kpa(ink, tube, flow), tube_pressure_kpa(OWN, NOZZLE, flow))
        for flow in flows
        for _ in range(times)
    ]


def verdict(points):
    return judge(points, sd_pct=4, theta=1.5, alpha=0.001, beta=0.01, bore_mm=0.603, needs_kpa=needs)


def needs(bore_mm, flow):
    return tube_pressure_kpa(OWN, Tube(bore_mm, 12.7), flow)


def test_pressure_ratios_of_gauges_are_the_reference_s(vectors):
    for name, ratio in vectors["pressure_ratios_n0.4"].items():
        if "_vs_" in name:
            other, own = name.split("_vs_")
            assert pressure_ratio(GAUGES_MM[own], GAUGES_MM[other], 0.4) == pytest.approx(ratio, rel=1e-6)


def test_the_gauges_are_the_reference_s(vectors):
    table = vectors["needle_gauge_regular_wall"]
    assert {name: table[name[:-1]]["id_mm"] for name in GAUGES_MM} == GAUGES_MM


def test_a_bore_is_found_back_from_its_share():
    assert bore_for(pressure_ratio(0.603, 0.413, 0.4), 0.603, 0.4) == pytest.approx(0.413)
    assert gauge_of(0.42) == "22G"
    assert gauge_of(4.0) is None


def test_the_recipe_s_own_nozzle_and_ink_are_right():
    told = verdict(primed())
    assert told.is_right is True
    assert "predicted" in told.evidence


def test_too_few_readings_decide_nothing():
    assert verdict(primed(times=1)).is_right is None


@pytest.mark.parametrize("gauge", ["18G", "21G", "22G", "23G"])
def test_another_gauge_is_named(gauge):
    told = verdict(primed(bore_mm=GAUGES_MM[gauge]))
    assert told.is_right is False
    assert told.cause == f"wrong nozzle, likely {gauge} for 20G"


def test_an_ink_of_another_flow_index_is_told_from_a_nozzle():
    told = verdict(primed(Ink(225, 0.5, 80)))
    assert (told.is_right, told.cause) == (False, "wrong ink or lot")
    assert "to the power" in told.evidence


@pytest.mark.parametrize(("thick", "cause"), [(1.15, "cold ink"), (0.85, "hot ink")])
def test_a_small_scale_at_both_speeds_is_temperature_or_lot(thick, cause):
    told = verdict(primed(Ink(150 * thick, 0.4, 80 * thick)))
    assert told.is_right is False
    assert cause in told.cause


def test_one_speed_alone_still_names_a_gauge():
    assert verdict(primed(bore_mm=0.413, flows=(4.5,))).cause == "wrong nozzle, likely 22G for 20G, or another ink"


def test_a_gauge_is_named_even_where_the_recipe_s_nozzle_has_none():
    share = pressure_ratio(0.56, 0.413, 0.4)
    told = judge([Point(4.5, 130 * share, 130.0)] * 9, 4, 1.5, 0.001, 0.01, 0.56, lambda bore, _: bore**-2.2)
    assert (told.is_right, told.cause) == (False, "wrong nozzle, likely 22G, or another ink")
