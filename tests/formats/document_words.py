"""Every text a document may have to say in another language: marked in the source, or fixed in the core."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from printcare.control.alarm_table import ALARMS
from printcare.domain.batch import BatchState, UnitState, Use
from printcare.domain.formulation import LotStatus
from printcare.domain.people import Role
from printcare.domain.policy import POLICIES
from printcare.formats.find import ids
from printcare.formats.label_templates import HANDLING
from printcare.formats.recipe import load_recipe

ROOT = Path(__file__).parents[2] / "printcare"
LIFTED = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)*(?![\w])")


def marked() -> set[str]:
    """Return the texts that formats and workflow mark for translation."""
    found: set[str] = set()
    for room in ("formats", "workflow"):
        for path in (ROOT / room).glob("*.py"):
            found |= set(_texts(ast.parse(path.read_text("utf-8")), "wording.py" in path.name))
    return found


def _texts(tree: ast.AST, is_wording: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in ("tongue", "phrase", "_tongue") or (is_wording and name == "self"):
            if isinstance(node.args[0].value, str):
                yield node.args[0].value


def of_steps() -> set[str]:
    """Return what the steps of a calculation are called and where they say they come from, figures lifted."""
    found: set[str] = set()
    for path in (ROOT / "domain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Step" and len(node.args) == 5:
                for place in (0, 3, 4):
                    given = node.args[place]
                    if isinstance(given, ast.Constant) and isinstance(given.value, str):
                        found.add(LIFTED.sub("{}", given.value))
    return found


def of_the_core() -> set[str]:
    """Return the fixed words of the core that stand on paper."""
    found = {str(each) for kind in (BatchState, UnitState, Use, Role, LotStatus) for each in kind if str(each)}
    found |= {policy.band for policy in POLICIES.values()} | set(POLICIES)
    found |= {text for kind in ALARMS.values() for text in (kind.title, kind.cause, kind.action)}
    found |= {text for text in HANDLING.values() if text} | {name for name in HANDLING if name}
    found |= {"passes", "fails", "go to stage 2", "not applicable", "estimate only"}
    return found | {"in NOR", "in PAR", "outside PAR", "not measured"}


def of_recipes() -> set[str]:
    """Return the words of the label of every shipped recipe."""
    found: set[str] = set()
    for name in ids("recipes"):
        recipe = load_recipe(name)
        found |= {recipe.storage, recipe.product.dosage_form, recipe.product.route, recipe.product.give}
    return found
