"""What the job hears while it waits: every fault of a device and every word of the printer, and what it stops."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from trial import Trial, plan, with_part

from printcare.control.alarms import Tripped
from printcare.control.events import AlarmRaised, JobEnded, Noted, Outcome, Phase, Primed, UnitBegan, UnitEnded
from printcare.control.instruments import _one_bench
from printcare.domain.batch import UnitState
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH
from printcare.domain.reading import Identity
from printcare.protocol import marlin_events, marlin_reply
from printcare.protocol.wire import Received


def alarms(trial):
    return [event.trip.kind.id for event in trial.of(AlarmRaised)]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("pressure-stuck@unit:1", {"A12"}),
        ("pressure-saturated@unit:1", {"A12"}),
        ("pressure-dead@unit:1", {"A12"}),
        ("balance-overload@unit:1", {"A11"}),
        ("sensor-open@unit:1", {"A02"}),
        ("sensor-short@unit:1", {"A02"}),
        ("empty@unit:1", {"A05", "A08"}),
        ("plunger-bottomed@unit:1", {"A03", "A04"}),
        ("mute@unit:1:1000", {"A13"}),
    ],
)
def test_a_fault_of_a_device_ends_the_job_with_its_alarm_and_the_unit_rejected(fault, expected):
    trial = Trial([fault]).run()
    assert trial.ended.outcome is not Outcome.COMPLETED
    assert alarms(trial)[-1] in expected
    assert trial.ended.units[0] == (1, UnitState.REJECTED)
    assert trial.ports.stop_bytes()


def test_a_balance_that_does_not_settle_is_tried_once_more_and_warned_about():
    trial = Trial(job=replace(plan(), settle_spread_mg=Decimal("-1"))).run()  # nothing ever agrees this well
    assert alarms(trial) == ["A10", "A11"]
    assert "twice" in trial.ended.reason


def test_a_link_that_closes_is_named():
    def close(trial, event):
        if isinstance(event, UnitBegan):
            trial.ports._inbox.append(Received("pressure", b"", trial.ports.now()))

    trial = Trial(see=close).run()
    assert trial.ended.outcome is Outcome.FAILED
    assert "link was closed" in trial.ended.reason


def test_a_print_nobody_watched_for_long_ends_in_safe_state():
    # A suspended program wakes with every reading it missed before it, and none of them looks old.
    def sleep(trial, event):
        if isinstance(event, UnitBegan) and event.index == 2:
            trial.ports._wall_start += 60.0

    trial = Trial(see=sleep).run()
    assert (trial.ended.outcome, trial.ended.reason.partition(":")[0]) == (Outcome.FAILED, "JOB_ASLEEP")
    assert trial.ended.units[1] == (2, UnitState.REJECTED)
    assert trial.ports.stop_bytes()


def test_a_temperature_beside_the_normal_range_warns_and_stops_nothing():
    made = plan()
    cartridge = replace(made.first.parameters.cartridge_c, normal=(Decimal(37), Decimal("38.5")))

    def warmer(trial, event):
        if isinstance(event, Primed):
            trial.bench.jacket.target_c = 39.5

    trial = Trial(
        job=with_part(made, parameters=replace(made.first.parameters, cartridge_c=cartridge)), see=warmer
    ).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert "A07" in alarms(trial)


def test_a_temperature_outside_the_proven_range_stops_the_print():
    def hotter(trial, event):
        if isinstance(event, Primed):
            trial.bench.jacket.target_c = 50.0

    trial = Trial(see=hotter).run()
    assert alarms(trial)[-1] == "A06"


def test_the_soak_lasts_as_long_as_the_recipe_says():
    made = plan()
    soak = replace(made.first.parameters.soak_min, target=Decimal(2))
    began_s = {}

    def see(trial, event):
        if hasattr(event, "phase"):
            began_s.setdefault(event.phase, trial.ports.now())

    trial = Trial(job=with_part(made, parameters=replace(made.first.parameters, soak_min=soak)), see=see).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert began_s[Phase.PRIME] - began_s[Phase.HEAT] >= 120.0
    assert any(event.phase is Phase.SOAK for event in trial.progress)


@pytest.mark.parametrize(("factor", "alarm"), [(2.0, "A05"), (0.05, "A04"), (1.12, "A21"), (0.9, "A21")])
def test_a_prime_outside_the_recipe_s_share_of_the_predicted_pressure_is_alarmed(factor, alarm):
    made = plan()
    trial = Trial(job=with_part(made, predicted_kpa=made.predicted_kpa * factor)).run()
    (told,) = (event.trip for event in trial.of(AlarmRaised) if event.trip.kind.id == alarm)
    assert "primed" in told.seen
    is_proven = alarm == "A21"  # inside the PAR: told, and the batch goes on
    assert bool(trial.of(UnitBegan)) is is_proven
    assert (trial.ended.trip is None) is is_proven


def test_a_printer_that_stands_elsewhere_than_the_program_ends_stops_the_job():
    made = plan()
    segments = tuple(
        replace(segment, end_mm=(0.0, 0.0, 0.0)) if segment.kind == "unit" else segment
        for segment in made.program.segments
    )
    trial = Trial(job=replace(made, program=replace(made.program, segments=segments))).run()
    assert alarms(trial) == ["A20"]
    assert "stands at" in trial.ended.reason


def test_a_printer_that_does_not_say_where_it_stands_is_asked_thrice_and_then_stopped():
    trial = Trial()
    trial.job._watch._on[marlin_reply.Position] = lambda _event: None
    trial.run()
    assert "does not say where it stands" in trial.ended.reason
    assert sum(data.count(b"M114") for _, data in trial.ports.sent) == 3


def test_lines_asked_for_again_are_told_with_their_unit():
    trial = Trial(["corrupt@rate:0.05"]).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert any("asked for again" in event.text for event in trial.of(Noted) if event.what == "link")


@pytest.mark.parametrize(
    ("word", "alarm"),
    [
        (marlin_events.CommandFailed(7, "G1 X1", "Error:no"), "A20"),
        (marlin_events.CommandFailed(None, "", "Error:no"), "A20"),
        (marlin_events.UnsafeForeignLine(""), "A20"),
        (marlin_events.UnsafeForeignLine("G1 X9 E9"), "A20"),
        (marlin_reply.Fatal("Error:Printer halted. kill() called!"), "A01"),
        (marlin_reply.Fatal("Error:Thermal Runaway, system stopped! Heater_ID: 0"), "A02"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_word_of_the_printer_stops_the_job(word, alarm):
    watch = Trial().job._watch
    with pytest.raises(Tripped) as stop:
        watch._note("printer", word)
    assert stop.value.trip.kind.id == alarm


def test_a_line_with_a_damaged_number_is_noted_and_stops_nothing():
    trial = Trial()
    trial.job._watch._note("printer", marlin_events.ForeignLine("N9 G1"))
    assert [event.what for event in trial.told] == ["foreign line"]


def test_a_word_nobody_waits_for_changes_nothing():
    trial = Trial()
    trial.job._watch._note("printer", object())
    assert trial.told == []


def test_a_temperature_of_another_sensor_is_not_the_cartridge_s():
    trial = Trial()
    event = marlin_reply.Temperatures(())
    trial.job._watch._note("printer", event)
    assert trial.job._watch.temperature_c is None


def identity(*, simulated=True, speed="1"):
    return Identity("model", "serial", simulated, Decimal(speed))


def bench(**other):
    return {"printer": identity(), "balance": identity(), "pressure": identity(**other)}


@pytest.mark.parametrize(
    ("found", "policy", "codes"),
    [
        (bench(), LOCKED, []),
        (bench(simulated=False), REHEARSAL, ["E_BENCH_MIXED"]),
        (bench(speed="2"), REHEARSAL, ["E_BENCH_SPEED"]),
        (bench(speed="2"), LOCKED, ["E_BENCH_SPEED", "E_BENCH_SCALED"]),
        ({name: identity(speed="0") for name in ("printer", "balance", "pressure")}, REHEARSAL, ["E_BENCH_SPEED"]),
        ({name: identity(speed="9") for name in ("printer", "balance", "pressure")}, LOCKED, ["E_BENCH_SCALED"]),
    ],
)
def test_devices_that_make_no_bench_together_are_refused(found, policy, codes):
    assert [finding.code for finding in _one_bench(found, policy)] == codes


def test_research_does_without_a_capability_and_locked_mode_does_not():
    made = plan()
    profile = replace(made.profile, required_caps=("NO_SUCH_CAPABILITY",))
    assert Trial(job=replace(made, profile=profile)).run().ended.reason.startswith("PRINTER_CAPABILITY")
    research = Trial(job=replace(made, profile=profile, policy=RESEARCH)).run()
    assert research.ended.outcome is Outcome.COMPLETED
    assert len(research.of(UnitEnded)) == 2
    assert research.of(JobEnded)


def test_a_link_that_has_ended_is_a_lost_printer():
    watch = Trial().job._watch
    with pytest.raises(Tripped) as stop:
        watch._note("printer", marlin_events.Ended("LINK_SILENT", "It says nothing."))
    assert stop.value.trip.reason == "A13 Printer lost: It says nothing."


def test_a_balance_that_is_still_answering_is_waited_for():
    def ask(trial, event):
        if isinstance(event, UnitEnded) and event.index == 1:
            trial.job._bench.balance.weigh(trial.ports.now(), stable=False)

    trial = Trial(see=ask).run()
    assert trial.ended.outcome is Outcome.COMPLETED


def test_readings_while_the_host_is_late_are_counted_and_not_judged():
    """The printer takes no line for 3 s in the middle of unit 1: its plunger stands, and the pressure falls with it."""
    late = {"from_s": None}

    def see(trial, event):
        if isinstance(event, UnitBegan) and event.index == 1:
            late["from_s"] = trial.ports.now() + 8.0

    trial = Trial(see=see)
    printer = trial.job._bench.printer
    pump = printer.pump

    def busy(now):
        began_s = late["from_s"]
        return () if began_s is not None and began_s <= now < began_s + 3.0 else pump(now)

    printer.pump = busy
    trial.run()
    assert trial.ended.outcome is Outcome.COMPLETED, trial.ended.reason
    assert alarms(trial) == []
    (told,) = (event.text for event in trial.of(Noted) if event.what == "pressure")
    assert told.startswith("unit 1: ")
    assert int(told.split()[2]) >= 20  # of 20 a second, from half the motion in flight on
