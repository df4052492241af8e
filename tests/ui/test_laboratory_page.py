"""Laboratory results in the window: entered with their raw file, checked by another, investigated where out."""

import pytest
from caring import Hands, deeds, texts
from hands import ORDER

from printcare.domain.batch import BatchState

RESULT = {"drug": "cyclophosphamide", "test": "content", "method": "HPLC 7", "analyst": "l.analyst", "unit": "%"}


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


@pytest.fixture
def batch(window):
    """Return a batch that waits for its results."""
    made, order = window.conductor.journey.here.rehearsal, window.conductor.journey.here.desk.order(ORDER)
    key = made.verify_and_plan(order, made.calculate(order)).id
    state = window.records.get("batch", key) | {"status": BatchState.QUARANTINED.value}
    with window.records.transaction(made.people["a.operator"].actor_for("batch.plan")) as tx:
        tx.record("batch.quarantined", "batch", key, state)
    return key


@pytest.fixture
def raw(tmp_path):
    path = tmp_path / "run 7.csv"
    path.write_bytes(b"peak,area\n1,99.8\n")
    return str(path)


def _entered(window, **typed):
    page = window.open("b.pharmacist", "quality")
    window.choose(page, "all|")
    window.fill(page, "laboratory.enter", **(RESULT | typed))
    window.quiet()
    return page


def test_a_result_without_a_method_or_a_raw_file_is_refused_beside_its_field(window, batch, raw):
    page = _entered(window, batch=batch, values="99.8", method="", raw_file=raw)
    assert "E_RESULT_INCOMPLETE" in page.fields["method"].objection.text()
    page = _entered(window, batch=batch, values="99,8 x", raw_file="")
    assert "E_NUMBER_FORMAT" in page.fields["values"].objection.text()
    page = _entered(window, batch=batch, values="99.8", raw_file="")
    assert "FILE_UNREADABLE" in page.fields["raw_file"].objection.text()
    assert not window.records.all("laboratory_result")


def test_a_result_is_checked_by_another_person_than_who_entered_it(window, batch, raw):
    page = _entered(window, batch=batch, values="99.8; 100.2", low="95", high="105", raw_file=raw)
    ((key, row),) = window.records.all("laboratory_result").items()
    assert (row["result"]["values"], row["result"]["raw_name"]) == (["99.8", "100.2"], "run 7.csv")
    window.choose(page, f"laboratory_result|{key}")
    window.press(page, "deed-laboratory.check")
    window.quiet()
    window.sign()
    assert "SAME_PERSON" in window.conductor.session.dialog.objection.text()
    window.conductor.session.close()
    page = window.open("c.pharmacist", "quality")
    window.choose(page, f"laboratory_result|{key}")
    assert "HPLC 7" in texts(page)
    window.press(page, "deed-laboratory.check")
    window.sign()
    assert window.records.get("laboratory_result", key)["status"] == "checked"
    assert deeds(page) == set()


def test_what_is_out_of_specification_is_investigated_tested_again_by_signature_and_closed(window, batch, raw):
    _entered(window, batch=batch, values="80", low="95", high="105", raw_file=raw)
    (key,) = window.records.all("laboratory_result")
    page = window.open("q.quality", "quality")
    window.choose(page, f"laboratory_result|{key}")
    window.press(page, "deed-laboratory.check")
    window.sign()
    investigation = f"{key}/I1"
    window.choose(page, f"investigation|{investigation}")
    for verb, reason in (("investigation.retest", "the flask leaked"), ("investigation.close", "a leak, found")):
        window.press(page, f"deed-{verb}")
        window.sign(reason)
    assert window.records.get("investigation", investigation)["conclusion"] == "a leak, found"
    page = _entered(window, batch=batch, values="99", low="95", high="105", raw_file=raw, retest=key)
    assert len(window.records.all("laboratory_result")) == 2
    assert "E_RETEST" not in texts(page)
