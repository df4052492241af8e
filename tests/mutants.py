"""Show that the tests of the domain notice the errors that circulate: each is put into a copy, and a test must fail.

    python tests/mutants.py

Run by hand. Works on a copy of the package and of its tests in a temporary folder; the checkout is not touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SUITE = ("test_bsa.py", "test_rounding.py", "test_dosing.py", "test_verification.py", "test_comparison.py")


class Mutant(NamedTuple):
    """One error, as a replacement of a text that stands in the module once."""

    name: str
    module: str
    right: str
    wrong: str


MUTANTS = (
    Mutant("a wrong Du Bois constant", "bsa", '_power_law("0.007184",', '_power_law("0.0087184",'),
    Mutant(
        "height in metres", "bsa", "_sqrt(height_cm * weight_kg / 3600)", "_sqrt(height_cm / 100 * weight_kg / 3600)"
    ),
    Mutant("natural log in Boyd", "bsa", "per_decade * weight.log10()", "per_decade * weight.ln()"),
    Mutant("Boyd's gram form fed with kg", "bsa", '"0.7285", "0.0188", grams=True', '"0.7285", "0.0188", grams=False'),
    Mutant("swapped sexes", "bsa", '_SCHLICH[sex or ""]', '_SCHLICH[{"F": "M", "M": "F"}[sex or ""]]'),
    Mutant(
        "Mosteller with 0.016667 for 1/60",
        "bsa",
        "_sqrt(height_cm * weight_kg / 3600)",
        '_sqrt(height_cm * weight_kg) * Fraction("0.016667")',
    ),
    Mutant("Livingston-Lee without its branch", "bsa", "if weight_kg >= 10 else", "if weight_kg >= 0 else"),
    Mutant(
        "float rounding",
        "rounding",
        "STEP_MODES[rule.mode][1](dose_mg / rule.step_mg) * rule.step_mg\n\n\ndef _within",
        "int(float(dose_mg) / float(rule.step_mg) + 0.5) * rule.step_mg\n\n\ndef _within",
    ),
    Mutant(
        "cap after rounding",
        "dosing",
        "limited = _capped_then_reduced(basis, schedule)",
        "limited = LimitedDose(basis.dose_mg * (1 - schedule.reduction_pct / 100), (), ())",
    ),
    Mutant(
        "reduction before cap",
        "dosing",
        "    dose_mg = basis.dose_mg\n",
        "    dose_mg = basis.dose_mg * (1 - schedule.reduction_pct / 100)\n"
        "    schedule = Schedule(times, Fraction(0))\n",
    ),
    Mutant(
        "a daily cap compared after dividing", "dosing", "dose_mg * times > daily_mg", "dose_mg >= daily_mg / times"
    ),
    Mutant(
        "a second entry nobody compares", "verification", "*_mismatches(calculation, printed_mg, second_entry),", ""
    ),
    Mutant("a warning nobody need acknowledge", "verification", "*_unacknowledged(raised, notices, given),", "*(),"),
    Mutant("a cumulative limit nobody compares", "comparison", "total > Fraction(limit.limit)", "total < 0"),
)


def survives(mutant: Mutant, folder: Path) -> bool:
    """Put one error into the copy, run the suite, take it out again, and say whether every test passed."""
    module = folder / "printcare" / "domain" / f"{mutant.module}.py"
    original = module.read_text("utf-8")
    if original.count(mutant.right) != 1:
        sys.exit(f"{mutant.name}: its text stands {original.count(mutant.right)} times in {mutant.module}.py.")
    module.write_text(original.replace(mutant.right, mutant.wrong), "utf-8")
    try:
        return run_suite(folder) == 0
    finally:
        module.write_text(original, "utf-8")


def run_suite(folder: Path) -> int:
    """Return pytest's exit code over the suite in the copy: 0 passed, 1 failed; anything else ends the program."""
    tests = [str(folder / "tests" / "domain" / name) for name in SUITE]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode


def tell(line: str) -> None:
    """Show one line at once: a mutant takes some seconds."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Print one line a mutant and return 1 if any survived."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("printcare", "tests/domain", "tests/data", "recipes"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "tests/conftest.py"):
            shutil.copy(ROOT / name, folder / name)
        if run_suite(folder) != 0:
            sys.exit("The tests fail without any mutant.")
        alive = 0
        for mutant in MUTANTS:
            is_alive = survives(mutant, folder)
            alive += is_alive
            tell(f"{mutant.name:<40}{mutant.module:<14}{'SURVIVES' if is_alive else 'killed'}")
    tell(f"{len(MUTANTS) - alive} of {len(MUTANTS)} killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
