"""The life of a cartridge or spool on record: filled from a lot, loaded by its code, unloaded, opened, discarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.batch import BatchState
from printcare.domain.cartridge import FILAMENT, CartridgeStatus, cartridge_after
from printcare.domain.checks import Finding, error
from printcare.domain.formulation import Cartridge, LedgerEntry
from printcare.domain.numbers import plain
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Actor, Store, Transaction
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.ink.formulations import formulation_of
from printcare.workflow.ink.inks import book_out, filled_state
from printcare.workflow.ink.materials import cartridge_from, lot_from, lot_stops, recorded_lot, stop
from printcare.workflow.states import as_state, state_of

WITNESSED = "witnessed the destruction"
RECONCILED_PCT = Decimal(5)  # of the fill: what sticks to plunger and needle, and the ink pressed out at primes


def fill_cartridge(records: Store, account: Account, cartridge: Cartridge, spilt_g: Decimal = Decimal(0)) -> Cartridge:
    """Fill a new cartridge from an opened, released lot: grams out of the lot are grams in, and what was spilt is told.

    Its time in use ends with the opened lot's. Raises Refused, recorded, with every objection.
    """
    command = "cartridge.fill"
    actor = allowed(records, account, command)
    _after(records, actor, command, cartridge.id)
    lot = recorded_lot(records, cartridge.lot_id)
    if lot is None:
        told = f"The lot {cartridge.lot_id} is not on record."
        stop(records, actor, command, "cartridge", cartridge.id, error("E_LOT_UNKNOWN", told, "Receive it.", "lot"))
    now = records.context.clock()
    findings = [*lot.objections(now.date()), *lot_stops(records, lot, now)]
    if lot.opened_at is None:
        findings.append(error("E_LOT_CLOSED", f"Lot {lot.id} is not opened.", "Open it on record first.", "lot"))
    if cartridge.fill_g + spilt_g > lot.left_g or spilt_g < 0:
        spilt = f" with {plain(spilt_g)} g spilt" if spilt_g else ""
        told = f"{plain(cartridge.fill_g)} g{spilt} was asked of lot {lot.id}, which has {plain(lot.left_g)} g left."
        findings.append(error("E_LOT_EMPTY", told, "Weigh again, or use another lot.", "lot"))
    ink = formulation_of(records, lot.ink_id, lot.formulation_version)
    findings += ink if isinstance(ink, tuple) else ink.cartridge_objections(cartridge)
    stop_where(records, actor, command, "cartridge", cartridge.id, tuple(findings))
    filled = replace(cartridge, filled_on=now.date(), warm_h=Decimal(0), ledger=(), use_by=lot.use_by)
    with records.transaction(actor) as tx:
        state = tx.get("ink_lot", lot.id) or {}
        state = book_out(state, LedgerEntry(now, -filled.fill_g, "filled", cartridge_id=filled.id))
        if spilt_g:
            state = book_out(state, LedgerEntry(now, -spilt_g, "waste while filling", cartridge_id=filled.id))
        tx.record("ink_lot.taken_from", "ink_lot", lot.id, state)
        tx.record("cartridge.filled", "cartridge", filled.id, filled_state(filled))
    return filled


def load_cartridge(records: Store, account: Account, cartridge_id: str, scanned: str, batch_id: str) -> None:
    """Load a cartridge for one batch by the code the scanner read; its time in use runs from the first loading."""
    command = "cartridge.load"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, cartridge_id)
    findings = []
    if not cartridge_from(records, state).answers_to(scanned):
        told = f"The scanner read “{scanned}”, which is not cartridge {cartridge_id}."
        findings.append(error("E_CARTRIDGE_CODE", told, "Load the cartridge of the batch.", "cartridge"))
    findings += loading_stops(state, batch_id)
    stop_where(records, actor, command, "cartridge", cartridge_id, tuple(findings))
    with records.transaction(actor) as tx:
        load_in(tx, cartridge_id, batch_id, as_state(records.context.clock()))


def loading_stops(state: dict[str, Any], batch_id: str) -> tuple[Finding, ...]:
    """Return why a cartridge of this row cannot be loaded for a batch; for its own it may be loaded already."""
    status = CartridgeStatus(state["status"])
    if status is CartridgeStatus.LOADED and state.get("loaded_for") in (None, batch_id):
        return ()
    if status is CartridgeStatus.LOADED:
        told = f"Cartridge {state['id']} is loaded for batch {state['loaded_for']}."
        return (error("E_CARTRIDGE_LOADED", told, "Unload it there, or take another.", "cartridge"),)
    leads = cartridge_after(status, "cartridge.load", state["id"])
    return (leads,) if isinstance(leads, Finding) else ()


def load_in(tx: Transaction, cartridge_id: str, batch_id: str, now: object) -> None:
    """Record the loading inside a transaction whose caller has looked for objections."""
    state = tx.get("cartridge", cartridge_id) or {}
    loaded = {"status": CartridgeStatus.LOADED.value, "loaded_for": batch_id}
    opened_at = state.get("opened_at") or now
    tx.record("cartridge.loaded", "cartridge", cartridge_id, state | loaded | {"opened_at": opened_at})


def unload_cartridge(records: Store, account: Account, cartridge_id: str, reason: str) -> None:
    """Take a loaded cartridge out again before it was printed from."""
    command = "cartridge.unload"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, cartridge_id)
    status = _after(records, actor, command, cartridge_id)
    stop_where(records, actor, command, "cartridge", cartridge_id, _being_printed(records, state))
    out = state | {"status": status.value, "loaded_for": None}
    with records.transaction(actor) as tx:
        tx.record("cartridge.unloaded", "cartridge", cartridge_id, out, reason_text=reason or None)


def open_spool(records: Store, account: Account, cartridge_id: str, humidity_pct: Decimal | None) -> None:
    """Take a filament spool out of its dry bag: from now on it takes up water. Raises Refused in a damp room."""
    command = "cartridge.open"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, cartridge_id)
    spool = cartridge_from(records, state)
    findings = [*spool.opening_objections(humidity_pct)]
    if spool.kind != FILAMENT or spool.opened_at is not None:
        told = f"{cartridge_id} is no closed spool."
        findings.append(error("E_CARTRIDGE_MOVE", told, "Only a closed spool is opened.", "cartridge"))
    stop_where(records, actor, command, "cartridge", cartridge_id, tuple(findings))
    opened = {"opened_at": as_state(records.context.clock()), "humidity_pct": as_state(humidity_pct)}
    with records.transaction(actor) as tx:
        tx.record("cartridge.opened", "cartridge", cartridge_id, state | opened)


def discard_cartridge(
    records: Store,
    account: Account,
    password: str,
    cartridge_id: str,
    waste_g: Decimal,
    reason: str,
    witness: Account | None = None,
    witness_password: str = "",
) -> None:
    """Book what is left as waste, weighed, and end the cartridge; hazardous waste is destroyed before a witness.

    Both sign. Raises Refused, recorded, without a second person where the formulation has a hazard class, and where
    grams in are not grams out without a reason.
    """
    command = "cartridge.discard"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, cartridge_id)
    status = _after(records, actor, command, cartridge_id)
    stop_where(records, actor, command, "cartridge", cartridge_id, _being_printed(records, state))
    witness_role = "" if witness is None else allowed(records, witness, "cartridge.witness").role
    stop_where(records, actor, command, "cartridge", cartridge_id, _unwitnessed(records, state, account, witness))
    cartridge = cartridge_from(records, state)
    unexplained = cartridge.reconciliation(waste_g, RECONCILED_PCT, reason)
    stop_where(records, actor, command, "cartridge", cartridge_id, unexplained)
    waste = LedgerEntry(records.context.clock(), -waste_g, f"waste: {reason}")
    ended = state | {
        "status": status.value,
        "loaded_for": None,
        "ledger": [*state["ledger"], state_of(waste)],
        "unaccounted_g": as_state(cartridge.held_g - waste_g),
        "witness": None if witness is None else witness.id,
    }
    becoming = (("cartridge.discarded", ended),)
    own = ("cartridge", cartridge_id)
    if witness is None:
        sign(records, account.login, password, actor.role, "discarded", *own, becoming=becoming)
        return
    # The second signature ends it: without the witness it stays where it was.
    sign(records, account.login, password, actor.role, "takes to waste", *own)
    sign(records, witness.login, witness_password, witness_role, WITNESSED, *own, becoming=becoming)


def _being_printed(records: Store, state: dict[str, Any]) -> tuple[Finding, ...]:
    """Return why a cartridge stays where it is: a job prints from it, and another must not begin with it."""
    batch_id = state.get("loaded_for")
    batch = {} if batch_id is None else records.get("batch", batch_id) or {}
    if batch.get("status") not in (BatchState.PRINTING, BatchState.HELD):
        return ()
    told = f"Batch {batch_id} is being printed from cartridge {state['id']}."
    return (error("E_CARTRIDGE_PRINTING", told, "Stop the batch at the printer, or wait for its end.", "cartridge"),)


def needs_witness(records: Store, state: Mapping[str, Any]) -> bool:
    """Whether the waste of a cartridge is destroyed before a witness: what nobody knows to be harmless is."""
    lot = records.get("ink_lot", state["ink_lot"])
    known = None if lot is None else lot_from(lot)
    ink = () if known is None else formulation_of(records, known.ink_id, known.formulation_version)
    return isinstance(ink, tuple) or ink.is_hazardous


def _unwitnessed(
    records: Store, state: dict[str, Any], account: Account, witness: Account | None
) -> tuple[Finding, ...]:
    if witness is not None:
        same = people.second_person(account.id, witness.id)
        return () if same is None else (same,)
    if not needs_witness(records, state):
        return ()
    told = "Waste of a hazardous ink, or of one nobody knows to be harmless, is destroyed before a witness."
    return (error("E_WASTE_UNWITNESSED", told, "Add --second-user NAME, who watched it.", "witness"),)


def new_cartridge(
    cartridge_id: str,
    lot_id: str,
    fill_g: Decimal,
    dead_g: Decimal,
    use_within_h: Decimal,
    today: date,
    *,
    is_single_use: bool = True,
    code: str = "",
) -> Cartridge:
    """Return a cartridge as it is about to be filled."""
    return Cartridge(
        cartridge_id, lot_id, fill_g, dead_g, today, use_within_h, Decimal(0), is_single_use, code=code or cartridge_id
    )


def _state(records: Store, actor: Actor, command: str, cartridge_id: str) -> dict[str, Any]:
    state = records.get("cartridge", cartridge_id)
    if state is not None:
        return state
    told = f"The cartridge {cartridge_id} is not on record."
    finding = error("E_CARTRIDGE_UNKNOWN", told, "See `printcare ink list`.", "cartridge")
    stop(records, actor, command, "cartridge", cartridge_id, finding)


def _after(records: Store, actor: Actor, command: str, cartridge_id: str) -> CartridgeStatus:
    state = records.get("cartridge", cartridge_id)
    current = None if state is None else CartridgeStatus(state["status"])
    wanted = cartridge_after(current, command, cartridge_id)
    if isinstance(wanted, Finding):
        stop(records, actor, command, "cartridge", cartridge_id, wanted)
    return wanted
