"""The label of one batch: quarantine until it is released, marked across when simulated, its symbol read back first.

The fields are those of records.md §12; the words follow dosing.md §14. No patient data stands in the symbol, and none
on a quarantine label at all: that one says what the units are and that nobody may use them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from reportlab.lib.colors import HexColor, white
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from printcare.errors import PrintcareError
from printcare.formats.codes import data_matrix, element_string, qr
from printcare.formats.fonts import BODY, BOLD, printable, register
from printcare.formats.label_templates import LabelTemplate, handling_words, label_template
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
# Every size is drawn 100 mm wide and scaled, so that a larger label is easier to read.
_WIDTH = 100 * mm
_EDGE, _BAND, _RIGHT = 3 * mm, 7 * mm, 31 * mm
_CODE = 13 * mm
_SHARES = (1.0, 0.96, 0.92, 0.88, 0.84)  # of the intended sizes; below that nobody reads it at a bedside
Paragraphs = list[tuple[str, ParagraphStyle]]


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
    scale = template.width_mm * mm / _WIDTH
    height = template.height_mm * mm / scale
    buffer = io.BytesIO()
    size = (template.width_mm * mm, template.height_mm * mm)
    canvas = Canvas(buffer, pagesize=size, invariant=1, pageCompression=1, lang=template.language)
    canvas.setTitle(tongue("Label {serial}", serial=content.serial))
    canvas.scale(scale, scale)
    _draw_band(canvas, content, height, tongue)
    said = _final(content, handling, tongue) if content.kind == FINAL else _quarantine(content, handling, tongue)
    _stack(canvas, said, height)
    _draw_right(canvas, content, height, tongue)
    draw_symbol(canvas, symbol, _WIDTH - _EDGE - _CODE, 3 * mm, _CODE)
    draw_symbol(canvas, anchor, _WIDTH - _EDGE - 2 * _CODE - 2 * mm, 3 * mm, _CODE)
    if content.is_simulated:
        draw_watermark(canvas, _WIDTH, height, 15.5, tongue)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_band(canvas: Canvas, content: LabelContent, height: float, tongue: Tongue) -> None:
    canvas.setFillColor(BANDS["locked"] if content.kind == FINAL else ATTENTION)
    canvas.rect(0, height - _BAND, _WIDTH, _BAND, stroke=0, fill=1)
    words = content.pharmacy if content.kind == FINAL else tongue("QUARANTINE – do not use, do not give")
    room = _WIDTH - 2 * _EDGE
    if content.is_simulated:
        room -= 33 * mm
        draw_stripes(canvas, _WIDTH - 33 * mm, height - _BAND, 33 * mm, _BAND, HexColor("#C08A3C"))
        canvas.setFillColor(BANDS["research"])
        canvas.rect(_WIDTH - 30 * mm, height - _BAND + 1.2 * mm, 27 * mm, _BAND - 2.4 * mm, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont(BOLD, 7.5)
        canvas.drawCentredString(_WIDTH - 16.5 * mm, height - _BAND + 2.6 * mm, tongue(SIMULATED))
    canvas.setFillColor(white)
    _draw_fitted(canvas, words, _EDGE, height - _BAND + 2.4 * mm, room, 8.4)


def _strengths(content: LabelContent, tongue: Tongue) -> str:
    return " + ".join(tongue.amount(dose_mg) for dose_mg in content.doses_per_unit_mg)


def _named(content: LabelContent, tongue: Tongue) -> Paragraphs:
    """Return product, strength, form and count, which stand on every label."""
    size, strength = (12, 10) if len(content.doses_per_unit_mg) == 1 else (9, 9)  # every drug's name stands whole
    per_unit = tongue("{strength} per unit", strength=_strengths(content, tongue))
    form = tongue("; as {form}", form=content.expressed_as) if content.expressed_as else ""
    count = tongue("1 unit") if content.count == 1 else tongue("{count} units", count=content.count)
    return [
        (content.product, style(size, BOLD, leading=size + 1.5)),
        (per_unit, style(strength, BOLD, leading=strength + 2)),
        (f"{content.dosage_form}, {content.route}, {count}{form}", style(6.4, leading=7.8)),
    ]


def _quarantine(content: LabelContent, handling: str, tongue: Tongue) -> Paragraphs:
    return [
        *_named(content, tongue),
        (tongue("Not released. Waits for the decision of the releasing pharmacist."), style(7.6, BOLD, ATTENTION, 10)),
        (tongue("Not for any patient: the final label is printed after the release."), style(6.8, leading=8.4)),
        (handling, style(6.6, BOLD, REJECTED, leading=8)),
        (content.storage, style(6.4, leading=7.8)),
        (f"{content.pharmacy}, {content.address}, {content.phone}", style(6, colour=MUTED, leading=7.4)),
    ]


def _final(content: LabelContent, handling: str, tongue: Tongue) -> Paragraphs:
    count, per_day = content.units_per_dose, content.doses_per_day
    each_dose = " + ".join(tongue.amount(dose_mg * count) for dose_mg in content.doses_per_unit_mg)
    units = tongue("1 unit") if count == 1 else tongue("{count} units", count=count)
    times = tongue("once a day") if per_day == 1 else tongue("{count} times a day", count=per_day)
    dose = tongue("Each dose: {units} = {dose}, {times}.", units=units, dose=each_dose, times=times)
    contains = tongue("Contains: {names}", names=", ".join(content.excipients)) if content.excipients else ""
    return [
        (tongue("Patient: {patient}", patient=content.patient), style(8, BOLD, leading=10)),
        *_named(content, tongue),
        (dose, style(7.6, BOLD, leading=9.6)),
        (content.give, style(7.2, BOLD, leading=8.8)),
        (handling, style(6.4, BOLD, REJECTED, leading=7.6)),
        (contains, style(6, leading=7.2)),
        (f"{content.storage} {content.template.children}", style(6.2, leading=7.4)),
        (content.template.national, style(6, leading=7.2)),
        (f"{content.pharmacy}, {content.address}, {content.phone}", style(5.8, colour=MUTED, leading=7)),
    ]


def _stack(canvas: Canvas, paragraphs: Paragraphs, height: float) -> None:
    """Draw paragraphs below each other, in the largest of the sizes that fits them all.

    Raises PrintcareError LABEL_FULL when the label is too small for them: nothing is clipped, nor too small to read.
    """
    top, width = height - _BAND - 1.6 * mm, _WIDTH - _RIGHT - 2 * _EDGE - 2 * mm
    said = [(words, kind) for words, kind in paragraphs if words.strip(" ,")]
    for share in _SHARES:
        made = [say(words, _smaller(kind, share)) for words, kind in said]
        heights = [paragraph.wrap(width, height)[1] for paragraph in made]
        if sum(heights) + 1.5 * (len(made) - 1) <= top - 2 * mm:
            for paragraph, tall in zip(made, heights, strict=True):
                top -= tall
                paragraph.drawOn(canvas, _EDGE, top)
                top -= 1.5
            return
    told = f"The label has no room for its words, “{said[-1][0][:40]}” the last."
    raise PrintcareError("LABEL_FULL", told, "Use a larger label or shorter words.")


def _smaller(kind: ParagraphStyle, share: float) -> ParagraphStyle:
    return style(kind.fontSize * share, kind.fontName, kind.textColor, kind.leading * share)


def _draw_right(canvas: Canvas, content: LabelContent, height: float, tongue: Tongue) -> None:
    """Draw the right column: what identifies the batch, and its time."""
    x, width = _WIDTH - _RIGHT - _EDGE + 2 * mm, _RIGHT - 2 * mm
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(x - 2 * mm, 3 * mm, x - 2 * mm, height - _BAND - 2 * mm)
    facts = (
        (tongue("batch"), content.batch_id),
        (tongue("ink lot"), content.lot_id),
        (tongue("prescription no."), content.order_id),
        (tongue("prepared"), content.prepared_on),
        (tongue("label no."), content.serial),
    )
    y = height - _BAND - 4.4 * mm
    _draw_named(canvas, tongue("use by"), content.use_by.strftime("%Y-%m-%d %H:%M"), x, y, width, 8.6)
    y -= 7.4 * mm
    step = min(6.4 * mm, (y - 24 * mm) / max(len(facts) - 1, 1))
    for name, value in facts:
        _draw_named(canvas, name, value, x, y, width, 6.8)
        y -= step
    canvas.setFillColor(MUTED)
    canvas.setFont(BODY, 5.2)
    canvas.drawString(x, 18.9 * mm, tongue("record {size}", size=content.anchor_size))
    _draw_fitted(canvas, content.anchor_paper, x, 16.8 * mm, width, 5.2)


def _draw_named(canvas: Canvas, name: str, value: str, x: float, y: float, width: float, size: float) -> None:
    """Draw a small name and its value under it."""
    canvas.setFillColor(MUTED)
    canvas.setFont(BODY, 5.2)
    canvas.drawString(x, y, printable(name))
    canvas.setFillColor(TEXT)
    _draw_fitted(canvas, value, x, y - size * 0.95, width, size)


def _draw_fitted(canvas: Canvas, words: str, x: float, y: float, width: float, size: float = 6.2) -> None:
    """Draw words in the largest size that fits; an identity is made smaller, never cut."""
    text = printable(words)
    while canvas.stringWidth(text, BOLD, size) > width and size > 3.5:
        size -= 0.1
    canvas.setFont(BOLD, size)
    canvas.drawString(x, y, text)
