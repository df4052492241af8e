"""An ink lot: its moves, its life in use, what a release needs, and grams in that are grams out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.checks import Finding
from printcare.domain.ink_lot import (
    IN_HOUSE,
    LOT_MOVES,
    Determination,
    InkLot,
    LedgerEntry,
    LotStatus,
    TransportLog,
    lot_after,
)

TODAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOUND = Determination(date(2025, 12, 17), "HPLC", Decimal("1.2"), "QC")
LOT = InkLot(
    id="L1",
    ink_id="ink",
    form="hydrocortisone",
    strength_mg_per_g=Decimal(40),
    strength_basis="as_printed",
    assay_pct_of_label=Decimal(100),
    assay_limits_pct=(Decimal(95), Decimal(105)),
    lod_pct=Decimal(12),
    excipients=("water",),
    supplier="works",
    supplier_agreement_until=date(2026, 12, 31),
    manufactured_on=date(2025, 12, 1),
    expires_on=date(2026, 6, 1),
    status=LotStatus.QUARANTINE,
    certificate="C1",
    excursions_judged=True,
    formulation_version=1,
    mass_g=Decimal(100),
    assay=FOUND,
    lod=FOUND,
    storage="cold",
    storage_c=(Decimal(2), Decimal(8)),
    in_use_h=Decimal(48),
    transport=TransportLog("T1", Decimal(3), Decimal(7), Decimal(0)),
)
COMMANDS = sorted({command for _, _, command in LOT_MOVES})


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("current", [None, *LotStatus])
def test_a_lot_makes_exactly_the_moves_of_the_table(current, command) -> None:
    listed = [end for start, end, name in LOT_MOVES if (start, name) == (current, command)]
    found = lot_after(current, command, "L1")
    if listed:
        assert found is listed[0]
    else:
        assert isinstance(found, Finding)
        assert found.code == "E_LOT_MOVE"


def test_nothing_leads_out_of_a_recall_and_only_a_recall_out_of_a_rejection() -> None:
    leading = {(start, name) for start, _, name in LOT_MOVES}
    assert not [name for start, name in leading if start is LotStatus.RECALLED]
    assert [name for start, name in leading if start is LotStatus.REJECTED] == ["ink_lot.recall"]


def test_a_lot_with_everything_stated_has_nothing_against_its_release() -> None:
    assert LOT.release_objections(TODAY) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"assay": None}, "E_LOT_INCOMPLETE"),
        ({"lod": None}, "E_LOT_INCOMPLETE"),
        ({"transport": None}, "E_LOT_INCOMPLETE"),
        ({"storage_c": None}, "E_LOT_INCOMPLETE"),
        ({"mass_g": Decimal(0)}, "E_LOT_INCOMPLETE"),
        ({"formulation_version": 0}, "E_LOT_INCOMPLETE"),
        ({"assay_pct_of_label": Decimal("105.1")}, "E_ASSAY_OUT_OF_LIMITS"),
        ({"assay_pct_of_label": Decimal("94.9")}, "E_ASSAY_OUT_OF_LIMITS"),
        ({"excursions_judged": False}, "E_LOT_EXCURSION"),
        ({"expires_on": date(2026, 1, 4)}, "E_LOT_EXPIRED"),
        ({"supplier_agreement_until": date(2026, 1, 4)}, "E_SUPPLIER_AGREEMENT"),
        ({"assay": replace(FOUND, measured_on=date(2025, 11, 30))}, "E_DETERMINATION_DATE"),
        ({"lod": replace(FOUND, measured_on=date(2026, 1, 6))}, "E_DETERMINATION_DATE"),
    ],
)
def test_what_a_release_needs_and_is_not_there_is_refused_by_its_code(changes, code) -> None:
    assert [finding.code for finding in replace(LOT, **changes).release_objections(TODAY)] == [code]


@pytest.mark.parametrize("assay", ["95", "105"])
def test_the_assay_limits_are_inside(assay) -> None:
    assert replace(LOT, assay_pct_of_label=Decimal(assay)).faults(TODAY) == ()


def test_a_lot_made_in_house_needs_no_agreement_and_no_transport() -> None:
    own = replace(LOT, origin=IN_HOUSE, transport=None, supplier_agreement_until=date(2020, 1, 1))
    assert own.release_objections(TODAY) == ()


def test_an_opened_lot_ends_with_its_time_in_use_and_a_closed_one_does_not() -> None:
    opened = replace(LOT, opened_at=NOW)
    assert opened.use_by == NOW + timedelta(hours=48)
    assert opened.in_use_objections(NOW + timedelta(hours=48)) == ()
    (finding,) = opened.in_use_objections(NOW + timedelta(hours=48, seconds=1))
    assert finding.code == "E_LOT_IN_USE"
    assert LOT.in_use_objections(NOW + timedelta(days=99)) == ()
    assert replace(opened, in_use_h=None).use_by is None


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (None, "no temperature log"),
        (TransportLog("T", Decimal(2), Decimal(8), Decimal(0)), "no excursion"),
        (TransportLog("T", Decimal(2), Decimal("8.1"), Decimal(0)), "excursion: 2 to 8.1"),
        (TransportLog("T", Decimal("1.9"), Decimal(8), Decimal(0)), "excursion: 1.9"),
        (TransportLog("T", Decimal(2), Decimal(8), Decimal(5)), "excursion: 2 to 8 °C, 5 min"),
    ],
)
def test_an_excursion_is_told_against_the_storage_condition(log, said) -> None:
    assert replace(LOT, transport=log).excursion().startswith(said)


def test_a_log_without_a_storage_condition_says_nothing() -> None:
    assert replace(LOT, storage_c=None).excursion() == "no temperature log of the transport"


@given(st.lists(st.decimals(min_value=0, max_value=20, places=3), max_size=5))
def test_grams_out_and_weighed_waste_are_the_grams_that_came_in(taken) -> None:
    lot = LOT
    for mass_g in taken:
        lot = lot.book(LedgerEntry(NOW, -mass_g, "filled"))
    assert lot.left_g + sum(taken) == LOT.mass_g
    assert lot.reconciliation(lot.left_g, Decimal(2)) == ()


@pytest.mark.parametrize(("waste", "codes"), [("98", []), ("97.9", ["E_LOT_RECONCILIATION"]), ("102", [])])
def test_what_is_missing_beyond_the_limit_is_told(waste, codes) -> None:
    assert [finding.code for finding in LOT.reconciliation(Decimal(waste), Decimal(2))] == codes


@pytest.mark.parametrize("waste", ["-0.1", "102.1"])
def test_a_deviation_explains_no_waste_that_cannot_have_been_weighed(waste) -> None:
    (finding,) = LOT.reconciliation(Decimal(waste), Decimal(2), "a vessel broke")
    assert finding.code == "E_WASTE_MASS"
