"""Ink lots and cartridges: every reason not to print from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from printcare.domain.formulation import Cartridge, InkLot, LedgerEntry, LotStatus

TODAY = date(2026, 1, 5)
LOT = InkLot(
    id="L1",
    ink_id="ink",
    form="cyclophosphamide anhydrous",
    strength_mg_per_g=Decimal(40),
    strength_basis="as_printed",
    assay_pct_of_label=Decimal(100),
    assay_limits_pct=(Decimal(95), Decimal(105)),
    lod_pct=Decimal(12),
    excipients=(),
    supplier="works",
    supplier_agreement_until=date(2026, 12, 31),
    manufactured_on=date(2025, 12, 1),
    expires_on=TODAY,
    status=LotStatus.RELEASED,
    certificate="C1",
    excursions_judged=True,
)
CARTRIDGE = Cartridge("K1", "L1", Decimal(10), Decimal("0.8"), date(2026, 1, 4), Decimal(8), Decimal(0), True)
ENTRY = LedgerEntry(datetime(2026, 1, 5, tzinfo=UTC), Decimal("-4.36"), "printed", "B-1")


def test_a_released_lot_may_be_used_on_its_last_day() -> None:
    assert LOT.objections(TODAY) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": LotStatus.QUARANTINE}, "E_LOT_STATUS"),
        ({"status": LotStatus.RECALLED}, "E_LOT_STATUS"),
        ({"expires_on": date(2026, 1, 4)}, "E_LOT_EXPIRED"),
        ({"supplier_agreement_until": date(2026, 1, 4)}, "E_SUPPLIER_AGREEMENT"),
        ({"excursions_judged": False}, "E_LOT_EXCURSION"),
    ],
)
def test_a_lot_is_refused_with_its_reason(changes: dict[str, object], code: str) -> None:
    findings = replace(LOT, **changes).objections(TODAY)  # type: ignore[arg-type]
    assert [(finding.code, finding.blocks) for finding in findings] == [(code, True)]


def test_the_ledger_takes_dead_volume_and_use_off_the_fill() -> None:
    assert CARTRIDGE.left_g == Decimal("9.2")
    assert CARTRIDGE.book([ENTRY]).left_g == Decimal("4.84")


@pytest.mark.parametrize(
    ("cartridge", "needed_g", "codes"),
    [
        (CARTRIDGE, "9.2", []),
        (CARTRIDGE, "9.21", ["E_CARTRIDGE_EMPTY"]),
        (replace(CARTRIDGE, lot_id="L2"), "1", ["E_CARTRIDGE_LOT"]),
        (CARTRIDGE.book([ENTRY]), "1", ["E_CARTRIDGE_USED"]),
        (replace(CARTRIDGE, is_single_use=False).book([ENTRY]), "1", []),
        (replace(CARTRIDGE, warm_h=Decimal(8)), "1", ["E_CARTRIDGE_TIME"]),
    ],
)
def test_a_cartridge_is_refused_with_its_reason(cartridge: Cartridge, needed_g: str, codes: list[str]) -> None:
    assert [finding.code for finding in cartridge.objections(Decimal(needed_g), LOT)] == codes
