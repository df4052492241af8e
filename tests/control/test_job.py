"""One job: what it does in order, what stops it, and that every exit but success goes through safe state."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trial import Trial, answering, of_two_inks, plan, with_part

from printcare.control import correcting
from printcare.control.events import (
    AlarmMoved,
    AlarmRaised,
    Corrected,
    DeviceFound,
    Held,
    Identified,
    JobEnded,
    Noted,
    Outcome,
    Phase,
    PhaseBegan,
    Predicted,
    Primed,
    ReadingBlock,
    ReferenceWeighed,
    Resumed,
    SafeStateSent,
    Soaked,
    SumChecked,
    UnitBegan,
    UnitEnded,
    Weighed,
)
from printcare.domain.batch import UnitState
from printcare.domain.checks import error
from printcare.domain.events import RecordUnwritable
from printcare.domain.policy import LOCKED, RESEARCH
from printcare.domain.sequential import Hopes
from printcare.emulator.bench import Bench
from printcare.errors import LinkLost, PrintcareError
from printcare.gcode.writer import write_unit
from printcare.protocol.wire import PRINTER

WHOLE = 27  # more events than a job of one unit has


@pytest.fixture(scope="module")
def good():
    return Trial().run()


def at_event(kind, act):
    """Return a watcher that acts once, when the first event of a kind is reported."""
    done = []

    def see(trial, event):
        if isinstance(event, kind) and not done:
            done.append(True)
            act(trial)

    return see


def raising(fault):
    def act(_trial):
        raise fault

    return act


# ---- a good job


def test_a_job_without_faults_goes_through_its_phases_and_completes(good):
    assert [event.phase for event in good.of(PhaseBegan)] == [
        Phase.CONNECT,
        Phase.HEAT,
        Phase.SOAK,
        Phase.REFERENCE,
        Phase.PRIME,
        Phase.PRINT,
        Phase.FINISH,
    ]
    assert good.ended.outcome is Outcome.COMPLETED
    assert dict(good.ended.units) == {1: UnitState.ACCEPTED, 2: UnitState.ACCEPTED}
    assert good.told[-1] == good.ended


def test_every_device_is_identified_before_anything_moves(good):
    names = [type(event) for event in good.told]
    assert {event.source for event in good.of(DeviceFound)} == {"printer", "balance", "pressure"}
    assert names.index(DeviceFound) < names.index(Primed)


def test_a_unit_s_tare_is_told_before_its_first_line_goes_out():
    seen = []

    def see(trial, event):
        if isinstance(event, UnitBegan):
            seen.append(trial.bench.truth()["units_begun"])

    Trial(see=see).run()
    assert seen == [0, 1]


def test_the_weighed_mass_is_what_lies_there(good):
    for told, truth in zip(good.of(UnitEnded), good.bench.truth()["masses_mg"].values(), strict=True):
        assert float(told.mass_mg) == pytest.approx(truth, abs=1.5)


def test_readings_come_in_blocks_and_progress_rises_to_its_end(good):
    assert {event.source for event in good.of(ReadingBlock)} == {"pressure", "printer"}
    shares = [event.done for event in good.progress if event.phase is Phase.PRINT]
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1.0


def test_a_unit_prints_only_where_its_predecessor_ended_as_expected(good):
    assert [event.what for event in good.of(Noted)].count("position") == 2


def test_a_wire_without_faults_leaves_nothing_to_say_about_it(good):
    assert {event.what for event in good.of(Noted)} == {"position"}


# ---- every exit but success goes through safe state


@pytest.mark.parametrize(
    ("faults", "alarm", "outcome"),
    [
        (["clog@unit:1"], "A04", Outcome.STOPPED),
        (["reset@t:5"], "A13", Outcome.FAILED),
        (["balance-dead@unit:1"], "A11", Outcome.FAILED),
    ],
)
def test_a_fault_of_the_bench_ends_the_job_with_its_alarm(faults, alarm, outcome):
    trial = Trial(faults).run()
    assert trial.ended.outcome is outcome
    assert [event.trip.kind.id for event in trial.of(AlarmRaised)][-1] == alarm
    assert trial.is_safe()
    assert trial.ended.units[0] == (1, UnitState.REJECTED)


def test_a_silent_pressure_sensor_stops_the_print():
    trial = Trial(see=at_event(UnitBegan, dead_sensor)).run()
    # A port that is gone for writing would be A11; silence alone is stale, and stale trips.
    assert trial.ended.trip.kind.id == "A12"
    assert trial.is_safe()


def test_a_silent_printer_stops_the_job():
    trial = Trial(see=at_event(UnitBegan, lambda one: one.bench.mute(10_000.0))).run()
    assert trial.ended.trip.kind.id == "A13"
    assert trial.ended.outcome is Outcome.FAILED
    assert trial.is_safe()


def test_an_unplugged_printer_fails_the_job_and_nobody_can_confirm_its_state():
    trial = Trial(see=at_event(UnitBegan, lambda one: one.bench.unplug(float("inf")))).run()
    assert trial.ended.trip.kind.id == "A13"
    assert trial.confirmed() == [False]


def test_a_lost_port_of_another_device_is_named():
    def lose(one):
        one.ports.send = lambda source, data: (_ for _ in ()).throw(LinkLost("balance", "gone"))

    trial = Trial(see=at_event(Weighed, lose)).run()
    assert trial.ended.trip.kind.id == "A11"
    assert "gone" in trial.ended.reason


def test_a_pressed_emergency_stop_ends_the_job():
    trial = Trial(see=at_event(UnitBegan, lambda one: one.bench.press_estop())).run()
    assert trial.ended.outcome is not Outcome.COMPLETED
    assert trial.ended.units[0] == (1, UnitState.REJECTED)
    assert not trial.bench.jacket.duty


def test_a_second_unit_is_not_begun_without_ink_for_it():
    ample = plan()
    unit = ample.program.unit(1)
    spent = Trial().run()
    used = spent.of(Primed)[0].volume_mm3
    short = used + 1.5 * (unit.volume_mm3 + unit.compensation_mm3)
    trial = Trial(job=with_part(ample, ink_available_mm3=short)).run()
    assert trial.ended.trip.kind.id == "A14"
    assert dict(trial.ended.units) == {1: UnitState.ACCEPTED, 2: UnitState.UNPRINTED}


def test_cold_ink_is_no_recipe_s_ink_and_the_prime_says_so():
    trial = Trial()
    trial.bench.core._modes_c[:] = [22.0] * 3
    trial.bench.ink.settle_slow(22.0)
    trial.run()
    assert trial.ended.trip.kind.id == "A04"
    assert "or ink at 2" in trial.ended.reason
    assert trial.is_safe()


@pytest.mark.parametrize(
    ("changed", "alarm", "named"),
    [
        ({"bore_mm": 1.067}, "A05", "likely 17G for 20G"),
        ({"bore_mm": 0.838}, "A05", "likely 18G for 20G"),
        ({"bore_mm": 0.686}, "A05", "likely 19G for 20G"),
        ({"bore_mm": 0.514}, "A04", "likely 21G for 20G"),
        ({"bore_mm": 0.413}, "A04", "likely 22G for 20G"),
        ({"bore_mm": 0.337}, "A03", "limit 260 kPa"),
        ({"bore_mm": 0.26}, "A03", "limit 260 kPa"),
        ({"k_factor": 1.5, "n_more": 0.1}, "A04", "or another ink"),  # never steady at the print's speed: one speed
        ({"k_factor": 1.0, "n_more": 0.1}, "A04", "or another ink"),
        ({"k_factor": 0.8, "n_more": 0.1}, "A04", "wrong ink or lot"),
        ({"k_factor": 1.4, "n_more": -0.15}, "A05", "wrong ink or lot"),
        ({"k_factor": 1.2}, "A04", "cold ink or thicker lot"),
        ({"k_factor": 0.8}, "A05", "hot ink, thinner lot or air"),
    ],
)
def test_the_prime_names_a_wrong_nozzle_or_ink_by_its_two_speeds_and_prints_nothing(changed, alarm, named):
    trial = Trial()
    trial.bench.ink.use(**changed)
    trial.run()
    assert trial.ended.trip.kind.id == alarm
    assert named in trial.ended.reason
    assert not trial.of(UnitBegan)


def test_an_ink_the_signature_cannot_tell_from_the_recipe_s_is_told_and_its_units_are_weighed():
    even = replace(Bench(plan().profile).ink.truth, inhomogeneity=0.0)
    trial = Trial(bench=Bench(plan().profile, ink=even))
    trial.bench.ink.use(k_factor=1.058)  # between the two hypotheses, and beside the normal share
    trial.run()
    assert trial.ended.outcome is Outcome.COMPLETED
    (told,) = (event.trip for event in trial.of(AlarmRaised) if event.trip.kind.id == "A21")
    assert "normal 0.95 to 1.05" in told.seen


def test_the_prime_goes_from_slow_to_the_print_s_speed_and_finds_the_syringe(good):
    (found,) = good.of(Identified)
    assert found.compliance_mm3_kpa == pytest.approx(good.bench.ink.compliance_mm3_kpa(), rel=0.1)
    assert found.thickness == pytest.approx(1.0, abs=0.04)  # cone and barrel are part of the prediction
    assert "predicted" in found.evidence
    steady_kpa = good.bench.ink.steady_kpa(good.plan.first.flow_mm3_s)
    assert good.of(Primed)[0].reference_kpa == pytest.approx(steady_kpa, rel=0.06)  # 3 σ of what the ink wanders since


def test_a_filament_has_no_pressure_to_be_primed_to():
    made = plan(1)
    limits = replace(made.first.limits, detectors=None)
    trial = Trial(job=with_part(made, limits=limits)).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert trial.of(Primed)[0].reference_kpa == 0.0
    assert not trial.of(Identified)


def test_a_silent_transmitter_where_none_is_needed_stops_nothing():
    made = plan(1)
    limits = replace(made.first.limits, detectors=None)
    trial = Trial(job=with_part(made, limits=limits), see=at_event(UnitBegan, dead_sensor)).run()
    assert trial.ended.outcome is Outcome.COMPLETED


def dead_sensor(one):
    one.bench.inject("pressure-dead@t:0")


def test_a_prime_that_is_stopped_has_used_its_ink():
    def stop_soon(one, event):
        if event == PhaseBegan(Phase.PRIME):
            one.ports.at_s.append((one.ports.now() + 2.0, lambda: one.post("stop")))

    trial = Trial(see=stop_soon).run()
    assert trial.ended.outcome is Outcome.STOPPED
    assert not trial.of(Primed)
    assert trial.ended.ink_used_mm3 >= trial.plan.program.of_kind("prime")[0].volume_mm3 > 0


@pytest.mark.parametrize("event", [UnitBegan, UnitEnded])
def test_a_unit_that_was_begun_has_used_its_ink_wherever_it_stopped(event):
    trial = Trial(see=at_event(event, raising(KeyboardInterrupt()))).run()
    primed = trial.of(Primed)[0].volume_mm3
    begun = 0 if event is UnitBegan else trial.plan.program.unit(1).volume_mm3  # told before its first line
    assert trial.ended.ink_used_mm3 == pytest.approx(primed + begun)


@pytest.mark.parametrize(
    "fault",
    [PrintcareError("ANY", "something", "do"), ValueError("a bug"), KeyboardInterrupt()],
    ids=lambda fault: type(fault).__name__,
)
def test_whatever_happens_inside_is_let_out_by_nobody(fault):
    trial = Trial(see=at_event(UnitBegan, raising(fault))).run()
    assert trial.ended.outcome is not Outcome.COMPLETED
    assert trial.is_safe()
    assert trial.told[-1] == trial.ended


@pytest.mark.parametrize("nth", range(WHOLE))
def test_a_record_that_cannot_be_written_stops_the_job_at_any_event(nth):
    def see(trial, _event):
        if len(trial.told) >= nth:
            raise RecordUnwritable("RECORD_UNWRITABLE", "The disk is full.", "Free it.")

    trial = Trial(job=plan(1), see=see).run()
    if trial.ended.outcome is Outcome.COMPLETED:
        assert len(trial.told) <= nth
        return
    assert trial.ended.trip.kind.id == "A17"
    assert trial.ended.outcome is Outcome.FAILED
    assert len(trial.told) == nth  # nothing is shown that the record does not hold
    assert trial.ports.stop_bytes()
    assert UnitState.PRINTING not in dict(trial.ended.units).values()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(nth=st.integers(0, WHOLE - 2), fault=st.sampled_from([RuntimeError("a bug"), KeyboardInterrupt()]))
def test_any_prefix_of_a_job_leaves_safe_state_sent(nth, fault):
    def see(trial, _event):
        if len(trial.told) == nth:
            trial.told.append("interrupted")
            raise fault

    trial = Trial(job=plan(1), see=see).run()
    assert trial.ended.outcome is Outcome.COMPLETED or trial.ports.stop_bytes()
    assert UnitState.PRINTING not in dict(trial.ended.units).values()


def test_a_record_that_fails_at_the_very_last_event_still_leaves_a_safe_printer():
    def see(_trial, event):
        if isinstance(event, JobEnded):
            raise RecordUnwritable("RECORD_UNWRITABLE", "The disk is full.", "Free it.")

    trial = Trial(see=see).run()
    assert trial.ended.outcome is Outcome.FAILED
    assert trial.is_safe()


# ---- people


def test_a_person_s_stop_stops_in_safe_state_and_names_the_person():
    trial = Trial(see=at_event(UnitBegan, lambda one: one.post("stop", "u-7", "wrong tray"))).run()
    assert (trial.ended.outcome, trial.ended.reason) == (Outcome.STOPPED, "stopped by u-7: wrong tray")
    assert trial.confirmed() == [True]
    assert trial.is_safe()
    assert trial.bench.truth()["units_begun"] <= 1


def test_a_stop_without_a_reason_says_so():
    trial = Trial(see=at_event(UnitBegan, lambda one: one.post("stop", "u-7"))).run()
    assert trial.ended.reason == "stopped by u-7: no reason given"


def test_a_stop_said_while_the_devices_are_greeted_is_not_lost():
    trial = Trial()
    trial.ports.at_s.append((0.5, lambda: trial.post("stop", "u-7", "early")))
    trial.run()
    assert trial.ended.reason == "stopped by u-7: early"
    assert Phase.HEAT not in [event.phase for event in trial.of(PhaseBegan)]


def test_a_hold_waits_for_the_running_unit_and_a_resume_goes_on():
    def see(trial, event):
        if isinstance(event, UnitBegan) and event.index == 1:
            trial.post("resume", "u-7")  # too early: it must not undo the hold after it
            trial.post("hold", "u-7", "tea")
        if isinstance(event, Held):
            trial.ports.at_s.append((trial.ports.now() + 30.0, lambda: trial.post("resume", "u-8")))

    trial = Trial(see=see).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    order = [type(event).__name__ for event in trial.told if isinstance(event, UnitBegan | UnitEnded | Held | Resumed)]
    assert order == ["UnitBegan", "UnitEnded", "Held", "Resumed", "UnitBegan", "UnitEnded"]
    assert trial.of(Resumed)[0].user_id == "u-8"


def test_a_hold_longer_than_the_recipe_allows_ends_the_job():
    held_s = []

    def see(trial, event):
        if isinstance(event, UnitBegan):
            trial.post("hold", "system", "window lost")
        if isinstance(event, Held | SafeStateSent):
            held_s.append(trial.ports.now())

    trial = Trial(job=replace(plan(), hold_max_s=120.0), see=see).run()
    assert trial.ended.outcome is Outcome.STOPPED
    assert "hold" in trial.ended.reason
    assert 120.0 <= held_s[1] - held_s[0] < 130.0
    assert trial.is_safe()
    assert dict(trial.ended.units)[2] is UnitState.UNPRINTED


def test_another_command_is_noted_with_who_gave_it():
    trial = Trial(see=at_event(UnitBegan, lambda one: one.post("wave", "u-7", "hello"))).run()
    assert "u-7: wave hello" in [event.text for event in trial.of(Noted)]


# ---- the gate


def narrow(units, shift_mg):
    """Return a plan whose gate lies beside what the bench will print."""
    made = plan(units)
    gate = replace(made.first.gate, target_mg=made.first.gate.target_mg + Decimal(shift_mg))
    return with_part(made, gate=gate)


def test_two_rejected_units_in_a_row_end_the_batch():
    trial = Trial(job=narrow(3, 40)).run()
    assert [event.state for event in trial.of(UnitEnded)] == [UnitState.REJECTED] * 2
    assert trial.ended.trip.kind.id == "A08"
    assert "in a row" in trial.ended.reason
    assert trial.is_safe()


def test_in_research_rejected_units_are_told_and_end_nothing():
    trial = Trial(job=replace(narrow(3, 40), policy=RESEARCH)).run()
    assert [event.state for event in trial.of(UnitEnded)] == [UnitState.REJECTED] * 3
    assert [event.trip.kind.id for event in trial.of(AlarmRaised)] == ["A08"] * 3
    assert trial.ended.outcome is Outcome.COMPLETED


def test_the_recipe_s_total_of_rejects_ends_the_batch():
    made = narrow(3, 40)
    limits = replace(made.first.limits, rejects_consecutive=3, rejects_total=1)
    trial = Trial(job=with_part(made, limits=limits)).run()
    assert "in all" in trial.ended.reason
    assert len(trial.of(UnitEnded)) == 1


def test_a_rejected_unit_is_alarmed_and_the_batch_goes_on():
    made = narrow(2, 40)
    limits = replace(made.first.limits, rejects_consecutive=9, rejects_total=9)
    trial = Trial(job=with_part(made, limits=limits)).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert [event.trip.kind.id for event in trial.of(AlarmRaised)] == ["A08", "A08"]
    assert all("gate" in event.reason for event in trial.of(UnitEnded))


def test_a_mass_the_gate_cannot_tell_is_weighed_again_and_then_rejected():
    made = plan(1)
    gate = replace(made.first.gate, gate_mg=Decimal(50), expanded_mg=Decimal("49.999"))
    trial = Trial(job=with_part(made, gate=gate)).run()
    assert [event.outcome for event in trial.of(Weighed)] == ["indeterminate"] * 3
    assert trial.of(UnitEnded)[0].state is UnitState.REJECTED


# ---- who stands at the other end


def test_a_bench_of_simulated_and_scaled_devices_is_refused_in_locked_mode():
    made = replace(plan(), policy=LOCKED)
    trial = Trial(job=made, bench=Bench(made.profile, speed=50.0)).run()
    assert trial.ended.reason.startswith("E_BENCH_SCALED")
    assert trial.is_safe()
    assert not trial.of(Primed)


def test_a_printer_that_is_not_the_profile_s_is_refused():
    made = plan()
    profile = replace(made.profile, identity_pattern="Another Firmware")
    trial = Trial(job=replace(made, profile=profile)).run()
    assert trial.ended.reason.startswith("PRINTER_IDENTITY")
    assert not trial.of(Primed)


# ---- units of several inks


@pytest.fixture(scope="module")
def of_two():
    return Trial(job=of_two_inks()).run()


def test_every_tool_is_primed_before_the_first_unit(of_two):
    assert of_two.ended.outcome is Outcome.COMPLETED
    assert [event.part for event in of_two.of(Primed)] == [1, 2]


def test_a_unit_is_made_part_by_part_and_weighed_after_each(of_two):
    units = (UnitBegan, Weighed, UnitEnded)
    told = [(type(event), event.index, event.part) for event in of_two.told if isinstance(event, units)]
    parts = [(index, part) for index in (1, 2) for part in (1, 2)]
    assert told == [(kind, *at) for at in parts for kind in units]
    assert dict(of_two.ended.units) == {1: UnitState.ACCEPTED, 2: UnitState.ACCEPTED}


def test_the_mass_of_a_part_is_weighed_against_what_lay_there_before_it(of_two):
    for told, truth in zip(of_two.of(UnitEnded), of_two.bench.truth()["masses_mg"].values(), strict=True):
        assert float(told.mass_mg) == pytest.approx(truth, abs=1.5)


def test_each_part_s_ink_is_counted_for_its_own_cartridge(of_two):
    primed = [event.volume_mm3 for event in of_two.of(Primed)]
    units = [of_two.plan.program.unit(1, part).volume_mm3 * 2 for part in (1, 2)]
    (second,) = of_two.ended.further_inks
    assert of_two.ended.ink_used_mm3 == pytest.approx(primed[0] + units[0])
    assert (second.part, second.cartridge_id) == (2, "C-2")
    assert second.used_mm3 == pytest.approx(primed[1] + units[1])


def shifted(part, shift_mg):
    made = of_two_inks()
    parts = list(made.parts)
    gate = parts[part - 1].gate
    parts[part - 1] = replace(parts[part - 1], gate=replace(gate, target_mg=gate.target_mg + Decimal(shift_mg)))
    return replace(made, parts=tuple(parts))


def test_a_rejected_part_ends_its_unit_and_nothing_more_is_printed_on_it():
    trial = Trial(job=shifted(1, 40)).run()
    assert [(event.index, event.part, event.state) for event in trial.of(UnitEnded)] == [
        (1, 1, UnitState.REJECTED),
        (2, 1, UnitState.REJECTED),
    ]
    assert [(event.index, event.part) for event in trial.of(UnitBegan)] == [(1, 1), (2, 1)]


def test_a_unit_whose_second_part_fails_its_own_gate_is_rejected():
    trial = Trial(job=shifted(2, 40)).run()
    assert [event.state for event in trial.of(UnitEnded)] == [UnitState.ACCEPTED, UnitState.REJECTED] * 2
    assert dict(trial.ended.units)[1] is UnitState.REJECTED
    assert "second drug" in trial.of(AlarmRaised)[0].trip.seen


def test_a_unit_is_not_begun_where_one_part_has_too_little_ink():
    made = of_two_inks()
    parts = (made.first, replace(made.parts[1], ink_available_mm3=1.0))
    trial = Trial(job=replace(made, parts=parts)).run()
    assert trial.ended.trip.kind.id == "A14"
    assert "second drug" in trial.ended.reason
    assert not trial.of(UnitBegan)


# ---- the tray as a whole


def test_the_tray_is_weighed_before_the_first_unit_and_after_the_last_and_the_sum_closes(good):
    start, end = good.of(ReferenceWeighed)
    (check,) = good.of(SumChecked)
    assert (start.when, end.when) == ("start", "end")
    assert check.is_closed
    assert check.gained_mg == end.weight_mg - start.weight_mg
    truth = sum(good.bench.truth()["masses_mg"].values())
    assert float(check.sum_mg) == pytest.approx(truth, abs=2.0)


def test_the_time_since_deposition_is_told_with_every_weighing(good):
    assert all(event.since_s > float(good.plan.first.parameters.dwell_s.target) for event in good.of(Weighed))


def test_a_drying_unit_is_told_with_what_it_lost():
    made = plan(1)
    limits = replace(made.first.limits, evaporation_mg_min=Decimal(6))
    weighed = Trial(job=with_part(made, limits=limits)).run().of(Weighed)[0]
    assert float(weighed.evaporation_mg) == pytest.approx(6 * weighed.since_s / 60, abs=0.01)


def test_a_tray_that_changes_while_nothing_is_laid_ends_the_job():
    def take(one):
        one.bench.deposits.take(0, 1.0)

    trial = Trial(see=at_event(UnitEnded, take)).run()
    assert trial.ended.trip.kind.id == "A11"
    assert "with nothing laid" in trial.ended.reason


# ---- correction


def biased(share, units=4):
    """Return a trial whose syringe delivers another share than it is told, beyond the bench's own."""
    trial = Trial(job=plan(units))
    trial.bench.ink.delivery *= share
    return trial.run()


def test_a_bias_is_corrected_from_unit_to_unit_and_each_correction_is_told_before_its_unit():
    trial = biased(0.97)
    masses = [float(event.mass_mg) for event in trial.of(UnitEnded)]
    corrected = trial.of(Corrected)
    assert [event.index for event in corrected] == [2, 3, 4]
    assert abs(masses[-1] / 125 - 1) < abs(masses[0] / 125 - 1)
    assert 1.0 < corrected[0].multiplier < corrected[-1].multiplier <= 1.05
    order = [(type(event), event.index) for event in trial.told if isinstance(event, Corrected | UnitBegan)]
    assert order[1:3] == [(Corrected, 2), (UnitBegan, 2)]
    assert len({event.digest for event in corrected}) == 3


def test_a_corrected_unit_holds_what_the_event_says():
    trial = biased(0.97, units=2)
    (corrected,) = trial.of(Corrected)
    assert trial.of(UnitEnded)[1].volume_mm3 == corrected.volume_mm3
    assert corrected.volume_mm3 == pytest.approx(trial.plan.program.unit(2).volume_mm3 * corrected.multiplier, rel=1e-4)
    planned = trial.plan.program
    written = write_unit(trial.plan.first.toolpath, trial.plan.profile, planned, 2, corrected.multiplier)
    text = "".join(f"{line}\n" for line in written.unit(2).lines)
    assert corrected.digest == hashlib.sha256(text.encode()).hexdigest()
    assert {line for line in text.splitlines() if line.startswith("G1 X")} <= sent_to_printer(trial)


def sent_to_printer(trial):
    """Return every line the printer got, without number and checksum."""
    lines = b"".join(data for source, data in trial.ports.sent if source == PRINTER).decode("ascii").splitlines()
    return {re.sub(r"^N\d+ |\*\d+$", "", line) for line in lines}


def test_a_recipe_without_correction_changes_nothing():
    made = plan(2)
    limits = replace(made.first.limits, correction=replace(made.first.limits.correction, is_on=False))
    assert not Trial(job=with_part(made, limits=limits)).run().of(Corrected)


def test_a_rejected_unit_teaches_nothing():
    made = narrow(2, 40)
    limits = replace(made.first.limits, rejects_consecutive=9, rejects_total=9)
    assert not Trial(job=with_part(made, limits=limits)).run().of(Corrected)


def test_a_correction_beyond_the_proven_range_is_an_alarm_and_holds_the_job():
    made = plan(3)
    proven = replace(made.first.parameters.unit_multiplier, proven=(Decimal("0.9999"), Decimal("1.0001")))
    job = replace(with_part(made, parameters=replace(made.first.parameters, unit_multiplier=proven)), hold_max_s=60.0)
    trial = Trial(job=job)
    trial.bench.ink.delivery *= 0.98
    trial.run()
    assert "A09" in [event.trip.kind.id for event in trial.of(AlarmRaised)]
    assert "proven" in trial.of(AlarmRaised)[0].trip.seen
    assert trial.of(Held)[0].user_id == "system"
    assert trial.ended.outcome is Outcome.STOPPED
    assert not trial.of(Corrected)


def test_a_corrected_unit_the_gate_refuses_is_never_sent(monkeypatch):
    finding = error("E_GATE_VOLUME", "It holds another volume.", "Write it again.")
    monkeypatch.setattr(correcting, "check_unit", lambda *_: SimpleNamespace(ok=False, findings=(finding,)))
    trial = biased(0.97, units=2)
    assert trial.ended.reason.startswith("CORRECTION_REFUSED")
    assert [event.index for event in trial.of(UnitBegan)] == [1]


def test_the_kalman_form_answers_the_first_unit_more():
    made = plan(2)
    limits = made.first.limits
    first = {}
    for method in ("ewma", "kalman"):
        rule = replace(limits.correction, method=method)
        trial = Trial(job=with_part(made, limits=replace(limits, correction=rule)))
        trial.bench.ink.delivery *= 0.97
        first[method] = trial.run().of(Corrected)[0].multiplier
    assert first["kalman"] > first["ewma"] > 1.0


# ---- alarms and who answers them


def after_alarm(*commands):
    """Return a watcher that gives commands, one a second, once the job holds."""

    def see(trial, event):
        if isinstance(event, Held):
            for number, (name, reason) in enumerate(commands, 1):
                when_s = trial.ports.now() + number
                trial.ports.at_s.append((when_s, lambda name=name, reason=reason: trial.post(name, "u-7", reason)))

    return see


def opened(trial, event):
    if isinstance(event, UnitBegan) and event.index == 1:
        trial.post("door", "door switch", "open")


def door(*commands, closes=True):
    """Return a job whose door opens during the first unit, and closes again when it holds."""
    then = after_alarm(*([("door", "")] if closes else []), *commands)

    def see(trial, event):
        opened(trial, event)
        then(trial, event)

    return Trial(job=replace(plan(), hold_max_s=120.0), see=see).run()


def test_an_open_door_holds_the_job_until_it_is_closed_acknowledged_and_resumed():
    trial = door(("acknowledge", "A16 closed it"), ("resume", ""))
    assert trial.ended.outcome is Outcome.COMPLETED
    moves = [(event.before, event.after, event.event) for event in trial.of(AlarmMoved)]
    assert moves == [
        ("UNACK", "LATCH_UNACK", "condition_off"),
        ("LATCH_UNACK", "LATCH_ACK", "ack"),
        ("LATCH_ACK", "NORMAL", "reset"),
    ]
    assert trial.of(AlarmMoved)[1].wants_signature
    order = [type(event).__name__ for event in trial.told if isinstance(event, UnitEnded | Held | Resumed)]
    assert order == ["UnitEnded", "Held", "Resumed", "UnitEnded"]


def test_a_resume_before_the_acknowledgement_is_refused():
    trial = door(("resume", ""), ("acknowledge", "A16 closed it"), ("resume", ""))
    assert any("resume refused, A16" in event.text for event in trial.of(Noted))
    assert trial.ended.outcome is Outcome.COMPLETED


def test_a_door_that_stays_open_ends_the_job_in_quarantine():
    trial = door(("acknowledge", "A16 it is stuck"), ("resume", ""), closes=False)
    assert trial.ended.outcome is Outcome.STOPPED
    assert trial.is_safe()


@pytest.mark.parametrize(
    ("name", "reason", "told"),
    [
        ("acknowledge", "A16", "with a reason"),
        ("acknowledge", "A07 nothing", "was not raised"),
        ("shelve", "A16 later", "does not take shelve"),
    ],
)
def test_an_answer_that_may_not_be_is_refused_and_noted(name, reason, told):
    trial = door((name, reason), ("acknowledge", "A16 closed"), ("resume", ""))
    assert any("refused" in event.text and told in event.text for event in trial.of(Noted))


def test_a_fault_of_the_record_while_answering_an_alarm_is_a_fault_of_the_record():
    def see(trial, event):
        opened(trial, event)
        after_alarm(("door", ""), ("acknowledge", "A16 closed"))(trial, event)
        if isinstance(event, AlarmMoved) and event.event == "ack":
            raise RecordUnwritable("RECORD_UNWRITABLE", "The disk is full.", "Free it.")

    assert Trial(see=see).run().ended.trip.kind.id == "A17"


def test_a_cartridge_that_is_not_the_batch_s_is_an_alarm_and_the_right_one_ends_it():
    made = with_part(plan(), cartridge_id="C-1")
    seen = []

    def see(trial, event):
        if isinstance(event, UnitBegan) and event.index == 1:
            trial.post("cartridge", "scanner", "C-9")
            trial.post("cartridge", "scanner", "C-1")
        if isinstance(event, AlarmRaised | AlarmMoved):
            seen.append(event)
        after_alarm(("acknowledge", "A16 seated the right one"), ("resume", ""))(trial, event)

    assert Trial(job=made, see=see).run().ended.outcome is Outcome.COMPLETED
    assert seen[0].trip.seen == "cartridge: C-9"
    assert seen[1].event == "condition_off"


def test_an_enclosure_outside_its_limits_is_its_own_alarm():
    def see(trial, event):
        if isinstance(event, UnitBegan):
            trial.post("enclosure", "sensor", "31 °C, limit 28 °C")

    trial = Trial(job=replace(plan(), hold_max_s=30.0), see=see).run()
    assert trial.of(AlarmRaised)[0].trip.kind.id == "A19"


# ---- units one after the other


def test_the_predicted_mass_is_told_beside_the_weighed_one_and_never_averaged_without_validation(good):
    for told in good.of(Predicted):
        assert told.predicted_mg == pytest.approx(told.weighed_mg, rel=0.03)
        assert abs(told.z) < 3
        assert told.fused_mg is None


def with_limits(made, **changes):
    return with_part(made, limits=replace(made.first.limits, **changes))


def with_detectors(made, **changes):
    return with_limits(made, detectors=replace(made.first.limits.detectors, **changes))


def test_a_recipe_whose_prediction_is_validated_may_fuse_the_two():
    made = plan(1)
    sensor = replace(made.first.limits.soft_sensor, use="fusion", evidence="EV-1")
    (told,) = Trial(job=with_limits(made, soft_sensor=sensor)).run().of(Predicted)
    assert min(told.predicted_mg, told.weighed_mg) <= told.fused_mg <= max(told.predicted_mg, told.weighed_mg)


def test_prediction_and_balance_that_disagree_hold_the_job():
    trial = Trial(job=replace(with_detectors(plan(2), model_z=Decimal("0.0001")), hold_max_s=30.0)).run()
    assert trial.of(AlarmRaised)[0].trip.kind.id == "A15"
    assert trial.ended.outcome is Outcome.STOPPED
    assert not trial.of(Corrected)  # an alarmed unit teaches nothing


def test_a_rejected_unit_that_prediction_and_balance_tell_differently_holds_the_job_too():
    trial = Trial(["unit-taken@unit:1"], see=answering()).run()
    assert [event.trip.kind.id for event in trial.of(AlarmRaised)] == ["A08", "A15"]
    assert [event.reason.partition(" ")[0] for event in trial.of(Held)] == ["A15"]
    assert trial.ended.outcome is Outcome.COMPLETED


def test_a_chart_of_units_that_leaves_its_limits_holds_the_job():
    made = with_detectors(plan(2), unit_ewma_sigma=Decimal("0.0001"), model_z=Decimal(10_000_000))
    trial = Trial(job=replace(made, hold_max_s=30.0)).run()
    assert trial.of(AlarmRaised)[0].trip.kind.id == "A09"
    assert "the mass of units" in trial.of(AlarmRaised)[0].trip.seen


def test_an_alarm_of_the_last_unit_is_answered_before_the_batch_is_done():
    made = with_detectors(plan(1), unit_ewma_sigma=Decimal("0.0001"), model_z=Decimal(10_000_000))
    see = after_alarm(("acknowledge", "A09 looked at the chart"), ("resume", ""))
    trial = Trial(job=replace(made, hold_max_s=60.0), see=see).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert len(trial.of(Held)) == 1


def test_a_cartridge_whose_time_is_over_makes_no_further_unit():
    trial = Trial(job=with_part(plan(2), warm_left_s=60.0)).run()
    assert trial.ended.trip.kind.id == "A18"
    assert trial.of(UnitEnded) == [] or len(trial.of(UnitEnded)) == 1
    assert dict(trial.ended.units)[2] is UnitState.UNPRINTED


@pytest.mark.parametrize(("chunks", "is_pressed"), [(2, True), (0, False)])
def test_a_prime_that_never_stands_still_is_no_prime(chunks, is_pressed):
    made = plan(1)
    segments = tuple(segment for segment in made.program.segments if segment.kind != "prime" or segment.index <= chunks)
    trial = Trial(job=replace(made, program=replace(made.program, segments=segments))).run()
    assert trial.ended.trip.kind.id == "A05"
    assert "never stood still" in trial.ended.reason
    assert ("or ink at" in trial.ended.reason) is is_pressed  # no pressure is no temperature


def test_a_finished_job_that_was_never_zeroed_checks_no_sum():
    trial = Trial()
    trial.job._control.close_sum()
    assert trial.told == []


def test_a_sum_that_does_not_close_ends_the_batch():
    trial = Trial()
    trial.job._control._weighing._sum_mg = Decimal(500)  # as if a mass had been counted that never lay there
    trial.run()
    assert trial.ended.trip.kind.id == "A11"
    assert "unexplained" in trial.ended.reason
    assert not trial.of(SumChecked)[0].is_closed


def test_a_plan_of_one_ink_is_told_by_its_first_part():
    made = plan()
    assert made.density_mg_mm3 == made.first.density_mg_mm3
    assert made.ink_available_mm3 == made.first.ink_available_mm3


# ---- a batch that can no longer pass


def hoping(units, **changes):
    made = plan(units)
    whole = Hopes(made.first.gate.accepted_mg, Decimal("0.8"), rejects_max=3, needed=1)  # 125 mg are the label
    return replace(made, drawn=tuple(range(1, units + 1)), hopes=(replace(whole, **changes),))


def test_a_batch_that_can_no_longer_pass_stops_before_its_next_unit():
    trial = Trial(job=hoping(3, l1=Decimal("-1"), rejects_max=5)).run()  # no figures can meet that
    assert trial.ended.outcome is Outcome.COMPLETED  # three units form no sample, and nothing is certain
    trial = Trial(["unit-taken@unit:1"], job=hoping(3, rejects_max=0)).run()
    assert trial.ended.outcome is Outcome.STOPPED
    assert trial.ended.reason == "E_BATCH_HOPELESS: 1 units are rejected, the recipe allows 0."
    assert "E_BATCH_HOPELESS" in [event.what for event in trial.of(Noted)]
    assert list(dict(trial.ended.units).values()) == [UnitState.REJECTED, UnitState.UNPRINTED, UnitState.UNPRINTED]
    assert trial.is_safe()


def test_a_batch_whose_every_unit_is_printed_is_left_to_the_review():
    trial = Trial(["unit-taken@unit:1"], job=hoping(1, rejects_max=0), see=answering()).run()
    assert trial.ended.outcome is Outcome.COMPLETED


def test_what_was_set_is_measured_soak_dwell_flow_and_speed(good):
    limits = good.plan.first.parameters
    assert 60 * float(limits.soak_min.target) <= good.of(Soaked)[0].seconds < 60  # it was warm from the start
    for unit in good.of(UnitEnded):
        assert unit.dwell_s == pytest.approx(float(limits.dwell_s.target), abs=0.2)
        assert unit.flow_mm3_s == pytest.approx(good.plan.first.flow_mm3_s, rel=0.15)
        assert limits.print_speed_mm_s.is_proven(round(unit.speed_mm_s, 2))


def test_a_unit_of_one_bead_line_has_no_flow_to_tell(good):
    good.job._watch._beads[:] = good.job._watch._beads[:1]
    assert good.job._watch._fed_mm3_s() is None
