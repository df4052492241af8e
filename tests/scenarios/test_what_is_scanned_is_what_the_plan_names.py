"""Cartridge, lot and nozzle of every ink are held against the plan; another code is refused and recorded."""

import pytest
from rehearsing import ONE_DAY, prepared_in

from printcare.workflow.authority import Refused
from printcare.workflow.batch.scanned import codes_of, compare_scan

TWO_DRUGS = "spironolactone-hydrochlorothiazide-sse"


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """Return a rehearsal of a unit of two drugs."""
    one = prepared_in(tmp_path_factory.mktemp("scanned"), days=ONE_DAY, recipe=TWO_DRUGS)
    yield one
    one.close()


def scan(one, what, scanned):
    compare_scan(one.records, one.demonstration.people["a.operator"], one.planned, what, scanned)


def test_every_ink_has_its_codes_and_each_is_taken(planned):
    codes = codes_of(planned.planned)
    assert [code.what for code in codes] == ["cartridge", "lot", "nozzle", "cartridge-2", "lot-2", "nozzle-2"]
    assert [part.cartridge.id for part in planned.planned.recipe.parts] == [codes[0].wanted, codes[3].wanted]
    for code in codes:
        scan(planned, code.what, f" {code.wanted}\r")


@pytest.mark.parametrize(
    ("what", "of", "refused_with"),
    [
        ("cartridge", "cartridge-2", "E_CARTRIDGE_CODE"),  # the two inks swapped
        ("cartridge-2", "cartridge", "E_CARTRIDGE_CODE"),
        ("lot-2", "lot", "E_SCAN_DIFFERS"),
        ("nozzle", "lot", "E_SCAN_DIFFERS"),
        ("spool", "lot", "E_SCAN_UNKNOWN"),
    ],
)
def test_any_other_code_is_refused_and_recorded(planned, what, of, refused_with):
    wanted = {code.what: code.wanted for code in codes_of(planned.planned)}
    with pytest.raises(Refused) as refused:
        scan(planned, what, wanted[of])
    assert refused.value.code == refused_with
    told = planned.records.events(action="batch.prepare")[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", refused_with)
