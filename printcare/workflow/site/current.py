"""The gate of what must be current: every row of the table of requirements asked of the record, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding, error
from printcare.domain.cleaning import part_stops
from printcare.domain.equipment import BALANCE, PRINTER, EquipmentStatus
from printcare.domain.machine import FirmwareProfile
from printcare.domain.people import may
from printcare.domain.policy import Policy
from printcare.domain.qualification import RunStatus, no_longer_same
from printcare.domain.requirement import REQUIREMENTS, Asked, Held, Requirement, Wanted, unmet
from printcare.domain.training import BY_NAME, subject_of
from printcare.domain.upkeep import CALIBRATION, IN_TOLERANCE, MAINTENANCE, due_at
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused
from printcare.workflow.site.cleaning import LINE, Contact, ink_on, key_of, part_record, rules_of
from printcare.workflow.site.equipment import balance_named, equipment_of, printer_for
from printcare.workflow.site.training import modules_for, training_held
from printcare.workflow.site.upkeep import FLOW, schedule_of

START = "batch.start"
MOST_BATCHES = 1_000_000
TASK_OF = {Asked.UPKEEP: MAINTENANCE, Asked.CALIBRATION: CALIBRATION}


@dataclass(frozen=True, slots=True)
class Use:
    """What is about to be used for one batch: names of the register, or empty where nothing there answers to it."""

    printer: str
    profile: FirmwareProfile
    balance: str  # its serial number; empty where nothing is weighed
    recipe: str  # id/version
    inks: tuple[Contact, ...]
    account: Account
    cartridges: tuple[str, ...] = ()
    batch_id: str = ""


def use_stops(records: Store, use: Use, policy: Policy, *, at_start: bool) -> tuple[Finding, ...]:
    """Return what is not current for this use, blocking where the mode needs it, else as warnings.

    A record a rehearsal made of a simulated bench counts only where nothing may be released.
    """
    now = records.context.clock()
    asked = [row for row in REQUIREMENTS if at_start or not row.at_start_only]
    wanted = [(row, subject) for row in asked for subject in SUBJECTS[row.asked](records, use, policy)]
    held: dict[Wanted, Held] = {}
    for row, subject in wanted:
        found = HELD[row.asked](records, use, row, subject, now)
        if found is not None:
            held[(row, subject)] = found
    simulated = not policy.allows_release
    return unmet(wanted, held, now, blocks=policy.needs_current, counts_simulated=simulated)


def upkeep_due(records: Store, name: str, policy: Policy) -> tuple[Finding, ...]:
    """Return what of the upkeep of one piece of equipment is missing, over or due soon, as warnings."""
    now, known = records.context.clock(), equipment_of(records, name)
    tasks = () if known is None else [task for task in schedule_of(records).tasks if task.of == known.kind]
    rows = {TASK_OF[row.asked]: row for row in REQUIREMENTS if row.asked in TASK_OF}
    wanted = [(rows[task.kind], f"{name}/{task.name}") for task in tasks]
    found = {(row, subject): _task_held(records, row, subject) for row, subject in wanted}
    held = {each: known_of for each, known_of in found.items() if known_of is not None}
    return unmet(wanted, held, now, blocks=False, counts_simulated=not policy.allows_release)


def printer_of(records: Store, profile: FirmwareProfile, wanted: str | None, policy: Policy) -> str:
    """Return the printer on the register that is meant, or an empty text; raises Refused where a mode has to know it.

    Research names one too where it can: its parts are as dirty afterwards as any other's.
    """
    try:
        return printer_for(records, profile.id, wanted)
    except Refused:
        if policy.needs_current:
            raise
        return ""


# ---- who is asked

Subjects = Callable[[Store, Use, Policy], Sequence[str]]


def _printer(_records: Store, use: Use, _policy: Policy) -> Sequence[str]:
    return (use.printer or use.profile.id,)


def _balance(_records: Store, use: Use, _policy: Policy) -> Sequence[str]:
    return (use.balance,) if use.balance else ()


def _recipe(records: Store, use: Use, policy: Policy) -> Sequence[str]:
    """Return the recipe, unless it is in validation where the mode counts that: its PQ is made of such batches."""
    status = (records.get("recipe_version", use.recipe) or {}).get("status")
    return () if status in policy.counts_besides or not use.printer else (use.recipe,)


def _operator(_records: Store, use: Use, _policy: Policy) -> Sequence[str]:
    """Return each module whoever starts a batch needs; who plans and may not start is not asked."""
    if not use.printer or not may(use.account.roles, START):
        return ()
    return [subject_of(use.account.id, name, use.recipe, use.printer) for name in modules_for(START)]


def _tasks(kind: str) -> Subjects:
    def of(records: Store, use: Use, _policy: Policy) -> Sequence[str]:
        schedule = schedule_of(records)
        named = ((use.printer, PRINTER), (balance_named(records, use.balance) if use.balance else "", BALANCE))
        return [f"{name}/{task.name}" for name, of in named if name for task in schedule.of(of, kind)]

    return of


def _cartridges(_records: Store, use: Use, _policy: Policy) -> Sequence[str]:
    return use.cartridges


def _parts(records: Store, use: Use, _policy: Policy) -> Sequence[str]:
    known = equipment_of(records, use.printer) if use.printer else None
    return () if known is None else known.parts


def _line(_records: Store, use: Use, _policy: Policy) -> Sequence[str]:
    return (use.printer,) if use.printer else ()


SUBJECTS: Mapping[Asked, Subjects] = {
    Asked.PRINTER: _printer,
    Asked.BALANCE: _balance,
    Asked.RECIPE: _recipe,
    Asked.OPERATOR: _operator,
    Asked.UPKEEP: _tasks(MAINTENANCE),
    Asked.CALIBRATION: _tasks(CALIBRATION),
    Asked.CARTRIDGE: _cartridges,
    Asked.PART: _parts,
    Asked.LINE: _line,
}

# ---- what is on record of them

Holding = Callable[[Store, Use, Requirement, str, datetime], Held | None]


def _printer_held(records: Store, use: Use, row: Requirement, subject: str, _now: datetime) -> Held | None:
    if row.table == "qualification":
        return _qualified(records, subject, row.name, "", _identity(records, use, subject)) if use.printer else Held()
    return _registered(records, use.printer, use.profile.digest)


def _balance_held(records: Store, _use: Use, row: Requirement, subject: str, _now: datetime) -> Held | None:
    name = balance_named(records, subject)
    if row.table == "qualification":
        return _qualified(records, name, row.name, "", {}) if name else Held()
    return _registered(records, name, "")


def _registered(records: Store, name: str, profile_digest: str) -> Held | None:
    state = records.get("printer", name) if name else None
    if state is None:
        return None
    findings = []
    if state["status"] != EquipmentStatus.IN_USE:
        told = f"{name} is {state['status']}."
        findings.append(error("E_EQUIPMENT_STATE", told, "Take it into use: `printcare printer use`.", "equipment"))
    if profile_digest and state["profile_digest"] != profile_digest:
        told = f"{name} stands on the register with another profile than the one the batch is planned with."
        remedy = "Enter the change: `printcare printer change`, and qualify it again."
        findings.append(error("E_PRINTER_DIFFERS", told, remedy, "printer"))
    return Held(None, bool(state["simulated"]), tuple(findings))


def _recipe_held(records: Store, use: Use, row: Requirement, subject: str, _now: datetime) -> Held | None:
    return _qualified(records, use.printer, row.name, subject, _identity(records, use, use.printer))


def _identity(records: Store, use: Use, printer: str) -> Mapping[str, str]:
    """Return what a qualification was made of, as it is now: profile, firmware and program."""
    state = records.get("printer", printer) or {}
    return {
        "profile": use.profile.digest,
        "firmware": str(state.get("firmware", "")),
        "program": records.context.app_version,
    }


def _qualified(records: Store, subject: str, stage: str, recipe: str, present: Mapping[str, str]) -> Held | None:
    rows = records.all("qualification", subject=subject, status=RunStatus.APPROVED.value).values()
    fitting = [row for row in rows if (row["stage"], row["recipe"]) == (stage, recipe)]
    last = max(fitting, key=lambda row: str(row["until"]), default=None)
    if last is None:
        return None
    changed = no_longer_same(last["identity"], present, subject)
    return Held(datetime.fromisoformat(last["until"]), bool(last["simulated"]), changed)


def _operator_held(records: Store, use: Use, _row: Requirement, subject: str, _now: datetime) -> Held | None:
    module = BY_NAME[subject.split("|")[1]]
    return training_held(records, subject, _last_used(records, use, module.of_printer))


def _last_used(records: Store, use: Use, is_of_printer: bool) -> datetime | None:
    """Return when this person last began a batch on this printer, or of this recipe; None where never."""
    own = {"printer": use.printer} if is_of_printer else {"recipe": use.recipe}
    begun = records.events(action="job.leased", actor_id=use.account.id, limit=MOST_BATCHES)
    batches = records.all("batch", **own)
    times = [each.content["ts_utc"] for each in begun if each.content["object_id"] in batches]
    return datetime.fromisoformat(max(times)) if times else None


def _upkeep_held(records: Store, _use: Use, row: Requirement, subject: str, _now: datetime) -> Held | None:
    return _task_held(records, row, subject)


def _task_held(records: Store, row: Requirement, subject: str) -> Held | None:
    """Return until when a task was done; maintenance runs from the day the equipment was entered."""
    name, _, task_name = subject.partition("/")
    known = equipment_of(records, name)
    kind = TASK_OF[row.asked]
    tasks = (
        [] if known is None else [task for task in schedule_of(records).of(known.kind, kind) if task.name == task_name]
    )
    state = records.get("maintenance", subject)
    register = records.get("printer", name) or {}
    if state is None and kind == MAINTENANCE and tasks:
        return Held(due_at(datetime.fromisoformat(register["registered_at"]), tasks[0]), bool(register["simulated"]))
    if state is None or not tasks:
        return None
    findings: tuple[Finding, ...] = ()
    if state["left"] != IN_TOLERANCE:
        told = f"{subject} was left out of tolerance."
        findings = (error("E_CALIBRATION_FAILED", told, "Have it repaired, then calibrate again.", "calibration"),)
    return Held(due_at(datetime.fromisoformat(state["at"]), tasks[0]), bool(state["simulated"]), findings)


def _flow_held(records: Store, _use: Use, _row: Requirement, subject: str, _now: datetime) -> Held | None:
    state = records.get("maintenance", f"{subject}/{FLOW}")
    if state is None:
        return None
    hours = float(schedule_of(records).flow_h)
    return Held(datetime.fromisoformat(state["at"]) + timedelta(hours=hours), bool(state["simulated"]))


def _part_held(records: Store, use: Use, _row: Requirement, subject: str, now: datetime) -> Held | None:
    known = part_record(records, use.printer, subject)
    if known is None:
        return None
    state: dict[str, Any] = records.get("cleaning", key_of(use.printer, subject)) or {}
    objections = part_stops(known, *ink_on(subject, use.inks), rules_of(records), now)
    return Held(None, bool(state.get("simulated", False)), objections)


def _line_held(records: Store, use: Use, row: Requirement, subject: str, _now: datetime) -> Held | None:
    state = records.get("cleaning", key_of(subject, LINE))
    if state is None or state["batch"] != use.batch_id:
        return None
    ends = datetime.fromisoformat(state["since"]) + timedelta(minutes=float(rules_of(records).clearance_min))
    changed: tuple[Finding, ...] = ()
    if state["ink"] != " + ".join(each.lot for each in use.inks):
        told = f"The line of {subject} was cleared for {state['ink']}, and the ink was changed since."
        changed = (error("E_LINE_NOT_CLEARED", told, row.remedy, "line"),)
    return Held(ends, bool(state["simulated"]), changed)


HELD: Mapping[Asked, Holding] = {
    Asked.PRINTER: _printer_held,
    Asked.BALANCE: _balance_held,
    Asked.RECIPE: _recipe_held,
    Asked.OPERATOR: _operator_held,
    Asked.UPKEEP: _upkeep_held,
    Asked.CALIBRATION: _upkeep_held,
    Asked.CARTRIDGE: _flow_held,
    Asked.PART: _part_held,
    Asked.LINE: _line_held,
}
