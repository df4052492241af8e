"""The paper form for the hours without the program: everything a batch record asks, with the numbers it shall bear.

Written down on it is entered afterwards as a late entry and bears that mark (Annex 11, 16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer

from printcare.formats.codes import qr
from printcare.formats.document import pdf
from printcare.formats.fonts import register
from printcare.formats.paper import HEAD, LINE, SECTION, SMALL, TITLE, WIDTH, Frame, draw_symbol, say, table
from printcare.formats.paper_tables import head, widths
from printcare.formats.wording import Tongue, phrase, tongue_of

WARNING = phrase(
    "Nothing is printed without the electronic record. Use this form only to end safely what was begun, for what is "
    "done by hand, and enter it as a late entry, marked as late, with this form scanned, as soon as the program works."
)
BLANKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        phrase("Incident"),
        (
            phrase("Date and time the program was lost"), phrase("What failed"), phrase("Who was told"),
            phrase("Date and time it worked again"),
        ),
    ),
    (
        phrase("Prescription"),
        (
            phrase("Prescription no."), phrase("Patient (two identifiers compared)"), phrase("Weight, kg, and date"),
            phrase("Height, cm, and date"), phrase("Ordered dose, mg"), phrase("Doses a day, days"),
            phrase("Recomputed by hand, mg"), phrase("Second person's own computation, mg"),
            phrase("Drug, form, route"), phrase("Units made, use by"),
        ),
    ),
    (
        phrase("Materials"),
        (
            phrase("Ink, lot, expiry"), phrase("Assay used, mg/g"), phrase("Cartridge, opened at"),
            phrase("Mass before and after, g"),
        ),
    ),
    (
        phrase("Equipment and room"),
        (
            phrase("Printer, serial"), phrase("Balance, serial, check weight shown, mg"),
            phrase("Line cleared by, checked by"), phrase("Temperature, °C, humidity, %"),
        ),
    ),
)  # fmt: skip
UNIT_HEADS = (
    phrase("unit"), phrase("tray"), phrase("tare, mg"), phrase("gross, mg"), phrase("mass, mg"), phrase("looked at"),
    phrase("accepted or rejected, why"), phrase("initials"),
)  # fmt: skip
SIGNED = (phrase("done by: name, date, time, signature"), phrase("checked by: name, date, time, signature"))
ROW_MM, UNITS = 7.4, 20


@dataclass(frozen=True, slots=True)
class FallbackForm:
    """The numbers the next forms bear, and where the record stands while they are blank."""

    site: str
    mode: str
    band: str
    application: str
    numbers: tuple[str, ...]  # of the next batches, in order
    printed_at: str
    anchor_size: int
    anchor_paper: str
    language: str = "en"


class _Symbol(Flowable):
    """The form's number and the record's anchor as a code, so that the scan is filed by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._modules = qr(text)
        self.width = self.height = 20 * mm

    def draw(self) -> None:
        """Draw the code."""
        draw_symbol(self.canv, self._modules, 0, 0, 20 * mm)


def fallback_pdf(form: FallbackForm) -> bytes:
    """Return one form a number as PDF bytes, deterministic in its content."""
    register()
    tongue = tongue_of(form.language)
    title = tongue("Paper form for the time without the program")
    anchored = tongue("record {size}", size=form.anchor_paper)  # the line for typing begins with the size
    printed = tongue("printed {at}", at=form.printed_at)
    foot = f"{form.site}   ·   {printed}   ·   {form.application}"
    frame = Frame(form.mode, form.band, False, title, anchored, foot, tongue)
    story: list[Flowable] = []
    for number in form.numbers:
        if story:
            story.append(CondPageBreak(400 * mm))
        story += _one(form, number, title, tongue)
    return pdf(
        story,
        frame,
        title=title,
        author=form.site,
        subject=", ".join(form.numbers),
        creator=form.application,
        language=form.language,
    )


def _one(form: FallbackForm, number: str, title: str, tongue: Tongue) -> list[Flowable]:
    text = f"printcare paper {number} {form.anchor_size} {form.anchor_paper}"
    opening = [[say(title, TITLE), Spacer(1, 2 * mm), say(tongue("Record no. {number}", number=number), SECTION)]]
    story: list[Flowable] = [
        table([[opening[0], _Symbol(text)]], [WIDTH - 24 * mm, 24 * mm], ("VALIGN", (0, 0), (-1, -1), "TOP"), header=0),
        say(tongue(WARNING), SMALL),
        Spacer(1, 2 * mm),
    ]
    for heading, names in BLANKS:
        story += [say(tongue(heading), SECTION), _blanks([tongue(name) for name in names])]
    story += [CondPageBreak(60 * mm), say(tongue("Units"), SECTION), _units(tongue)]
    story += [say(tongue("Deviations and remarks"), SECTION), _empty(4)]
    return [*story, say(tongue("Signatures"), SECTION), _signed(tongue)]


def _blanks(names: Sequence[str]) -> Flowable:
    rows = []
    for place in range(0, len(names), 2):
        pair = [*names[place : place + 2], ""][:2]
        rows.append([say(pair[0], HEAD), "", say(pair[1], HEAD) if pair[1] else "", ""])
    heights = [ROW_MM * mm * 1.2] * len(rows)
    return table(rows, widths(24, 26, 24, 26), ("VALIGN", (0, 0), (-1, -1), "BOTTOM"), header=0, heights=heights)


def _units(tongue: Tongue) -> Flowable:
    rows = [head(tongue, UNIT_HEADS), *([str(index), *[""] * 7] for index in range(1, UNITS + 1))]
    grid = ("GRID", (0, 0), (-1, -1), 0.35, LINE)
    heights = [None, *[ROW_MM * mm] * UNITS]
    return table(rows, widths(10, 9, 16, 16, 16, 17, 36, 14), grid, heights=heights)


def _empty(lines: int) -> Flowable:
    return table([[""] for _ in range(lines)], [WIDTH], header=0, heights=[ROW_MM * mm] * lines)


def _signed(tongue: Tongue) -> Flowable:
    grid = ("GRID", (0, 0), (-1, -1), 0.35, LINE)
    return table([head(tongue, SIGNED), ["", ""]], widths(1, 1), grid, heights=[None, 16 * mm])
