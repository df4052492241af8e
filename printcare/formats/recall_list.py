"""The recall list: every unit as CSV, and a paper by batch and patient that a telephone call can be made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from printcare.formats.document import pdf
from printcare.formats.fonts import register
from printcare.formats.paper import SECTION, TITLE, Frame, Sign, say
from printcare.formats.paper_tables import columns
from printcare.formats.wording import phrase, tongue_of

COLUMNS = ("batch", "batch_status", "order", "patient", "unit", "unit_status", "use", "lot", "cartridge")
HEADS = (
    phrase("batch"), phrase("status"), phrase("order"), phrase("patient"), phrase("units"), phrase("for the patient"),
    phrase("done"),
)  # fmt: skip
# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class RecallLine:
    """One unit with everything that leads to the person who may have it."""

    batch: str
    batch_status: str
    order: str
    patient: str  # pseudonym
    unit: str
    unit_status: str
    use: str
    lot: str
    cartridge: str


@dataclass(frozen=True, slots=True)
class RecallHead:
    """What was asked, why, by whom, and how long the list took; `mode` and `band` are the record's own."""

    number: str
    asked: str
    kind: str
    reason: str
    by: str
    at: datetime
    seconds: str
    mode: str
    band: str
    language: str = "en"


def recall_csv(lines: Sequence[RecallLine]) -> bytes:
    """Return one row a unit in UTF-8 with CRLF line ends (RFC 4180)."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(line, name)) for name in COLUMNS] for line in lines)
    return buffer.getvalue().encode("utf-8")


def recall_pdf(head: RecallHead, lines: Sequence[RecallLine]) -> bytes:
    """Return the paper: one line a batch with its patient and how many units went where."""
    register()
    tongue = tongue_of(head.language)
    batches: dict[str, list[RecallLine]] = {}
    for line in lines:
        batches.setdefault(line.batch, []).append(line)
    rows = []
    for batch, units in batches.items():
        first, given = units[0], sum(line.use == "patient" for line in units)
        status = Sign(first.batch_status, tongue=tongue)
        rows.append((batch, status, first.order, first.patient, str(len(units)), str(given), ""))
    told = tongue(
        "{kind} {asked}; batches: {batches}, units: {units}, patients (pseudonyms): {patients}",
        kind=tongue(head.kind),
        asked=head.asked,
        batches=len(batches),
        units=len(lines),
        patients=len({line.patient for line in lines}),
    )
    title = tongue("Recall list {number}", number=head.number)
    made = tongue(
        "Made by {by}, {at}, in {seconds} s", by=head.by, at=f"{head.at:%Y-%m-%d %H:%M %Z}", seconds=head.seconds
    )
    story: list[Flowable] = [
        say(title, TITLE),
        Spacer(1, 3 * mm),
        say(told, SECTION),
        say(tongue("Reason: {reason}", reason=head.reason or tongue("none stated"))),
        say(tongue.written(made)),
        Spacer(1, 3 * mm),
        *columns(tongue, HEADS, rows, (12, 17, 20, 20, 8, 11, 12), right=(4, 5), otherwise="Nothing recorded."),
    ]
    name = tongue("Recall list")
    frame = Frame(head.mode, head.band, False, name, f"{head.number} · {head.asked}", told, tongue)
    return pdf(
        story, frame, title=title, author=head.by, subject=head.asked, creator="printcare", language=head.language
    )


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
