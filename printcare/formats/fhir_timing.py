"""How often and how long: doses per day and days, from the timing of the one dosage, or a refusal (F6)."""

from __future__ import annotations

from fractions import Fraction

from printcare.formats.fhir_message import MANUAL, child, codings, text
from printcare.formats.fhir_quantity import amount_of
from printcare.formats.fhir_shape_check import Node, day_of
from printcare.formats.imported import Notes
from printcare.formats.ucum import TIME

_GTS = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
_PER_DAY = {"QD": 1, "AM": 1, "PM": 1, "BED": 1, "BID": 2, "TID": 3, "QID": 4, "Q8H": 3, "Q6H": 4, "Q4H": 6}
_DAYS = {"h": Fraction(1, 24), "d": Fraction(1)}
MAX_DOSES_PER_DAY, MAX_DAYS = 24, 366


def doses_per_day(timing: Node, where: str, notes: Notes) -> int | None:
    """Return how many doses a day; every statement of it must say the same."""
    repeat = child(timing, "repeat")
    stated: list[tuple[str, int]] = []
    for key in ("timeOfDay", "when"):
        value = repeat.get(key)
        if isinstance(value, list):
            stated.append((f"repeat.{key}", len(set(map(str, value)))))
    for system, code in codings(child(timing, "code")):
        if system == _GTS and code in _PER_DAY:
            stated.append(("code", _PER_DAY[code]))
        else:
            notes.stop("FHIR_MANUAL", f"{where}.code “{code[:20]}” is not known here.", MANUAL, f"{where}.code")
    if "frequency" in repeat or "period" in repeat or "periodUnit" in repeat:
        rate = _rate(repeat, f"{where}.repeat", notes)
        if rate is None:
            return None
        stated.append(("repeat.frequency", rate))
    if not stated:
        notes.stop("FHIR_MISSING", f"{where} does not say how often.", "Have the sender state it.", where)
        return None
    counts = {count for _, count in stated}
    if len(counts) > 1 or not 1 <= stated[0][1] <= MAX_DOSES_PER_DAY:
        listed = ", ".join(f"{key}: {count}" for key, count in stated)
        notes.stop("FHIR_MANUAL", f"Doses per day are stated as {listed}.", MANUAL, where)
        return None
    notes.mean(f"{where}.{stated[-1][0]}", f"{stated[0][1]} dose(s) a day")
    return stated[0][1]


def _rate(repeat: Node, where: str, notes: Notes) -> int | None:
    if not {"frequency", "period", "periodUnit"} <= repeat.keys():
        reason = f"{where} needs frequency, period and periodUnit together."
        notes.stop("FHIR_MISSING", reason, "Have the sender state all three.", where)
        return None
    unit, period = text(repeat, "periodUnit"), Fraction(text(repeat, "period"))
    rate = Fraction(text(repeat, "frequency")) / (period * _DAYS[unit]) if unit in _DAYS and period > 0 else None
    # Every second day or once a week is no "n doses a day for d days"; rounding it to one would multiply the dose.
    if rate is None or rate.denominator != 1 or period * _DAYS[unit] > 1:
        reason = (
            f"{where}: {text(repeat, 'frequency')} per {text(repeat, 'period')} {unit} is no number of doses a day."
        )
        notes.stop("FHIR_MANUAL", reason, MANUAL, where)
        return None
    return int(rate)


def duration_days(timing: Node, dispense: Node, per_day: int, where: str, supply: str, notes: Notes) -> int | None:
    """Return the days of the course: from the bounds, the count of doses, or else the expected supply."""
    repeat = child(timing, "repeat")
    stated: list[tuple[str, Fraction]] = []
    if "boundsPeriod" in repeat:
        days = _days_between(child(repeat, "boundsPeriod"), f"{where}.repeat.boundsPeriod", notes)
        stated += [(f"{where}.repeat.boundsPeriod", days)] if days else []
    if "boundsDuration" in repeat:
        path = f"{where}.repeat.boundsDuration"
        amount = amount_of(child(repeat, "boundsDuration"), path, (TIME,), notes)
        stated += [(path, amount.exact)] if amount else []
    if "count" in repeat:
        stated.append((f"{where}.repeat.count", Fraction(text(repeat, "count")) / per_day))
    if "expectedSupplyDuration" in dispense:
        amount = amount_of(
            child(dispense, "expectedSupplyDuration"), f"{supply}.expectedSupplyDuration", (TIME,), notes
        )
        if amount and stated and amount.exact != stated[0][1]:
            reason = f"The supply is for {amount}, the order for {stated[0][1]} days."
            notes.warn("W_FHIR_SUPPLY", reason, "Settle with the prescriber how many days to make.", supply)
        elif amount and not stated:
            stated.append((amount.where, amount.exact))
    return _agreed(stated, where, notes)


def _agreed(stated: list[tuple[str, Fraction]], where: str, notes: Notes) -> int | None:
    if not stated:
        if notes.may_go_on:
            notes.stop("FHIR_MISSING", f"{where} does not say for how many days.", "Have the sender state it.", where)
        return None
    days = stated[0][1]
    if any(other != days for _, other in stated) or days.denominator != 1 or not 1 <= days <= MAX_DAYS:
        listed = ", ".join(f"{path.rpartition('.')[2]}: {value} d" for path, value in stated)
        notes.stop("FHIR_MANUAL", f"The length of the course is stated as {listed}.", MANUAL, where)
        return None
    notes.mean(stated[0][0], f"{days} day(s)")
    return int(days)


def _days_between(period: Node, where: str, notes: Notes) -> Fraction | None:
    """Return the days from start to end, both included, as FHIR counts them."""
    start, end = day_of(text(period, "start")), day_of(text(period, "end"))
    if start is None or end is None or end < start:
        notes.stop("FHIR_DATE", f"{where} needs a start and a later end.", "Have the sender state both.", where)
        return None
    return Fraction((end - start).days + 1)
