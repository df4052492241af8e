"""Maintenance and calibration on record: the schedule, the logbook, and what an as-found failure means for batches."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import error
from printcare.domain.equipment import BALANCE, Equipment
from printcare.domain.upkeep import (
    CALIBRATION,
    IN_TOLERANCE,
    MAINTENANCE,
    OUT_OF_TOLERANCE,
    Done,
    Task,
    UpkeepSchedule,
    done_stops,
)
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse, stop_where
from printcare.workflow.site.balance import weighed_at
from printcare.workflow.site.equipment import equipment_of
from printcare.workflow.site.look_back import doubt
from printcare.workflow.site.setting import change_setting
from printcare.workflow.site.training import untrained
from printcare.workflow.states import as_state, object_of, state_of

TABLE, SETTING, FLOW = "maintenance", "upkeep_schedule", "flow"
PRINTED_EVENT, MOST = "unit.weighed", 1_000_000


def schedule_of(records: Store) -> UpkeepSchedule:
    """Return the site's schedule, or the shipped one."""
    state = records.get("site_setting", SETTING)
    return UpkeepSchedule() if state is None else object_of(UpkeepSchedule, state)


def set_upkeep(records: Store, account: Account, schedule: UpkeepSchedule, reason: str) -> None:
    """Set what comes round at this site, and how often; raises Refused, recorded, as every setting does."""
    change_setting(records, account, SETTING, schedule, reason, {task.name: task.every_days for task in schedule.tasks})


def maintain(records: Store, account: Account, equipment: str, done: Done) -> tuple[str, ...]:
    """Enter maintenance that was done; return the deviations an as-found failure opened."""
    return _enter(records, account, "printer.maintain", equipment, done, MAINTENANCE)


def calibrate(records: Store, account: Account, equipment: str, done: Done) -> tuple[str, ...]:
    """Enter a calibration with its reference and certificate; return the deviations an as-found failure opened.

    Raises Refused, recorded, for a task the schedule does not hold, or a reference that proves nothing.
    """
    return _enter(records, account, "printer.calibrate", equipment, done, CALIBRATION)


def calibrate_flow(
    records: Store, account: Account, cartridge: str, commanded_mm3: Decimal, weighed_mg: Decimal, density: Decimal
) -> Decimal:
    """Enter the flow calibration of a cartridge, by a weighed purge, and return what it gave in % of what was told.

    `density` is the ink's, mg/mm³. Raises Refused, recorded, outside the site's limit: the cartridge is not printed.
    """
    command = "cartridge.calibrate"
    actor = allowed(records, account, command)
    schedule, findings = schedule_of(records), []
    if records.get("cartridge", cartridge) is None:
        told = f"The cartridge {cartridge} is not on record."
        findings.append(error("E_CARTRIDGE_UNKNOWN", told, "See `printcare ink list`.", "cartridge"))
    if commanded_mm3 <= 0 or density <= 0 or weighed_mg <= 0:
        told = "A flow is known by a volume, a mass and a density above nothing."
        findings.append(error("E_FLOW_FIGURES", told, "Weigh the purge again.", "flow"))
    stop_where(records, actor, command, TABLE, key_of(cartridge, FLOW), tuple(findings))
    found_pct = (weighed_mg / density / commanded_mm3 * 100).quantize(Decimal("0.1"))
    if abs(found_pct - 100) > schedule.flow_limit_pct:
        told = f"Cartridge {cartridge} gave {found_pct} % of the volume told; {schedule.flow_limit_pct} % off is most."
        finding = error("E_FLOW_LIMIT", told, "Look for air or a wrong syringe, then calibrate again.", "flow")
        stop_where(records, actor, command, TABLE, key_of(cartridge, FLOW), (finding,))
    row = flow_row(cartridge, records.context.clock(), found_pct)
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, key_of(cartridge, FLOW), row | {"by": account.id})
    return found_pct


def flow_row(cartridge: str, now: datetime, found_pct: Decimal) -> dict[str, Any]:
    """Return the row of a cartridge's flow calibration."""
    row = {"subject": cartridge, "task": FLOW, "kind": CALIBRATION, "at": as_state(now), "left": IN_TOLERANCE}
    return row | {"found_pct": as_state(found_pct), "simulated": False}


def done_row(equipment: str, done: Done, kind: str, now: datetime) -> dict[str, Any]:
    """Return the row of what was done to equipment."""
    return state_of(done) | {"subject": equipment, "kind": kind, "at": as_state(now), "simulated": False}


def key_of(subject: str, task: str) -> str:
    """Return the record's key of a task; its events are the logbook."""
    return f"{subject}/{task}"


def made_since(records: Store, equipment: Equipment, since: datetime | None) -> tuple[str, ...]:
    """Return every unit weighed by a balance, or printed on a printer, after a moment; all where there is none."""
    if equipment.kind == BALANCE:
        made = weighed_at(records, equipment.serial)
    else:
        own = {key for key, state in records.all("batch").items() if state.get("printer") == equipment.name}
        events = records.events(object_type="weighing", action=PRINTED_EVENT, limit=MOST)
        made = {
            str(event.content["object_id"]): datetime.fromisoformat(event.content["ts_utc"])
            for event in events
            if str(event.content["object_id"]).rpartition("/")[0] in own
        }
    return tuple(sorted(unit for unit, at in made.items() if since is None or at > since))


def _enter(records: Store, account: Account, command: str, equipment: str, done: Done, kind: str) -> tuple[str, ...]:
    actor = allowed(records, account, command)
    now = records.context.clock()
    known = equipment_of(records, equipment)
    tasks = () if known is None else schedule_of(records).of(known.kind, kind)
    findings = [*done_stops(done, kind, now), *untrained(records, account, command, now)]
    if known is None or done.task not in [task.name for task in tasks]:
        told = f"The schedule holds no {kind} {done.task!r} of {equipment}."
        findings.append(error("E_UPKEEP_TASK", told, _told(tasks), "task"))
    if findings or known is None:
        refuse(records, actor, command, TABLE, key_of(equipment, done.task), tuple(findings))
        raise Refused(tuple(findings))
    before = records.get(TABLE, key_of(equipment, done.task))
    since = None if before is None or before["left"] != IN_TOLERANCE else datetime.fromisoformat(before["at"])
    units = made_since(records, known, since) if done.found == OUT_OF_TOLERANCE else ()
    row = done_row(equipment, done, kind, now) | {"by": account.id, "since": as_state(since), "units": list(units)}
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, key_of(equipment, done.task), row)
        told = f"{equipment} was found out of tolerance in {done.task}"
        return doubt(tx, records, units, told, "calibration look-back")


def _told(tasks: tuple[Task, ...]) -> str:
    return f"Name one of: {', '.join(task.name for task in tasks)}." if tasks else "Enter the equipment first."
