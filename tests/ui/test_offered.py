"""What the window does not offer is written down with its reason, and nothing else is missing from it."""

import re
from pathlib import Path

from offered import COMMANDS, PACKAGE, reached

PAGE = Path(__file__).parents[2] / "docs" / "window.md"
LINE = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", re.MULTILINE)
NOTHING = "nothing asks for it"


def _written():
    """Return the commands that the page says no page offers, each with its reason."""
    section = PAGE.read_text("utf-8").partition("## What no page offers")[2].partition("\n## ")[0]
    return dict(LINE.findall(section))


def test_every_command_of_the_roles_is_offered_by_a_page_or_listed_with_its_reason():
    assert set(_written()) == COMMANDS - reached()


def test_each_reason_is_said():
    assert [name for name, why in _written().items() if len(why.split()) < 4] == []


def test_what_nothing_asks_for_stands_nowhere_but_among_the_permissions():
    idle = {name for name, why in _written().items() if why.startswith(NOTHING)}
    sources = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.name != "people.py"]
    asked = {name for name in set(_written()) if any(f'"{name}"' in source for source in sources)}
    assert idle == set(_written()) - asked


def test_the_reader_finds_what_it_is_to_find():
    found = reached()
    assert {"order.verify", "batch.release", "cartridge.load", "key.trust", "recipe.approve", "audit.anchor"} <= found
    assert "record.restore" not in found
