"""A pharmacy at work for every test, with passwords that cost nothing."""

from __future__ import annotations

import pytest
from ward import open_ward


@pytest.fixture
def ward(tmp_path, cheap_passwords):
    """Return a pharmacy with people, approvals and a lot."""
    made = open_ward(tmp_path)
    yield made
    made.records.close()
