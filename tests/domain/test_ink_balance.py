"""The ink that left a cartridge is found again, or the difference blocks release."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.domain.ink_balance import InkFound, reconcile_ink

FOUND = InkFound("drug", Decimal(1000), Decimal(900), Decimal(80), Decimal(20), 0, Decimal(90))


@pytest.mark.parametrize(
    ("booked", "unweighed", "adds_up"),
    [("1000", 0, True), ("1053", 0, False), ("1052", 0, True), ("953", 0, True), ("952", 0, False), ("1090", 1, True)],
)
def test_ink_adds_up_within_the_limit(booked: str, unweighed: int, adds_up: bool) -> None:
    found = replace(FOUND, booked_mg=Decimal(booked), unweighed=unweighed)
    assert [finding.code for finding in reconcile_ink([found], Decimal(5))] == (
        [] if adds_up else ["E_INK_RECONCILIATION"]
    )
