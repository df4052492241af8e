"""Read any of our TOML files by what it says it is, and check it as far as a file can be checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from printcare.domain.checks import Finding, error
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import read_rule
from printcare.formats.ink_formulation import read_formulation
from printcare.formats.ink_lot import read_ink_lot
from printcare.formats.ink_preparation import read_preparation
from printcare.formats.legal_grounds import read_legal_grounds
from printcare.formats.platform import parent_beside, read_platform
from printcare.formats.profile import read_profile
from printcare.formats.recipe import read_recipe
from printcare.formats.site_table import read_site_table
from printcare.formats.tables import FileProblems, parse, refuse

READERS: dict[str, Callable[[bytes, str], object]] = {
    "recipe": read_recipe,
    "platform": read_platform,
    "ink_formulation": read_formulation,
    "ink_lot": read_ink_lot,
    "ink_preparation": read_preparation,
    "legal_grounds": read_legal_grounds,
    "dosing_rule": read_rule,
    "profile": read_profile,
    "site_table": read_site_table,
}


def read_any(data: bytes, name: str, folder: Path | None = None) -> object:
    """Return what a file holds, a recipe's sense checked too; for `recipe check`, not for loading.

    `folder` is where the file lies; a child's platform is looked for there before it is among the shipped ones.
    Raises PrintcareError where it says nothing known, FileProblems where it is wrong.
    """
    kind = parse(data, name).get("kind")
    if kind not in READERS:
        known = ", ".join(READERS)
        raise PrintcareError(
            "FILE_KIND", f"{name} does not say what it is (kind = {kind!r}).", f"Write kind = one of {known}."
        )
    found = READERS[kind](data, name) if kind != "recipe" else _recipe(data, name, folder)
    if isinstance(found, MasterRecipe):
        from printcare.formats.recipe_sense import make_sense, shipped_profiles  # geometry, for a recipe alone

        refuse(list(make_sense(found, shipped_profiles())), name)
    return found


def _recipe(data: bytes, name: str, folder: Path | None) -> MasterRecipe:
    return read_recipe(data, name) if folder is None else read_recipe(data, name, parent_beside(folder))


def check_recipe_file(data: bytes, name: str, folder: Path | None = None) -> tuple[Finding, ...]:
    """Return every problem of one of our files, form and sense; nothing is raised for what the file says."""
    try:
        read_any(data, name, folder)
    except FileProblems as fault:
        return fault.findings
    except PrintcareError as fault:
        return (error(fault.code, fault.message, fault.remedy),)
    return ()
