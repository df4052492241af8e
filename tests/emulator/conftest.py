"""What every test of the emulator needs: the shipped profile."""

from __future__ import annotations

import pytest

from printcare.domain.machine import FirmwareProfile
from printcare.formats.profile import load_profile


@pytest.fixture(scope="session")
def profile() -> FirmwareProfile:
    return load_profile("marlin-syringe")
