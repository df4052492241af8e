"""Turns a document into what is seen and printed: pages of a PDF where pypdfium2 is installed, else plain text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any  # pypdfium2 is optional and ships no types

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPdfWriter
from PySide6.QtPrintSupport import QPrinter

from printcare.errors import PrintcareError

WIDTH_PX = 1100  # scaled down to the room there is
PRINT_WIDTH_PX = 2480  # A4 at 300 dpi: a label's code has to be read by a scanner
MOST_PAGES = 12
MOST_SIGNS = 20_000
NO_PDF = "The pages cannot be shown here because pypdfium2 is not installed. “Open folder” shows the document."


def preview(path: Path) -> tuple[QImage, ...] | str:
    """Return a PDF's pages as images, or words: the text of a text file, or why nothing can be shown."""
    if path.suffix != ".pdf":
        return path.read_text("utf-8", errors="replace")[:MOST_SIGNS]
    try:
        return tuple(_pages(path, WIDTH_PX, MOST_PAGES))
    except ImportError:
        return NO_PDF


def print_pages(path: Path, printer: QPrinter | QPdfWriter) -> int:
    """Send every page of a PDF to a printer, each as large as its paper, and return how many.

    Raises PrintcareError PAPER_RENDERER without pypdfium2, PAPER_UNPRINTED where the printer takes no page.
    """
    painter, count = QPainter(), 0
    try:
        for count, image in enumerate(_pages(path, PRINT_WIDTH_PX), start=1):
            if not (painter.begin(printer) if count == 1 else printer.newPage()):
                raise PrintcareError("PAPER_UNPRINTED", "The printer takes no page.", "See to it, then print again.")
            paper = QRectF(painter.viewport())
            size = image.size().scaled(paper.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRectF(paper.topLeft(), size.toSizeF()), image)
    except ImportError as fault:
        told = "The pages cannot be made because pypdfium2 is not installed."
        raise PrintcareError("PAPER_RENDERER", told, "Install it, or print the file from its folder.") from fault
    finally:
        if painter.isActive():
            painter.end()
    return count


def save_copy(path: Path, target: Path) -> Path:
    """Copy a document to where a person wants it; raises PrintcareError FILE_UNWRITABLE."""
    try:
        shutil.copyfile(path, target)
    except OSError as fault:
        told = f"{target} cannot be written: {fault.strerror}."
        raise PrintcareError("FILE_UNWRITABLE", told, "Choose another folder or name.") from fault
    return target


def _pages(path: Path, width_px: int, most: int | None = None) -> Iterator[QImage]:
    pdfium: Any = import_module("pypdfium2")
    document = pdfium.PdfDocument(str(path))
    try:
        for number in range(len(document) if most is None else min(len(document), most)):
            yield _image(document[number], width_px)
    finally:
        document.close()


def _image(page: Any, width_px: int) -> QImage:
    bitmap = page.render(scale=width_px / page.get_width(), rev_byteorder=True)
    form = QImage.Format.Format_RGB888 if bitmap.n_channels == 3 else QImage.Format.Format_RGBA8888
    # The bitmap's memory goes with it: the image is copied.
    return QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, form).copy()
