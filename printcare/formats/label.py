"""The label of one batch: quarantine until it is released, marked across when simulated, its symbol read back first.

The fields are those of records.md §12; the words follow dosing.md §14. No patient data stands in the symbol, and none
on a quarantine label at all.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reportlab.lib.colors import HexColor, white
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from printcare.domain.numbers import plain
from printcare.errors import PrintcareError
from printcare.formats.codes import data_matrix, qr
from printcare.formats.fonts import BODY, BOLD, amount, printable, register
from printcare.formats.paper import (
    ATTENTION,
    BANDS,
    LINE,
    MUTED,
    REJECTED,
    TEXT,
    draw_stripes,
    draw_symbol,
    draw_watermark,
    say,
    style,
)

WIDTH, HEIGHT = 100 * mm, 62 * mm
_EDGE, _BAND = 3 * mm, 7 * mm
# Handling words by the recipe's hazard class; a class without words here is refused, not printed bare.
HANDLING = {
    "": "",
    "none": "",
    "cytotoxic": "CYTOTOXIC. Wear gloves. Do not crush, cut or break. If spilt, use the spill kit. Return what is not "
    "used to the pharmacy as cytotoxic waste.",
    "hormone": "Wear gloves. Do not crush or break. Not to be handled by anyone pregnant.",
}
CHILDREN = "Keep out of the reach and sight of children."


@dataclass(frozen=True, slots=True)
class LabelContent:
    """What stands on the label; `product_code` goes into the symbol as internal AI 91, since no GTIN is owned."""

    pharmacy: str
    address: str
    phone: str
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
    status: str  # quarantine | released
    is_simulated: bool
    anchor_size: int
    anchor_paper: str
    unlicensed_words: str = "Unlicensed medicine, prepared for one patient."


def label_elements(content: LabelContent) -> tuple[tuple[str, str], ...]:
    """Return the elements of the label's GS1 symbol: expiry to the minute, batch, label serial and product."""
    return (
        ("7003", content.use_by.strftime("%y%m%d%H%M")),
        ("10", content.batch_id),
        ("21", content.serial),
        ("91", content.product_code),
    )


def label_pdf(content: LabelContent) -> bytes:
    """Return the label as PDF bytes, deterministic in its content.

    Raises PrintcareError for a hazard class without handling words, and when a symbol does not read back.
    """
    if content.hazard_class not in HANDLING:
        raise PrintcareError(
            "LABEL_HAZARD",
            f"There are no handling words for the hazard class {content.hazard_class}.",
            f"Use one of: {', '.join(name for name in HANDLING if name)}.",
        )
    register()
    symbol = data_matrix(label_elements(content))
    anchor = qr(f"printcare {content.anchor_size} {content.anchor_paper}")
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle(f"Label {content.serial}")
    _draw_band(canvas, content)
    _draw_product(canvas, content)
    _draw_right(canvas, content)
    draw_symbol(canvas, symbol, WIDTH - _EDGE - 13 * mm, 3 * mm, 13 * mm)
    draw_symbol(canvas, anchor, WIDTH - _EDGE - 28.5 * mm, 3 * mm, 13 * mm)
    if content.is_simulated:
        draw_watermark(canvas, WIDTH, HEIGHT, 15.5)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_band(canvas: Canvas, content: LabelContent) -> None:
    released = content.status == "released"
    canvas.setFillColor(BANDS["locked"] if released else ATTENTION)
    canvas.rect(0, HEIGHT - _BAND, WIDTH, _BAND, stroke=0, fill=1)
    words = content.pharmacy if released else "QUARANTINE – do not use, do not give"
    if content.is_simulated:
        draw_stripes(canvas, WIDTH - 33 * mm, HEIGHT - _BAND, 33 * mm, _BAND, HexColor("#C08A3C"))
        canvas.setFillColor(BANDS["research"])
        canvas.rect(WIDTH - 30 * mm, HEIGHT - _BAND + 1.2 * mm, 27 * mm, _BAND - 2.4 * mm, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont(BOLD, 7.5)
        canvas.drawCentredString(WIDTH - 16.5 * mm, HEIGHT - _BAND + 2.6 * mm, "SIMULATED")
    canvas.setFillColor(white)
    canvas.setFont(BOLD, 8)
    canvas.drawString(_EDGE, HEIGHT - _BAND + 2.4 * mm, printable(words))


def _draw_product(canvas: Canvas, content: LabelContent) -> None:
    """Draw the left column: product, strength, directions, warnings."""
    width = 62 * mm
    per_unit = " + ".join(amount(dose_mg) for dose_mg in content.doses_per_unit_mg)
    each_dose = " + ".join(amount(dose_mg * content.units_per_dose) for dose_mg in content.doses_per_unit_mg)
    size, strength = (13, 11) if len(content.doses_per_unit_mg) == 1 else (9, 9)  # every drug's name stands whole
    form = f"; as {content.expressed_as}" if content.expressed_as else ""
    units = "1 unit" if content.units_per_dose == 1 else f"{content.units_per_dose} units"
    times = "once a day" if content.doses_per_day == 1 else f"{content.doses_per_day} times a day"
    paragraphs = [
        (content.product, style(size, BOLD, leading=size + 1.5)),
        (f"{per_unit} per unit", style(strength, BOLD, leading=strength + 2)),
        (
            f"{content.dosage_form}, {content.route}, {content.count} units{form}",
            style(6.2, leading=7.6),
        ),
        (f"Each dose: {units} = {each_dose}, {times}.", style(7.2, BOLD, leading=9.6)),
        (content.give, style(6.6, leading=8)),
        (HANDLING[content.hazard_class], style(6.2, BOLD, REJECTED, leading=7.5)),
        (f"Contains: {', '.join(content.excipients)}" if content.excipients else "", style(5.8, leading=7)),
        (f"{content.storage.replace('degC', '°C')} {CHILDREN}", style(5.8, leading=7)),
        (content.unlicensed_words, style(5.8, colour=MUTED, leading=7)),
        (f"{content.pharmacy}, {content.address}, {content.phone}", style(5.6, colour=MUTED, leading=7)),
    ]
    _stack(canvas, paragraphs, _EDGE, HEIGHT - _BAND - 1.6 * mm, width, 2 * mm)


def _stack(
    canvas: Canvas, paragraphs: list[tuple[str, ParagraphStyle]], x: float, top: float, width: float, bottom: float
) -> None:
    """Draw paragraphs below each other; raises PrintcareError when the label is too small for them, never clips."""
    y = top
    for words, kind in paragraphs:
        if not words:
            continue
        paragraph = say(words, kind)
        _, height = paragraph.wrap(width, HEIGHT)
        y -= height
        if y < bottom:
            raise PrintcareError(
                "LABEL_FULL", f"The label has no room for “{words[:40]}”.", "Use a larger label or shorter words."
            )
        paragraph.drawOn(canvas, x, y)
        y -= 1.4


def _draw_right(canvas: Canvas, content: LabelContent) -> None:
    """Draw the right column: what identifies the batch, and its time."""
    x, width = 68 * mm, WIDTH - 68 * mm - _EDGE
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(x - 2 * mm, 3 * mm, x - 2 * mm, HEIGHT - _BAND - 2 * mm)
    facts = (
        ("batch", content.batch_id),
        ("ink lot", content.lot_id),
        ("order", content.order_id),
        ("prepared", content.prepared_on),
        ("serial", content.serial),
    )
    y = HEIGHT - _BAND - 4.4 * mm
    canvas.setFillColor(MUTED)
    canvas.setFont(BODY, 5.8)
    canvas.drawString(x, y, "use by")
    canvas.setFillColor(TEXT)
    canvas.setFont(BOLD, 8.4)
    canvas.drawString(x, y - 3.6 * mm, content.use_by.strftime("%Y-%m-%d %H:%M"))
    y -= 7.4 * mm
    for name, value in facts:
        canvas.setFillColor(MUTED)
        canvas.setFont(BODY, 5.6)
        canvas.drawString(x, y, name)
        canvas.setFillColor(TEXT)
        _draw_fitted(canvas, value, x + 11 * mm, y, width - 11 * mm)
        y -= 3.5 * mm
    canvas.setFillColor(MUTED)
    canvas.setFont(BODY, 5.2)
    canvas.drawString(x, 19.6 * mm, f"record {plain(Decimal(content.anchor_size))}")
    _draw_fitted(canvas, content.anchor_paper, x, 17.2 * mm, width, 5.2)


def _draw_fitted(canvas: Canvas, words: str, x: float, y: float, width: float, size: float = 6.2) -> None:
    """Draw words in the largest size that fits; an identity is made smaller, never cut."""
    text = printable(words)
    while canvas.stringWidth(text, BOLD, size) > width and size > 3.5:
        size -= 0.1
    canvas.setFont(BOLD, size)
    canvas.drawString(x, y, text)
