"""Cleaning as its page shows it: where every part stands, the steps after its ink, and the clearance of the line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from printcare.domain.cleaning import CLEAN_STEP, STEPS, PartState, dirty_hold_is_over
from printcare.domain.equipment import PRINTER
from printcare.domain.people import may
from printcare.ui import room_deeds, schedule_deeds
from printcare.ui.forms import Asked, FormDeed, Given, choice, text
from printcare.ui.models import Fact, Objection, RegisterEntry, RegisterRow, Section
from printcare.ui.offers import offered
from printcare.ui.words import tr
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store, authenticate, find
from printcare.workflow.site.cleaning import LINE, TABLE, clear_batch, enter_step, key_of, part_record, rules_of
from printcare.workflow.site.equipment import equipment_of
from printcare.workflow.site.procedure import procedure_for

OFFERS = (*room_deeds.OFFERS, *schedule_deeds.CLEANING)
DEEDS = room_deeds.DEEDS | schedule_deeds.DEEDS
STEP, CLEAR = "cleaning.step", "line.clear"
PLANNED = "planned"


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return every printer with how many of its parts are not clean."""
    allowed(records, account, "record.read")
    printers = [name for name, row in records.all("printer").items() if row["kind"] == PRINTER]
    return tuple(RegisterRow(f"{PRINTER}|{name}", name, _told(records, name)) for name in printers)


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one printer's parts, what is to be done to them, and its line clearance."""
    allowed(records, account, "record.read")
    printer = named.partition("|")[2]
    known = equipment_of(records, printer)
    parts = () if known is None else known.parts
    now, rules = records.context.clock(), rules_of(records)
    facts = (
        Fact(tr("Dirty parts wait at most"), str(rules.dirty_hold_h), "h"),
        Fact(tr("Clean parts wait at most"), str(rules.clean_hold_h), "h"),
        Fact(tr("A campaign has at most"), str(rules.campaign_batches), tr("batches"), f"{rules.campaign_h} h"),
    )
    heads = (tr("Part"), tr("State"), tr("Since"), tr("Ink"), tr("How"))
    table = Section(tr("Parts"), heads, tuple(_line(records, printer, part) for part in parts))
    sections = (table, _procedure(records, printer, parts), _line_clearance(records, printer))
    stops = [each for part in parts for each in _stops(records, printer, part, now)]
    deeds = (*_deeds(records, account, parts), *offered(OFFERS, records, account, {}))
    return RegisterEntry(named, printer, _told(records, printer), facts, sections, tuple(stops), deeds)


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    asked = given.fields
    if given.verb in DEEDS:
        return DEEDS[given.verb](records, account, given)
    if given.verb == CLEAR:
        first, other = given.signers
        authenticate(records, first.login, first.password)
        second = authenticate(records, other.login, other.password)
        clear_batch(records, account, second, given.key, asked["batch"])
        return tr("The line is cleared for batch {}, for an hour.").format(asked["batch"])
    evidence = {"agent": asked["agent"], "agent_lot": asked["agent_lot"], "seen": asked["evidence"]}
    made = enter_step(records, account, given.key, asked["part"], PartState(asked["step"]), evidence)
    told = tr("{} is now {}.").format(made.part, made.state.value)
    is_again = made.state is PartState.DIRTY
    return f"{told} {tr('It waited too long for its washing: wash it once more.')}" if is_again else told


def _told(records: Store, printer: str) -> str:
    known = equipment_of(records, printer)
    states = [part_record(records, printer, part) for part in (() if known is None else known.parts)]
    waiting = sum(each is None or each.state is not PartState.CLEAN for each in states)
    return tr("{} of {} parts to clean").format(waiting, len(states)) if waiting else tr("every part is clean")


def _line(records: Store, printer: str, part: str) -> tuple[str, ...]:
    record = part_record(records, printer, part)
    state = records.get(TABLE, key_of(printer, part)) or {}
    then = STEPS.get(None if record is None else record.state, PartState.WASHED)
    if record is None:
        return part, f"{tr('unknown')} → {tr(then.value)}", "–", "–", "–"
    is_clean = record.state is PartState.CLEAN
    by = (find(records, str(state["by"])).name,) if state.get("by") else ()
    how = " · ".join((*by, *(value for value in (state.get("evidence") or {}).values() if value))) or "–"
    since = f"{record.since:%Y-%m-%d %H:%M}"
    state_words = tr(record.state.value)
    mark = f"✓ {state_words}" if is_clean else f"▲ {state_words} → {tr(then.value)}"
    ink = " · ".join(filter(None, (record.ink, record.lot))) or "–"
    return part, mark, since, ink, how


def _stops(records: Store, printer: str, part: str, now: datetime) -> Iterator[Objection]:
    record, rules = part_record(records, printer, part), rules_of(records)
    if record is None:
        told = tr("Nobody knows where part {} stands; nothing is printed with it.").format(part)
        yield Objection("E_CLEANING_UNKNOWN", "warning", told, CLEAN_STEP, "part")
    elif dirty_hold_is_over(record, rules, now):
        told = tr("Part {} has waited longer than validated: it is washed twice.").format(part)
        yield Objection("E_CLEANING_DUE", "warning", told, CLEAN_STEP, "part")
    elif record.state is PartState.CLEAN and now > record.since + timedelta(hours=float(rules.clean_hold_h)):
        told = tr("Part {} has been clean for longer than {} h.").format(part, rules.clean_hold_h)
        yield Objection("E_CLEAN_HOLD", "warning", told, CLEAN_STEP, "part")


def _procedure(records: Store, printer: str, parts: tuple[str, ...]) -> Section:
    """Return the steps after the ink the parts last touched; of an ink nobody wrote down the strictest."""
    inks = {known.ink for part in parts if (known := part_record(records, printer, part)) is not None and known.ink}
    steps = max((procedure_for(records, ink) for ink in (inks or {""})), key=len)
    told = tuple((str(n), each.name, each.words, tr("two persons") if each.by_two else tr("one"))
                 for n, each in enumerate(steps, start=1))  # fmt: skip
    heads = (tr("No."), tr("Step"), tr("What is done"), tr("By"))
    return Section(tr("Procedure after {}").format(", ".join(sorted(inks)) or tr("an ink not known")), heads, told)


def _line_clearance(records: Store, printer: str) -> Section:
    row = records.get(TABLE, key_of(printer, LINE))
    heads = (tr("Batch"), tr("Inks"), tr("Cleared"), tr("By"), tr("Checked by"))
    if row is None:
        return Section(tr("Line clearance"), heads, ((tr("never cleared"), "", "", "", ""),))
    by, checked = (find(records, str(row[name])).name if row.get(name) else "–" for name in ("by", "checked_by"))
    at = str(row["since"])[:16].replace("T", " ")
    return Section(tr("Line clearance"), heads, ((str(row["batch"]), str(row["ink"]), at, by, checked),))


def _deeds(records: Store, account: Account, parts: tuple[str, ...]) -> Iterator[FormDeed]:
    role = ", ".join(account.roles)
    if parts and may(account.roles, STEP):
        steps = tuple(each.value for each in PartState if each is not PartState.DIRTY)
        fields: tuple[Asked, ...] = (
            choice("part", tr("Part"), parts),
            choice("step", tr("Step"), steps),
            text("agent", tr("Agent it was washed with")),
            text("agent_lot", tr("Lot of the agent")),
            text("evidence", tr("What was looked at, under which light; swabs")),
        )
        yield FormDeed(STEP, tr("Enter a step"), role, "", is_signed=False, fields=fields)
    planned = tuple(records.all("batch", status=PLANNED))
    if planned and may(account.roles, CLEAR):
        yield FormDeed(
            CLEAR,
            tr("Clear the line"),
            role,
            "cleared the line",
            fields=(choice("batch", tr("Batch"), planned),),
            second="pharmacist",
            second_meaning="checked the clearance",
        )
