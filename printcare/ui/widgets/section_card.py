"""A card with one table of a register's entry."""

from __future__ import annotations

from printcare.ui.messages import worded
from printcare.ui.models import Section
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.whole_table import WholeTable


def section_card(key: str, number: int, section: Section) -> Card:
    """Return a section of the page `key`, its cells in the words of the window."""
    card = Card(section.caption, f"card-{key}-{number}")
    rows = [[worded(cell) for cell in row] for row in section.rows]
    card.body.addWidget(WholeTable(f"{key}-table-{number}", section.caption, section.heads, rows))
    return card
