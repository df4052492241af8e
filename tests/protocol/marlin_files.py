"""The recorded conversations, read."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "wire" / "marlin"
FILES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def events(name: str) -> list[tuple[str, str]]:
    """Return (tag, text) in order; leading blanks of the text count."""
    found = []
    for line in (FOLDER / f"{name}.txt").read_text(encoding="ascii").split("\n"):
        if line:
            tag, _, text = line[9:].partition(" ")
            found.append((tag, text))
    return found


def replies(name: str) -> list[bytes]:
    """Return what the device said."""
    return [text.encode("ascii") for tag, text in events(name) if tag == "Recv:"]
