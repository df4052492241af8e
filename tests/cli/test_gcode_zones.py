"""`printcare gcode --zone`: several strengths on one tray, each unit held to its own zone's dose."""

import json
from decimal import Decimal

import pytest

from printcare.cli.main import run

GCODE = ["gcode", "--recipe", "cyclophosphamide-sse", "--profile", "marlin-syringe", "--json"]


def told(capsys, *words):
    code = run([str(word) for word in words])
    return code, json.loads(capsys.readouterr().out)


def test_every_unit_holds_its_own_zones_dose_and_names_its_position(tmp_path, capsys):
    file = tmp_path / "a.gcode"
    code, summary = told(capsys, *GCODE, "--zone", "10:3", "--zone", "17.5:2", "-o", file)
    assert code == 0
    doses = [Decimal(unit["dose_mg"]) for unit in summary["units"]]
    wanted = [Decimal(10)] * 3 + [Decimal("17.5")] * 2
    assert all(abs(dose - want) <= want / 10000 for dose, want in zip(doses, wanted, strict=True))
    assert [unit["position"] for unit in summary["units"]] == ["A1", "A2", "A3", "A4", "B1"]
    assert "3 x 10 / 2 x 17.5 mg" in file.read_text("ascii")


@pytest.mark.parametrize(
    ("zones", "code"),
    [
        (["10:3", "10:2"], "E_ZONE_TWICE"),
        (["10:3", "400:1"], "E_DOSE_ABOVE_RECIPE"),
        (["10:3", "17:0"], "E_UNITS_RANGE"),
        (["10:8", "17:8"], "E_TRAY_FULL"),
    ],
)
def test_a_zone_that_cannot_be_is_refused_and_nothing_is_written(tmp_path, capsys, zones, code):
    file = tmp_path / "a.gcode"
    words = [word for zone in zones for word in ("--zone", zone)]
    done, summary = told(capsys, *GCODE, *words, "-o", file)
    assert done == 1
    assert code in {finding["code"] for finding in summary["findings"]}
    assert not file.exists()


@pytest.mark.parametrize(
    "words", [["--zone", "10"], ["--zone", "10:2", "--dose-mg", "10"], ["--zone", "10:2", "--units", "2"]]
)
def test_a_zone_beside_another_way_of_asking_is_wrong_usage(tmp_path, capsys, words):
    assert run([*GCODE, *words, "-o", str(tmp_path / "a.gcode")]) == 2


ZONES = ["--zone", "10:3", "--zone", "17.5:2"]
CHECK = ["--recipe", "cyclophosphamide-sse", "--profile", "marlin-syringe", "--json"]


@pytest.fixture(scope="module")
def zoned(tmp_path_factory):
    file = tmp_path_factory.mktemp("zones") / "a.gcode"
    assert run([*GCODE, *ZONES, "-o", str(file)]) == 0
    return file


def test_a_file_in_zones_is_checked_zone_by_zone(zoned, capsys):
    capsys.readouterr()
    code, verdict = told(capsys, "check", zoned, *CHECK, *ZONES)
    assert (code, verdict["ok"], len(verdict["units"])) == (0, True, 5)


@pytest.mark.parametrize(
    ("zones", "code"),
    [
        (["17.5:2", "10:3"], "E_GATE_VOLUME"),
        (["10:3", "17.6:2"], "E_GATE_VOLUME"),
        (["10:3", "17.5:1"], "E_GATE_UNITS"),
        (["10:3", "400:2"], "E_DOSE_ABOVE_RECIPE"),
    ],
)
def test_a_file_with_other_zones_than_asked_for_is_refused(zoned, capsys, zones, code):
    capsys.readouterr()
    words = [word for zone in zones for word in ("--zone", zone)]
    done, verdict = told(capsys, "check", zoned, *CHECK, *words)
    assert (done, verdict["ok"]) == (1, False)
    assert code in {finding["code"] for finding in verdict["findings"]}


@pytest.mark.parametrize("words", [["--zone", "10"], [*ZONES, "--units", "5"], [*ZONES, "--dose-mg", "10"]])
def test_a_check_by_zones_beside_another_way_is_wrong_usage(zoned, words):
    assert run(["check", str(zoned), *CHECK, *words]) == 2


def test_a_check_by_zones_needs_their_recipe(zoned):
    assert run(["check", str(zoned), "--profile", "marlin-syringe", *ZONES]) == 2
