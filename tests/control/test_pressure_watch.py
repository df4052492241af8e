"""Every reading is judged against the syringe's model, by the recipe's own limits, and what stops is named."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from trial import plan

from printcare.control.cause import Evidence, likely_cause, likely_cause_of_mass
from printcare.control.pressure_watch import PressureWatch, Surroundings
from printcare.domain.process import CauseShares
from printcare.extrusion.lag import Chamber
from printcare.extrusion.rheology import Ink, Tube, arrhenius_factor, temperature_for
from printcare.extrusion.syringe_model import syringe_model

FLOW, COMPLIANCE = 4.4, 0.2
PERIOD_S = 0.05  # of the transmitter's readings
INK, NOZZLE = Ink(150, 0.4, 80), Tube(0.603, 12.7)
MODEL = syringe_model(INK, NOZZLE, 14.43, COMPLIANCE, FLOW)
STEADY = MODEL.steady_kpa(FLOW)
RAMP = FLOW / COMPLIANCE


def core_c(thickness):
    return temperature_for(thickness, 30.0, 38.0)


def watch(model=MODEL, **limits):
    recipe = plan().first.limits
    around = Surroundings(0.603, 0.4, (37.0, 39.0), lambda: 38.0, lambda: 900.0, lambda: 0.0, core_c)
    made = PressureWatch(replace(recipe, **limits), recipe.detectors, around, FLOW, settle_s=1.5, model=model)
    made.judge(STEADY, "OK", 0.0)
    made.arm(0.0)
    return made


def living(kpa, number):
    """Return a reading of a living sensor: it never repeats itself."""
    return kpa + 0.4 * math.sin(number * 2.1)


def fed(pressure, course, seconds=20.0):
    """Feed 20 readings a second of a course over time and return the first trip with its time."""
    for number in range(1, round(seconds / PERIOD_S)):
        at_s = number * PERIOD_S
        cause = pressure.judge(living(course(at_s), number), "OK", at_s)
        if cause is not None:
            return cause, at_s
    return None, None


def after(fault_s, change):
    """Return a course that is steady until a moment and then changes by a function of the time since."""
    return lambda at_s: STEADY if at_s < fault_s else change(at_s - fault_s)


def test_a_print_as_the_model_says_never_trips():
    assert fed(watch(), lambda _: STEADY, 60.0) == (None, None)


def test_a_start_below_the_steady_pressure_is_the_model_s_own_start():
    chamber = Chamber(COMPLIANCE, INK, NOZZLE)
    assert fed(watch(), lambda at_s: chamber.after(90.0, FLOW, at_s)) == (None, None)


def test_a_start_above_what_the_flow_needs_trips_before_the_start_has_settled():
    cause, at_s = fed(watch(), lambda at_s: min(60.0 + 3 * RAMP * at_s, STEADY * 1.4))
    assert cause.kind.id == "A04"
    assert at_s < 1.5  # the comparison with the model begins there
    assert "too high from the start" in cause.seen


def test_the_name_of_a_deviation_follows_the_recipe_s_own_shares():
    rising = seen(steepest_kpa_s=17.0)
    assert "partial clog" in likely_cause(rising)
    assert likely_cause(replace(rising, of=CauseShares(closed=Decimal("0.7")))).startswith("clog, or the plunger")


def test_above_the_hard_limit_it_trips_after_a_fifth_of_a_second_even_while_priming():
    made = watch(model=None)
    cause, at_s = fed(made, lambda _: 275.0, 2.0)
    assert cause.kind.id == "A03"
    assert at_s == pytest.approx(0.25, abs=0.06)


def test_below_the_least_pressure_it_trips_after_a_second_whatever_the_model_expects():
    cause, at_s = fed(watch(pressure_min_kpa=Decimal(round(STEADY)) + 20), lambda _: STEADY)
    assert cause.kind.id == "A05"
    assert "for 1 s" in cause.seen
    assert 1.0 <= at_s < 3.0  # and the settling before anything is compared


def test_a_spike_shorter_than_the_delay_does_not_trip():
    assert fed(watch(), lambda at_s: 300.0 if round(at_s * 20) % 40 == 39 and at_s < 1.4 else STEADY) == (None, None)


@pytest.mark.parametrize("flag", ["SAT", "FLT"])
def test_a_sensor_at_its_end_or_broken_trips_at_once(flag):
    cause = watch().judge(150.0, flag, 1.0)
    assert cause.kind.id == "A12"
    assert flag in cause.seen


def test_a_reading_that_stands_still_while_the_plunger_moves_is_no_reading():
    made = watch()
    causes = [made.judge(STEADY, "OK", number * PERIOD_S) for number in range(1, 90)]
    trips = [(number, cause) for number, cause in enumerate(causes, 1) if cause is not None]
    assert trips[0][1].kind.id == "A12"
    assert trips[0][0] * PERIOD_S < 4.0


def test_nothing_is_compared_before_it_is_armed_or_after_it_is_disarmed():
    made = watch()
    made.disarm()
    assert fed(made, lambda _: 60.0) == (None, None)


def test_a_closed_nozzle_trips_within_two_seconds_and_is_called_a_clog():
    cause, at_s = fed(watch(), after(6.0, lambda since: STEADY + RAMP * since))
    assert (cause.kind.id, at_s - 6.0) == ("A04", pytest.approx(1.2, abs=0.6))
    assert cause.seen.startswith("clog")
    assert "slope" in cause.seen


def test_a_narrower_bore_is_called_a_partial_clog_with_its_bore():
    chamber = Chamber(COMPLIANCE, INK, Tube(0.603 * 0.8, 12.7))
    cause, at_s = fed(watch(), after(6.0, lambda since: chamber.after(STEADY, FLOW, since)))
    assert cause.kind.id == "A04"
    assert at_s - 6.0 < 2.6  # p95 of process.md §3.2
    assert "partial clog: as a bore of 0.4" in cause.seen


@pytest.mark.parametrize("below_c", [4.0, 7.0])
def test_a_colder_core_is_named_with_its_temperature_beside_the_bore_it_looks_like(below_c):
    """The law told backwards: ink thicker by Arrhenius lets less through at the same pressure."""
    thickness = arrhenius_factor(30.0, 38.0 - below_c, 38.0)
    through = thickness ** (-1 / 0.4)
    told = likely_cause(seen(steepest_kpa_s=22.0 * (1 - through), core_c=core_c))
    assert told.endswith(f"or a colder core, as of {38.0 - below_c:.0f} °C")


def test_no_core_is_named_that_would_be_colder_than_a_room():
    assert "core" not in likely_cause(seen(kpa=450.0, core_c=core_c))


def test_the_drift_s_time_constant_is_the_recipe_s_at_any_rate_of_the_transmitter():
    at_s = []
    for period_s in (0.05, 0.2):
        made, number, cause = watch(pressure_slope_kpa_s=Decimal(500), pressure_window_pct=Decimal(50)), 0, None
        while cause is None:
            number += 1
            cause = made.judge(
                living(STEADY * (1.2 if number * period_s > 4 else 1.0), number), "OK", number * period_s
            )
        assert "time constant" in cause.seen
        at_s.append(number * period_s)
    assert at_s[0] == pytest.approx(at_s[1], abs=0.4)


def test_a_plunger_that_feeds_nothing_is_called_empty():
    chamber = Chamber(COMPLIANCE, INK, NOZZLE)
    cause, at_s = fed(watch(), after(6.0, lambda since: chamber.after(STEADY, 0.0, since)))
    assert cause.kind.id == "A05"
    assert at_s - 6.0 < 2.3
    assert "as if nothing were fed" in cause.seen


def test_a_slow_rise_within_the_window_trips_as_drift_and_is_called_thicker_ink():
    cause, _ = fed(watch(), after(3.0, lambda since: STEADY * (1 + min(0.095, 0.01 * since))), 60.0)
    assert cause.kind.id == "A04"
    assert "time constant" in cause.seen
    assert "thicker ink" in cause.seen


def test_the_window_trips_where_the_slope_does_not():
    made = watch(pressure_slope_kpa_s=Decimal(500), pressure_window_pct=Decimal(5))
    cause, _ = fed(made, after(4.0, lambda _: STEADY * 0.92))
    assert cause.kind.id == "A05"
    assert "limit 5%" in cause.seen


def test_below_the_least_pressure_it_trips_after_a_second():
    cause, _ = fed(
        watch(pressure_slope_kpa_s=Decimal(5000), pressure_window_pct=Decimal(500)), after(5.0, lambda _: 9.0)
    )
    assert cause.kind.id == "A05"


def seen(**changes):
    base = Evidence(150.0, 140.0, 0.0, 10.0, 0.0, 22.0, 0.4, 0.603, 500.0, 38.0, (37.0, 39.0))
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"rest_change_kpa": 20.0}, "sensor is off"),
        ({"ink_left_mm3": 0.0}, "plunger at its end"),
        ({"celsius": 36.0}, "cold ink"),
        ({"steepest_kpa_s": 20.0, "since_s": 1.0}, "since the last"),
        ({"steepest_kpa_s": 60.0}, "sensor jumped"),
        ({"steepest_kpa_s": 60.0, "since_s": 1.0}, "sensor jumped"),
        ({"is_regulated": True}, "supply or regulator too high"),
        ({"is_regulated": True, "kpa": 120.0}, "supply too low"),
        ({"is_regulated": True, "kpa": 120.0, "ink_left_mm3": 0.0}, "air passes"),
        ({"is_regulated": True, "rest_change_kpa": 20.0}, "sensor is off"),
        ({"steepest_kpa_s": 22.0}, "clog, or the plunger"),
        ({"steepest_kpa_s": 17.0}, "partial clog"),
        ({"kpa": 322.0}, "(22G)"),
        ({"kpa": 152.0, "celsius": None}, "thicker ink"),
        ({"kpa": 120.0, "rest_change_kpa": -20.0}, "sensor is off"),
        ({"kpa": 70.0, "steepest_kpa_s": -150.0}, "plunger parted"),
        ({"kpa": 120.0, "steepest_kpa_s": -58.0}, "air"),
        ({"kpa": 20.0, "steepest_kpa_s": -58.0}, "plunger parted or line burst"),
        ({"kpa": 170.0, "since_s": -0.5}, "since the last"),
        ({"kpa": 120.0, "steepest_kpa_s": -19.0, "ink_left_mm3": 0.0}, "empty: the ledger"),
        ({"kpa": 120.0, "steepest_kpa_s": -19.0}, "empty, or the plunger"),
        ({"kpa": 120.0, "celsius": 40.0}, "hot ink"),
        ({"kpa": 120.0, "celsius": None}, "leak"),
    ],
)
def test_each_signature_has_its_name(changes, word):
    assert word in likely_cause(seen(**changes))


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (1.2, "something else lies"),
        (1.05, "a drip"),
        (0.9, "leak"),
        (0.5, "clog"),
        (0.001, "taken"),
        (-0.02, "taken"),
    ],
)
def test_a_unit_s_mass_has_its_likely_causes(share, word):
    assert word in likely_cause_of_mass(share)
