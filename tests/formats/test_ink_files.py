"""Files of inks and their papers: every problem told, every date with its offset, the same content the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest

from printcare.formats.certificate import CertificateContent, Signed, certificate_pdf
from printcare.formats.find import ids, shipped
from printcare.formats.ink_formulation import load_formulation, load_formulations, read_formulation
from printcare.formats.ink_lot import load_ink_lot, read_ink_lot
from printcare.formats.ink_preparation import read_preparation
from printcare.formats.legal_grounds import load_legal_grounds, read_legal_grounds
from printcare.formats.recall_list import RecallHead, RecallLine, recall_csv, recall_pdf
from printcare.formats.tables import FileProblems

INK = (shipped("recipes") / "inks" / "cyclophosphamide-paste-40.toml").read_text("utf-8")
LOT = (shipped("recipes") / "demonstration" / "lot-CP-2601-A.toml").read_text("utf-8")
GROUNDS = (shipped("recipes") / "site" / "legal-grounds.toml").read_text("utf-8")
PREPARATION = """
schema = 1
kind = "ink_preparation"
lot = "OWN-1"
ink_id = "cyclophosphamide-paste-40"
formulation_version = 1
equipment = ["mixer"]
deviations = []
yield_g = 98
yield_limits_pct = [95, 100]
[[ingredient]]
name = "water"
lot = "W-1"
expires_on = 2026-12-31
planned_g = 12
limit_pct = 1
weighed_g = 12.01
balance = "B1"
weighed_by = "ada"
checked_by = "ben"
weighed_at = "2026-01-04T09:00:00+01:00"
"""


def codes(read, text: str) -> list[str]:
    with pytest.raises(FileProblems) as refused:
        read(text.encode(), "file.toml")
    return [finding.code for finding in refused.value.findings]


def test_every_shipped_lot_is_whole_and_of_its_shipped_formulation():
    inks = {ink.id: ink for ink in load_formulations()}
    names = [name.removeprefix("lot-") for name in ids("recipes/demonstration") if name.startswith("lot-")]
    assert names
    for name in names:
        lot, filled = load_ink_lot(name)
        ink = inks[lot.ink_id]
        assert lot.unstated() == ()
        assert [*ink.lot_objections(lot), *(each for one in filled for each in ink.cartridge_objections(one))] == []


def test_every_shipped_product_has_a_legal_ground():
    assert {ink.inn for ink in load_formulations()} <= load_legal_grounds().keys()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("mg_per_g = 753", "mg_per_g = 700", "F_INK_SUM"),
        ("factor = 1\n", "factor = 1.07\n", "F_INK_FACTOR"),
        ("nominal_lod_pct = 12", "nominal_lod_pct = 100", "F_KEY_RANGE"),
        ('water_activity = "aqueous-preserved"', 'water_activity = "dry"', "F_KEY_CHOICE"),
        ("warm_max_h = 8", "warm_max = 8", "F_KEY_UNKNOWN"),
    ],
)
def test_a_formulation_that_cannot_be_meant_is_refused(old, new, code):
    assert code in codes(read_formulation, INK.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("assay_limits_pct = [95, 105]\n", "", "F_KEY_MISSING"),
        ('method = "HPLC, DEMO-M-014"\n', "", "F_KEY_MISSING"),
        ("min_c = 2.9", "min_c = 12", "F_RANGE_ORDER"),
        ("outside_min = 35", "outside_min = -1", "F_RANGE_ORDER"),
        ('origin = "supplier"', 'origin = "found"', "F_KEY_CHOICE"),
    ],
)
def test_a_lot_file_that_states_too_little_is_refused(old, new, code):
    assert code in codes(read_ink_lot, LOT.replace(old, new))


def test_a_lot_file_of_the_first_schema_is_read_and_says_what_it_lacks():
    whole = [line for line in LOT.split("[assay]")[0].splitlines() if not line.startswith(NEW)]
    lot, filled = read_ink_lot("\n".join(whole).replace("schema = 2", "schema = 1").encode(), "old.toml")
    assert lot.unstated() == (
        "formulation_version", "mass_g", "assay", "lod", "storage", "storage_c", "in_use_h", "transport"
    )  # fmt: skip
    assert filled == ()


NEW = ("mass_g", "storage", "in_use_h", "formulation_version", "origin")


def test_a_lot_made_in_house_states_neither_agreement_nor_transport():
    own = LOT.replace('origin = "supplier"', 'origin = "in house"')
    own = own.replace("supplier_agreement_until = 2027-12-31\n", "").replace("excursions_judged = true\n", "")
    start, end = own.index("[transport]"), own.index("[[cartridge]]")
    lot, _ = read_ink_lot((own[:start] + own[end:]).encode(), "own.toml")
    assert (lot.transport, lot.excursions_judged) == (None, True)


def test_a_parcel_without_a_logger_is_read_and_quality_judges_it():
    start, end = LOT.index("[transport]"), LOT.index("[[cartridge]]")
    lot, _ = read_ink_lot((LOT[:start] + LOT[end:]).encode(), "lot.toml")
    assert lot.unstated() == ("transport",)


def test_a_preparation_is_read_with_its_moments():
    made = read_preparation(PREPARATION.encode(), "made.toml")
    assert made.ingredients[0].weighed_at == datetime(2026, 1, 4, 8, tzinfo=UTC)
    assert made.ingredients[0].is_within


@pytest.mark.parametrize("moment", ["2026-01-04T09:00:00", "yesterday"])
def test_a_weighing_without_a_moment_is_refused(moment):
    assert codes(read_preparation, PREPARATION.replace("2026-01-04T09:00:00+01:00", moment)) == ["F_KEY_TYPE"]


def test_a_product_has_one_default_ground_with_a_known_risk():
    twice = GROUNDS.replace('inn = "sildenafil"', 'inn = "minoxidil"')
    assert codes(read_legal_grounds, twice) == ["F_KEY_CHOICE"]
    assert codes(read_legal_grounds, GROUNDS.replace('risk_level = "high"', 'risk_level = "none"')) == ["F_KEY_CHOICE"]


# ---- papers


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    said = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(said.split())


def test_the_certificate_says_what_was_found_how_well_and_who_signed():
    lot, _ = load_ink_lot("CP-2601-A")
    made = read_preparation(PREPARATION.encode(), "made.toml")
    signed = (Signed("Quinn Example", "quality", "released for printing", "2026-01-05T09:00:00.000Z"),)
    content = CertificateContent(
        "site", "locked", "LOCKED", "printcare", lot, load_formulation(lot.ink_id), made, "harmless", signed
    )
    data = certificate_pdf(content)
    said = text_of(data)
    for words in ("95 to 105 %", "U 1.2 %", "HPLC", "2025-12-17", "hypromellose", "harmless", "Quinn Example", "W-1"):
        assert words in said
    assert data == certificate_pdf(content)


def test_the_recall_paper_counts_units_by_batch_and_names_pseudonyms_only():
    lines = [
        RecallLine("B-1", "released", "RX-1", "P-1", f"B-1/{index:02d}", "accepted", use, "L-1", "K-1")
        for index, use in enumerate(("patient", "patient", "retain"), start=1)
    ]
    head = RecallHead(
        "R-0001", "L-1", "lot", "contaminated", "Quinn", datetime(2026, 1, 5, tzinfo=UTC), "0.012", "locked", "LOCKED"
    )
    said = text_of(recall_pdf(head, lines))
    assert "batches: 1, units: 3, patients (pseudonyms): 1" in said
    assert "B-1 released RX-1 P-1 3 2" in said


def test_no_cell_of_the_recall_table_runs_as_a_formula():
    line = RecallLine("B-1", "released", "=1+1", "P-1", "B-1/01", "accepted", "patient", "L-1", "K-1")
    assert b"'=1+1" in recall_csv([line])
