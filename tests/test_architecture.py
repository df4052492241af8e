"""The house's own rules: modules short and introduced, imports downwards, every error code written down."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from error_codes import codes_in_source, codes_listed, codes_of

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "printcare").rglob("*.py"))
MOST_LINES = 400
# The stand-alone verifier is one file by its purpose: an auditor gets it alone.
LONGER = {"printcare/verify.py": 600}


def named(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_opens_with_what_it_is_for(path):
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring
    assert docstring.splitlines()[0].rstrip().endswith((".", ":", "?")), "its first line is one sentence"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_can_be_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGER.get(named(path), MOST_LINES)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_nothing_outside_tests_asserts(path):
    assert not [node.lineno for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Assert)]


def test_imports_point_down_the_layer_list():
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_every_error_code_of_the_program_is_written_down_and_no_other():
    used, listed = codes_in_source(), codes_listed()
    assert sorted(used - listed) == [], "codes missing from docs/errors.md"
    assert sorted(listed - used) == [], "codes of docs/errors.md that the program does not use"


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ('raise PrintcareError("A_CODE", f"told {x}", "do")', {"A_CODE"}),
        ('error("E_ONE" if a else "E_TWO", "told", "do")', {"E_ONE", "E_TWO"}),
        ('self._refused("PASSWORD_SHORT", "x")', {"PASSWORD_SHORT"}),
        ('super().__init__("LINK_LOST", "x", "y")', {"LINK_LOST"}),
        ('self._end([], "STOP_SENT", "x")', {"STOP_SENT"}),
        ('TABLE = {"a": "W_SOMETHING"}', {"W_SOMETHING"}),
        ('printer.stop("M112")', set()),
        ('print("NOT_A_CODE")', set()),
    ],
)
def test_a_code_is_found_where_it_is_used(source, codes):
    assert codes_of(source) == codes
