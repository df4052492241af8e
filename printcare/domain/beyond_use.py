"""The use-by time of a batch: the earliest of what stability, inks and materials allow, with every losing term kept.

Days are counted in the civil time of the site from when the preparation began, never from when a paper was written
(records.md §13, USP <795>).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.finishing import LONGEST_DAYS, BeyondUse

STABILITY, CLASS_CAP, IN_USE, EXPIRY = "stability", "water-activity class", "in-use limit", "expiry"
LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Material:
    """What went into the batch and until when it may be used; `in_use_until` of an ink that was opened."""

    name: str
    expires_on: date
    in_use_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that limits the use-by time, and from what."""

    kind: str  # STABILITY | CLASS_CAP | IN_USE | EXPIRY
    of: str
    until: datetime


@dataclass(frozen=True, slots=True)
class UseBy:
    """The use-by time with the term that binds first; `terms` are in the order of their times."""

    terms: tuple[Term, ...]

    @property
    def at(self) -> datetime:
        """Return the use-by time, in the zone of the preparation."""
        return self.terms[0].until

    @property
    def binding(self) -> Term:
        """Return the term that decides."""
        return self.terms[0]


def use_by(
    begun_at: datetime, limit: BeyondUse, water_activities: Iterable[str], materials: Sequence[Material]
) -> UseBy | Finding:
    """Return until when a batch may be used that was begun at `begun_at`, an aware time in the zone of the site.

    Without a stability study the cap of the wettest ink's class counts too; an ink whose class is not in the table is
    refused, because a gel keeps for days and a tablet for months.
    """
    if begun_at.tzinfo is None:
        told = "The beginning of the preparation has no time zone."
        return error("E_BUD_ZONE", told, "Have the station's clock and zone set.", "begun_at")
    terms = [Term(STABILITY, limit.evidence or "recipe", _days_later(begun_at, limit.days))]
    for each in () if limit.evidence else dict.fromkeys(water_activities):
        if each not in LONGEST_DAYS:
            told = f"There is no default for the water-activity class “{each}”."
            return error("E_BUD_CLASS", told, f"State one of: {', '.join(LONGEST_DAYS)}.", "ink.water_activity")
        terms.append(Term(CLASS_CAP, each, _days_later(begun_at, LONGEST_DAYS[each])))
    for material in materials:
        end = datetime.combine(material.expires_on, LAST_MINUTE, begun_at.tzinfo)
        terms.append(Term(EXPIRY, material.name, end))
        if material.in_use_until is not None:
            terms.append(Term(IN_USE, material.name, material.in_use_until.astimezone(begun_at.tzinfo)))
    return UseBy(tuple(sorted(terms, key=lambda term: term.until)))


def course_objections(found: UseBy, begun_at: datetime, days: int) -> tuple[Finding, ...]:
    """Return why units for so many days may not be given: the last would be taken after their use-by time."""
    last_on = begun_at.date() + timedelta(days=days - 1)
    if last_on <= found.at.date():
        return ()
    told = f"The units may be used until {found.at:%Y-%m-%d %H:%M} ({found.binding.kind} of {found.binding.of}); "
    told += f"the last of {days} days is {last_on}."
    return (error("E_BUD_BEFORE_COURSE", told, "Give fewer days, and print the rest later.", "days"),)


def _days_later(begun_at: datetime, days: Decimal) -> datetime:
    """Return the same time of day so many civil days later; parts of a day count in hours."""
    whole = int(days)
    return begun_at + timedelta(days=whole) + timedelta(hours=float((days - whole) * 24))
