"""The life of an ink lot on record: received into quarantine, judged, released, opened, used up, rejected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.cartridge import CartridgeStatus
from printcare.domain.checks import Finding, error
from printcare.domain.formulation import Cartridge, InkLot, LedgerEntry, LotStatus
from printcare.domain.ink_lot import IN_HOUSE, SUPPLIER, lot_after
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Actor, Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.ink.formulations import formulation_of
from printcare.workflow.ink.materials import RELEASED, lot_from, recorded_lot, stop
from printcare.workflow.ink.preparation import preparation_stops, preparers
from printcare.workflow.states import as_state, state_of

RECONCILED_PCT = Decimal(2)  # of the received mass: what sticks to vessels and fillers
AGREEMENT = LISTED, AGREED = ("listed", "agreed")  # where a supplier stands
MEANINGS = {
    "ink_lot.release": RELEASED,
    "ink_lot.reject": "rejected",
    "ink_lot.quarantine": "put back into quarantine",
    "ink_lot.recall": "recalled",
}
ACTIONS = {
    "ink_lot.release": "ink_lot.released",
    "ink_lot.reject": "ink_lot.rejected",
    "ink_lot.quarantine": "ink_lot.quarantined",
    "ink_lot.recall": "ink_lot.recalled",
}


def receive_lot(records: Store, account: Account, lot: InkLot, cartridges: Iterable[Cartridge]) -> None:
    """Put a delivered or home-made lot and its filled cartridges on record, in quarantine whatever its file says.

    Raises Refused where it is on record already, or its cartridges hold more than came in.
    """
    actor = allowed(records, account, "ink_lot.receive")
    filled = tuple(cartridges)
    status = _after(records, actor, "ink_lot.receive", lot.id)
    stop_where(records, actor, "ink_lot.receive", "ink_lot", lot.id, _not_received(records, lot, filled))
    now = records.context.clock()
    for each in filled:
        lot = lot.book(LedgerEntry(now, -each.fill_g, "filled by the supplier", cartridge_id=each.id))
    received = replace(lot, status=status, excursions_judged=lot.origin == IN_HOUSE)
    with records.transaction(actor) as tx:
        tx.record("ink_lot.received", "ink_lot", lot.id, state_of(received))
        for each in filled:
            tx.record("cartridge.received", "cartridge", each.id, filled_state(each))


def filled_state(cartridge: Cartridge) -> dict[str, object]:
    """Return the row of a cartridge that was just filled."""
    own = {"ink_lot": cartridge.lot_id, "status": CartridgeStatus.FILLED.value, "loaded_for": None}
    return state_of(cartridge) | own


def _not_received(records: Store, lot: InkLot, cartridges: tuple[Cartridge, ...]) -> tuple[Finding, ...]:
    findings = []
    filled_g = sum((each.fill_g for each in cartridges), Decimal(0))
    if lot.mass_g and filled_g > lot.mass_g:
        told = f"The cartridges hold {filled_g} g of the {lot.mass_g} g of lot {lot.id}."
        findings.append(error("E_LOT_RECONCILIATION", told, "Correct the masses.", "lot"))
    ids = [each.id for each in cartridges]
    taken = sorted(each for each in set(ids) if ids.count(each) > 1 or records.get("cartridge", each) is not None)
    if taken:
        told = f"Another cartridge is called {', '.join(taken)}."
        findings.append(error("E_CARTRIDGE_ID", told, "Give every cartridge its own code.", "cartridge"))
    return tuple(findings)


def judge_transport(
    records: Store, account: Account, password: str, lot_id: str, *, is_usable: bool, reason: str
) -> None:
    """Sign what the transport log means for the lot; one judged harmful keeps its objection and is to be rejected."""
    command = "ink_lot.judge"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, lot_id)
    stop_where(records, actor, command, "ink_lot", lot_id, (*_reasoned(reason), *_in_quarantine(state)))
    lot = lot_from(state)
    judgement = {"usable": is_usable, "seen": lot.excursion(), "reason": reason, "by": account.id}
    judged = ("ink_lot.judged", state | {"excursions_judged": is_usable, "judgement": judgement})
    meaning = "transport judged harmless" if is_usable else "transport judged harmful"
    sign(records, account.login, password, actor.role, meaning, "ink_lot", lot_id, becoming=(judged,))


def release_lot(records: Store, account: Account, password: str, lot_id: str, reason: str, today: date) -> None:
    """Release a lot from quarantine by signature; raises Refused, recorded, with every objection.

    It needs figures with their dates and uncertainty, an approved formulation it agrees with, a judged transport and
    a running agreement; one made in house its complete preparation, and a releaser who did not prepare it.
    """
    command = "ink_lot.release"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, lot_id)
    lot = recorded_lot(records, lot_id) or lot_from(state)
    status = _after(records, actor, command, lot_id)
    findings = [*_reasoned(reason), *lot.release_objections(today)]
    ink = formulation_of(records, lot.ink_id, lot.formulation_version)
    findings += ink if isinstance(ink, tuple) else ink.lot_objections(lot)
    if lot.origin == IN_HOUSE:
        findings += preparation_stops(records, lot)
        if account.id in preparers(records, lot_id):
            told = f"Lot {lot_id} was prepared by {account.login}, who does not release it."
            findings.append(error("E_LOT_OWN_RELEASE", told, "Have another person release it.", "lot"))
    stop_where(records, actor, command, "ink_lot", lot_id, tuple(findings))
    _sign_move(records, account, actor, password, command, state, status, reason)


def reject_lot(records: Store, account: Account, password: str, lot_id: str, reason: str) -> None:
    """Reject a lot for good by signature."""
    _move_lot(records, account, password, "ink_lot.reject", lot_id, reason)


def quarantine_lot(records: Store, account: Account, password: str, lot_id: str, reason: str) -> None:
    """Put a released lot back into quarantine by signature; nothing is planned, prepared or started from it."""
    _move_lot(records, account, password, "ink_lot.quarantine", lot_id, reason)


def recall_state(records: Store, account: Account, password: str, lot_id: str, reason: str) -> None:
    """Mark a lot as recalled by signature; `workflow.recall` lists and holds what was made of it."""
    _move_lot(records, account, password, "ink_lot.recall", lot_id, reason)


def open_lot(records: Store, account: Account, lot_id: str) -> InkLot:
    """Open a released lot: from now on its time in use runs. Raises Refused for one that is open or not to be used."""
    command = "ink_lot.open"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, lot_id)
    now = records.context.clock()
    lot = recorded_lot(records, lot_id) or lot_from(state)
    findings = [*lot.objections(now.date())]
    if lot.opened_at is not None:
        told = f"Lot {lot_id} is open since {lot.opened_at:%Y-%m-%d %H:%M}."
        findings.append(error("E_LOT_OPEN", told, "Its time in use runs from then.", "lot"))
    stop_where(records, actor, command, "ink_lot", lot_id, tuple(findings))
    with records.transaction(actor) as tx:
        tx.record("ink_lot.opened", "ink_lot", lot_id, state | {"opened_at": as_state(now)})
    return replace(lot, opened_at=now)


def agree(records: Store, account: Account, password: str, supplier: str, agreement: str, until: date) -> None:
    """Sign how long the agreement with a supplier runs; it counts for all their lots, in place of the lot's own."""
    actor = allowed(records, account, "supplier.agree")
    state: dict[str, object] = {
        "name": supplier, "agreement": agreement, "until": until.isoformat(), "status": AGREED,
    }  # fmt: skip
    if records.get("supplier", supplier) is None:
        with records.transaction(actor) as tx:
            tx.record("supplier.listed", "supplier", supplier, state | {"until": "1970-01-01", "status": LISTED})
    becoming = (("supplier.agreed", state),)
    sign(records, account.login, password, actor.role, "agreement", "supplier", supplier, becoming=becoming)


def close_lot(records: Store, account: Account, lot_id: str, waste_g: Decimal, deviation: str = "") -> None:
    """Book the rest of a lot as waste, weighed; grams in must be grams out, or a deviation says why not."""
    command = "ink_lot.close"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, lot_id)
    lot = lot_from(state)
    unexplained = lot.reconciliation(waste_g, RECONCILED_PCT, deviation)
    stop_where(records, actor, command, "ink_lot", lot_id, unexplained)
    rest = LedgerEntry(records.context.clock(), -waste_g, f"waste; {deviation}" if deviation.strip() else "waste")
    ledger = [*state.get("ledger", ()), state_of(rest)]
    with records.transaction(actor) as tx:
        tx.record("ink_lot.closed", "ink_lot", lot_id, state | {"ledger": ledger}, reason_text=deviation or None)


def book_out(state: dict[str, Any], entry: LedgerEntry) -> dict[str, Any]:
    """Return a lot's row with ink taken out of it."""
    return state | {"ledger": [*state.get("ledger", ()), state_of(entry)]}


def lots(records: Store) -> list[InkLot]:
    """Return every lot on record, first received first."""
    found = (recorded_lot(records, key) for key in records.all("ink_lot"))
    return [lot for lot in found if lot is not None]


def _move_lot(records: Store, account: Account, password: str, command: str, lot_id: str, reason: str) -> None:
    actor = allowed(records, account, command)
    state = _state(records, actor, command, lot_id)
    status = _after(records, actor, command, lot_id)
    stop_where(records, actor, command, "ink_lot", lot_id, _reasoned(reason))
    _sign_move(records, account, actor, password, command, state, status, reason)


def _sign_move(
    records: Store,
    account: Account,
    actor: Actor,
    password: str,
    command: str,
    state: dict[str, Any],
    status: LotStatus,
    reason: str,
) -> None:
    moved = state | {"status": status.value, "moved": {"by": account.id, "reason": reason}}
    becoming = ((ACTIONS[command], moved),)
    sign(records, account.login, password, actor.role, MEANINGS[command], "ink_lot", state["id"], becoming=becoming)


def _state(records: Store, actor: Actor, command: str, lot_id: str) -> dict[str, Any]:
    state = records.get("ink_lot", lot_id)
    if state is not None:
        return state
    told = f"The lot {lot_id} is not on record."
    stop(records, actor, command, "ink_lot", lot_id, error("E_LOT_UNKNOWN", told, "See `printcare ink list`.", "lot"))


def _after(records: Store, actor: Actor, command: str, lot_id: str) -> LotStatus:
    state = records.get("ink_lot", lot_id)
    current = None if state is None else LotStatus(state["status"])
    wanted = lot_after(current, command, lot_id)
    if isinstance(wanted, Finding):
        stop(records, actor, command, "ink_lot", lot_id, wanted)
    return wanted


def _reasoned(reason: str) -> tuple[Finding, ...]:
    if reason.strip():
        return ()
    return (error("E_REASON_MISSING", "A decision on a lot says why it was made.", "State the reason.", "reason"),)


def _in_quarantine(state: dict[str, Any]) -> tuple[Finding, ...]:
    if state["status"] == LotStatus.QUARANTINE.value and state.get("origin", SUPPLIER) == SUPPLIER:
        return ()
    told = f"Lot {state['id']} is {state['status']}, {state.get('origin', SUPPLIER)}: no transport waits for judgement."
    return (error("E_LOT_MOVE", told, "Judge the transport of a delivered lot in quarantine.", "lot"),)
