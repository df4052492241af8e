"""From a lot, a cartridge or an ingredient to every batch, unit and patient; and what a recall does with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import MOVES, UNDER_WAY, BatchState
from printcare.domain.checks import error
from printcare.domain.ink_lot import LotStatus
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store, Transaction
from printcare.records.tracing import BatchRow, UnitRow, batches_by, states_of, units_of_batches
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.ink.inks import recall_state
from printcare.workflow.ink.preparation import lots_with_ingredient
from printcare.workflow.site.look_back import CLOSED

NANOSECONDS = 1_000_000_000
NOT_PRINTED = tuple(state for state in BatchState if BatchState.CANCELLED in MOVES[state])
GONE_OUT = (BatchState.RELEASED, BatchState.PARTLY_RELEASED, BatchState.RETURNED)
STILL_OPEN = (*NOT_PRINTED, *UNDER_WAY)  # what a lot may be in that no ledger tells of yet
Rows = dict[str, dict[str, Any]]
OPEN = "open"
LOT, CARTRIDGE, INGREDIENT = "lot", "cartridge", "ingredient lot"


@dataclass(frozen=True, slots=True)
class Traced:
    """Everything that was made of what was asked for; `patients` are pseudonyms by batch."""

    asked: str
    kind: str  # lot | cartridge | ingredient lot
    lots: tuple[str, ...]
    cartridges: tuple[str, ...]
    batches: tuple[BatchRow, ...]
    units: tuple[UnitRow, ...]
    patients: dict[str, str]
    seconds: str

    @property
    def patient_count(self) -> int:
        """Return how many people the units were made for."""
        return len(set(self.patients.values()))


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall did: its number, the list, what was cancelled and the deviations it opened."""

    id: str
    traced: Traced
    cancelled: tuple[str, ...]
    deviations: tuple[str, ...]


def trace(records: Store, account: Account, asked: str) -> Traced:
    """Return what was made of a lot, a cartridge or an ingredient's lot; raises Refused where nobody knows it."""
    actor = allowed(records, account, "ink_lot.trace")
    found = _trace(records, actor, "ink_lot.trace", asked)
    _tell(records, actor, "ink_lot.traced", found)
    return found


def drill(records: Store, account: Account, asked: str, reason: str) -> Traced:
    """Time the list as in a recall and record the time; nothing else changes."""
    actor = allowed(records, account, "ink_lot.drill")
    found = _trace(records, actor, "ink_lot.drill", asked)
    with records.transaction(actor) as tx:
        state = _recall_state(found, "drill", reason)
        tx.record("recall.drilled", "recall", _number(records), state, reason_text=reason or None)
    return found


def recall(records: Store, account: Account, password: str, lot_id: str, reason: str) -> Recalled:
    """Mark the lot as recalled by signature, list what was made of it, and hold what is still here.

    What was not printed yet is cancelled; every other batch that is not closed gets a deviation, which blocks its
    release or says that units are out. A batch that is being printed goes on under its job and is held by its
    deviation: stop it at the printer.
    """
    actor = allowed(records, account, "ink_lot.recall")
    found = _trace(records, actor, "ink_lot.recall", lot_id)
    if found.kind != LOT:
        told = f"{lot_id} is a {found.kind}; {', '.join(found.lots)} was made with it."
        wrong = error("E_RECALL_LOT", told, "Recall each of these lots.", "lot")
        refuse(records, actor, "ink_lot.recall", "ink_lot", lot_id, (wrong,))
        raise Refused((wrong,))
    if not _was_interrupted(records, lot_id):
        recall_state(records, account, password, lot_id, reason)
    cancelled, deviations = [], []
    number = _number(records)
    with records.transaction(actor) as tx:
        for row in found.batches:
            status = BatchState((tx.get("batch", row.id) or {})["status"])
            if status in NOT_PRINTED:
                _cancel(tx, row.id, f"lot {lot_id} was recalled: {reason}")
                cancelled.append(row.id)
            elif status not in CLOSED:
                deviations.append(_deviate(tx, records, actor, row.id, status, lot_id, reason, number))
        done = {"cancelled": cancelled, "deviations": deviations}
        tx.record("recall.begun", "recall", number, _recall_state(found, OPEN, reason) | done, reason_text=reason)
    return Recalled(number, found, tuple(cancelled), tuple(deviations))


def _was_interrupted(records: Store, lot_id: str) -> bool:
    """Whether the lot was signed as recalled and the program ended before it held anything: then that is done now."""
    status = (records.get("ink_lot", lot_id) or {}).get("status")
    begun = any(row["asked"] == lot_id for row in records.all("recall", status=OPEN).values())
    return status == LotStatus.RECALLED.value and not begun


def _trace(records: Store, actor: Actor, command: str, asked: str) -> Traced:
    begun_ns = records.context.monotonic_ns()
    kind, lots, held = _sources(records, asked)
    if not kind:
        told = f"The record knows no lot, cartridge or ingredient {asked}."
        unknown = error("E_TRACE_UNKNOWN", told, "Check the number on the container.", "lot")
        refuse(records, actor, command, "ink_lot", asked, (unknown,))
        raise Refused((unknown,))
    batches = _batches(records, () if kind == CARTRIDGE else lots, held)
    units = units_of_batches(records, [row.id for row in batches])
    patients = _patients(records, batches)
    took_s = (records.context.monotonic_ns() - begun_ns) / NANOSECONDS
    return Traced(asked, kind, lots, tuple(held), batches, tuple(units), patients, f"{took_s:.3f}")


def _sources(records: Store, asked: str) -> tuple[str, tuple[str, ...], Rows]:
    """Return of what kind the asked thing is, the lots it means and the rows of the cartridges filled from them."""
    if records.get("ink_lot", asked) is not None:
        return LOT, (asked,), records.all("cartridge", ink_lot=asked)
    cartridge = records.get("cartridge", asked)
    if cartridge is not None:
        return CARTRIDGE, (str(cartridge["ink_lot"]),), {asked: cartridge}
    lots = lots_with_ingredient(records, asked)
    held: Rows = {}
    for lot in lots:
        held |= records.all("cartridge", ink_lot=lot)
    return INGREDIENT if lots else "", lots, held


def _batches(records: Store, lots: tuple[str, ...], held: Rows) -> tuple[BatchRow, ...]:
    """Return the batches planned from these lots and cartridges, and those whose ink was booked from one of them.

    A unit of several inks names its first in the row; its further ones are found by the ledgers of their cartridges.
    """
    found = {row.id: row for row in batches_by(records, "cartridge", tuple(held))}
    found |= {row.id: row for row in batches_by(records, "lot", lots)}
    booked = {entry.get("batch_id", "") for state in held.values() for entry in state["ledger"]}
    found |= {row.id: row for row in batches_by(records, "key", sorted(booked - found.keys() - {""}))}
    opened: Rows = {}
    for status in STILL_OPEN:
        opened |= records.all("batch", status=status.value)
    further = [key for key, state in opened.items() if key not in found and _names(state, lots, held)]
    found |= {row.id: row for row in batches_by(records, "key", further)}
    return tuple(found[key] for key in sorted(found))


def _names(state: dict[str, Any], lots: tuple[str, ...], held: Rows) -> bool:
    """Whether an open batch names one of them for a further part of its units."""
    parts = state.get("parts") or {}
    rows = parts.values() if isinstance(parts, dict) else parts
    return any(row.get("lot") in lots or row.get("cartridge") in held for row in rows if isinstance(row, dict))


def _patients(records: Store, batches: tuple[BatchRow, ...]) -> dict[str, str]:
    """Return the pseudonym of the patient of each batch."""
    orders = states_of(records, "prescription", sorted({row.prescription for row in batches}))
    return {row.id: str(orders.get(row.prescription, {}).get("patient", "")) for row in batches}


def _cancel(tx: Transaction, batch_id: str, reason: str) -> None:
    state = tx.get("batch", batch_id) or {}
    cancelled = state | {"status": BatchState.CANCELLED.value, "reason": reason}
    tx.record("batch.cancelled", "batch", batch_id, cancelled, reason_text=reason)


def _deviate(
    tx: Transaction,
    records: Store,
    actor: Actor,
    batch_id: str,
    status: BatchState,
    lot_id: str,
    reason: str,
    number: str,
) -> str:
    key = f"{batch_id}/D{len(records.all('deviation', batch_id=batch_id)) + 1}"
    where = "units are out" if status in GONE_OUT else f"the batch is {status.value}"
    what = f"lot {lot_id} was recalled ({number}): {reason}; {where}"
    state = {"batch_id": batch_id, "status": "open", "what": what, "opened_by": actor.id}
    tx.record("deviation.opened", "deviation", key, state, reason_text=reason)
    return key


def _recall_state(found: Traced, status: str, reason: str) -> dict[str, object]:
    return {
        "status": status,
        "asked": found.asked,
        "kind": found.kind,
        "lots": list(found.lots),
        "batches": [row.id for row in found.batches],
        "units": len(found.units),
        "patients": found.patient_count,
        "seconds": found.seconds,
        "reason": reason,
    }


def _tell(records: Store, actor: Actor, action: str, found: Traced) -> None:
    """Record who looked up which patients, and how much they saw."""
    told = {"kind": found.kind, "units": len(found.units), "patients": found.patient_count}
    with records.transaction(actor) as tx:
        tx.record(action, "trace", found.asked, told)


def _number(records: Store) -> str:
    return f"R-{len(records.all('recall')) + 1:04d}"
