"""The room a batch is made in, and the disposables that touched it: entered by who clears the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import error
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.site.training import not_trained

COMMAND = "line.clear"  # who clears the line answers for the room as well
MEASURED, USED = "room.measured", "disposable.used"
MOST = 1_000_000
COLDEST_C, HOTTEST_C, MOST_PCT = (
    Decimal(5),
    Decimal(45),
    Decimal(100),
)  # beyond, a unit was mistaken or a figure mistyped


def enter_room(
    records: Store, account: Account, batch_id: str, room_class: str, temperature_c: Decimal, humidity_pct: Decimal
) -> None:
    """Enter the room's class, temperature and relative humidity for a batch; raises Refused, recorded."""
    actor = _answering(records, account, batch_id)
    findings = []
    if not room_class.strip():
        told = "The room has a class, and none is named."
        findings.append(error("E_ROOM_CLASS", told, "Name it as the site's plan does.", "room_class"))
    if not (COLDEST_C <= temperature_c <= HOTTEST_C and 0 <= humidity_pct <= MOST_PCT):
        told = f"{temperature_c} °C and {humidity_pct} % are no figures of a room people work in."
        findings.append(error("E_ROOM_FIGURES", told, "Read them again, in °C and in % relative humidity.", "room"))
    stop_where(records, actor, COMMAND, "job", batch_id, findings)
    told_of = {"room_class": room_class.strip(), "temperature_c": str(temperature_c), "humidity_pct": str(humidity_pct)}
    with records.transaction(actor) as tx:
        tx.record(MEASURED, "job", batch_id, told_of)


def room_of(records: Store, batch_id: str) -> Mapping[str, str] | None:
    """Return what was last entered of a batch's room, or None where nobody measured it."""
    found = list(_entered(records, MEASURED, batch_id))
    return found[-1] if found else None


def enter_disposable(records: Store, account: Account, batch_id: str, name: str, lot: str, serial: str = "") -> None:
    """Link a disposable to its batch by lot, and by serial number where it has one: that one is never used again.

    Raises Refused, recorded: E_DISPOSABLE_LOT, E_DISPOSABLE_USED.
    """
    actor = _answering(records, account, batch_id)
    findings = []
    if not name.strip() or not lot.strip():
        told = "A disposable is named, with its lot."
        findings.append(error("E_DISPOSABLE_LOT", told, "Read both from its package.", "disposable"))
    earlier = [
        event.content["object_id"]
        for event in records.events(action=USED, outcome="done", limit=MOST)
        if serial and (event.content["new"]["name"], event.content["new"]["serial"]) == (name.strip(), serial)
    ]
    if earlier:
        told = f"The {name} {serial} was used for {earlier[0]}, and is for single use."
        findings.append(error("E_DISPOSABLE_USED", told, "Take a new one, and destroy this one.", "disposable"))
    stop_where(records, actor, COMMAND, "job", batch_id, findings)
    with records.transaction(actor) as tx:
        tx.record(USED, "job", batch_id, {"name": name.strip(), "lot": lot.strip(), "serial": serial})


def disposables_of(records: Store, batch_id: str) -> tuple[Mapping[str, str], ...]:
    """Return the disposables of a batch with their lots and serial numbers."""
    return tuple(_entered(records, USED, batch_id))


def _entered(records: Store, action: str, batch_id: str) -> Iterator[Mapping[str, Any]]:
    for event in records.events(object_id=batch_id, object_type="job", action=action, outcome="done", limit=MOST):
        yield event.content["new"]


def _answering(records: Store, account: Account, batch_id: str) -> Actor:
    actor = allowed(records, account, COMMAND)
    not_trained(records, actor, account, COMMAND, "job", batch_id)
    known = records.get("batch", batch_id) is not None
    told = f"There is no batch {batch_id}."
    unknown = error("E_NOT_ON_RECORD", told, "Name one that is.", "batch")
    stop_where(records, actor, COMMAND, "job", batch_id, [] if known else [unknown])
    return actor
