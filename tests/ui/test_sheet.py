"""The calculation sheet as it grows."""

from PySide6.QtWidgets import QApplication, QLabel, QScrollArea

from printcare.ui.models import SheetLine
from printcare.ui.widgets.sheet import Sheet

LONG = "a name so long that it wants two lines beside its result"


def squeezed(sheet):
    """Return the texts that have less room than they need."""
    return [
        label.text()
        for label in sheet.findChildren(QLabel)
        if label.wordWrap() and label.height() < label.heightForWidth(label.width())
    ]


def test_no_line_is_squeezed_while_the_sheet_grows(qtbot):
    panel, sheet = QScrollArea(), Sheet()
    qtbot.addWidget(panel)
    panel.setWidgetResizable(True)
    panel.setWidget(sheet)
    panel.resize(320, 300)
    panel.show()
    sheet.show_lines([SheetLine(number, LONG, "15.38", "kg/m²", LONG, "", "15.38") for number in range(1, 13)])
    seen = set()
    while sheet.shown < 12:
        QApplication.processEvents()
        seen.update(squeezed(sheet))
    assert seen == set()
