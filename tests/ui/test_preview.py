"""Documents as they are seen, printed and saved."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from printcare.errors import PrintcareError
from printcare.ui import preview
from printcare.ui.preview import print_pages, save_copy

PAGES = 14  # more than the preview shows
DARK = 128


@pytest.fixture
def paper(tmp_path):
    """Return a PDF whose pages are half black."""
    path = tmp_path / "batch-record.pdf"
    canvas = Canvas(str(path), A4)
    for _ in range(PAGES):
        canvas.rect(0, A4[1] / 2, A4[0], A4[1] / 2, fill=1)
        canvas.showPage()
    canvas.save()
    return path


def test_every_page_is_printed_as_large_as_its_paper(qapp, paper, tmp_path, monkeypatch):
    monkeypatch.setattr(preview, "PRINT_WIDTH_PX", 200)
    printed = tmp_path / "printed.pdf"
    writer = QPdfWriter(str(printed))
    writer.setPageMargins(writer.pageLayout().margins() * 0)
    assert print_pages(paper, writer) == PAGES
    del writer
    shown = preview.preview(printed)
    assert len(shown) == preview.MOST_PAGES
    first = shown[0].scaled(20, 28, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    assert [first.pixelColor(10, y).lightness() < DARK for y in (2, 12, 16, 26)] == [True, True, False, False]


def test_without_the_renderer_printing_is_refused_with_what_to_do(qapp, paper, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(PrintcareError) as refused:
        print_pages(paper, QPdfWriter(str(tmp_path / "printed.pdf")))
    assert refused.value.code == "PAPER_RENDERER"
    assert preview.preview(paper) == preview.NO_PDF


def test_a_document_is_saved_where_it_is_wanted_or_the_reason_told(paper, tmp_path):
    assert save_copy(paper, tmp_path / "copy.pdf").read_bytes() == paper.read_bytes()
    with pytest.raises(PrintcareError) as refused:
        save_copy(paper, tmp_path / "no folder" / "copy.pdf")
    assert refused.value.code == "FILE_UNWRITABLE"


def test_only_pages_are_printed_and_what_was_done_is_told(qtbot, conductor, frame, paper, tmp_path):
    (tmp_path / "units.csv").write_text("unit\n")
    page = frame.documents
    page.show_documents(tmp_path, ("batch-record.pdf", "units.csv"), "B-0001")
    assert page.prints.isEnabled()
    page.list.setCurrentRow(1)
    assert not page.prints.isEnabled()
    assert page.saves.isEnabled()
    page.copy_asked.emit(str(paper), str(tmp_path / "copy.pdf"))
    qtbot.waitUntil(lambda: page.notices.count() == 1)
    assert "copy.pdf" in page.notices.itemAt(0).widget().accessibleName()
    qtbot.waitUntil(lambda: not conductor.worker.is_busy)
