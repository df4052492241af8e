"""How a unit comes to its mass: by the balance under the tray, by one beside the printer, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from printcare.control.alarms import Tripped, trip
from printcare.control.drift import Drift, SumCheck, evaporated_mg, limit_for
from printcare.control.events import Event, ReferenceWeighed, SumChecked, Weighed
from printcare.control.placing import Placing
from printcare.control.plan import JobPart, JobPlan
from printcare.control.watch import Watch
from printcare.domain.gate import GateOutcome
from printcare.domain.reading import Reading

WEIGHINGS = 3  # once, and again at most twice where the gate cannot tell
NOT_WEIGHED = "not weighed: this batch has no balance, and nobody is given what was not weighed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the balance says of one part of a unit; without a mass there is nothing to accept."""

    mass_mg: Decimal | None
    raw: str
    outcome: GateOutcome


class Weighing(Protocol):
    """One strategy: what is weighed before the first unit, around each one, and after the last."""

    def reference(self) -> None:
        """Weigh what carries no unit yet: the batch's zero."""

    def tare(self) -> Reading | None:
        """Weigh what the unit will be printed on, or return None where its tare is taken later."""

    def judge(self, index: int, part: JobPart, tare: Reading | None, began_s: float) -> Judgement:
        """Return mass and outcome of a unit that was printed."""

    def close(self) -> None:
        """Weigh once more after the last unit, and close the sum; trips A11 where that fails."""


class UnderTray:
    """The balance carries the tray: a unit weighs what the tray gained; Σm is closed at the end (process.md §4.2)."""

    def __init__(self, plan: JobPlan, watch: Watch, report: Callable[[Event], None], _placing: Placing) -> None:
        self._plan = plan
        self._watch = watch
        self._report = report
        self._drift = Drift(plan.first.gate)
        self._reference: tuple[Reading, float] | None = None
        self._zero_mg = Decimal(0)  # what shows with nothing laid, from the reference on
        self._sum_mg = Decimal(0)
        self._weighed = 0

    def reference(self) -> None:
        """Weigh the tray before anything lies on it."""
        self._reference = self._rested(), self._watch.process_s()
        self._zero_mg = self._reference[0].value
        self._report(ReferenceWeighed("start", self._reference[0].value, self._reference[0].raw))

    def tare(self) -> Reading | None:
        """Weigh the tray with everything printed before."""
        return self._rested()

    def judge(self, index: int, part: JobPart, tare: Reading | None, began_s: float) -> Judgement:
        """Weigh until the gate can tell, at most three times; the unit stays where it is."""
        return self._judge(index, part, tare or self._rested(), (began_s + self._watch.process_s()) / 2, began_s)

    def close(self) -> None:
        """Compare what the tray gained with the sum of the units and the drift."""
        if self._reference is None:
            return
        reference, reference_s = self._reference
        end = self._rested()
        self._report(ReferenceWeighed("end", end.value, end.raw))
        drift_mg = self._drift.over_mg(self._watch.process_s() - reference_s)
        limit_mg = limit_for(self._plan.first.gate, max(1, self._weighed)) + abs(drift_mg)
        check = SumCheck(reference.value, end.value, self._sum_mg, drift_mg, limit_mg)
        gained_mg = check.end_mg - check.reference_mg
        self._report(SumChecked(check.sum_mg, gained_mg, drift_mg, check.unexplained_mg, limit_mg, check.is_closed))
        if not check.is_closed:
            told = f"Σm is {check.sum_mg} mg, the tray gained {gained_mg} mg: {check.unexplained_mg:+} mg unexplained"
            raise Tripped(trip("A11", told))

    def _rested(self) -> Reading:
        """Weigh with nothing laid since the last weighing; trips A11 where the tray changed all the same."""
        reading = self._watch.weigh()
        wrong = self._drift.rested(self._watch.process_s(), reading.value)
        if wrong is not None:
            raise Tripped(trip("A11", wrong))
        return reading

    def _judge(self, index: int, part: JobPart, tare: Reading, laid_s: float, tare_s: float) -> Judgement:
        """Return mass, raw line and outcome; an indeterminate result is weighed again at most twice, then rejected.

        Drift since the tare is taken off and what dried since the middle of the deposition is added, both told.
        """
        mass_mg, raw, outcome = Decimal(0), "", GateOutcome.REJECT
        for _ in range(WEIGHINGS):
            gross = self._watch.weigh()
            now_s = self._watch.process_s()
            drift_mg = self._drift.over_mg(now_s - tare_s)
            dried_mg = evaporated_mg(part.limits.evaporation_mg_min, now_s - laid_s)
            laid_mg, raw = gross.value - tare.value, gross.raw
            mass_mg = laid_mg - drift_mg + dried_mg if drift_mg or dried_mg else laid_mg
            outcome = part.gate.judge(mass_mg)
            self._report(
                Weighed(
                    index=index,
                    gross_mg=gross.value,
                    raw=raw,
                    mass_mg=mass_mg,
                    outcome=outcome.value,
                    part=part.number,
                    since_s=now_s - laid_s,
                    drift_mg=drift_mg,
                    evaporation_mg=dried_mg,
                    weighing_is=part.gate.weighing_is,
                    tare_mg=tare.value,
                    tare_raw=tare.raw,
                )
            )
            if outcome is not GateOutcome.INDETERMINATE:
                break
        self._note_laid(now_s, gross, laid_mg - drift_mg)
        is_told = outcome is not GateOutcome.INDETERMINATE
        return Judgement(mass_mg, raw, outcome if is_told else GateOutcome.REJECT)

    def _note_laid(self, now_s: float, gross: Reading, laid_mg: Decimal) -> None:
        self._drift.laid(now_s, gross.value)
        self._sum_mg += laid_mg
        self._weighed += 1


class Beside(UnderTray):
    """The balance stands beside the printer: a person puts each unit on its pan, which is empty again for the next."""

    def __init__(self, plan: JobPlan, watch: Watch, report: Callable[[Event], None], placing: Placing) -> None:
        super().__init__(plan, watch, report, placing)
        self._placing = placing

    def tare(self) -> None:
        """Take no tare yet: the pan is weighed right before the unit is put on it."""

    def judge(self, index: int, part: JobPart, _tare: Reading | None, began_s: float) -> Judgement:
        """Weigh the empty pan, have the unit put on it, and weigh; trips A11 where nobody does."""
        laid_s = (began_s + self._watch.process_s()) / 2
        empty, empty_s = self._emptied(index, part), self._watch.process_s()
        self._placing.ask(index, "place")
        return self._judge(index, part, empty, laid_s, empty_s)

    def close(self) -> None:
        """Weigh the empty pan once more: it must be what it was, but for the drift."""
        self._emptied(self._plan.units, self._plan.first)
        super().close()

    def _emptied(self, index: int, part: JobPart) -> Reading:
        """Return the weight of the empty pan; asks for what still lies there to be taken away."""
        # Half a unit tells: drift stays far below it, and a unit lies far above.
        while abs(self._watch.weigh().value - self._zero_mg) >= part.gate.target_mg / 2:
            self._placing.ask(index, "empty")
        return self._rested()

    def _note_laid(self, now_s: float, gross: Reading, laid_mg: Decimal) -> None:
        """Leave the drift at the empty pan, to which the next weighing compares; nothing is summed on a pan."""


class Unweighed:
    """No balance: the units are printed for research and none of them is ever accepted."""

    def __init__(self, _plan: JobPlan, _watch: Watch, _report: Callable[[Event], None], _placing: Placing) -> None:
        """Need nothing."""

    def reference(self) -> None:
        """Weigh nothing."""

    def tare(self) -> None:
        """Weigh nothing."""

    def judge(self, _index: int, _part: JobPart, _tare: Reading | None, _began_s: float) -> Judgement:
        """Accept nothing."""
        return Judgement(None, "", GateOutcome.REJECT)

    def close(self) -> None:
        """Weigh nothing."""


STRATEGIES: Mapping[str, type[UnderTray] | type[Beside] | type[Unweighed]] = {
    "under-tray": UnderTray,
    "beside": Beside,
    "none": Unweighed,
}
