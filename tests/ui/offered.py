"""Which commands the window reaches: read from the source, from what its modules name down to who is asked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import printcare
from printcare.domain.people import CONTROLLED, PERMISSIONS
from printcare.domain.recipe_life import MOVES

PACKAGE = Path(printcare.__file__).parent
COMMANDS = frozenset().union(*PERMISSIONS.values())
REHEARSES = "printcare.workflow.demonstration"  # plays every role itself: what it does nobody is offered
# Functions that put a command's name together; what each is asked for in the window.
PUT_TOGETHER = {
    ("printcare.workflow.recipe.versions", "take"): {f"{kind}.{move.verb}" for kind in CONTROLLED for move in MOVES},
    ("printcare.workflow.recipe.versions", "write"): {f"{kind}.write" for kind in CONTROLLED},
}
# What the window asks the running job for over its endpoint; the job asks the workflow.
ASKED_OF_THE_JOB = {"batch.resume"}


class Module:
    """One module: what it names from elsewhere, its texts, and the body of each of its functions."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, tree = name, ast.parse(path.read_text("utf-8"))
        self.imported: dict[str, tuple[str, str]] = {}
        self.texts: dict[str, str] = {}
        self.functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self.tree = tree
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for each in node.names:
                    self.imported[each.asname or each.name] = (node.module, each.name)
        for node in tree.body:
            if isinstance(node, ast.Assign):
                self.texts |= dict(_texts(node))


def _texts(node: ast.Assign) -> Iterator[tuple[str, str]]:
    for target in node.targets:
        both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
        for name, value in zip(target.elts, node.value.elts, strict=False) if both else [(target, node.value)]:
            if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield name.id, value.value


@cache
def module(name: str) -> Module | None:
    """Return a module of the package by its full name, or None for what is none."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
    return Module(name, file) if file.is_file() else None


def _named(of: Module, node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of everything a piece of source names, of its own module and of others."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield of.imported.get(each.id, (of.name, each.id))
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            inner = of.imported.get(each.value.id)
            yield (f"{inner[0]}.{inner[1]}", each.attr) if inner else (of.name, each.attr)
        elif isinstance(each, ast.Attribute):
            yield of.name, each.attr


def reached() -> frozenset[str]:
    """Return the commands that something of the window leads to."""
    waiting: list[tuple[str, str]] = []
    found: set[str] = set(ASKED_OF_THE_JOB)
    for path in [*(PACKAGE / "ui").rglob("*.py"), PACKAGE / "app.py"]:
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        own = module(name)
        waiting += _named(own, own.tree)
        found |= _asked_itself(own)
    seen: set[tuple[str, str]] = set()
    while waiting:
        key = waiting.pop()
        of = module(key[0]) if key not in seen and key[0].startswith("printcare.workflow") else None
        seen.add(key)
        if of is None or of.name == REHEARSES:
            continue
        if key[1] in of.imported and key[1] not in of.functions:
            waiting.append(of.imported[key[1]])
        found |= {of.texts.get(key[1], "")} & COMMANDS if key[1] in of.texts else set()
        function = of.functions.get(key[1])
        if function is not None:
            found |= PUT_TOGETHER.get((of.name, key[1]), set())
            found |= {n.value for n in ast.walk(function) if isinstance(n, ast.Constant)} & COMMANDS
            waiting += _named(of, function)
    return frozenset(found)


def _asked_itself(of: Module) -> set[str]:
    """Return what a module of the window asks for by itself: in `allowed`, and as a key of its table of deeds."""
    calls = (n for n in ast.walk(of.tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "allowed")
    found = {arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant)}
    for node in of.tree.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "DEEDS" and node.value is not None:
            tables = (each for each in ast.walk(node.value) if isinstance(each, ast.Dict))
            found |= {key.value for table in tables for key in table.keys if isinstance(key, ast.Constant)}
    return found & COMMANDS
