"""A cartridge or spool: its moves, its end of life, its code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from printcare.domain.cartridge import (
    CARTRIDGE_MOVES,
    FILAMENT,
    Cartridge,
    CartridgeStatus,
    cartridge_after,
)
from printcare.domain.checks import Finding
from printcare.domain.ink_lot import LedgerEntry

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
FULL = Cartridge("K1", "L1", Decimal(10), Decimal("0.8"), date(2026, 1, 4), Decimal(8), Decimal(0), True)
SPOOL = replace(FULL, kind=FILAMENT, in_use_h=Decimal(72), humidity_max_pct=Decimal(40))
COMMANDS = sorted({command for _, _, command in CARTRIDGE_MOVES})


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("current", [None, *CartridgeStatus])
def test_a_cartridge_makes_exactly_the_moves_of_the_table(current, command) -> None:
    listed = [end for start, end, name in CARTRIDGE_MOVES if (start, name) == (current, command)]
    found = cartridge_after(current, command, "K1")
    if listed:
        assert found is listed[0]
    else:
        assert isinstance(found, Finding)
        assert found.code == "E_CARTRIDGE_MOVE"


def test_nothing_leads_out_of_the_waste() -> None:
    assert not [end for start, end, _ in CARTRIDGE_MOVES if start is CartridgeStatus.DISCARDED]


@pytest.mark.parametrize(
    ("code", "scanned", "fits"),
    [("", "K1", True), ("X9", " X9 ", True), ("X9", "K1", False), ("21X9", "]d2\x1d21X9", True)],
)
def test_a_cartridge_answers_to_its_own_code_alone(code, scanned, fits) -> None:
    assert replace(FULL, code=code).answers_to(scanned) is fits


@pytest.mark.parametrize(
    ("warm_h", "batch_h", "codes"),
    [("7", "1", []), ("7", "1.01", ["E_CARTRIDGE_TIME"]), ("8", "1", [])],
)
def test_a_batch_that_would_keep_it_warm_too_long_is_refused(warm_h, batch_h, codes) -> None:
    """At 8 of 8 h `objections` refuses already."""
    found = replace(FULL, warm_h=Decimal(warm_h)).time_objections(NOW, Decimal(batch_h))
    assert [finding.code for finding in found] == codes


@pytest.mark.parametrize(
    ("cartridge", "code"), [(replace(FULL, in_use_h=Decimal(24)), "E_CARTRIDGE_IN_USE"), (SPOOL, "E_FILAMENT_MOISTURE")]
)
def test_a_batch_that_would_end_after_its_time_in_use_is_refused(cartridge, code) -> None:
    opened = replace(cartridge, opened_at=NOW)
    hours = int(cartridge.in_use_h)
    assert opened.time_objections(NOW + timedelta(hours=hours - 1), Decimal(1)) == ()
    (finding,) = opened.time_objections(NOW + timedelta(hours=hours - 1, seconds=1), Decimal(1))
    assert finding.code == code
    assert cartridge.time_objections(NOW + timedelta(days=9), Decimal(1)) == ()


def test_the_earlier_of_both_limits_counts() -> None:
    limited = replace(FULL, use_by=NOW + timedelta(hours=3), in_use_h=Decimal(2), opened_at=NOW)
    assert limited.ends_at == NOW + timedelta(hours=2)
    assert replace(limited, opened_at=None).ends_at == NOW + timedelta(hours=3)


@pytest.mark.parametrize(
    ("humidity", "codes"), [("40", []), ("40.1", ["E_FILAMENT_HUMIDITY"]), (None, ["E_FILAMENT_HUMIDITY"])]
)
def test_a_spool_is_opened_in_a_dry_room_only(humidity, codes) -> None:
    room = None if humidity is None else Decimal(humidity)
    assert [finding.code for finding in SPOOL.opening_objections(room)] == codes


def test_a_cartridge_without_a_limit_is_opened_in_any_room() -> None:
    assert FULL.opening_objections(None) == ()


@pytest.mark.parametrize(
    ("waste", "reason", "codes"),
    [
        ("7.5", "", []),
        ("7.4", "", ["E_CARTRIDGE_RECONCILIATION"]),
        ("8.6", "", ["E_CARTRIDGE_RECONCILIATION"]),
        ("7.4", "spilt on the bench", []),
        ("-1", "spilt on the bench", ["E_WASTE_MASS"]),
        ("10.6", "spilt on the bench", ["E_WASTE_MASS"]),
    ],
)
def test_grams_into_a_cartridge_are_grams_out_of_it_within_the_limit_or_for_a_reason(waste, reason, codes) -> None:
    printed = FULL.book([LedgerEntry(NOW, Decimal(-2), "printed")])
    assert printed.held_g == 8
    assert [finding.code for finding in printed.reconciliation(Decimal(waste), Decimal(5), reason)] == codes
