"""A drawing as PNG."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from printcare.formats.picture import BEAD_OPACITY, EDGE, INK, TEXT, Bar, Drawing, Way, Words

FINE = 3  # drawn this much larger, then shrunk, so that edges are smooth
SHOWN = 2  # pixels of the file for one of the drawing


def png(drawn: Drawing) -> bytes:
    """Return a drawing as PNG, two pixels for one of the drawing's; the same drawing gives the same bytes."""
    scale = FINE * SHOWN
    size = round(drawn.width * scale), round(drawn.height * scale)
    sheet = Image.new("RGB", size, "#ffffff")
    for mark in drawn.marks:
        if isinstance(mark, Words):
            _write(sheet, mark, scale)
        elif isinstance(mark, Way):
            _stroke(sheet, mark, scale)
        else:
            _fill(sheet, mark, scale)
    kept = BytesIO()
    shown = round(drawn.width * SHOWN), round(drawn.height * SHOWN)
    sheet.resize(shown, Image.Resampling.BOX).save(kept, "PNG", optimize=False)
    return kept.getvalue()


def _write(sheet: Image.Image, words: Words, scale: int) -> None:
    font = ImageFont.load_default(words.size * scale)
    place = words.left * scale, words.baseline * scale
    text = words.text.replace("³", "3")  # Pillow's own typeface has no raised figures
    ImageDraw.Draw(sheet).text(place, text, fill=TEXT, font=font, anchor="ls")


def _stroke(sheet: Image.Image, way: Way, scale: int) -> None:
    width = max(1, round(way.width * scale))
    left = round(min(x for x, _ in way.points) * scale) - width
    top = round(min(y for _, y in way.points) * scale) - width
    points = [(x * scale - left, y * scale - top) for x, y in way.points]
    size = round(max(x for x, _ in points)) + width, round(max(y for _, y in points)) + width
    mask = Image.new("L", size, 0)  # no larger than the bead: a lattice has hundreds
    draw = ImageDraw.Draw(mask)
    shade = round(255 * BEAD_OPACITY) if way.is_bead else 255
    draw.line(points, fill=shade, width=width, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=shade)
    sheet.paste(INK if way.is_bead else EDGE, (left, top), mask)


def _fill(sheet: Image.Image, bar: Bar, scale: int) -> None:
    corners = bar.left * scale, bar.top * scale, (bar.left + bar.width) * scale, (bar.top + bar.height) * scale
    if not bar.has_edge:
        ImageDraw.Draw(sheet).rectangle(corners, fill=bar.fill)
        return
    mask = Image.new("L", sheet.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle(corners, bar.round_px * scale, fill=round(255 * BEAD_OPACITY))
    sheet.paste(bar.fill, mask=mask)
    if bar.edge_px:
        ImageDraw.Draw(sheet).rounded_rectangle(corners, bar.round_px * scale, outline=EDGE, width=max(1, scale // 2))
