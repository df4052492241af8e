"""No text from outside reaches pint, whose parser reads “12,5 mg” as 125 mg: its registry gets numbers and units."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.hazard("HZ-02")

PACKAGE = Path(__file__).parents[2] / "printcare"
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def parsing_calls(tree: ast.AST) -> list[str]:
    """Return the calls by which pint would parse a text: parse_*, Quantity of one argument, the registry called."""
    return [
        f"line {call.lineno}: {name_of(call.func)}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and (
            name_of(call.func) in {"parse_expression", "parse_units", "parse_pattern", "parse_unit_name"}
            or (name_of(call.func) == "Quantity" and len(call.args) + len(call.keywords) == 1)
            or name_of(call.func) in {"ureg", "UREG", "registry", "REGISTRY"}
        )
    ]


def imports_pint(tree: ast.AST) -> bool:
    return any(
        (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "pint" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pint")
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_one_registry_imports_pint_and_it_parses_nothing(module):
    tree = ast.parse(module.read_text("utf-8"))
    if imports_pint(tree):
        assert module == PACKAGE / "units.py"
        assert parsing_calls(tree) == []


@pytest.mark.parametrize("text", ["ureg('5 mg')", "ureg.parse_units(x)", "pint.Quantity('5 mg')", "Quantity(value=x)"])
def test_a_parsing_call_would_be_found(text):
    assert parsing_calls(ast.parse(text))


def test_a_number_with_its_unit_is_no_parsing_call():
    assert parsing_calls(ast.parse("ureg.Quantity(Decimal('16'), ureg.kilogram)")) == []
