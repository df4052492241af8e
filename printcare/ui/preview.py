"""Turns a document into what the preview shows: pages of a PDF where pypdfium2 is installed, else plain text."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any  # pypdfium2 is optional and ships no types

from PySide6.QtGui import QImage

WIDTH_PX = 1100  # scaled down to the room there is
MOST_PAGES = 12
MOST_SIGNS = 20_000
NO_PDF = "The pages cannot be shown here because pypdfium2 is not installed. “Open folder” shows the document."


def preview(path: Path) -> tuple[QImage, ...] | str:
    """Return a PDF's pages as images, or words: the text of a text file, or why nothing can be shown."""
    if path.suffix != ".pdf":
        return path.read_text("utf-8", errors="replace")[:MOST_SIGNS]
    try:
        pdfium: Any = import_module("pypdfium2")
    except ImportError:
        return NO_PDF
    document = pdfium.PdfDocument(str(path))
    try:
        return tuple(_image(document[number]) for number in range(min(len(document), MOST_PAGES)))
    finally:
        document.close()


def _image(page: Any) -> QImage:
    bitmap = page.render(scale=WIDTH_PX / page.get_width(), rev_byteorder=True)
    form = QImage.Format.Format_RGB888 if bitmap.n_channels == 3 else QImage.Format.Format_RGBA8888
    # The bitmap's memory goes with it: the image is copied.
    return QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, form).copy()
