"""A story of flowables becomes a PDF in the house's frame: the same content gives the same bytes, page n of N."""

from __future__ import annotations

import io
from typing import Any  # reportlab's flowables are untyped

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, PageTemplate
from reportlab.platypus import Frame as TextFrame

from printcare.formats.paper import (
    BAND_HEIGHT,
    FOOT_HEIGHT,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    WIDTH,
    Frame,
    draw_frame,
)


def pdf(
    story: list[Flowable], frame: Frame, *, title: str, author: str, subject: str, creator: str, language: str = "en"
) -> bytes:
    """Return the document as PDF/A4 bytes, deterministic in its content."""
    buffer = io.BytesIO()
    document = BaseDocTemplate(
        buffer,
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        invariant=1,
        title=title,
        author=author,
        subject=subject,
        creator=creator,
        lang=language,
    )
    room = TextFrame(
        MARGIN, FOOT_HEIGHT + 2 * mm, WIDTH, PAGE_HEIGHT - BAND_HEIGHT - FOOT_HEIGHT - 7 * mm, 0, 0, 0, 0, id="room"
    )
    document.addPageTemplates(PageTemplate(frames=[room]))

    def canvas_maker(*arguments: Any, **named: Any) -> Canvas:
        return _NumberedCanvas(frame, *arguments, **named)

    document.build(story, canvasmaker=canvas_maker)
    return buffer.getvalue()


class _NumberedCanvas(Canvas):
    """A canvas that draws the frame of every page at the end, when the number of pages is known."""

    def __init__(self, frame: Frame, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._house_frame = frame
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # missing from the stubs

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            draw_frame(self, self._house_frame, number, len(self._pages))
            super().showPage()
        super().save()
