"""What every test of the emulator needs: the shipped profile and the reference vectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from printcare.domain.machine import FirmwareProfile
from printcare.formats.profile import load_profile

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def profile() -> FirmwareProfile:
    return load_profile("marlin-syringe")


@pytest.fixture(scope="session")
def vectors() -> dict:
    return json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))
