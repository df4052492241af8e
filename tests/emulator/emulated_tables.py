"""The tables of docs/bench.md as they must read; run as a program it writes them into the document."""

from __future__ import annotations

from pathlib import Path

from printcare.emulator.faults import HEADINGS, fault_rows
from printcare.emulator.settings import SETTING_HEADINGS, setting_rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "bench.md"


def markdown(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table whose first column is code."""
    lines = [headings, ("---",) * len(headings), *((f"`{row[0]}`", *row[1:]) for row in rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def tables() -> dict[str, str]:
    """Return both tables by the name of their place in the document."""
    return {"faults": markdown(HEADINGS, fault_rows()), "settings": markdown(SETTING_HEADINGS, setting_rows())}


def between(text: str, name: str) -> tuple[int, int]:
    """Return where a table's text begins and ends in the document."""
    start = text.index(f"<!-- {name} -->\n") + len(f"<!-- {name} -->\n")
    return start, text.index(f"\n<!-- end of {name} -->")


if __name__ == "__main__":
    document = DOCUMENT.read_text(encoding="utf-8")
    for place, table in tables().items():
        first, last = between(document, place)
        document = document[:first] + table + document[last:]
    DOCUMENT.write_text(document, encoding="utf-8")
