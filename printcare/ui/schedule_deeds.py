"""What a site sets for itself: what comes round, how long checks of a balance stand, and the limits of its cleaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any  # a schedule's fields are of its own dataclass

from printcare.domain.balance_check import Schedule
from printcare.domain.checks import error
from printcare.domain.cleaning import Rules
from printcare.domain.equipment import KINDS
from printcare.domain.upkeep import CALIBRATION, MAINTENANCE, Task
from printcare.ui.figures import exact
from printcare.ui.forms import Asked, Given, Grid, GridRow, choice, text
from printcare.ui.models import Section
from printcare.ui.offers import Offer, State, by_name
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.entry import Account, Store
from printcare.workflow.site import balance, cleaning, upkeep
from printcare.workflow.site.setting import COMMAND

Words = Mapping[str, str]
CHECKS: Words = {  # field of the schedule -> its words with the unit
    "daily_h": phrase("Zero and check weight stand, h"),
    "repeatability_h": phrase("Repeatability stands, h"),
    "corners_h": phrase("Corners stand, h"),
    "deviation_pct": phrase("The weight may be off, %"),
    "zero_mg": phrase("The zero may be off, mg"),
    "corner_pct": phrase("A corner may be off, %"),
    "u_evap_mg": phrase("Evaporation while weighing, mg"),
}
LIMITS: Words = {
    "dirty_hold_h": phrase("Dirty parts wait at most, h"),
    "clean_hold_h": phrase("Clean parts wait at most, h"),
    "clearance_min": phrase("A line clearance stands, min"),
    "campaign_h": phrase("A campaign lasts at most, h"),
    "campaign_batches": phrase("Batches of a campaign at most"),
}
TASK, DAYS, PAIR = "task.", "days", ":"


def sections(records: Store) -> tuple[Section, ...]:
    """Return what comes round and how long checks stand, as this site set it."""
    tasks = tuple((f"{t.name} · {t.of}", t.kind, str(t.every_days)) for t in upkeep.schedule_of(records).tasks)
    heads = (tr("What"), tr("Kind"), tr("Days"))
    return (
        Section(tr("What comes round"), heads, tasks),
        Section(tr("Checks of a balance"), (tr("What"), tr("Value")), _lines(balance.schedule_of(records), CHECKS)),
    )


def _lines(setting: object, words: Words) -> tuple[tuple[str, ...], ...]:
    return tuple((tr(told), exact(Decimal(getattr(setting, name)))) for name, told in words.items())


# ---- what comes round


def _of_upkeep(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        text("reason", tr("Reason")),
        text("new", tr("A further task, if any")),
        choice("kind", tr("Its kind"), (MAINTENANCE, CALIBRATION)),
        choice("of", tr("Its equipment"), KINDS),
        text(DAYS, tr("Its days between")),
    )


def _tasks(records: Store, _state: State) -> tuple[Grid, ...]:
    rows = tuple(
        GridRow(f"{TASK}{task.name}", f"{tr(task.name)} · {tr(task.of)}", (Asked(DAYS, "", (), str(task.every_days)),))
        for task in upkeep.schedule_of(records).tasks
    )
    return (Grid("tasks", tr("Days between; 0 takes a task away"), (tr("What"), tr("Days")), rows),)


def _upkeep(records: Store, account: Account, given: Given) -> str:
    read, schedule = Reading(given.fields), upkeep.schedule_of(records)
    tasks = {task.name: replace(task, every_days=read.whole(f"{TASK}{task.name}.{DAYS}")) for task in schedule.tasks}
    if new := read.text("new"):
        tasks[new] = Task(new, read.text("kind"), read.text("of"), read.whole(DAYS))
    read.close()
    kept = tuple(task for task in tasks.values() if task.every_days)
    upkeep.set_upkeep(records, account, replace(schedule, tasks=kept), read.text("reason"))
    return tr("{} tasks come round from now on.").format(len(kept))


# ---- checks of a balance


def _of_checks(records: Store, _state: State) -> tuple[Asked, ...]:
    schedule = balance.schedule_of(records)
    why = text("below_minimum", tr("Why units below the minimum weight may be judged, if so"), schedule.below_minimum)
    return *_asked(schedule, CHECKS), why, text("reason", tr("Reason"))


def _asked(setting: object, words: Words) -> Iterator[Asked]:
    for name, told in words.items():
        yield text(name, tr(told), exact(Decimal(getattr(setting, name))))


def _checks(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    figures = {name: read.decimal(name) for name in CHECKS}
    read.close()
    wanted = Schedule(**figures, below_minimum=read.text("below_minimum"))
    balance.set_schedule(records, account, wanted, read.text("reason"))
    return tr("Checks of a balance are judged by these limits from now on.")


# ---- limits of cleaning


def _of_limits(records: Store, _state: State) -> tuple[Asked, ...]:
    rules = cleaning.rules_of(records)
    pairs = " ".join(PAIR.join(pair) for pair in rules.excluded)
    return (
        *_asked(rules, LIMITS),
        text("dedicated", tr("Inks whose parts touch no other"), " ".join(rules.dedicated)),
        text("excluded", tr("Inks that never follow one another, as earlier:later"), pairs),
        text("reason", tr("Reason: the validation")),
    )


def _limits(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    figures: dict[str, Any] = {name: read.decimal(name) for name in LIMITS if name != "campaign_batches"}
    figures["campaign_batches"] = read.whole("campaign_batches")
    pairs = [tuple(each.split(PAIR)) for each in read.text("excluded").replace(",", " ").split()]
    if any(len(pair) != 2 or not all(pair) for pair in pairs):
        told = "Two inks stand on both sides of a colon."
        read.object(error("E_INK_PAIR", told, "Write it as earlier:later.", "excluded"))
    read.close()
    dedicated = tuple(read.text("dedicated").replace(",", " ").split())
    wanted = Rules(**figures, dedicated=dedicated, excluded=tuple((pair[0], pair[-1]) for pair in pairs))
    cleaning.set_rules(records, account, wanted, read.text("reason"))
    return tr("Cleaning is judged by these limits from now on.")


SCHEDULES = (
    Offer(COMMAND, phrase("Set what comes round"), _upkeep, _of_upkeep, grids=_tasks, verb="upkeep.set"),
    Offer(COMMAND, phrase("Set the limits of balance checks"), _checks, _of_checks, verb="checks.set"),
)
CLEANING = (Offer(COMMAND, phrase("Set the limits of cleaning"), _limits, _of_limits, verb="cleaning.set"),)
DEEDS = by_name(SCHEDULES, CLEANING)
