"""Every text a document may have to say in another language: marked in the source, or fixed in the core."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from printcare.control.alarm_table import ALARMS
from printcare.domain.batch import BatchState, UnitState, Use
from printcare.domain.beyond_use import CLASS_CAP, EXPIRY, IN_USE, STABILITY
from printcare.domain.finishing import LONGEST_DAYS
from printcare.domain.formulation import LotStatus
from printcare.domain.people import Role
from printcare.domain.policy import POLICIES
from printcare.domain.recipe_life import MOVES
from printcare.formats.find import ids
from printcare.formats.label_templates import HANDLING
from printcare.formats.recipe import load_recipe

ROOT = Path(__file__).parents[2] / "printcare"
LIFTED = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)*(?![\w])")


def marked() -> set[str]:
    """Return the texts that formats and workflow mark for translation."""
    found: set[str] = set()
    for room in ("formats", "workflow"):
        for path in (ROOT / room).rglob("*.py"):
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
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name not in ("Step", "_divided") or len(node.args) != 5:
                continue
            for place in (0, 3, 4):
                given = node.args[place]
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    found.add(LIFTED.sub("{}", given.value))
            if name == "_divided":  # where the order is a day's, there is a line for the day as well
                found.add(f"{node.args[0].value}, per day")
    return found


def of_the_core() -> set[str]:
    """Return the fixed words of the core that stand on paper."""
    found = {str(each) for kind in (BatchState, UnitState, Use, Role, LotStatus) for each in kind if str(each)}
    found |= {policy.band for policy in POLICIES.values()} | set(POLICIES)
    found |= {text for kind in ALARMS.values() for text in (kind.title, kind.cause, kind.action)}
    found |= {text for text in HANDLING.values() if text} | {name for name in HANDLING if name}
    found |= {"passes", "fails", "go to stage 2", "not applicable", "estimate only"}
    found |= {*LONGEST_DAYS, STABILITY, CLASS_CAP, IN_USE, EXPIRY}
    return found | {"in NOR", "in PAR", "outside PAR", "not measured"}


def of_signatures() -> set[str]:
    """Return what people sign for, wherever the workflow asks for a signature: paper prints each in its language."""
    found = {move.meaning for move in MOVES} | {"recalled under R-{}"}
    for path in (ROOT / "workflow").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        signed = [call.args[4] for call in ast.walk(tree) if _is_signing(call) and len(call.args) > 4]
        module = ".".join(("printcare", *path.relative_to(ROOT).with_suffix("").parts)) if signed else ""
        for given in signed:
            found |= set(_said(given, tree, module))
    return found


def _is_signing(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "sign"


def _said(given: ast.expr, tree: ast.Module, module: str) -> Iterator[str]:
    """Yield the texts an argument may stand for: itself, a constant of the module, or what a local name was set to."""
    if isinstance(given, ast.Name) and not hasattr(import_module(module), given.id):
        assigned = [each for each in ast.walk(tree) if isinstance(each, ast.Assign)]
        own = [each.value for each in assigned if given.id in (getattr(to, "id", "") for to in each.targets)]
        for value in own:
            yield from _said(value, tree, module)
    elif isinstance(given, ast.Name):
        yield getattr(import_module(module), given.id)
    elif isinstance(given, ast.Subscript) and isinstance(given.value, ast.Name):
        yield from getattr(import_module(module), given.value.id).values()
    elif isinstance(given, ast.Subscript) and isinstance(given.value, ast.Dict):
        yield from ast.literal_eval(given.value).values()
    elif isinstance(given, ast.IfExp):
        yield from _said(given.body, tree, module)
        yield from _said(given.orelse, tree, module)
    elif isinstance(given, ast.Constant):
        yield given.value


def of_recipes() -> set[str]:
    """Return the words of the label of every shipped recipe."""
    found: set[str] = set()
    for name in ids("recipes"):
        recipe = load_recipe(name)
        found |= {recipe.storage, recipe.product.dosage_form, recipe.product.route, recipe.product.give}
    return found
