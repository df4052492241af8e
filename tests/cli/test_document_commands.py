"""Labels, reports, recalls, hand-overs and exports are reached from the command line, with the same codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from printed_house import BATCH, printed
from ward import PASSWORD

from printcare.cli import main


@pytest.fixture
def told(tmp_path, cheap_passwords, monkeypatch, capsys):
    house = printed(tmp_path, "released")
    house.records.close()
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(secret))

    def told(user: str, *words: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = main.run([*words, "--user", user, "--db", f"sqlite:///{tmp_path}/record.sqlite", "--json"])
        return code, json.loads(capsys.readouterr().out)

    return told


def test_a_complaint_is_recorded_assessed_and_closed(told):
    words = ("--kind", "complaint", "--what", "tastes bitter", "--source", "parent", "--unit", "2")
    code, made = told("ben", "complaint", "record", BATCH, *words)
    assert (code, made["report"]) == (0, "C-0001")
    assert told("quinn", "complaint", "assess", "C-0001", "--reason", "known taste")[0] == 0
    assert told("quinn", "complaint", "close", "C-0001", "--reason", "explained")[0] == 0
    assert told("quinn", "complaint", "list")[1]["reports"]["C-0001"]["status"] == "closed"


def test_a_refusal_has_the_same_code_as_everywhere(told):
    code, made = told("quinn", "complaint", "close", "C-0009", "--reason", "x")
    assert (code, made["findings"][0]["code"]) == (1, "E_NOT_ON_RECORD")


def test_recalls_are_listed(told):
    assert told("quinn", "recall", "list") == (0, {"status": "ok", "recalls": {}})


def test_the_settings_are_signed_and_a_form_is_written(told, tmp_path):
    code, made = told("owner", "documents", "settings", "--language", "fr", "--country", "FR", "--pharmacy", "PUI")
    assert (code, made["settings"]["language"], made["settings"]["wants_quarantine_label"]) == (0, "fr", False)
    code, made = told("owner", "documents", "settings", "--quarantine-label", "yes")
    assert (code, made["settings"]["language"], made["settings"]["wants_quarantine_label"]) == (0, "fr", True)
    form = tmp_path / "form.pdf"
    assert told("ada", "documents", "form", "--count", "1", "-o", str(form))[1]["numbers"] == ["PF-0001"]
    assert form.read_bytes().startswith(b"%PDF")


def test_accuracy_is_exported_with_its_dictionary(told, tmp_path):
    code, made = told("quinn", "documents", "accuracy", "--out", str(tmp_path / "out"))
    assert code == 0
    assert {"dose-accuracy.csv", "dose-accuracy-dictionary.csv", "SHA256SUMS"} <= set(made["files"])


def test_labels_are_listed_and_a_hand_over_without_one_is_refused(told):
    assert told("ada", "label", "list", BATCH)[1]["labels"] == []
    code, made = told("rita", "documents", "hand-over", BATCH, "--units", "7", "--to", "ward 4")
    assert (code, made["findings"][0]["code"]) == (1, "E_LABEL_MISSING")


def test_a_label_for_units_that_are_too_old_is_refused_and_nothing_leaves(told, tmp_path):
    code, refused = told("rita", "label", "print", BATCH, "-o", str(tmp_path / "label.pdf"), "--language", "es")
    assert (code, refused["findings"][0]["code"]) == (1, "E_BUD_PASSED")
    code, refused = told("ada", "label", "use", BATCH, "B-0001-F1", "--scan", "nothing")
    assert (code, refused["findings"][0]["code"]) == (1, "E_LABEL_MOVE")
    for verb in ("spoil", "destroy"):
        code, refused = told("ada", "label", verb, BATCH, "B-0001-F1", "--reason", "torn")
        assert (code, refused["findings"][0]["code"]) == (1, "E_LABEL_MOVE")
    code, refused = told("rita", "documents", "fhir", BATCH, "-o", str(tmp_path / "bundle.json"))
    assert (code, refused["findings"][0]["code"]) == (1, "E_NOT_HANDED_OVER")
