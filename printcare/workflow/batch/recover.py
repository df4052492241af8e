"""At the next start: a batch whose job is gone stands in quarantine before anything else happens."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_UP, Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.alarms import Stop
from printcare.control.events import SafeStateSent
from printcare.control.instruments import Instruments
from printcare.control.safe_state import make_safe
from printcare.devices.printer import handshake
from printcare.domain.batch import UNDER_WAY, BatchState, UnitState, move
from printcare.domain.cartridge import CartridgeStatus
from printcare.domain.checks import Finding, error
from printcare.domain.ink_lot import LedgerEntry
from printcare.domain.machine import FirmwareProfile
from printcare.domain.people import SYSTEM
from printcare.domain.plain import state_of
from printcare.errors import PrintcareError
from printcare.protocol.wire import Ports
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store, Transaction
from printcare.workflow.authority import allowed
from printcare.workflow.batch.link_bytes import bytes_of_the_dead
from printcare.workflow.batch.plan import parts_of, units_of
from printcare.workflow.recipe.controlled import RECIPE

RECOVERY = "recovery of an interrupted batch"
INTERRUPTED = "interrupted"  # the outcome of a batch whose job ended without a word


def quarantine_interrupted(records: Store) -> tuple[str, ...]:
    """Move every batch whose job has died into quarantine and return their ids; called wherever the record is opened.

    A lease is dead when another boot made it, or when this machine runs no such process. A unit that was begun and not
    judged is rejected: what it weighs nobody can say.
    """
    found = []
    for batch_id, state in records.all("batch").items():
        if BatchState(state["status"]) in UNDER_WAY and not _is_alive(records, batch_id):
            with records.transaction(SYSTEM) as tx:
                if _quarantine(tx, batch_id, units_of(records, batch_id), records.context.clock()):
                    found.append(batch_id)
    _bind_bytes(records)
    return tuple(found)


def _bind_bytes(records: Store) -> None:
    """Record the digest of every recording whose job died before it could: while printing, or right after."""
    batches = records.all("batch")
    for batch_id, lease in records.all("job_lease").items():
        kept = bytes_of_the_dead(lease)  # None of a lease that only says lost, and names no workstation
        if kept is None or "recording" in batches.get(batch_id, {}) or _may_run(records, lease):
            continue
        with records.transaction(SYSTEM) as tx:
            state = tx.get("batch", batch_id)
            if state is not None and "recording" not in state:  # else another process was quicker
                tx.record("batch.bytes_kept", "batch", batch_id, state | {"recording": kept})


def _is_alive(records: Store, batch_id: str) -> bool:
    lease = records.get("job_lease", batch_id)
    return lease is not None and lease["status"] == "running" and _may_run(records, lease)


def _may_run(records: Store, lease: dict[str, Any]) -> bool:
    if lease["workstation"] != records.context.workstation:
        return True  # another station's job is that station's to judge
    return lease["boot_id"] == records.context.boot_id and _runs(int(lease["pid"]))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _quarantine(tx: Transaction, batch_id: str, units: Sequence[dict[str, Any]], now: datetime) -> bool:
    state = tx.get("batch", batch_id)
    if state is None or BatchState(state["status"]) not in UNDER_WAY:
        return False  # another process was quicker
    last_unit, last_line = state.get("last_unit", 0), state.get("last_line", 0)
    reason = f"the job ended without a word; last recorded unit {last_unit}, line {last_line}"
    for unit in units:
        if unit["status"] == UnitState.PRINTING.value:
            key = f"{batch_id}/{unit['index']:02d}"
            tx.record("unit.closed", "unit", key, unit | {"status": UnitState.REJECTED.value, "reason": reason})
    begun = sum(unit["status"] != UnitState.UNPRINTED.value for unit in units)
    _book_at_most(tx, batch_id, state, begun, now)
    status = move(BatchState(state["status"]), BatchState.QUARANTINED).value
    state |= {"status": status, "outcome": INTERRUPTED, "reason": reason}
    tx.record("batch.interrupted", "batch", batch_id, state, reason_text=reason)
    tx.record("job.lost", "job_lease", batch_id, (tx.get("job_lease", batch_id) or {}) | {"status": "lost"})
    return True


def _book_at_most(tx: Transaction, batch_id: str, state: dict[str, Any], begun: int, now: datetime) -> None:
    """Book the most ink the lost job can have used, and keep its cartridges from every later print.

    Nobody can say how long it stayed warm, so that no time at temperature is made up for it.
    """
    version = tx.get(RECIPE.table, state["recipe"])
    if version is None:
        return
    content = version["content"]
    recipes = [content, *content.get("further", ())]
    for row, recipe in zip(parts_of(state), recipes, strict=False):
        cartridge = tx.get("cartridge", row["cartridge"])
        if cartridge is None:
            continue
        primed_mm3 = Decimal(row.get("primed_mm3") or recipe["parameters"]["prime_mm3"]["proven"][1])
        primed_mm3 += Decimal(row.get("purge_most_mm3", 0))
        used_mg = begun * Decimal(row["target_mass_mg"]) + primed_mm3 * Decimal(recipe["ink"]["density_mg_mm3"])
        used_g = (used_mg / 1000).quantize(Decimal("0.0001"), ROUND_UP)
        entry = state_of(LedgerEntry(now, -used_g, "at most: the job ended without a word", batch_id))
        ended = {"status": CartridgeStatus.QUARANTINED.value, "loaded_for": None}
        booked = cartridge | {"ledger": [*cartridge["ledger"], entry]} | ended
        tx.record("cartridge.booked", "cartridge", row["cartridge"], booked)


@dataclass(frozen=True, slots=True)
class Left:
    """What an interrupted job left behind: units on the tray by state, and cartridges with their status."""

    units: tuple[tuple[str, str], ...]  # position, state
    cartridges: tuple[tuple[str, str], ...]


def left_behind(records: Store, batch_id: str) -> Left:
    """Return what a person finds at the printer of an interrupted batch and has to take away."""
    units = [(row["position"], row["status"]) for row in units_of(records, batch_id)]
    names = [str(row["cartridge"]) for row in parts_of(records.get("batch", batch_id) or {})]
    cartridges = [(name, str((records.get("cartridge", name) or {}).get("status", "unknown"))) for name in names]
    begun = [(position, state) for position, state in units if state != UnitState.UNPRINTED.value]
    return Left(tuple(begun), tuple(cartridges))


def interrupted(records: Store, batch_id: str) -> dict[str, Any]:
    """Return the row of an interrupted batch; raises PrintcareError BATCH_NOT_INTERRUPTED for any other."""
    state = records.get("batch", batch_id)
    if state is None or state["status"] != BatchState.QUARANTINED.value or state["outcome"] == "completed":
        told = f"Batch {batch_id} is not an interrupted one in quarantine."
        raise PrintcareError("BATCH_NOT_INTERRUPTED", told, "See `printcare batch list`.")
    return state


def not_recovered(records: Store, printer: str, profile_id: str) -> tuple[Finding, ...]:
    """Return every interrupted batch nobody has closed yet at a printer: by its name, else by its profile.

    What such a printer does now nobody has looked at: it is made safe before anything is done with it.
    """
    findings = []
    for batch_id, state in records.all("batch", status=BatchState.QUARANTINED.value).items():
        at, of = str(state.get("printer") or ""), str(state["profile"])
        is_there = at == printer if at and printer else of == profile_id
        if state.get("outcome") == INTERRUPTED and is_there and not ends_of(records, batch_id):
            told = f"The job of batch {batch_id} was lost at {at or of}, and nobody has recovered it."
            remedy = f"Make the printer safe and close the batch: printcare batch recover {batch_id} --printer URL."
            findings.append(error("E_BATCH_NOT_RECOVERED", told, remedy, "printer"))
    return tuple(findings)


def ends_of(records: Store, batch_id: str) -> dict[str, dict[str, Any]]:
    """Return the deviations opened for how a batch ended, by id; one of another matter closes no interruption."""
    reason = (records.get("batch", batch_id) or {}).get("reason")
    return {key: row for key, row in records.all("deviation", batch_id=batch_id).items() if row["what"] == reason}


def close_interrupted(records: Store, account: Account, batch_id: str, reason: str) -> str:
    """Open the deviation that closes an interrupted batch and return its id; raises PrintcareError if it is not one.

    What is known of the interruption is recorded too where the job itself could still open the deviation.
    """
    actor = allowed(records, account, "batch.recover")
    state = interrupted(records, batch_id)
    for key, row in ends_of(records, batch_id).items():
        if reason:  # the job itself was still able to open it, and did not know why
            with records.transaction(actor) as tx:
                tx.record("deviation.explained", "deviation", key, row, reason_text=reason)
        return key
    key = f"{batch_id}/D{len(records.all('deviation', batch_id=batch_id)) + 1}"
    deviation = {"batch_id": batch_id, "status": "open", "what": state["reason"], "opened_by": account.id}
    with records.transaction(actor) as tx:
        tx.record("deviation.opened", "deviation", key, deviation, reason_text=reason)
    return key


def secure_printer(records: Store, account: Account, ports: Ports, profile: FirmwareProfile) -> SafeStateSent:
    """Stop and cool a printer whose job has died, before anything else is done with it, and record what it answered."""
    actor = allowed(records, account, "batch.recover")
    bench = Instruments(ports, profile)
    with suppress(PrintcareError):  # one that cannot be greeted gets M112
        handshake(ports, bench.printer)
    return _secured(records, actor, profile, make_safe(bench, Stop.QUICK, RECOVERY, 0.0))


def not_reached(records: Store, account: Account, profile: FirmwareProfile, fault: PrintcareError) -> SafeStateSent:
    """Record that a printer whose job has died could not be reached: it is for a person to switch off."""
    actor = allowed(records, account, "batch.recover")
    return _secured(records, actor, profile, SafeStateSent("nothing", False, f"{RECOVERY}: {fault.message}"))


def _secured(records: Store, actor: Actor, profile: FirmwareProfile, sent: SafeStateSent) -> SafeStateSent:
    with records.transaction(actor) as tx:
        tx.record("printer.made_safe", "printer", profile.id, state_of(sent), reason_text=sent.reason)
    return sent
