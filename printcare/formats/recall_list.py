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
from printcare.formats.paper import HEAD, SECTION, TITLE, WIDTH, Frame, Sign, say, table

COLUMNS = ("batch", "batch_status", "order", "patient", "unit", "unit_status", "use", "lot", "cartridge")
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
    batches: dict[str, list[RecallLine]] = {}
    for line in lines:
        batches.setdefault(line.batch, []).append(line)
    rows: list[list[Flowable]] = [
        [say(word, HEAD) for word in ("batch", "status", "order", "patient", "units", "for the patient", "done")]
    ]
    for batch, units in batches.items():
        first, given = units[0], sum(line.use == "patient" for line in units)
        cells = (batch, first.order, first.patient, str(len(units)), str(given), "")
        said = [say(cell) for cell in cells]
        rows.append([said[0], Sign(first.batch_status), *said[1:]])
    people = len({line.patient for line in lines})
    told = f"{head.kind} {head.asked}: {len(batches)} batches, {len(lines)} units, {people} patients (pseudonyms)"
    story: list[Flowable] = [
        say(f"Recall list {head.number}", TITLE),
        Spacer(1, 3 * mm),
        say(told, SECTION),
        say(f"Reason: {head.reason or 'none stated'}"),
        say(f"Made by {head.by}, {head.at:%Y-%m-%d %H:%M %Z}, in {head.seconds} s"),
        Spacer(1, 3 * mm),
        table(rows, [width * WIDTH for width in (0.12, 0.15, 0.22, 0.19, 0.08, 0.12, 0.12)]),
    ]
    frame = Frame(head.mode, head.band, False, "Recall list", f"{head.number} · {head.asked}", told)
    return pdf(
        story, frame, title=f"Recall list {head.number}", author=head.by, subject=head.asked, creator="printcare"
    )


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
