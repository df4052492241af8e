"""Guards PySide6 6.12.0, which loses a reference to True at each signal on Python 3.11 and aborts mid-print."""

import sys

from PySide6.QtCore import QObject, Signal, Slot

EMITS = 50_000


class Ear(QObject):
    """Counts what it hears."""

    told = Signal(bool)
    count = 0

    @Slot(bool)
    def hear(self, is_so: bool) -> None:
        """Count it."""
        self.count += is_so


def test_fifty_thousand_signals_cost_no_reference(qapp):
    ear = Ear()
    ear.told.connect(ear.hear)
    before = sys.getrefcount(True)
    for _ in range(EMITS):
        ear.told.emit(True)
    assert ear.count == EMITS
    assert abs(sys.getrefcount(True) - before) < 100
