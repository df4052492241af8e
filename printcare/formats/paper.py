"""The house's paper: colours, text styles, the frame of every page with its band, and small drawn signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any  # reportlab's table cells and styles are untyped

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from printcare.formats.codes import Modules
from printcare.formats.fonts import BODY, BOLD, ITALIC, printable
from printcare.formats.wording import ENGLISH, Tongue, phrase

TEXT, MUTED, LINE, GROUND = HexColor("#1B2430"), HexColor("#55606E"), HexColor("#D8DDE3"), HexColor("#F6F7F9")
ACCENT, ACCEPTED, ATTENTION = HexColor("#0B6E75"), HexColor("#1E7B45"), HexColor("#9A5B00")
REJECTED, RUNNING = HexColor("#B3261E"), HexColor("#0B5CAD")
BANDS = {"locked": HexColor("#0B3B5A"), "rehearsal": HexColor("#0B3B5A"), "research": HexColor("#6A2C91")}
SIMULATED = phrase("SIMULATED")
WATERMARK = phrase("SIMULATED – NOT FOR PATIENTS")
# State -> colour and drawn sign: a colour never carries meaning alone.
SIGNS: dict[str, tuple[Color, str]] = {
    "accepted": (ACCEPTED, "disc"),
    "passes": (ACCEPTED, "disc"),
    "released": (ACCEPTED, "disc"),
    "in NOR": (ACCEPTED, "disc"),
    "rejected": (REJECTED, "square"),
    "fails": (REJECTED, "square"),
    "outside PAR": (REJECTED, "square"),
    "quarantined": (ATTENTION, "triangle"),
    "rehearsed": (BANDS["research"], "ring"),
    "in PAR": (ATTENTION, "triangle"),
    "go to stage 2": (ATTENTION, "triangle"),
    "partly released": (ATTENTION, "triangle"),
}
NO_SIGN = (MUTED, "ring")

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN, BAND_HEIGHT, FOOT_HEIGHT = 16 * mm, 12 * mm, 14 * mm
WIDTH = PAGE_WIDTH - 2 * MARGIN


def style(size: float = 7.6, font: str = BODY, colour: Color = TEXT, leading: float = 0, **more: Any) -> ParagraphStyle:
    """Return a paragraph style of the house."""
    name = f"{font}-{size}-{colour.hexval()}"
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=leading or size * 1.32, textColor=colour, alignment=TA_LEFT, **more
    )


NORMAL, STRONG, SMALL = style(), style(font=BOLD), style(6.4, colour=MUTED)
LABEL, HEAD = style(6.6, colour=MUTED, leading=7.6 * 1.32), style(6.4, BOLD, MUTED)
TITLE, SECTION = style(17, BOLD), style(10.5, BOLD, ACCENT)
ITALIC_SMALL = style(6.6, ITALIC, MUTED)


def say(text: str, kind: ParagraphStyle = NORMAL, *, verbatim: bool = False, bold: str = "") -> Paragraph:
    """Return a paragraph of plain text, nothing in it taken for markup; `verbatim` keeps every blank.

    `bold` names the words at its beginning that are set bold.
    """
    safe = _safe(text)
    if bold:
        safe = f'<font name="{BOLD}">{_safe(bold)}</font>{_safe(text.removeprefix(bold))}'
    return Paragraph(safe.replace(" ", "&nbsp;") if verbatim else safe, kind)


def _safe(text: str) -> str:
    return printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br/>")


class Sign(Flowable):
    """A state's drawn sign and its word, for a table cell."""

    def __init__(self, state: str, size: float = 7.2, tongue: Tongue = ENGLISH) -> None:
        super().__init__()
        self._state, self._size, self._word = state, size, printable(tongue(state))
        self.width, self.height = 1.0, size * 1.25

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Return the space the sign takes: the whole cell's width."""
        self.width = available_width
        return available_width, self.height

    def draw(self) -> None:
        """Draw sign and word."""
        colour, shape = SIGNS.get(self._state, NO_SIGN)
        radius = self._size * 0.36
        middle = self.height / 2
        self.canv.setFillColor(colour)
        draw_sign(self.canv, shape, radius, middle, radius, colour)
        size, room = self._size - 0.6, self.width - radius * 2 - 4
        while size > 4 and stringWidth(self._word, BOLD, size) > room:  # a word is made smaller, never cut
            size -= 0.1
        self.canv.setFont(BOLD, size)
        self.canv.drawString(radius * 2 + 4, middle - self._size * 0.33, self._word)


def draw_sign(canvas: Canvas, shape: str, x: float, y: float, radius: float, colour: Color) -> None:
    """Draw one of the state signs: filled disc, crossed square, triangle or ring."""
    canvas.saveState()
    canvas.setFillColor(colour)
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(0.9)
    if shape == "disc":
        canvas.circle(x, y, radius, stroke=0, fill=1)
    elif shape == "square":
        canvas.rect(x - radius, y - radius, 2 * radius, 2 * radius, stroke=0, fill=1)
        canvas.setStrokeColor(white)
        reach = radius * 0.55
        canvas.line(x - reach, y - reach, x + reach, y + reach)
        canvas.line(x - reach, y + reach, x + reach, y - reach)
    elif shape == "triangle":
        path = canvas.beginPath()
        path.moveTo(x - radius, y - radius * 0.85)
        path.lineTo(x + radius, y - radius * 0.85)
        path.lineTo(x, y + radius)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
    else:
        canvas.circle(x, y, radius * 0.85, stroke=1, fill=0)
    canvas.restoreState()


def draw_symbol(canvas: Canvas, modules: Modules, x: float, y: float, side: float) -> None:
    """Draw a two-dimensional code with its lower left corner at x, y, runs of modules as one rectangle each."""
    step = side / len(modules)
    canvas.saveState()
    canvas.setFillColor(TEXT if len(modules) > 200 else HexColor("#000000"))
    for row, line in enumerate(modules):
        column = 0
        while column < len(line):
            start = column
            while column < len(line) and line[column]:
                column += 1
            if column > start:
                bottom = y + side - (row + 1) * step
                canvas.rect(x + start * step, bottom, (column - start) * step, step, stroke=0, fill=1)
            column += 1
    canvas.restoreState()


def draw_stripes(canvas: Canvas, x: float, y: float, width: float, height: float, colour: Color) -> None:
    """Draw diagonal stripes inside a rectangle: the sign of simulated devices."""
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(x, y, width, height)
    canvas.clipPath(clip, stroke=0, fill=0)
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(2.2)
    start = x - height
    while start < x + width:
        canvas.line(start, y, start + height, y + height)
        start += 6.5
    canvas.restoreState()


def table(
    rows: Sequence[list[Any]],
    widths: Sequence[float],
    *commands: Any,
    header: int = 1,
    heights: Sequence[float | None] | None = None,
) -> Table:
    """Return a table of the house: head repeated on each page, thin lines; `heights` of its rows in points."""
    tall = None if heights is None else list(heights)
    made = Table(rows, colWidths=list(widths), rowHeights=tall, repeatRows=header, spaceBefore=2, spaceAfter=6)
    rule: list[Any] = [("LINEBELOW", (0, 0), (-1, 0), 0.8, MUTED), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")]
    made.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), BODY, 7.2),
                ("TEXTCOLOR", (0, 0), (-1, -1), TEXT),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 2.4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("LINEBELOW", (0, header), (-1, -1), 0.35, LINE),
                *(rule if header else []),
                *commands,
            ]
        )
    )
    return made


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on every page."""

    mode: str
    band: str
    is_simulated: bool
    title: str
    left: str
    right: str
    tongue: Tongue = ENGLISH


def draw_frame(canvas: Canvas, frame: Frame, page: int, pages: int) -> None:
    """Draw band, foot and, for simulated batches, the mark across the page."""
    canvas.saveState()
    top = PAGE_HEIGHT - BAND_HEIGHT
    canvas.setFillColor(BANDS.get(frame.mode, BANDS["research"]))
    canvas.rect(0, top, PAGE_WIDTH, BAND_HEIGHT, stroke=0, fill=1)
    canvas.setFillColor(white)
    canvas.setFont(BOLD, 8)
    canvas.drawString(MARGIN, top + 4.4 * mm, printable(frame.tongue(frame.band)))
    if frame.is_simulated:
        _draw_badge(canvas, top, frame.tongue(SIMULATED))
    else:
        canvas.setFont(BODY, 8)
        canvas.drawRightString(PAGE_WIDTH - MARGIN, top + 4.4 * mm, printable(frame.title))
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, FOOT_HEIGHT, PAGE_WIDTH - MARGIN, FOOT_HEIGHT)
    canvas.setFillColor(TEXT)
    canvas.setFont(BOLD, 7)
    canvas.drawString(MARGIN, FOOT_HEIGHT - 4 * mm, printable(frame.left))
    numbered = frame.tongue("page {page} of {pages}", page=page, pages=pages)
    canvas.drawRightString(PAGE_WIDTH - MARGIN, FOOT_HEIGHT - 4 * mm, numbered)
    canvas.setFillColor(MUTED)
    canvas.setFont(BODY, 6.4)
    canvas.drawString(MARGIN, FOOT_HEIGHT - 7.4 * mm, printable(frame.right))
    if frame.is_simulated:
        draw_watermark(canvas, PAGE_WIDTH, PAGE_HEIGHT, 34, frame.tongue)
    canvas.restoreState()


def _draw_badge(canvas: Canvas, top: float, word: str) -> None:
    width, height = 46 * mm, 6.4 * mm
    x, y = PAGE_WIDTH - MARGIN - width, top + 2.8 * mm
    canvas.setFillColor(HexColor("#2A5673"))
    canvas.rect(x, y, width, height, stroke=0, fill=1)
    draw_stripes(canvas, x, y, width, height, HexColor("#5D8199"))
    canvas.setFont(BOLD, 8.5)
    plate = 26 * mm
    canvas.setFillColor(HexColor("#0B3B5A"))
    canvas.rect(x + (width - plate) / 2, y, plate, height, stroke=0, fill=1)
    canvas.setFillColor(white)
    canvas.drawCentredString(x + width / 2, y + 2 * mm, word)


def draw_watermark(canvas: Canvas, width: float, height: float, size: float, tongue: Tongue = ENGLISH) -> None:
    """Draw the mark across the page, pale enough to read through and impossible to overlook."""
    canvas.saveState()
    canvas.translate(width / 2, height / 2)
    canvas.rotate(52 if height > width else 28)
    canvas.setFillColor(BANDS["research"])
    canvas.setFillAlpha(0.11)
    words = tongue(WATERMARK)
    reach = 0.92 * (width**2 + height**2) ** 0.5
    size = min(size, size * reach / stringWidth(words, BOLD, size))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size / 3, words)
    canvas.restoreState()
