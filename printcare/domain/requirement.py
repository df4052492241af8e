"""What must be current before anything is printed: one table of who is asked for which record, and one function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from printcare.domain.checks import Finding, error, warning


class Asked(StrEnum):
    """Who or what is asked for a record."""

    PRINTER = "printer"
    BALANCE = "balance"
    RECIPE = "recipe"  # on its printer
    OPERATOR = "operator"  # printer, recipe and the person
    UPKEEP = "upkeep"  # a task of a piece of equipment
    CALIBRATION = "calibration"
    CARTRIDGE = "cartridge"
    PART = "part"  # of the printer
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: `missing` where there is no record, `over` where it has ended, `due` from `warn_days` before its end."""

    name: str
    asked: Asked
    table: str  # of the record
    missing: str
    over: str
    due: str
    remedy: str
    warn_days: int = 0
    at_start_only: bool = False


QUALIFY = "Qualify it with `printcare qualify run`, and have the report approved."
# Asked at the start of a batch, and by every deed of a module (domain.training) of who does it.
TRAINING = Requirement(
    "training",
    Asked.OPERATOR,
    "training",
    "E_TRAINING_MISSING",
    "E_TRAINING_EXPIRED",
    "W_TRAINING_DUE",
    "Have a trainer record reading and practical assessment: `printcare train record`.",
    30,
)
# Sources: quality.md §9 to §11, records.md Q6 and Q10; calibration and upkeep as the site's schedule says.
REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "registration", Asked.PRINTER, "printer", "E_PRINTER_UNREGISTERED", "E_PRINTER_UNREGISTERED", "",
        "Enter it with `printcare printer register`, then take it into use.",
    ),
    Requirement(
        "IQ", Asked.PRINTER, "qualification", "E_QUALIFICATION_MISSING", "E_QUALIFICATION_EXPIRED",
        "W_QUALIFICATION_DUE", QUALIFY, 30,
    ),
    Requirement(
        "OQ", Asked.PRINTER, "qualification", "E_QUALIFICATION_MISSING", "E_QUALIFICATION_EXPIRED",
        "W_QUALIFICATION_DUE", QUALIFY, 30,
    ),
    Requirement(
        "registration", Asked.BALANCE, "printer", "E_BALANCE_UNREGISTERED", "E_BALANCE_UNREGISTERED", "",
        "Enter it with `printcare printer register --kind balance`, then take it into use.",
    ),
    Requirement(
        "OQ", Asked.BALANCE, "qualification", "E_BALANCE_UNQUALIFIED", "E_BALANCE_QUALIFICATION_EXPIRED",
        "W_QUALIFICATION_DUE", QUALIFY, 30,
    ),
    Requirement(
        "PQ", Asked.RECIPE, "qualification", "E_RECIPE_UNQUALIFIED", "E_RECIPE_QUALIFICATION_EXPIRED",
        "W_QUALIFICATION_DUE", "Print its confirmatory batches: `printcare qualify run pq --recipe ID`.", 30,
    ),
    TRAINING,
    Requirement(
        "maintenance", Asked.UPKEEP, "maintenance", "E_MAINTENANCE_MISSING", "E_MAINTENANCE_OVERDUE",
        "W_MAINTENANCE_DUE", "Do it and enter it: `printcare printer maintain`.", 14,
    ),
    Requirement(
        "calibration", Asked.CALIBRATION, "maintenance", "E_CALIBRATION_MISSING", "E_CALIBRATION_OVERDUE",
        "W_CALIBRATION_DUE", "Calibrate and enter it: `printcare printer calibrate`.", 14,
    ),
    Requirement(
        "flow", Asked.CARTRIDGE, "maintenance", "E_FLOW_UNCALIBRATED", "E_FLOW_EXPIRED", "",
        "Weigh a purge of the cartridge and enter it: `printcare printer flow`.", at_start_only=True,
    ),
    Requirement(
        "cleaning", Asked.PART, "cleaning", "E_CLEANING_UNKNOWN", "E_CLEAN_HOLD", "",
        "Clean the part and enter each step: `printcare clean step`.",
    ),
    Requirement(
        "line clearance", Asked.LINE, "cleaning", "E_LINE_NOT_CLEARED", "E_LINE_CLEARANCE_EXPIRED", "",
        "Clear the line with a second person: `printcare clean line`.", at_start_only=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """What is on record for a requirement: until when it stands, and what of itself speaks against it now."""

    until: datetime | None = None
    is_simulated: bool = False  # recorded of a bench that is not there; it never counts where anything may be released
    objections: tuple[Finding, ...] = ()


Wanted = tuple[Requirement, str]  # the subject in words that a person knows


def unmet(
    wanted: Iterable[Wanted],
    held: Mapping[Wanted, Held],
    now: datetime,
    *,
    blocks: bool,
    counts_simulated: bool,
) -> tuple[Finding, ...]:
    """Return what is missing, over, simulated, refused by itself, or due soon; where nothing `blocks`, as warnings."""
    found = [finding for each in wanted for finding in _of_one(each, held.get(each), now, counts_simulated)]
    unique = tuple(dict.fromkeys(found))
    if blocks:
        return unique
    return tuple(warning(each.code, each.reason, each.remedy, each.where) for each in unique)


def _of_one(wanted: Wanted, held: Held | None, now: datetime, counts_simulated: bool) -> tuple[Finding, ...]:
    needed, subject = wanted
    if held is None:
        told = f"There is no {needed.name} of {subject} on record."
        return (error(needed.missing, told, needed.remedy, needed.asked),)
    if held.is_simulated and not counts_simulated:
        told = f"The {needed.name} of {subject} was recorded by a rehearsal and stands for no real equipment."
        return (error("E_EVIDENCE_SIMULATED", told, needed.remedy, needed.asked),)
    if held.objections:
        return held.objections
    if held.until is None:
        return ()
    if now > held.until:
        told = f"The {needed.name} of {subject} ended {held.until:%Y-%m-%d %H:%M}."
        return (error(needed.over, told, needed.remedy, needed.asked),)
    if needed.due and now > held.until - timedelta(days=needed.warn_days):
        told = f"The {needed.name} of {subject} ends {held.until:%Y-%m-%d %H:%M}."
        return (warning(needed.due, told, needed.remedy, needed.asked),)
    return ()
