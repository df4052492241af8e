"""The documents of a batch as they print, its labels accounted for, and its units given out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QLabel, QListWidget, QScrollArea, QVBoxLayout, QWidget

from printcare.ui.models import RegisterEntry, RegisterRow
from printcare.ui.pages.deed_page import DeedPage
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, fact_grid
from printcare.ui.widgets.deed_form import DeedForm
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import Notice
from printcare.ui.widgets.section_card import section_card
from printcare.ui.words import tr

PAPERS_PX = 440  # of list and preview: what stands below them is scrolled to
PAPER_MARGIN_PX = 40  # margins and the scroll bar beside the page


class DocumentsPage(DeedPage):
    """What was written, and where; below it what became of the labels and the units."""

    again_asked = Signal()
    preview_asked = Signal(str)
    print_asked = Signal(str, object)  # path, QPrinter
    copy_asked = Signal(str, str)  # path, where to

    def __init__(self) -> None:
        super().__init__("documents", tr("Documents"))
        self.title.setText(tr("Documents"))
        self.subtitle.setText(tr("They are written when the batch has been decided."))
        self._folder: Path | None = None
        self.list = QListWidget()
        self.list.setObjectName("document-list")
        self.list.setAccessibleName(tr("Documents of the batch"))
        self.list.currentTextChanged.connect(self._on_chosen)
        left = Card(tr("Written"), "card-documents")
        left.body.addWidget(self.list, 1)
        opens = button(tr("Open folder"), "open-folder")
        opens.clicked.connect(self._open_folder)
        left.body.addWidget(opens)
        paper = Card(tr("Preview"), "card-preview")
        self._scroll = scroll = QScrollArea()
        scroll.setObjectName("preview-scroll")
        scroll.setWidgetResizable(True)
        ground = QWidget()
        self._pages = QVBoxLayout(ground)
        self._pages.setSpacing(12)
        scroll.setWidget(ground)
        paper.body.addWidget(scroll, 1)
        papers = Beside((left, paper), (2, 3))
        papers.setMinimumHeight(PAPERS_PX)
        self.body.addWidget(papers, 1)
        self._given_out = QVBoxLayout()
        self._given_out.setSpacing(16)
        self.body.addLayout(self._given_out)
        self.context_body.addWidget(label(tr("LABELS AND UNITS"), "caption"))
        self.context_body.addLayout(self.deeds)
        self.context_body.addWidget(label(tr("HOW TO CHECK THE RECORD"), "caption"))
        told = tr(
            "The first page of the batch record carries the record's size and root in letters and as a code. Anyone "
            "can compare them with the audit export:"
        )
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.context_body.addWidget(label("printcare audit verify audit-export.jsonl", "strong", wraps=True))
        self.context_body.addStretch(1)
        self._build_footer()
        self.show_told(tr("No document is chosen."))

    def _build_footer(self) -> None:
        self.footer.addStretch(1)
        self.prints = button(tr("Print …"), "print-document")
        self.saves = button(tr("Save as …"), "save-document")
        again = button(tr("Rehearse again"), "rehearse-again", "primary")
        for made, slot in (
            (self.prints, self._choose_printer),
            (self.saves, self._choose_place),
            (again, self.again_asked),
        ):
            made.clicked.connect(slot)
            self.footer.addWidget(made)

    def first(self) -> QWidget | None:
        """Return the list of what was written."""
        return self.list

    def show_documents(self, folder: Path, names: tuple[str, ...], batch_id: str) -> None:
        """List what was written, and ask for the batch record's pages and for what became of the batch."""
        self._folder, self.entry_key = folder, f"batch|{batch_id}"
        self.opened.emit(self.entry_key)
        self.subtitle.setText(str(folder))
        self.list.clear()
        self.list.addItems(list(names))
        if "batch-record.pdf" in names:
            self.list.setCurrentRow(names.index("batch-record.pdf"))
        self.show_footer()

    def show_rows(self, _: tuple[RegisterRow, ...]) -> None:
        """Ask again for the batch that stands here."""
        if self.entry_key:
            self.opened.emit(self.entry_key)

    def show_entry(self, entry: RegisterEntry) -> None:
        """Show what became of the labels and the units."""
        self.close_form()
        clear(self._given_out)
        counts = Card(tr("Labels and units"), "card-given-out")
        counts.body.addWidget(fact_grid(entry.facts, 2))
        self._given_out.addWidget(counts)
        for number, section in enumerate(entry.sections, start=1):
            self._given_out.addWidget(section_card(self.key, number, section))
        self.show_deeds(entry.deeds)

    def place_form(self, form: DeedForm) -> None:
        """Put a form above the papers."""
        self.body.insertWidget(0, form)

    def show_pages(self, images: tuple[QImage, ...]) -> None:
        """Show a document's pages."""
        clear(self._pages)
        for number, image in enumerate(images, start=1):
            sheet = QLabel()
            sheet.setObjectName(f"preview-page-{number}")
            sheet.setAccessibleName(tr("Page {} of {}").format(number, len(images)))
            width = max(self._scroll.viewport().width() - PAPER_MARGIN_PX, 320)
            smooth = Qt.TransformationMode.SmoothTransformation
            sheet.setPixmap(QPixmap.fromImage(image.scaledToWidth(width, smooth)))
            sheet.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._pages.addWidget(sheet)
        self._pages.addStretch(1)

    def show_told(self, told: str) -> None:
        """Show words where pages cannot be shown."""
        clear(self._pages)
        self._pages.addWidget(label(told, "muted", name="preview-told", wraps=True))
        self._pages.addStretch(1)

    @Slot(str)
    def _on_chosen(self, name: str) -> None:
        self.prints.setEnabled(name.endswith(".pdf"))
        self.saves.setEnabled(bool(name))
        if name and self._folder is not None:
            self.preview_asked.emit(str(self._folder / name))

    @Slot()
    def _choose_printer(self) -> None:
        """Ask for printer and copies in the system's own dialog."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # the printers of this machine are looked for then

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self.list.currentItem().text())
        if self._folder is not None and QPrintDialog(printer, self).exec():
            self.print_asked.emit(str(self._folder / printer.docName()), printer)

    @Slot()
    def _choose_place(self) -> None:
        if self._folder is None:
            return
        name = self.list.currentItem().text()
        target, _ = QFileDialog.getSaveFileName(self, tr("Save as …"), name)
        if target:
            self.copy_asked.emit(str(self._folder / name), target)

    def show_saved(self, told: str) -> None:
        """Say where a document went."""
        self.forget_notices()
        self.tell(Notice("accepted", told, "", can_dismiss=True))

    @Slot()
    def _open_folder(self) -> None:
        if self._folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
