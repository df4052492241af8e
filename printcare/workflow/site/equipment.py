"""The equipment register: printers, balances and sensors entered, taken into use, out of it, and retired."""

from __future__ import annotations

from dataclasses import replace
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding, error
from printcare.domain.equipment import BALANCE, PRINTER, Equipment, EquipmentStatus, status_after
from printcare.domain.people import Actor
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, stop_where
from printcare.workflow.states import object_of, state_of

TABLE = "printer"  # the record's name of the whole register
FIELDS = frozenset(Equipment.__dataclass_fields__)


def register(records: Store, account: Account, equipment: Equipment) -> None:
    """Enter a piece of equipment; it is taken into use afterwards. Raises Refused, recorded, with every objection."""
    command = "equipment.register"
    actor = allowed(records, account, command)
    status = status_after(_status(records, equipment.name), command, equipment.name)
    findings = [*equipment.objections(), *([status] if isinstance(status, Finding) else [])]
    twin = by_serial(records, equipment.kind, equipment.serial)
    if twin not in ("", equipment.name):
        told = f"The serial number {equipment.serial} stands on the register as {twin}."
        findings.append(error("E_EQUIPMENT_TWICE", told, "Use that entry, or correct the number.", "serial"))
    stop_where(records, actor, command, TABLE, equipment.name, tuple(findings))
    with records.transaction(actor) as tx:
        tx.record("equipment.registered", TABLE, equipment.name, row_of(equipment, records, EquipmentStatus.REGISTERED))


def take_into_use(records: Store, account: Account, name: str, reason: str) -> None:
    """Let equipment be used again, or for the first time; what it needs besides is asked at every plan."""
    _move(records, account, "equipment.take_into_use", name, reason)


def take_out(records: Store, account: Account, name: str, reason: str) -> None:
    """Take equipment out of use at once: nothing is planned or started with it."""
    _move(records, account, "equipment.take_out", name, reason)


def retire(records: Store, account: Account, name: str, reason: str) -> None:
    """Retire equipment for good."""
    _move(records, account, "equipment.retire", name, reason)


def note_change(records: Store, account: Account, equipment: Equipment, reason: str) -> None:
    """Enter what equipment has become: another profile, firmware, part or place; its qualification is asked again."""
    command = "equipment.change"
    actor = allowed(records, account, command)
    state = _known(records, actor, command, equipment.name)
    stop_where(records, actor, command, TABLE, equipment.name, (*equipment.objections(), *_without(reason)))
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, equipment.name, state | state_of(equipment), reason_text=reason)


def row_of(equipment: Equipment, records: Store, status: EquipmentStatus) -> dict[str, Any]:
    """Return the row of newly entered equipment."""
    now = records.context.clock().isoformat()
    return state_of(equipment) | {"status": status.value, "registered_at": now, "simulated": False}


def equipment_of(records: Store, name: str) -> Equipment | None:
    """Return what stands on the register by a name, or None."""
    state = records.get(TABLE, name)
    return None if state is None else object_of(Equipment, {key: state[key] for key in FIELDS & set(state)})


def firmware_of(records: Store, name: str) -> str | None:
    """Return what a printer on the register says of itself; None where none stands there, or a rehearsal's stand-in.

    A stand-in is for whatever bench there is, and never counts where anything may be released (domain.requirement).
    """
    state = records.get(TABLE, name) if name else None
    return None if state is None or state["simulated"] else str(state["firmware"])


def by_serial(records: Store, kind: str, serial: str) -> str:
    """Return the name of the equipment of a kind with a serial number, not retired, or an empty text.

    A balance whose family tells no number is called on record by its family and a mark behind a colon.
    """
    for name, state in records.all(TABLE).items():
        is_it = state["kind"] == kind and serial in (state["serial"], name)
        if is_it and state["status"] != EquipmentStatus.RETIRED:
            return name
    return ""


def balance_named(records: Store, balance: str) -> str:
    """Return a balance's name on the register, by its serial number, or an empty text."""
    return by_serial(records, BALANCE, balance)


def printer_for(records: Store, profile_id: str, wanted: str | None) -> str:
    """Return the printer a batch is planned for: the one named, else the only one of this profile, or an empty text.

    Raises Refused where several have this profile and none is named.
    """
    if wanted is not None:
        return wanted
    known = [
        name
        for name, state in records.all(TABLE).items()
        if (state["kind"], state["profile_id"]) == (PRINTER, profile_id) and state["status"] != EquipmentStatus.RETIRED
    ]
    if len(known) > 1:
        told = f"{len(known)} printers have the profile {profile_id}: {', '.join(known)}."
        raise Refused((error("E_PRINTER_WHICH", told, "Name the one that prints this batch.", "printer"),))
    return known[0] if known else ""


def taken_into_use(equipment: Equipment, records: Store) -> dict[str, Any]:
    """Return the row of equipment a rehearsal stands in for: in use at once, and marked as simulated."""
    return row_of(replace(equipment), records, EquipmentStatus.IN_USE) | {"simulated": True}


def _move(records: Store, account: Account, command: str, name: str, reason: str) -> None:
    actor = allowed(records, account, command)
    state = _known(records, actor, command, name)
    status = status_after(EquipmentStatus(state["status"]), command, name)
    if isinstance(status, Finding):
        stop_where(records, actor, command, TABLE, name, (status,))
        return
    stop_where(records, actor, command, TABLE, name, _without(reason))
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, name, state | {"status": status.value}, reason_text=reason)


def _without(reason: str) -> tuple[Finding, ...]:
    if reason.strip():
        return ()
    return (error("E_REASON_MISSING", "A change of the register bears its reason.", "State it.", "reason"),)


def _status(records: Store, name: str) -> EquipmentStatus | None:
    state = records.get(TABLE, name)
    return None if state is None else EquipmentStatus(state["status"])


def _known(records: Store, actor: Actor, command: str, name: str) -> dict[str, Any]:
    state = records.get(TABLE, name)
    if state is None:
        told = f"{name} is not on the register."
        finding = error("E_EQUIPMENT_UNKNOWN", told, "See `printcare printer list`.", "equipment")
        stop_where(records, actor, command, TABLE, name or "none", (finding,))
    return state or {}
