"""Where the balance stands: beside the printer a person puts each unit on it, and without one nothing is accepted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from trial import Trial, answering, plan

from printcare.control.events import (
    AlarmRaised,
    Noted,
    Outcome,
    Placed,
    PlacementAsked,
    ReferenceWeighed,
    SumChecked,
    UnitBegan,
    UnitEnded,
    Weighed,
)
from printcare.control.instruments import Instruments, other_balance
from printcare.control.job import Job
from printcare.domain.batch import UnitState
from printcare.domain.policy import RESEARCH
from printcare.domain.reading import Identity
from printcare.emulator.bench import Bench
from printcare.errors import PrintcareError

PERSON_S = 20.0  # from being asked to having done it


def weighing(strategy, units=2, **changes):
    made = plan(units)
    return replace(made, master=replace(made.master, weighing=strategy), **changes)


class Person:
    """Puts what was printed on the pan when asked, and takes it away; each answer may be another."""

    def __init__(self, *, says=lambda asked: str(asked.index), takes_away=True, does=True):
        self.says, self.takes_away, self.does = says, takes_away, does
        self.lies_mg = 0.0

    def __call__(self, trial, event):
        """Answer what is asked."""
        if isinstance(event, PlacementAsked):
            trial.ports.at_s.append((trial.ports.now() + PERSON_S, lambda: self.act(trial, event)))
        if isinstance(event, UnitEnded) and self.takes_away:
            self.lies_mg = 0.0

    def act(self, trial, asked):
        """Do it, and say so."""
        masses = trial.bench.truth()["masses_mg"]
        if self.does:
            self.lies_mg = list(masses.values())[asked.index - 1] if asked.what == "place" else 0.0
        trial.post("placed", "u-7", self.says(asked))


def beside(person, units=2, **changes):
    job = weighing("beside", units, **changes)
    trial = Trial(job=job, see=person)
    trial.bench.balance._load_mg = lambda: person.lies_mg
    return trial.run()


@pytest.fixture(scope="module")
def placed():
    return beside(Person())


def test_each_unit_is_asked_for_placed_and_weighed_against_the_empty_pan(placed):
    assert placed.ended.outcome is Outcome.COMPLETED
    assert [(asked.index, asked.position, asked.what) for asked in placed.of(PlacementAsked)] == [
        (1, "A1", "place"),
        (2, "A2", "place"),
    ]
    assert [(done.index, done.user_id) for done in placed.of(Placed)] == [(1, "u-7"), (2, "u-7")]
    truths = placed.bench.truth()["masses_mg"].values()
    for weighed, truth in zip(placed.of(Weighed), truths, strict=True):
        assert float(weighed.mass_mg) == pytest.approx(truth, abs=1.5)
        assert abs(weighed.tare_mg) < 5  # the empty pan
        assert weighed.since_s > PERSON_S  # since deposition: the way to the balance counts


def test_a_unit_beside_the_printer_has_no_tare_before_it_is_printed(placed):
    assert {began.tare_mg for began in placed.of(UnitBegan)} == {None}


def test_the_empty_pan_closes_the_batch(placed):
    assert [event.when for event in placed.of(ReferenceWeighed)] == ["start", "end"]
    check = placed.of(SumChecked)[0]
    assert (check.sum_mg, check.is_closed) == (0, True)


def test_a_unit_left_on_the_pan_is_asked_to_be_taken_away():
    trial = beside(Person(takes_away=False))
    assert [asked.what for asked in trial.of(PlacementAsked)] == ["place", "empty", "place", "empty"]
    assert trial.ended.outcome is Outcome.COMPLETED


def test_another_unit_s_number_is_no_answer():
    answers = iter(["9", "", "1", "1"])

    class Confused(Person):
        def act(self, trial, asked):
            super().act(trial, asked)
            trial.ports.at_s.append((trial.ports.now() + 1, lambda: trial.post("placed", "u-7", next(answers, "1"))))
            trial.ports.at_s.append((trial.ports.now() + 2, lambda: trial.post("placed", "u-7", next(answers, "1"))))

    trial = beside(Confused(says=lambda _asked: next(answers, "1")), units=1)
    told = [event.text for event in trial.of(Noted) if "placed refused" in event.text]
    assert [text.partition(", ")[2] for text in told] == [
        "unit 1 is to be put on the balance, not 9",
        "unit 1 is to be put on the balance, not one without a number",
    ]
    assert trial.ended.outcome is Outcome.COMPLETED


def test_an_answer_nobody_asked_for_is_noted_and_does_nothing():
    person = Person()

    def see(trial, event):
        person(trial, event)
        if isinstance(event, ReferenceWeighed) and event.when == "start":
            trial.post("placed", "u-7", "1")

    job = weighing("beside", 1)
    trial = Trial(job=job, see=see)
    trial.bench.balance._load_mg = lambda: person.lies_mg
    assert trial.run().ended.outcome is Outcome.COMPLETED
    assert "nothing was asked for" in " ".join(event.text for event in trial.of(Noted))


def test_a_unit_nobody_places_ends_the_batch_in_safe_state():
    person = Person()
    person.act = lambda _trial, _asked: None
    trial = beside(person, hold_max_s=60.0)
    assert trial.ended.trip.kind.id == "A11"
    assert "unit 1 was not put on the balance within 60 s" in trial.ended.reason
    assert trial.is_safe()
    assert dict(trial.ended.units)[1] is UnitState.REJECTED


def test_a_person_who_only_says_so_has_placed_nothing_and_the_gate_rejects():
    trial = beside(Person(does=False), units=1)
    assert dict(trial.ended.units) == {1: UnitState.REJECTED}
    assert "A08" in [event.trip.kind.id for event in trial.of(AlarmRaised)]


# ---- no balance


def test_without_a_balance_units_are_printed_and_none_is_accepted():
    job = weighing("none", policy=RESEARCH)
    trial = Trial(job=job, bench=Bench(job.profile, without=frozenset({"balance"})))
    trial.job = Job(job, Instruments(trial.ports, job.profile, ""), trial._report)
    trial.run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert set(dict(trial.ended.units).values()) == {UnitState.REJECTED}
    assert [(ended.mass_mg, ended.reason.partition(":")[0]) for ended in trial.of(UnitEnded)] == [
        (None, "not weighed"),
        (None, "not weighed"),
    ]
    assert trial.of(Weighed) == trial.of(ReferenceWeighed) == trial.of(AlarmRaised) == []
    assert all(mass > Decimal(0) for mass in trial.bench.truth()["masses_mg"].values())


def test_a_bench_without_a_balance_weighs_nothing_even_where_it_is_asked_to():
    bench = Trial(job=weighing("under-tray"))
    with pytest.raises(PrintcareError, match="BALANCE_NONE"):
        _ = Instruments(bench.ports, bench.plan.profile, "").balance


# ---- the balance of the record


@pytest.mark.parametrize("known", ["", "0123456789"])
def test_the_balance_the_batch_was_planned_for_weighs_it(known):
    assert Trial(job=replace(plan(1), balance=known)).run().ended.outcome is Outcome.COMPLETED


def test_another_balance_stops_the_job_before_anything_moves():
    trial = Trial(job=replace(plan(1), balance="ANOTHER")).run()
    assert "E_BALANCE_OTHER" in trial.ended.reason
    assert trial.bench.truth()["units_begun"] == 0


def test_research_is_told_of_another_balance_and_goes_on():
    trial = Trial(job=replace(plan(1), balance="ANOTHER", policy=RESEARCH)).run()
    assert trial.ended.outcome is Outcome.COMPLETED
    assert "E_BALANCE_OTHER" in [event.what for event in trial.of(Noted)]


def test_a_family_without_serial_numbers_goes_by_its_name_and_the_record_s_mark():
    said = Identity("sbi", "sbi")
    assert other_balance(replace(plan(1), balance="sbi:BAL-2"), said) == ()
    assert [each.code for each in other_balance(replace(plan(1), balance="BAL-2"), said)] == ["E_BALANCE_OTHER"]
    assert other_balance(replace(plan(1), balance="BAL-2"), None) == ()


def test_half_a_unit_that_a_clog_stopped_is_carried_to_no_balance():
    made = weighing("beside")
    part = replace(made.first, limits=replace(made.first.limits, restarts_max=1))
    person = Person()
    clear = answering(lambda trial: setattr(trial.bench.active.ink, "is_clogged", False))

    def see(trial, event):
        person(trial, event)
        clear(trial, event)

    job = replace(made, parts=(part,))
    trial = Trial(job=job, bench=Bench(job.profile, faults=("clog@unit:1",)), see=see)
    trial.bench.balance._load_mg = lambda: person.lies_mg
    ended = trial.run().ended
    assert ended.outcome is Outcome.COMPLETED
    assert [asked.index for asked in trial.of(PlacementAsked)] == [2]
    assert [unit.mass_mg is None for unit in trial.of(UnitEnded)] == [True, False]
