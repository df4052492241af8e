"""An installed wheel finds its recipes, rules and profiles without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASK = """
import printcare
from printcare.formats.dosing_rule import load_rules
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
print(printcare.__file__)
print(load_recipe("cyclophosphamide-sse").id, load_profile("marlin-syringe").id, len(load_rules()) > 0)
"""


def test_a_wheel_carries_its_data_and_finds_it_from_anywhere(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    told = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    where, found = told.stdout.splitlines()
    assert Path(where).is_relative_to(installed)
    assert found == "cyclophosphamide-sse marlin-syringe True"
