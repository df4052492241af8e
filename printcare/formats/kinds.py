"""Read any of our TOML files by what it says it is: recipe, ink lot, printer profile, dosing rule or site table."""

from __future__ import annotations

from collections.abc import Callable

from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import read_rule
from printcare.formats.ink_lot import read_ink_lot
from printcare.formats.profile import read_profile
from printcare.formats.recipe import read_recipe
from printcare.formats.site_table import read_site_table
from printcare.formats.tables import parse

READERS: dict[str, Callable[[bytes, str], object]] = {
    "recipe": read_recipe,
    "ink_lot": read_ink_lot,
    "dosing_rule": read_rule,
    "profile": read_profile,
    "site_table": read_site_table,
}


def read_any(data: bytes, name: str) -> object:
    """Return what a file holds; raises PrintcareError where it says nothing known, FileProblems where it is wrong."""
    kind = parse(data, name).get("kind")
    if kind not in READERS:
        known = ", ".join(READERS)
        raise PrintcareError(
            "FILE_KIND", f"{name} does not say what it is (kind = {kind!r}).", f"Write kind = one of {known}."
        )
    return READERS[kind](data, name)
