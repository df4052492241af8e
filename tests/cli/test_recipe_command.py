"""`printcare recipe` and `printcare mode` from the outside: the life of a recipe, bundles and the site's mode."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from printcare.cli.main import run
from printcare.records.checkpoints import station_key

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
from ward import LOT_FILE, PASSWORD, RECIPE, open_ward

WHY = ["--reason", "compared with its source"]
SHIPPED = Path(__file__).parents[2] / "recipes" / f"{RECIPE}.toml"
RULE = SHIPPED.parent / "dosing_rules" / "hydrocortisone-oral-paediatric.toml"


@pytest.fixture
def site(tmp_path, monkeypatch, cheap_passwords):
    """Return the folder of a pharmacy's record, with everybody's password in one file."""
    open_ward(tmp_path).records.close()
    file = tmp_path / "password"
    file.write_text(PASSWORD, "utf-8")
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(file))
    return tmp_path


@pytest.fixture
def told(site, capsys):
    """Return what a command's exit code and its one JSON object are."""

    def told(*words: object, user: str | None = None) -> tuple[int, dict]:
        capsys.readouterr()
        who = ["--user", user] if user else []
        code = run([*map(str, words), *who, "--db", str(site / "record.sqlite"), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return told


@pytest.fixture
def said(site, capsys):
    """Return what a command prints for people."""

    def said(*words: object, user: str | None = None) -> str:
        capsys.readouterr()
        who = ["--user", user] if user else []
        assert run([*map(str, words), *who, "--db", str(site / "record.sqlite")]) == 0
        return capsys.readouterr().out

    return said


@pytest.fixture
def second(site):
    """Return the file of a second version with a narrower range."""
    text = SHIPPED.read_text("utf-8").replace("version = 1", "version = 2", 1)
    old = next(line for line in text.splitlines() if line.startswith("dose_mg = ["))
    file = site / "second.toml"
    file.write_text(text.replace(old, "dose_mg = [10, 40]", 1), "utf-8")
    return file


def taken(told, *verbs: str, named=f"{RECIPE}/2", more=()):
    return [told("recipe", verb, named, *WHY, *more, user="owner")[0] for verb in verbs]


def test_the_list_says_where_each_version_stands_and_needs_no_identity(told):
    code, shown = told("recipe", "list")
    rows = {(row["id"], row["version"]): row for row in shown["recipes"]}
    assert code == 0
    assert rows[RECIPE, 1]["status"] == "effective"
    assert rows["minoxidil-capsule-low", 1]["status"] == "not on record"
    assert all({"id", "version", "status", "product"} <= row.keys() for row in shown["recipes"])


def test_without_a_record_the_shipped_recipes_are_listed_as_what_they_are(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert run(["recipe", "list", "--json"]) == 0
    assert {row["status"] for row in json.loads(capsys.readouterr().out)["recipes"]} == {"not on record"}


def test_a_recipe_is_taken_from_draft_into_force_and_out_of_it(told, second):
    code, shown = told("recipe", "submit", second, *WHY, user="author")
    assert (code, shown["version"]["status"]) == (0, "submitted")
    assert taken(told, "validate", "approve", "effective") == [0, 0, 0]
    statuses = {row["version"]: row["status"] for row in told("recipe", "list")[1]["recipes"] if row["id"] == RECIPE}
    assert statuses == {1: "superseded", 2: "effective"}
    code, shown = told("recipe", "retire", f"{RECIPE}/2", *WHY, user="owner")
    assert (code, shown["version"]["status"]) == (0, "retired")


def test_the_approver_is_shown_the_difference_that_is_signed(told, said, second):
    told("recipe", "submit", second, *WHY, user="author")
    taken(told, "validate")
    told_words = said("recipe", "approve", RECIPE, *WHY, user="owner")
    assert f"compared with {RECIPE}/1" in told_words
    assert "unit_range.dose_mg" in told_words
    assert "5 – 40 -> 10 – 40  (narrower)" in told_words


def test_a_later_day_may_be_named(told, second):
    told("recipe", "submit", second, *WHY, user="author")
    taken(told, "validate", "approve")
    day = date.today() + timedelta(days=9)
    code, shown = told("recipe", "effective", RECIPE, "--from", day.isoformat(), *WHY, user="owner")
    assert code == 0
    assert shown["version"]["effective_from"] > date.today().isoformat()


def test_a_day_that_has_passed_may_not_be_named(told, second):
    told("recipe", "submit", second, *WHY, user="author")
    taken(told, "validate", "approve")
    code, shown = told("recipe", "effective", RECIPE, "--from", "2020-01-01", *WHY, user="owner")
    assert (code, shown["findings"][0]["code"]) == (1, "E_EFFECTIVE_PAST")


def test_a_refusal_is_told_with_its_findings(told, second):
    code, shown = told("recipe", "submit", second, user="author")
    assert (code, shown["status"], shown["findings"][0]["code"]) == (1, "refused", "E_REASON_MISSING")
    code, shown = told("recipe", "approve", RECIPE, *WHY, user="owner")
    assert (code, shown["findings"][0]["code"]) == (1, "E_VERSION_UNKNOWN")
    code, shown = told("recipe", "approve", "nothing", *WHY, user="owner")
    assert code == 1
    assert "none is on record" in shown["findings"][0]["reason"]


def test_a_draft_is_written_down_without_a_signature_and_withdrawn_with_one(told, second):
    code, shown = told("recipe", "submit", second, "--draft", user="author")
    assert (code, shown["version"]["status"]) == (0, "draft")
    code, shown = told("recipe", "withdraw", RECIPE, *WHY, user="author")
    assert (code, shown["version"]["status"]) == (0, "withdrawn")


def test_several_versions_that_wait_are_named_one_by_one(told, site, second):
    third = site / "third.toml"
    third.write_text(second.read_text("utf-8").replace("version = 2", "version = 3", 1), "utf-8")
    for file in (second, third):
        told("recipe", "submit", file, *WHY, user="author")
    code, shown = told("recipe", "validate", RECIPE, *WHY, user="owner")
    assert (code, shown["findings"][0]["code"]) == (1, "E_VERSION_UNKNOWN")
    assert f"{RECIPE}/2 is submitted, {RECIPE}/3 is submitted" in shown["findings"][0]["reason"]


def test_a_dosing_rule_takes_the_same_way(told, said):
    code, shown = told("recipe", "submit", RULE, *WHY, user="author")
    assert (code, shown["version"]["kind"]) == (0, "dosing_rule")
    assert taken(told, "validate", "approve", named=shown["version"]["id"]) == [0, 0]
    assert "effective from" in said("recipe", "effective", shown["version"]["id"], *WHY, user="owner")


def test_only_what_is_approved_before_it_counts_is_submitted(told, site):
    code, shown = told("recipe", "submit", LOT_FILE, *WHY, user="author")
    assert (code, shown["error"]["code"]) == (2, "USAGE")
    code, shown = told("recipe", "submit", site / "none.toml", *WHY, user="author")
    assert (code, shown["error"]["code"]) == (2, "FILE_UNREADABLE")


def test_one_recipe_is_shown_by_id_path_or_version(told, said):
    assert told("recipe", "show", f"{RECIPE}/1")[1]["recipe"]["version"] == 1
    assert told("recipe", "show", SHIPPED)[1]["recipe"]["id"] == RECIPE
    assert "print_speed_mm_s" in said("recipe", "show", RECIPE)


def test_two_versions_are_shown_parameter_by_parameter(told, said, second):
    told("recipe", "submit", second, *WHY, user="author")
    code, shown = told("recipe", "show", f"{RECIPE}/2", "--against", "1")
    assert code == 0
    (change,) = shown["differences"]
    assert (change["path"], change["effect"]) == ("unit_range.dose_mg", "narrower")
    assert "1 difference(s)" in said("recipe", "show", second, "--against", SHIPPED)


def test_a_bundle_goes_from_one_site_into_another(told, said, site, tmp_path_factory, capsys):
    out, report = site / "bundle.zip", site / "report.txt"
    report.write_text("validated", "utf-8")
    words = ["recipe", "export", RECIPE, "--ink", LOT_FILE, "--evidence", report, "--supplier", "Us", "-o", out]
    code, shown = told(*words, "--key", site / "named", user="owner")
    assert code == 0
    assert shown["public_key"] == station_key(site / "named").public_hex
    text, fingerprint = shown["public_key"], shown["fingerprint"]
    assert told("recipe", "trust", text, "--fingerprint", fingerprint, "--supplier", "Us", *WHY, user="owner")[0] == 0
    assert fingerprint in said("recipe", "keys", user="owner")
    code, shown = told("recipe", "import", out, user="author")
    assert (code, shown["findings"][0]["code"]) == (1, "E_VERSION_FIXED")  # it is this site's own
    assert told("recipe", "revoke", fingerprint, *WHY, user="owner")[0] == 0
    assert told("recipe", "keys", user="owner")[1]["keys"][0]["status"] == "revoked"
    code, shown = told("recipe", "import", out, user="author")
    assert (code, shown["findings"][0]["code"]) == (1, "BUNDLE_UNTRUSTED")


def test_a_supplier_s_bundle_is_imported_as_a_draft(told, site, tmp_path):
    from test_bundles import PUBLIC, bundle

    file = site / "supplied.zip"
    file.write_bytes(bundle())
    from printcare.formats.bundle import fingerprint

    name = fingerprint(PUBLIC)
    told("recipe", "trust", PUBLIC, "--fingerprint", name, "--supplier", "S", *WHY, user="owner")
    code, shown = told("recipe", "import", file, user="author")
    assert (code, shown["version"], shown["origin"]["key"]) == (0, "supplied/1", name)
    report = ["--report", f"B-1:Lab:{file}"]
    code, shown = told("recipe", "confirm", "supplied/1", "--batch", "B-1", *report, *WHY, user="author")
    assert (code, shown["findings"][0]["code"]) == (1, "E_CONFIRMATION_OTHER")
    code, shown = told("recipe", "confirm", "supplied/1", "--batch", "B-1", "--report", "x", *WHY, user="author")
    assert (code, shown["error"]["code"]) == (2, "USAGE")


def test_a_bundle_is_not_written_where_nothing_can_be(told, site):
    report = site / "report.txt"
    report.write_text("validated", "utf-8")
    words = ["recipe", "export", RECIPE, "--ink", LOT_FILE, "--evidence", report, "--supplier", "Us"]
    assert told(*words, "-o", site / "none" / "b.zip", user="owner")[0] == 2
    assert told(*words[:5], "--evidence", site / "none", "--supplier", "Us", "-o", "b", user="owner")[0] == 2


def test_the_mode_is_shown_and_switched_by_a_signature(told, said):
    assert told("mode", "show", user="operator")[1]["mode"] == "locked"
    code, shown = told("mode", "switch", "rehearsal", *WHY, user="owner")
    assert (code, shown["mode"], shown["open"]) == (0, "rehearsal", [])
    assert "rehearsal, not for patients" in said("mode", "show", user="operator")
    code, shown = told("mode", "switch", "research", *WHY, user="operator")
    assert (code, shown["findings"][0]["code"]) == (1, "NOT_PERMITTED")
