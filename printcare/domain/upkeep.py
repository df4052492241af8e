"""Maintenance and calibration that come round: what, of which kind of equipment, how often; and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.equipment import BALANCE, PRINTER

MAINTENANCE, CALIBRATION = "maintenance", "calibration"
IN_TOLERANCE, OUT_OF_TOLERANCE = "in tolerance", "out of tolerance"
FOUND = (IN_TOLERANCE, OUT_OF_TOLERANCE)
LARGEST_SHARE = Decimal(3)  # the uncertainty of a reference is at most a third of the limit it judges (quality.md §6)


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the schedule: maintenance is due from registration, a calibration has to be there from the start."""

    name: str
    kind: str  # of MAINTENANCE, CALIBRATION
    of: str  # kind of equipment
    every_days: int


@dataclass(frozen=True, slots=True)
class UpkeepSchedule:
    """The site's schedule; the shipped one holds until the site signs its own."""

    tasks: tuple[Task, ...] = (
        Task("axes and seals", MAINTENANCE, PRINTER, 90),
        Task("temperature", CALIBRATION, PRINTER, 365),
        Task("pressure", CALIBRATION, PRINTER, 180),
        Task("service", CALIBRATION, BALANCE, 365),
    )
    flow_h: Decimal = Decimal(24)  # how long a cartridge's flow calibration stands
    flow_limit_pct: Decimal = Decimal(10)

    def of(self, kind: str, task_kind: str) -> tuple[Task, ...]:
        """Return the tasks of one kind for one kind of equipment."""
        return tuple(task for task in self.tasks if (task.of, task.kind) == (kind, task_kind))


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: as found and as left, against which reference with which certificate and uncertainty."""

    task: str
    found: str  # of FOUND, before anything was set right
    left: str  # of FOUND, afterwards
    note: str
    reference: str = ""
    certificate: str = ""
    certificate_until: datetime | None = None
    uncertainty: Decimal | None = None  # of the reference, in the limit's unit
    limit: Decimal | None = None
    deviation: Decimal | None = None  # as found


def done_stops(done: Done, kind: str, at: datetime) -> tuple[Finding, ...]:
    """Return why an entry is none: without a reference that is traceable, good enough and still certified."""
    findings = []
    if done.found not in FOUND or done.left not in FOUND or not done.note.strip():
        told = f"{done.task}: as found and as left are each one of {', '.join(FOUND)}, with a note of what was done."
        findings.append(error("E_UPKEEP_ENTRY", told, "Complete the entry.", "found"))
    if kind == CALIBRATION and not (done.reference and done.certificate and done.certificate_until):
        told = f"The calibration {done.task} names no reference with its certificate and the certificate's end."
        findings.append(error("E_REFERENCE_MISSING", told, "Name weight or instrument, and certificate.", "reference"))
    if done.certificate_until is not None and at > done.certificate_until:
        told = f"The certificate {done.certificate} ended {done.certificate_until:%Y-%m-%d}."
        findings.append(error("E_REFERENCE_EXPIRED", told, "Use a reference that is calibrated itself.", "reference"))
    if done.uncertainty is not None and done.limit is not None and done.uncertainty * LARGEST_SHARE > done.limit:
        told = f"The reference's uncertainty of {done.uncertainty} is more than a third of the limit of {done.limit}."
        findings.append(error("E_REFERENCE_UNFIT", told, "Use a better reference.", "reference"))
    return tuple(findings)


def due_at(last: datetime, task: Task) -> datetime:
    """Return until when what was done stands."""
    return last + timedelta(days=task.every_days)
