"""The reference vectors these tests are held against."""

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def vectors():
    return json.loads((Path(__file__).parent / "vectors" / "process.json").read_text(encoding="utf-8"))
