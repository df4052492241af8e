"""Records what a job tells, one transaction an event, before anybody is shown it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import count
from typing import Any  # a state is parsed JSON

from printcare.control import events
from printcare.control.plan import JobPart, JobPlan
from printcare.domain.batch import BatchState, UnitState, move
from printcare.domain.cartridge import CartridgeStatus
from printcare.domain.ink_lot import LedgerEntry
from printcare.domain.reading import Identity
from printcare.records.store import Actor, Store, Transaction
from printcare.workflow.batch.plan import unit_key
from printcare.workflow.states import as_state, state_of

Show = Callable[[events.Event], None]
MG_PER_G = Decimal(1000)


class Recorder:
    """The job's `report`: the record first, the screen second; raises RecordUnwritable, which stops the job."""

    def __init__(self, records: Store, actor: Actor, job: JobPlan, cartridge_id: str, show: Show) -> None:
        self._records = records
        self._actor = actor
        self._job = job
        self._cartridge_id = cartridge_id
        self._show = show
        self._blocks = 0
        self._alarms = 0
        self._purged_mm3: dict[int, float] = {}  # by part, of those that were purged
        self._purge_most_mm3: dict[int, float] = {}
        self.identities: dict[str, Identity] = {}
        self._handlers: dict[type, Callable[..., None]] = {
            events.PhaseBegan: self._phase,
            events.DeviceFound: self._device,
            events.Soaked: self._soaked,
            events.Primed: self._primed,
            events.Identified: self._identified,
            events.PurgeBegan: self._purge_began,
            events.UnitBegan: self._unit_began,
            events.Weighed: self._weighed,
            events.PlacementAsked: self._placement_asked,
            events.Placed: self._placed,
            events.UnitEnded: self._unit_ended,
            events.AlarmRaised: self._alarm,
            events.AlarmMoved: self._alarm_moved,
            events.Corrected: self._corrected,
            events.Predicted: self._predicted,
            events.UnitCut: self._cut,
            events.ReferenceWeighed: self._reference,
            events.SumChecked: self._sum,
            events.Noted: self._noted,
            events.Held: self._held,
            events.Resumed: self._resumed,
            events.ReadingBlock: self._readings,
            events.SafeStateSent: self._safe,
            events.JobEnded: self._ended,
        }

    def __call__(self, event: events.Event) -> None:
        """Record one event, then show it; progress is shown only."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            with self._records.transaction(self._actor) as tx:
                handler(tx, event)
        try:
            self._show(event)
        except Exception:  # a closed terminal or window must not stop a print
            self._show = _unseen

    # ---- one function an event; each runs inside its own transaction

    def _phase(self, tx: Transaction, event: events.PhaseBegan) -> None:
        if event.phase is events.Phase.CONNECT:
            self._move(tx, BatchState.PRINTING, "batch.started", operator=self._actor.id)
        tx.record("job.phase", "job", self._job.batch_id, {"phase": event.phase.value})

    def _device(self, tx: Transaction, event: events.DeviceFound) -> None:
        self.identities[event.source] = event.identity
        tx.record("device.identified", "device", event.source, state_of(event.identity))
        if event.identity.simulated:
            self._change(tx, "batch.simulated", simulated=True)

    def _soaked(self, tx: Transaction, event: events.Soaked) -> None:
        self._change(tx, "job.soaked", soaked_s=as_state(event.seconds))

    def _primed(self, tx: Transaction, event: events.Primed) -> None:
        facts = {"reference_kpa": as_state(event.reference_kpa)}
        if event.part in self._purged_mm3:
            self._purged_mm3[event.part] += event.volume_mm3
            facts["purged_mm3"] = as_state(self._purged_mm3[event.part])
        else:
            facts["primed_mm3"] = as_state(event.volume_mm3)
        self._change_part(tx, "job.primed", event.part, facts)

    def _purge_began(self, tx: Transaction, event: events.PurgeBegan) -> None:
        """Keep what the purges may have taken at most: should the job be lost, so much is booked."""
        self._purged_mm3.setdefault(event.part, 0.0)
        self._purge_most_mm3[event.part] = self._purge_most_mm3.get(event.part, 0.0) + event.most_mm3
        most_mm3 = as_state(self._purge_most_mm3[event.part])
        self._change_part(tx, "job.purge_began", event.part, {"purge_most_mm3": most_mm3})

    def _identified(self, tx: Transaction, event: events.Identified) -> None:
        tx.record("job.identified", "job", self._job.batch_id, state_of(event))

    def _unit_began(self, tx: Transaction, event: events.UnitBegan) -> None:
        facts = {
            "tare_mg": as_state(event.tare_mg),
            "tare_raw": event.tare_raw,
            "first_line": event.first_line,
            "last_line": event.last_line,
        }
        row = tx.get("unit", unit_key(self._job.batch_id, event.index))
        state = {"status": UnitState.PRINTING.value} | self._of_part(event.part, facts, row)
        self._unit(tx, "unit.began", event.index, **state)

    def _weighed(self, tx: Transaction, event: events.Weighed) -> None:
        tx.record("unit.weighed", "weighing", unit_key(self._job.batch_id, event.index), state_of(event))

    def _placement_asked(self, tx: Transaction, event: events.PlacementAsked) -> None:
        tx.record("unit.placement_asked", "weighing", unit_key(self._job.batch_id, event.index), state_of(event))

    def _placed(self, tx: Transaction, event: events.Placed) -> None:
        tx.record("unit.placed", "weighing", unit_key(self._job.batch_id, event.index), state_of(event))

    def _unit_ended(self, tx: Transaction, event: events.UnitEnded) -> None:
        facts = {name: as_state(getattr(event, name)) for name in _UNIT_FACTS}
        row = tx.get("unit", unit_key(self._job.batch_id, event.index))
        # A unit of several inks is accepted with its last part; until then it is being printed.
        is_whole = event.state is not UnitState.ACCEPTED or event.part == len(self._job.parts)
        state = {"status": (event.state if is_whole else UnitState.PRINTING).value}
        self._unit(tx, "unit.judged", event.index, **state, **self._of_part(event.part, facts, row))
        last_line = self._job.program.unit(event.index, event.part).last_line
        self._change(tx, "job.advanced", last_unit=event.index, last_line=last_line)

    def _of_part(self, part: int, facts: dict[str, Any], row: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return what a row gains: the first part's facts at its top, those of each further part under its number."""
        if part == 1:
            return facts
        parts = dict((row or {}).get("parts", {}))
        parts[str(part)] = parts.get(str(part), {}) | facts
        return {"parts": parts}

    def _alarm(self, tx: Transaction, event: events.AlarmRaised) -> None:
        self._alarms += 1
        kind = event.trip.kind
        state = {
            "batch_id": self._job.batch_id,
            "alarm": kind.id,
            "title": kind.title,
            "seen": event.trip.seen,
            "cause": kind.cause,
            "consequence": kind.consequence,
            "action": kind.action,
            "priority": kind.priority,
            "unit": event.unit,
        }
        tx.record("alarm.raised", "alarm", f"{self._job.batch_id}/{self._alarms:03d}", state)

    def _alarm_moved(self, tx: Transaction, event: events.AlarmMoved) -> None:
        tx.record("alarm.moved", "job", self._job.batch_id, state_of(event), reason_text=event.reason)

    def _corrected(self, tx: Transaction, event: events.Corrected) -> None:
        tx.record("unit.corrected", "job", self._job.batch_id, state_of(event))

    def _predicted(self, tx: Transaction, event: events.Predicted) -> None:
        tx.record("unit.predicted", "job", self._job.batch_id, state_of(event))

    def _cut(self, tx: Transaction, event: events.UnitCut) -> None:
        tx.record("unit.cut", "job", self._job.batch_id, state_of(event))

    def _reference(self, tx: Transaction, event: events.ReferenceWeighed) -> None:
        tx.record("tray.weighed", "job", self._job.batch_id, state_of(event))

    def _sum(self, tx: Transaction, event: events.SumChecked) -> None:
        tx.record("tray.sum_checked", "job", self._job.batch_id, state_of(event))

    def _noted(self, tx: Transaction, event: events.Noted) -> None:
        tx.record("job.noted", "job", self._job.batch_id, state_of(event))

    def _held(self, tx: Transaction, event: events.Held) -> None:
        self._move(tx, BatchState.HELD, "batch.held", reason=event.reason or None)

    def _resumed(self, tx: Transaction, _: events.Resumed) -> None:
        self._move(tx, BatchState.PRINTING, "batch.resumed", reason=None)

    def _readings(self, tx: Transaction, event: events.ReadingBlock) -> None:
        self._blocks += 1
        lines = (json.dumps([f"{at_s:.3f}", f"{value:.3f}", flag]) for at_s, value, flag in event.rows)
        tx.block(
            f"{self._job.batch_id}/{self._blocks:05d}",
            ("\n".join(lines) + "\n").encode("ascii"),
            batch_id=self._job.batch_id,
            unit_id=unit_key(self._job.batch_id, event.index) if event.index else None,
            sensor=f"{event.source}_{event.unit}",
            first_at=f"{event.rows[0][0]:.3f}",
            last_at=f"{event.rows[-1][0]:.3f}",
            count=len(event.rows),
        )

    def _safe(self, tx: Transaction, event: events.SafeStateSent) -> None:
        tx.record("printer.made_safe", "printer", self._job.profile.id, state_of(event), reason_text=event.reason)

    def _ended(self, tx: Transaction, event: events.JobEnded) -> None:
        """Close every unit, book the ink, and move the batch to where it now belongs, all in one transaction."""
        for index, state in event.units:
            row = tx.get("unit", unit_key(self._job.batch_id, index))
            if row is not None and row["status"] != state.value:
                self._unit(tx, "unit.closed", index, status=state.value, reason=event.reason)
        self._book_ink(tx, event)
        completed = event.outcome is events.Outcome.COMPLETED
        wanted = BatchState.FINISHING if completed else BatchState.QUARANTINED
        self._move(
            tx,
            wanted,
            "batch.printed" if completed else "batch.quarantined",
            outcome=event.outcome.value,
            reason=event.reason,
            last_line=event.last_line,
        )
        lease = tx.get("job_lease", self._job.batch_id)
        if lease is not None:
            tx.record("job.ended", "job_lease", self._job.batch_id, lease | {"status": "ended"})
        if not completed:
            deviation = {"batch_id": self._job.batch_id, "status": "open", "what": event.reason, "opened_by": "job"}
            # One opened while it printed, by a look-back say, stays as it is.
            keys = (f"{self._job.batch_id}/D{number}" for number in count(1))
            free = next(key for key in keys if tx.get("deviation", key) is None)
            tx.record("deviation.opened", "deviation", free, deviation)

    # ---- rows

    def _book_ink(self, tx: Transaction, event: events.JobEnded) -> None:
        first = events.InkUse(1, self._cartridge_id, event.ink_used_mm3, event.warm_s)
        for part, use in zip(self._job.parts, (first, *event.further_inks), strict=True):
            cartridge = tx.get("cartridge", use.cartridge_id)
            if cartridge is None:
                continue
            at, warm_h = self._records.context.clock(), Decimal(str(round(use.warm_s / 3600, 4)))
            purged_mm3 = self._purged_mm3.get(part.number, 0.0)
            mass_g = _given_g(use.used_mm3 - purged_mm3, part)
            entries = [LedgerEntry(at, mass_g, "printed and primed", self._job.batch_id, warm_h)]
            if purged_mm3:
                purged_g = _given_g(purged_mm3, part)
                entries.append(LedgerEntry(at, purged_g, "purged after an alarm", self._job.batch_id))
            state = cartridge | {
                "ledger": [*cartridge["ledger"], *(state_of(entry) for entry in entries)],
                "warm_h": as_state(Decimal(cartridge["warm_h"]) + warm_h),
                "status": CartridgeStatus.USED.value,
                "loaded_for": None,
            }
            tx.record("cartridge.booked", "cartridge", use.cartridge_id, state)

    def _unit(self, tx: Transaction, action: str, index: int, **changes: object) -> None:
        key = unit_key(self._job.batch_id, index)
        tx.record(action, "unit", key, (tx.get("unit", key) or {}) | changes)

    def _change(self, tx: Transaction, action: str, **changes: object) -> None:
        state = tx.get("batch", self._job.batch_id) or {}
        tx.record(action, "batch", self._job.batch_id, state | changes)

    def _change_part(self, tx: Transaction, action: str, part: int, facts: dict[str, Any]) -> None:
        """Change what a batch says of one part; of the first it is said at its top as well."""
        parts = (tx.get("batch", self._job.batch_id) or {}).get("parts", ())
        own = {"parts": [each | facts if each["number"] == part else each for each in parts]} if parts else {}
        self._change(tx, action, **(facts if part == 1 else {}), **own)

    def _move(self, tx: Transaction, wanted: BatchState, action: str, **changes: object) -> None:
        state = tx.get("batch", self._job.batch_id) or {}
        status = move(BatchState(state["status"]), wanted).value
        tx.record(action, "batch", self._job.batch_id, state | {"status": status} | changes)


def _given_g(volume_mm3: float, part: JobPart) -> Decimal:
    """Return what a cartridge lost, as its ledger has it: below nothing."""
    used_g = Decimal(str(round(volume_mm3, 3))) * part.density_mg_mm3 / MG_PER_G
    return -used_g.quantize(Decimal("0.0001"))


def _unseen(_event: events.Event) -> None:
    """Show nothing: whoever looked is gone."""


_UNIT_FACTS = (
    "mass_mg",
    "raw",
    "reason",
    "pressure_mean_kpa",
    "pressure_max_kpa",
    "temperature_mean_c",
    "seconds",
    "volume_mm3",
    "lines_sent",
    "weighing_is",
    "dwell_s",
    "flow_mm3_s",
    "speed_mm_s",
)
