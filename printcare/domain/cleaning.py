"""Parts that touch an ink: dirty, washed, dried, inspected, clean; how long each may wait, and what may follow what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from printcare.domain.checks import Finding, error

CLEAN_STEP = "Clean it and enter each step: `printcare clean step`."


class PartState(StrEnum):
    """Where a part stands; a part without any of them is unknown, and blocks."""

    DIRTY = "dirty"
    WASHED = "washed"
    DRIED = "dried"
    INSPECTED = "inspected"
    CLEAN = "clean"


# What follows what by hand; a print makes it dirty from anywhere.   quality.md §11
STEPS: dict[PartState | None, PartState] = {
    None: PartState.WASHED,  # nobody knows where it was: it begins at its washing
    PartState.DIRTY: PartState.WASHED,
    PartState.WASHED: PartState.DRIED,
    PartState.DRIED: PartState.INSPECTED,
    PartState.INSPECTED: PartState.CLEAN,
}
BY_ANOTHER = (PartState.INSPECTED,)  # by a second person, under stated light


@dataclass(frozen=True, slots=True)
class Rules:
    """The site's limits from its cleaning validation, and which drugs are never on shared parts."""

    dirty_hold_h: Decimal = Decimal(24)
    clean_hold_h: Decimal = Decimal(24 * 7)
    clearance_min: Decimal = Decimal(60)
    campaign_batches: int = 5
    campaign_h: Decimal = Decimal(24)
    dedicated: tuple[str, ...] = ()  # inks whose parts are used for nothing else: hazardous, sensitising, hormones
    excluded: tuple[tuple[str, str], ...] = ()  # pairs (earlier, later) that never follow one another, however cleaned


@dataclass(frozen=True, slots=True)
class PartRecord:
    """What is on record of a part: its state since when, and the inks it last touched."""

    part: str
    state: PartState
    since: datetime
    ink: str = ""
    lot: str = ""
    batches: int = 0  # of this lot since it was clean
    campaign_since: datetime | None = None
    dirty_since: datetime | None = None
    dedicated_to: str = ""


def part_stops(record: PartRecord, ink: str, lot: str, rules: Rules, now: datetime) -> tuple[Finding, ...]:
    """Return why a part may not touch this ink now: not clean, another drug before, or a hold time over."""
    findings = [*_never(record, ink, rules)]
    if record.state is PartState.CLEAN:
        until = record.since + timedelta(hours=float(rules.clean_hold_h))
        if now > until:
            told = f"Part {record.part} has been clean since {record.since:%Y-%m-%d %H:%M}, "
            told += f"{rules.clean_hold_h} h are allowed."
            findings.append(error("E_CLEAN_HOLD", told, CLEAN_STEP, "part"))
    elif record.state is PartState.DIRTY:
        findings += _campaign(record, ink, lot, rules, now)
    else:
        told = f"Part {record.part} is {record.state}, and not clean yet."
        findings.append(error("E_CLEANING_UNFINISHED", told, CLEAN_STEP, "part"))
    return tuple(findings)


def _never(record: PartRecord, ink: str, rules: Rules) -> list[Finding]:
    """Return what no cleaning makes good."""
    findings = []
    if record.dedicated_to and record.dedicated_to != ink:
        told = f"Part {record.part} is kept for {record.dedicated_to} alone, not for {ink}."
        findings.append(error("E_PART_DEDICATED", told, "Take parts of its own, and register them.", "part"))
    if ink in rules.dedicated and record.ink not in ("", ink):
        told = f"{ink} has parts of its own; part {record.part} touched {record.ink}."
        findings.append(error("E_PART_DEDICATED", told, "Take parts of its own, and register them.", "part"))
    if (record.ink, ink) in rules.excluded:
        told = f"The changeover matrix never lets {ink} follow {record.ink} on part {record.part}."
        findings.append(error("E_CHANGEOVER", told, "Use another printer, or new parts.", "part"))
    return findings


def _campaign(record: PartRecord, ink: str, lot: str, rules: Rules, now: datetime) -> list[Finding]:
    """Return why a dirty part may not go on: only the same lot may follow, so often and for so long."""
    if (record.ink, record.lot) != (ink, lot):
        told = f"Part {record.part} is dirty with {record.ink} of lot {record.lot}; {ink} of lot {lot} needs it clean."
        return [error("E_CLEANING_DUE", told, CLEAN_STEP, "part")]
    begun = record.campaign_since or record.since
    if record.batches >= rules.campaign_batches or now > begun + timedelta(hours=float(rules.campaign_h)):
        told = f"Part {record.part} has printed {record.batches} batches of lot {lot} since {begun:%Y-%m-%d %H:%M}; "
        told += f"a campaign has {rules.campaign_batches} batches and {rules.campaign_h} h."
        return [error("E_CAMPAIGN_OVER", told, CLEAN_STEP, "part")]
    return []


def step_stops(record: PartRecord | None, wanted: PartState, part: str) -> tuple[Finding, ...]:
    """Return why this is not the next step of a part."""
    state = None if record is None else record.state
    if STEPS.get(state) is wanted or wanted is PartState.WASHED:  # washing may begin again at any time
        return ()
    told = f"Part {part} is {state or 'unknown'}; the next step is {STEPS.get(state, PartState.WASHED)}, not {wanted}."
    return (error("E_CLEANING_STEP", told, "Enter the steps in their order.", "part"),)


def dirty_hold_is_over(record: PartRecord | None, rules: Rules, now: datetime) -> bool:
    """Whether a part waited longer for its washing than was validated: one washing then does not make it clean."""
    if record is None or record.dirty_since is None:
        return False
    return now > record.dirty_since + timedelta(hours=float(rules.dirty_hold_h))
