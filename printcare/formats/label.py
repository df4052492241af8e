"""The label of one batch: quarantine until it is released, marked across when simulated, its symbol read back first.

The fields are those of records.md §12; the words follow dosing.md §14. No patient data stands in the symbol, and none
on a quarantine label at all: that one says what the units are and that nobody may use them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from printcare.errors import PrintcareError
from printcare.formats.codes import data_matrix, element_string, qr
from printcare.formats.fonts import BODY, BOLD, printable, register
from printcare.formats.label_templates import SIZES_MM, LabelTemplate, handling_words, label_template
from printcare.formats.paper import (
    ATTENTION,
    BANDS,
    LINE,
    MUTED,
    REJECTED,
    SIMULATED,
    TEXT,
    draw_stripes,
    draw_symbol,
    draw_watermark,
    say,
    style,
)
from printcare.formats.wording import Tongue, tongue_of

QUARANTINE, FINAL = "quarantine", "final"
# No word is set smaller, nor its lines closer, on any label: European Commission, guideline on readability, 2009, B.
_FLOOR, _LEADING = 7.0, 8.5  # points
_CAPTION, _ANCHOR = 6.0, 5.2  # points: names of what stands beside them, and a code that a reader of the record types
_EDGE, _BAND, _RIGHT, _CODE = 3 * mm, 8 * mm, 29 * mm, 12.5 * mm  # of a label 100 mm wide; they grow with it
_STEP = 0.04  # by which the words of a full label are made smaller, down to the floor
_WIDTH_MM = 100


@dataclass(frozen=True, slots=True)
class Line:
    """Words of a label at the size they have 100 mm wide; up to the end of their first sentence bold where so said."""

    words: str
    size: float = _FLOOR
    font: str = BODY
    colour: Color = TEXT
    begins_bold: bool = False

    def at(self, share: float) -> Paragraph:
        """Return the words at a share of their size, never below the floor."""
        size = max(self.size * share, _FLOOR)
        kind = style(size, self.font, self.colour, max(size * 1.18, _LEADING))
        first = self.words.partition(".")[0] + "." if self.begins_bold else ""
        return say(self.words, kind, bold=first)


@dataclass(frozen=True, slots=True)
class LabelContent:
    """What stands on the label; `product_code` goes into the symbol as internal AI 91, since no GTIN is owned.

    `words` of the recipe (form, route, give, storage) come in the label's language already.
    """

    pharmacy: str
    address: str
    phone: str
    patient: str  # name or ward id; printed on the final label alone
    product: str  # tall-man name
    product_code: str
    expressed_as: str  # the form the strength is expressed in
    dosage_form: str
    route: str
    doses_per_unit_mg: tuple[Decimal, ...]  # of each drug, in the order of `product`
    units_per_dose: int
    doses_per_day: int
    count: int
    give: str  # the instruction for giving the whole unit
    hazard_class: str
    excipients: tuple[str, ...]
    storage: str
    batch_id: str
    lot_id: str
    order_id: str
    prepared_on: str
    use_by: datetime  # local time of the site, with its zone
    serial: str
    kind: str  # QUARANTINE | FINAL
    is_simulated: bool
    anchor_size: int
    anchor_paper: str
    template: LabelTemplate = field(default_factory=label_template)
    birth_date: str = ""  # YYYY-MM-DD, what a patient is known by beside the name; on the final label alone


def label_elements(content: LabelContent) -> tuple[tuple[str, str], ...]:
    """Return the elements of the label's GS1 symbol: expiry to the minute, batch, label serial and product."""
    return (
        ("7003", content.use_by.strftime("%y%m%d%H%M")),
        ("10", content.batch_id),
        ("21", content.serial),
        ("91", content.product_code),
    )


def label_code(content: LabelContent) -> str:
    """Return what a scanner reads of the label's symbol, without the symbology identifier."""
    return element_string(label_elements(content))


def label_pdf(content: LabelContent) -> bytes:
    """Return the label as PDF bytes, deterministic in its content.

    Raises PrintcareError LABEL_HAZARD for a hazard class without handling words, LABEL_FULL where the words have no
    room, and SYMBOL_UNREADABLE when a symbol does not read back.
    """
    handling = handling_words(content.template, content.hazard_class)
    register()
    tongue, template = tongue_of(content.template.language), content.template
    symbol = data_matrix(label_elements(content))
    anchor = qr(f"printcare {content.anchor_size} {content.anchor_paper}")
    width, height, grown = template.width_mm * mm, template.height_mm * mm, template.width_mm / _WIDTH_MM
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height), invariant=1, pageCompression=1, lang=template.language)
    canvas.setTitle(tongue("Label {serial}", serial=content.serial))
    _draw_band(canvas, content, tongue)
    said = _final(content, handling, tongue) if content.kind == FINAL else _quarantine(content, handling, tongue)
    _stack(canvas, said, template)
    _draw_right(canvas, content, tongue)
    side, foot = _CODE * grown, _EDGE * grown
    draw_symbol(canvas, symbol, width - foot - side, foot, side)
    draw_symbol(canvas, anchor, width - foot - 2 * side - 1.5 * mm * grown, foot, side)
    if content.is_simulated:
        draw_watermark(canvas, width, height, 15.5 * grown, tongue)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def fitting_label(content: LabelContent) -> tuple[LabelContent, bytes]:
    """Return the label in the smallest size, from its template's on, that has room for its words, and the content so.

    Raises PrintcareError as `label_pdf`, LABEL_FULL where the largest size has no room either.
    """
    wanted = content.template
    sizes = [size for size in SIZES_MM.values() if size >= (wanted.width_mm, wanted.height_mm)]
    for width_mm, height_mm in sizes:
        larger = replace(content, template=replace(wanted, width_mm=width_mm, height_mm=height_mm))
        try:
            return larger, label_pdf(larger)
        except PrintcareError as fault:
            if fault.code != "LABEL_FULL":
                raise
    return content, label_pdf(larger)


def _draw_band(canvas: Canvas, content: LabelContent, tongue: Tongue) -> None:
    """Draw who prepared the units, or that nobody may use them, and that devices were simulated."""
    grown = content.template.width_mm / _WIDTH_MM
    width, tall, edge = content.template.width_mm * mm, _BAND * grown, _EDGE * grown
    bottom = content.template.height_mm * mm - tall
    canvas.setFillColor(BANDS["locked"] if content.kind == FINAL else ATTENTION)
    canvas.rect(0, bottom, width, tall, stroke=0, fill=1)
    room = width - 2 * edge
    if content.is_simulated:
        badge = 33 * mm * grown
        room -= badge
        draw_stripes(canvas, width - badge, bottom, badge, tall, HexColor("#C08A3C"))
        canvas.setFillColor(BANDS["research"])
        canvas.rect(width - badge + edge, bottom + 0.2 * tall, badge - 2 * edge, 0.6 * tall, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont(BOLD, 7.5 * grown)
        canvas.drawCentredString(width - badge / 2, bottom + tall / 2 - 2.7 * grown, tongue(SIMULATED))
    canvas.setFillColor(white)
    if content.kind == FINAL:
        _draw_fitted(canvas, content.pharmacy, edge, bottom + 0.55 * tall, room, 8.4 * grown)
        reached = ", ".join(filter(None, (content.address, content.phone)))
        _draw_fitted(canvas, reached, edge, bottom + 0.15 * tall, room, _FLOOR * grown, BODY)
    else:
        words = tongue("QUARANTINE – do not use, do not give")
        _draw_fitted(canvas, words, edge, bottom + tall / 2 - 3 * grown, room, 8.4 * grown)


def _strengths(content: LabelContent, tongue: Tongue) -> str:
    return " + ".join(tongue.amount(dose_mg) for dose_mg in content.doses_per_unit_mg)


def _named(content: LabelContent, tongue: Tongue) -> list[Line]:
    """Return product, strength, form and count, which stand on every label."""
    size, strength = (12.0, 10.0) if len(content.doses_per_unit_mg) == 1 else (9.0, 9.0)  # every drug's name whole
    per_unit = tongue("{strength} per unit", strength=_strengths(content, tongue))
    form = tongue("; as {form}", form=content.expressed_as) if content.expressed_as else ""
    count = tongue("1 unit") if content.count == 1 else tongue("{count} units", count=content.count)
    return [
        Line(content.product, size, BOLD),
        Line(per_unit, strength, BOLD),
        Line(f"{content.dosage_form}, {content.route}, {count}{form}"),
    ]


def _quarantine(content: LabelContent, handling: str, tongue: Tongue) -> list[Line]:
    waits = tongue("Not released. Waits for the decision of the releasing pharmacist.")
    return [
        *_named(content, tongue),
        Line(waits, 7.6, BOLD, ATTENTION),
        Line(tongue("Not for any patient: the final label is printed after the release.")),
        Line(handling, colour=REJECTED, begins_bold=True),
        Line(content.storage),
        Line(f"{content.pharmacy}, {content.address}, {content.phone}", colour=MUTED),
    ]


def _final(content: LabelContent, handling: str, tongue: Tongue) -> list[Line]:
    count, per_day = content.units_per_dose, content.doses_per_day
    each_dose = " + ".join(tongue.amount(dose_mg * count) for dose_mg in content.doses_per_unit_mg)
    units = tongue("1 unit") if count == 1 else tongue("{count} units", count=count)
    times = tongue("once a day") if per_day == 1 else tongue("{count} times a day", count=per_day)
    contains = tongue("Contains: {names}", names=", ".join(content.excipients)) if content.excipients else ""
    known_by = "Patient: {patient}, born {birth_date}" if content.birth_date else "Patient: {patient}"
    return [
        Line(tongue(known_by, patient=content.patient, birth_date=content.birth_date), 8, BOLD),
        *_named(content, tongue),
        Line(tongue("Each dose: {units} = {dose}, {times}.", units=units, dose=each_dose, times=times), 7.6, BOLD),
        Line(content.give, 7.2, BOLD),
        Line(handling, colour=REJECTED, begins_bold=True),
        Line(contains),
        Line(f"{content.storage} {content.template.children}"),
        Line(content.template.national),
    ]


def _stack(canvas: Canvas, lines: list[Line], template: LabelTemplate) -> None:
    """Draw lines below each other, in the largest of the sizes that fits them all.

    Raises PrintcareError LABEL_FULL when the label is too small for them: nothing is clipped, nor too small to read.
    """
    share = grown = template.width_mm / _WIDTH_MM
    top = template.height_mm * mm - _BAND * grown - 1 * mm
    width = template.width_mm * mm - (_RIGHT + 2 * _EDGE + 0.6 * mm) * grown
    said = [line for line in lines if line.words.strip(" ,")]
    while True:
        made = [line.at(share) for line in said]
        heights = [paragraph.wrap(width, template.height_mm * mm)[1] for paragraph in made]
        gap = (top - 1.5 * mm - sum(heights)) / max(len(made) - 1, 1)
        if gap >= 0.6:
            break
        if share * max(line.size for line in said) <= _FLOOR:
            told = f"The label has no room for its words, “{said[-1].words[:40]}” the last."
            raise PrintcareError("LABEL_FULL", told, "Use a larger label or shorter words.")
        share -= _STEP
    for paragraph, tall in zip(made, heights, strict=True):
        top -= tall
        paragraph.drawOn(canvas, _EDGE * grown, top)
        top -= min(gap, 1.8 * grown)


def _draw_right(canvas: Canvas, content: LabelContent, tongue: Tongue) -> None:
    """Draw the right column: what identifies the batch, and its time."""
    grown = content.template.width_mm / _WIDTH_MM
    x = content.template.width_mm * mm - (_RIGHT + _EDGE - 2 * mm) * grown
    width, top = (_RIGHT - 2 * mm) * grown, content.template.height_mm * mm - _BAND * grown
    foot = (_EDGE + _CODE) * grown
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(x - 2 * mm, 3 * mm, x - 2 * mm, top - 2 * mm)
    facts = (
        (tongue("batch"), content.batch_id),
        (tongue("ink lot"), content.lot_id),
        (tongue("prescription no."), content.order_id),
        (tongue("prepared"), content.prepared_on),
        (tongue("label no."), content.serial),
    )
    canvas.setFillColor(MUTED)
    canvas.setFont(BODY, _ANCHOR * grown)
    canvas.drawString(x, foot + 8.6 * grown, tongue("record {size}", size=content.anchor_size))
    _draw_fitted(canvas, content.anchor_paper, x, foot + 3.2 * grown, width, _ANCHOR * grown)
    step = (top - foot - 16 * grown) / (len(facts) + 1)
    until = content.use_by.strftime("%Y-%m-%d %H:%M")
    _draw_named(canvas, tongue("use by"), until, x, top - 8 * grown, width, max(_FLOOR, 8 * grown))
    for number, (name, value) in enumerate(facts, start=1):
        _draw_named(canvas, name, value, x, top - 8.6 * grown - number * step, width, _FLOOR * grown)


def _draw_named(canvas: Canvas, name: str, value: str, x: float, y: float, width: float, size: float) -> None:
    """Draw a small name and its value under it."""
    canvas.setFillColor(MUTED)
    canvas.setFont(BODY, _CAPTION * size / _FLOOR)
    canvas.drawString(x, y, printable(name))
    canvas.setFillColor(TEXT)
    _draw_fitted(canvas, value, x, y - size * 1.02, width, size)


def _draw_fitted(
    canvas: Canvas, words: str, x: float, y: float, width: float, size: float = _FLOOR, font: str = BOLD
) -> None:
    """Draw words in the largest size that fits; an identity is made smaller, never cut."""
    text = printable(words)
    while canvas.stringWidth(text, font, size) > width and size > 3.5:
        size -= 0.1
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)
