"""Recipes: versions with their differences, and the editor that keeps a draft."""

import pytest
from caring import Hands, deeds, texts

from printcare.ui.messages import worded
from printcare.ui.words import speak

KEY = "cyclophosphamide-sse"
SPEED = "parameters.print_speed_mm_s"


@pytest.fixture
def page(qtbot, conductor, frame):
    window = Hands(qtbot, conductor, frame).begin()
    shown = window.open("f.scientist", "recipes")
    effective = next(key for key, row in window.records.all("recipe_version").items() if row["status"] == "effective")
    window.choose(shown, f"recipe|{effective}")
    shown.window_of_test, shown.base = window, effective
    return shown


def test_a_changed_range_is_kept_as_the_next_draft_and_compared_with_its_parent(page, station):
    window, number = page.window_of_test, int(page.base.rpartition("/")[2]) + 1
    window.fill(page, "edit", **{f"{SPEED}.target": "17", f"{SPEED}.normal_low": "16"})
    window.quiet()
    draft = window.records.get("recipe_version", f"{KEY}/{number}")
    assert draft["status"] == "draft"
    assert draft["content"]["parameters"]["print_speed_mm_s"]["target"] == "17"
    assert (station.documents() / f"{KEY}-{number}.toml").is_file()
    window.choose(page, f"recipe|{KEY}/{number}")
    told = texts(page)
    assert "parameters.print_speed_mm_s.target" in told
    assert "submit" in deeds(page)
    window.fill(page, "edit", **{f"{SPEED}.target": "18"})  # a draft goes on from itself
    window.quiet()
    kept = window.records.get("recipe_version", f"{KEY}/{number}")["content"]["parameters"]["print_speed_mm_s"]
    assert (kept["target"], kept["normal"][0]) == ("18", "16")


def test_every_problem_stands_beside_its_parameter_and_nothing_is_kept(page):
    window, before = page.window_of_test, dict(page.window_of_test.records.all("recipe_version"))
    wrong = {f"{SPEED}.target": "99", f"{SPEED}.proven_high": "98", "parameters.soak_min.normal_high": "999"}
    window.fill(page, "edit", **wrong)
    window.quiet()
    told = {name: row.objection.text() for name, row in page.rows.items() if row.objection.text()}
    assert set(told) == {SPEED, "parameters.soak_min"}
    assert {"F_RANGE_NOR", "F_RANGE_STUDIED"} <= {word.strip(":■ ") for word in told[SPEED].split()}
    assert page.rows[SPEED].lines["target"].text() == "99"
    assert window.records.all("recipe_version") == before


def test_an_approved_version_is_not_written_over(page):
    window = page.window_of_test
    window.fill(page, "edit", version=page.base.rpartition("/")[2], **{f"{SPEED}.target": "17"})
    window.quiet()
    assert "E_VERSION_FIXED" in page.fields["version"].objection.text()


def test_who_writes_no_recipes_is_offered_no_editor(page):
    shown = page.window_of_test.open("p.owner", "recipes")
    assert "edit" not in deeds(shown)


def test_the_reason_of_a_rehearsal_s_approval_is_said_in_french(page):
    reason = page.window_of_test.records.get("recipe_version", page.base)["reason"]
    assert reason in texts(page)
    speak("fr")
    assert worded(reason) == "démonstration"
    speak("en")
