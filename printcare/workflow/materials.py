"""Lot and cartridge as the record knows them: what a file says of them counts only until they are on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.formulation import Cartridge, InkLot, LedgerEntry
from printcare.records.store import Store
from printcare.workflow.states import as_state, state_of

BOOKED = "cartridge.booked"
QUARANTINED_CARTRIDGE = "quarantined"  # its job was lost: how long it was warm nobody can say
NOT_COMPARED = ("ledger", "warm_h", "status", "ink_lot")  # of a cartridge: they change as it is used


def as_booked(records: Store, cartridge: Cartridge) -> Cartridge:
    """Return the cartridge with the record's own ledger and time at temperature; a file knows of no print."""
    state = records.get("cartridge", cartridge.id)
    if state is None:
        return cartridge
    moments = [event.content["ts_utc"] for event in records.events(object_id=cartridge.id, action=BOOKED)]
    entries = tuple(
        LedgerEntry(datetime.fromisoformat(at), Decimal(entry["mass_g"]), entry["reason"], entry["batch_id"])
        for at, entry in zip(moments, state["ledger"], strict=False)
    )
    return replace(cartridge, ledger=entries, warm_h=Decimal(state["warm_h"]))


def other_than_recorded(records: Store, lot: InkLot, cartridge: Cartridge) -> tuple[Finding, ...]:
    """Return why lot and cartridge are not the ones on record: one whose status or figures changed since, or a file."""
    findings = []
    recorded = records.get("ink_lot", lot.id)
    if recorded is not None and recorded != state_of(lot):
        told = f"Lot {lot.id} is on record with other figures or another status."
        findings.append(error("E_LOT_DIFFERS", told, "Use the lot as it is on record.", "lot"))
    kept = records.get("cartridge", cartridge.id)
    if kept is not None and kept.get("status") == QUARANTINED_CARTRIDGE:
        told = f"Cartridge {cartridge.id} was in a job that ended without a word; nobody can say how long it was warm."
        findings.append(error("E_CARTRIDGE_QUARANTINED", told, "Discard it and take a new cartridge.", "cartridge"))
    if kept is not None:
        own = {name: value for name, value in state_of(cartridge).items() if name not in NOT_COMPARED}
        if any(as_state(kept.get(name)) != value for name, value in own.items()):
            told = f"Cartridge {cartridge.id} is on record with another filling."
            findings.append(error("E_CARTRIDGE_DIFFERS", told, "Scan the cartridge that lies there.", "cartridge"))
    return tuple(findings)
