"""The equipment register as its page shows it: what stands where, what is due, and the runs of protocols."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain.equipment import EQUIPMENT_MOVES, KINDS, EquipmentStatus
from printcare.domain.people import may
from printcare.domain.qualification import RunStatus
from printcare.domain.upkeep import CALIBRATION, FOUND, MAINTENANCE, Task, due_at
from printcare.formats.find import ids
from printcare.ui import run_view, schedule_deeds
from printcare.ui.equipment_deeds import DEEDS, OFFERS
from printcare.ui.forms import Asked, FormDeed, Given, choice, text
from printcare.ui.models import Fact, RegisterEntry, RegisterRow, Section, objections
from printcare.ui.offers import offered
from printcare.ui.protocol_run import protocol_of
from printcare.ui.words import tr
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store
from printcare.workflow.mode import present
from printcare.workflow.qualify.qualification import runs_of
from printcare.workflow.site import equipment, upkeep
from printcare.workflow.site.current import upkeep_due

State = Mapping[str, Any]
ALL, ONE, RUN = "all", "equipment", "run"


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return the whole register, each piece of equipment, and each run of a protocol."""
    allowed(records, account, "record.read")
    known, runs = records.all(equipment.TABLE), _runs(records)
    return (
        RegisterRow(f"{ALL}|", tr("Everything"), tr("{} pieces of equipment").format(len(known))),
        *(RegisterRow(f"{ONE}|{name}", name, f"{row['kind']} · {row['status']}") for name, row in known.items()),
        *(RegisterRow(f"{RUN}|{key}", f"{row['stage']} {key}", str(row["status"])) for key, row in runs.items()),
    )


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return the register, one piece of equipment or one run with everything that is known of it."""
    allowed(records, account, "record.read")
    what, _, key = named.partition("|")
    if what == RUN:
        return run_view.entry(records, account, named)
    return _one(records, account, key) if what == ONE else _all(records, account)


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    if given.named.startswith(f"{RUN}|"):
        return run_view.do(records, account, given)
    return (DEEDS | schedule_deeds.DEEDS)[given.verb](records, account, given)


# ---- the whole register


def _all(records: Store, account: Account) -> RegisterEntry:
    lines = []
    for name, row in records.all(equipment.TABLE).items():
        due = [each for each in _due(records, name, row) if each[3]]
        until = _qualified_until(records, name)
        lines.append((name, f"{row['kind']} · {row['status']}", until or tr("not qualified"), _soonest(due)))
    heads = (tr("Name"), tr("Status"), tr("Qualified until"), tr("Next due"))
    facts = (Fact(tr("On the register"), str(len(lines))),)
    section = Section(tr("Register"), heads, tuple(lines) or ((tr("nothing entered yet"), "", "", ""),))
    deeds = (*_registering(account), *offered(schedule_deeds.SCHEDULES, records, account, {}))
    shown = (section, *schedule_deeds.sections(records))
    return RegisterEntry(f"{ALL}|", tr("Equipment"), "", facts, shown, (), deeds)


def _registering(account: Account) -> Iterator[FormDeed]:
    if may(account.roles, "equipment.register"):
        fields = (
            text("name", tr("Name, as people call it")),
            choice("kind", tr("Kind"), KINDS),
            text("serial", tr("Serial number, from the plate")),
            text("model", tr("Model")),
            text("firmware", tr("Firmware, as it says of itself")),
            choice("profile", tr("Profile, of a printer"), ("", *ids("firmware_profiles"))),
            text("place", tr("Where it stands")),
        )
        yield FormDeed("register", tr("Enter equipment"), _role(account), "", is_signed=False, fields=fields)


# ---- one piece


def _one(records: Store, account: Account, name: str) -> RegisterEntry:
    state = records.get(equipment.TABLE, name) or {}
    due = _due(records, name, state)
    facts = (
        Fact(tr("Kind"), str(state["kind"]), "", str(state["model"])),
        Fact(tr("Serial number"), str(state["serial"])),
        Fact(tr("Firmware"), str(state["firmware"]) or "–"),
        Fact(tr("Profile"), str(state["profile_id"]) or "–"),
        Fact(tr("Qualified until"), _qualified_until(records, name) or tr("not qualified")),
        Fact(tr("Where it stands"), str(state["place"]) or "–", "", tr("simulated") if state["simulated"] else ""),
    )
    heads = (tr("What"), tr("Kind"), tr("Last done"), tr("Due"), tr("As left"))
    sections = (
        Section(tr("What comes round"), heads, tuple(each for each in due) or ((tr("nothing"), "", "", "", ""),)),
        _qualifications(records, name),
        _parts(records, name, state),
        _logbook(records, name),
    )
    shown = tuple(each for each in sections if each.rows)
    deeds = tuple(_deeds(records, account, name, state))
    found = objections(upkeep_due(records, name, present(records)))
    return RegisterEntry(f"{ONE}|{name}", name, str(state["status"]), facts, shown, found, deeds)


def _due(records: Store, name: str, state: State) -> list[tuple[str, str, str, str, str]]:
    schedule = upkeep.schedule_of(records)
    return [
        _due_line(records, name, state, task)
        for kind in (CALIBRATION, MAINTENANCE)
        for task in schedule.of(str(state["kind"]), kind)
    ]


def _due_line(records: Store, name: str, state: State, task: Task) -> tuple[str, str, str, str, str]:
    last = records.get(upkeep.TABLE, upkeep.key_of(name, task.name))
    if last is None:
        begun = datetime.fromisoformat(state["registered_at"])
        until = f"{due_at(begun, task):%Y-%m-%d}" if task.kind == MAINTENANCE else tr("before use")
        return task.name, task.kind, tr("never"), until, "–"
    at = datetime.fromisoformat(last["at"])
    return task.name, task.kind, f"{at:%Y-%m-%d}", f"{due_at(at, task):%Y-%m-%d}", str(last["left"])


def _soonest(due: list[tuple[str, str, str, str, str]]) -> str:
    known = sorted((until, task) for task, _, _, until, _ in due if until[:1].isdigit())
    missing = [task for task, _, _, until, _ in due if not until[:1].isdigit()]
    if missing:
        return f"{missing[0]}: {tr('before use')}"
    return f"{known[0][0]} · {known[0][1]}" if known else "–"


def _qualified_until(records: Store, name: str) -> str:
    approved = [row for row in runs_of(records, name).values() if row["status"] == RunStatus.APPROVED]
    return max((str(row["until"])[:10] for row in approved if row["stage"] == "OQ"), default="")


def _qualifications(records: Store, name: str) -> Section:
    heads = (tr("Run"), tr("Stage"), tr("Recipe"), tr("Status"), tr("Until"))
    lines = tuple(
        (
            key if row["protocol"] else tr("assumed"),
            str(row["stage"]),
            str(row["recipe"]) or "–",
            str(row["status"]),
            str(row["until"])[:10] or "–",
        )
        for key, row in runs_of(records, name).items()
    )
    return Section(tr("Qualification"), heads, lines)


def _parts(records: Store, name: str, state: State) -> Section:
    heads = (tr("Part"), tr("Stands at"), tr("Since"), tr("Ink"))
    lines = []
    for part in state["parts"]:
        row = records.get("cleaning", f"{name}/{part}")
        known = (str(row["status"]), str(row["since"])[:16].replace("T", " "), str(row["ink"]) or "–") if row else None
        lines.append((str(part), *(known or (tr("unknown"), "–", "–"))))
    return Section(tr("Parts that touch an ink"), heads, tuple(lines))


def _logbook(records: Store, name: str) -> Section:
    heads = (tr("When"), tr("What"), tr("Outcome"), tr("Reason"))
    kinds = ((equipment.TABLE, name), *((upkeep.TABLE, key) for key in records.all(upkeep.TABLE, subject=name)))
    events = [each for table, key in kinds for each in records.events(object_id=key, object_type=table)]
    lines = tuple(
        (
            str(each.content["ts_utc"])[:16].replace("T", " "),
            f"{each.content['action']} {each.content['object_id'].removeprefix(name)}".strip(),
            str(each.content["outcome"]),
            str(each.content.get("reason_text") or each.content.get("reason_code") or "–"),
        )
        for each in sorted(events, key=lambda each: -each.seq)
    )
    return Section(tr("Logbook"), heads, lines)


def _deeds(records: Store, account: Account, name: str, state: State) -> Iterator[FormDeed]:
    status, role = EquipmentStatus(state["status"]), _role(account)
    reason = (text("reason", tr("Reason")),)
    yield from _protocols(account, str(state["kind"]))
    yield from offered(OFFERS, records, account, state)
    for task_kind, command, words in (
        (MAINTENANCE, "printer.maintain", tr("Enter maintenance")),
        (CALIBRATION, "printer.calibrate", tr("Enter a calibration")),
    ):
        tasks = tuple(task.name for task in upkeep.schedule_of(records).of(str(state["kind"]), task_kind))
        if tasks and may(account.roles, command):
            yield FormDeed(command, words, role, "", is_signed=False, fields=_upkeep_fields(task_kind, tasks))
    for start, _, command in EQUIPMENT_MOVES:
        if start is status and may(account.roles, command):
            yield FormDeed(command, _move_words()[command], role, "", is_signed=False, fields=reason)


def _move_words() -> dict[str, str]:
    return {
        "equipment.take_into_use": tr("Take into use"),
        "equipment.take_out": tr("Take out of use"),
        "equipment.retire": tr("Retire for good"),
    }


def _upkeep_fields(kind: str, tasks: tuple[str, ...]) -> tuple[Asked, ...]:
    common = (
        choice("task", tr("What was done"), tasks),
        choice("found", tr("As found"), FOUND),
        choice("left", tr("As left"), FOUND),
        text("note", tr("What was done, in words")),
    )
    if kind == MAINTENANCE:
        return common
    return (
        *common,
        text("reference", tr("Reference: weight or instrument")),
        text("certificate", tr("Its certificate")),
        text("until", tr("Certificate ends, as 2027-01-31")),
    )


def _protocols(account: Account, kind: str) -> Iterator[FormDeed]:
    if not may(account.roles, "printer.qualify"):
        return
    recipes = tuple(ids("recipes"))
    for name in ids("protocols"):
        protocol = protocol_of(name)
        if protocol.of == kind:
            fields = (choice("recipe", tr("Recipe that is printed in it"), recipes, run_view.USUAL_RECIPE),)
            words = tr("Run {}: {}").format(protocol.stage, name)
            yield FormDeed(name, words, _role(account), "", is_signed=False, fields=fields, is_run=True)


def _runs(records: Store) -> dict[str, State]:
    """Return the runs somebody made; what a rehearsal assumes is no run."""
    return {key: row for key, row in runs_of(records).items() if row["protocol"]}


def _role(account: Account) -> str:
    return ", ".join(account.roles)
