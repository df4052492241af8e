"""A table that is typed into: one line a parameter, its objection right below the line."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QWidget

from printcare.ui.forms import Grid, GridRow
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.field import framed
from printcare.ui.widgets.label import label, restate
from printcare.ui.widgets.whole_table import BREAK, JOINT
from printcare.ui.words import tr

GRID_PX, GAP_PX, MOST_PX = 360, 6, 92  # of all cells of a line, between two, and of one
PADDING_PX = 4


class EntryRow:
    """One line of the table: its cells by name, and room for an objection."""

    def __init__(self, asked: GridRow, heads: tuple[str, ...]) -> None:
        self.asked = asked
        self.lines: dict[str, QLineEdit] = {}
        self.frames: list[QFrame] = []
        for cell, head in zip(asked.cells, heads[1:], strict=True):
            line = QLineEdit(cell.begun)
            line.setObjectName(f"cell-{asked.name}-{cell.name}")
            line.setAccessibleName(tr("{}: {}").format(asked.words, head))
            line.setPlaceholderText(cell.words)
            line.setMaxLength(200)
            line.setProperty("role", "cell")
            line.textEdited.connect(lambda _: self.object_to(""))
            self.lines[cell.name] = line
            frame = framed(line, MOST_PX)
            inner = frame.layout()
            if inner is not None:
                inner.setContentsMargins(PADDING_PX, 0, PADDING_PX, 0)
            self.frames.append(frame)
        self.objection = label("", "", name=f"objection-{asked.name}", wraps=True, state="rejected")
        self.objection.hide()

    @property
    def typed(self) -> dict[str, str]:
        """Return what was typed, by row and cell."""
        return {f"{self.asked.name}.{name}": line.text().strip() for name, line in self.lines.items()}

    def object_to(self, told: str) -> None:
        """Show an objection below the line; an empty one takes it away."""
        self.objection.setText(f"■ {told}" if told else "")
        self.objection.setVisible(bool(told))
        for line, frame in zip(self.lines.values(), self.frames, strict=True):
            line.setAccessibleDescription(told)
            restate(frame, wrong="true" if told else "false")

    def focus(self) -> None:
        """Put the cursor into the first cell."""
        next(iter(self.lines.values())).setFocus()


class EntryGrid(Card):
    """The lines below their heads."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid.caption, f"grid-{grid.name}")
        self.rows: dict[str, EntryRow] = {}
        holder = QWidget()
        holder.setObjectName(f"grid-{grid.name}-lines")
        lines = QGridLayout(holder)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(GAP_PX)
        lines.setVerticalSpacing(4)
        own_px = GRID_PX // (len(grid.heads) - 1) - GAP_PX
        cell_px = own_px - GAP_PX if grid.is_stacked else min(own_px, MOST_PX)
        for column, head in enumerate(grid.heads):
            if column or not grid.is_stacked:
                lines.addWidget(label(head, "small"), 0, column)
            if column:
                lines.setColumnMinimumWidth(column, cell_px)
            lines.setColumnStretch(column, 0 if column or grid.is_stacked else 1)
        for number, asked in enumerate(grid.rows):
            made = self.rows[asked.name] = EntryRow(asked, grid.heads)
            row, columns = 3 * number + 1, len(grid.heads)
            words = label(JOINT.sub(BREAK, asked.words), "", wraps=True)
            lines.addWidget(words, row, 0, 1, columns if grid.is_stacked else 1)
            for column, frame in enumerate(made.frames, start=1):
                frame.setFixedWidth(cell_px)
                lines.addWidget(frame, row + grid.is_stacked, column)
            lines.addWidget(made.objection, row + 2, 0, 1, columns)
        self.body.addWidget(holder)
