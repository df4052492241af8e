"""`printcare gcode` and `printcare check`, from the outside."""

import errno
import hashlib
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from printcare.cli.gcode import keep
from printcare.cli.main import run
from printcare.errors import PrintcareError

GCODE = ["gcode", "--recipe", "cyclophosphamide-sse", "--profile", "marlin-syringe", "--json"]
CHECK = ["check", "--profile", "marlin-syringe", "--json"]
LOT = Path(__file__).parents[2] / "recipes" / "demonstration" / "lot-CP-2601-A.toml"
BALL = Path(__file__).parents[1] / "data" / "ball.stl"
HEAVY = ("sqlalchemy", "pint", "scipy", "trimesh", "pydantic", "PySide6", "keyring")


def told(capsys, *words):
    code = run([str(word) for word in words])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def written(tmp_path, capsys):
    file = tmp_path / "a.gcode"
    code, summary = told(capsys, *GCODE, "--dose-mg", "17", "--units", "3", "-o", file)
    assert code == 0
    return file, summary


def test_every_unit_states_its_share_and_the_lines_hold_it(written):
    file, summary = written
    lines = file.read_text(encoding="ascii").split("\n")
    area = math.pi * summary["feedstock_diameter_mm"] ** 2 / 4
    for unit in summary["units"]:
        net = at = 0.0
        for line in lines[unit["first_line"] - 1 : unit["last_line"]]:
            found = re.search(r"E(-?[\d.]+)", line)
            if found and not line.startswith("G92"):
                net += float(found[1]) - at
            at = float(found[1]) if found else at
        assert net * area == pytest.approx(unit["volume_mm3"], rel=1e-4)
        assert net * area == pytest.approx(17 / 40 * 1000 / 1.1, rel=1e-4)
        assert unit["dose_mg"] == "17.0000"
        assert unit["mass_mg"] == "425.0000"


def test_the_file_is_marked_and_its_digest_told(written):
    file, summary = written
    assert file.read_bytes().startswith(b"; NOT FOR PATIENTS\n")
    assert summary["digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert summary["feedstock_diameter_mm"] == 14.43
    assert summary["duration_s"] > 3 * 386 / 4.4
    assert summary["strength_mg_per_g"] == "40"


def test_check_agrees_with_gcode_about_every_unit(written, capsys):
    file, summary = written
    code, verdict = told(capsys, *CHECK, file, "--recipe", "cyclophosphamide-sse", "--dose-mg", "17", "--units", "3")
    assert code == 0
    assert verdict["ok"] is True
    assert verdict["findings"] == []
    for one, other in zip(verdict["units"], summary["units"], strict=True):
        assert {key: other[key] for key in one} == one
    assert set(verdict["bounds"]) == {"min", "max"}


def test_check_by_volume_needs_no_recipe(written, capsys):
    file, _ = written
    assert told(capsys, *CHECK, file, "--volume-mm3", "386.363636")[0] == 0
    code, verdict = told(capsys, *CHECK, file, "--volume-mm3", "386.5")
    assert code == 1
    assert {finding["code"] for finding in verdict["findings"]} == {"E_GATE_VOLUME"}


def lot_file(tmp_path, **changes):
    text = LOT.read_text(encoding="utf-8")
    for key, value in changes.items():
        text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
    file = tmp_path / "lot.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_lot_is_dosed_by_its_own_assay(tmp_path, capsys):
    file = tmp_path / "a.gcode"
    lot = lot_file(tmp_path, assay_pct_of_label="98.0")
    words = ["--dose-mg", "17", "--units", "1", "--lot", lot]
    code, summary = told(capsys, *GCODE, *words, "-o", file)
    assert code == 0
    assert summary["strength_mg_per_g"] == "39.2"
    assert summary["total_volume_mm3"] == pytest.approx(17 / 39.2 * 1000 / 1.1, rel=1e-4)
    assert summary["units"][0]["dose_mg"] == "17.0000"
    codes = {finding["code"] for finding in summary["findings"]}
    assert "W_ASSAY_CORRECTED" in codes
    assert "W_NOMINAL_STRENGTH" not in codes
    recipe = ["--recipe", "cyclophosphamide-sse", "--dose-mg", "17"]
    assert told(capsys, *CHECK, file, *recipe, "--lot", lot)[0] == 0
    assert told(capsys, *CHECK, file, *recipe)[0] == 1


def test_an_expired_lot_is_told_and_still_drawn_with(tmp_path, capsys):
    lot = lot_file(tmp_path, expires_on="2026-01-01")
    code, summary = told(capsys, *GCODE, "--dose-mg", "17", "--units", "1", "--lot", lot, "-o", tmp_path / "a.gcode")
    assert code == 0
    assert [f["severity"] for f in summary["findings"] if f["code"] == "E_LOT_EXPIRED"] == ["warning"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"ink_id": '"other"'}, "E_INK_WRONG"), ({"assay_pct_of_label": "94.9"}, "E_ASSAY_OUT_OF_LIMITS")],
)
def test_a_lot_of_another_ink_or_outside_its_assay_is_refused(tmp_path, capsys, changes, code):
    lot = lot_file(tmp_path, **changes)
    file = tmp_path / "no.gcode"
    status, answer = told(capsys, *GCODE, "--dose-mg", "17", "--units", "1", "--lot", lot, "-o", file)
    assert status == 1
    assert code in [finding["code"] for finding in answer["findings"]]
    assert not file.exists()


def test_a_wrong_dose_is_found_from_outside(written, capsys):
    file, _ = written
    code, verdict = told(capsys, *CHECK, file, "--recipe", "cyclophosphamide-sse", "--dose-mg", "18", "--units", "2")
    assert code == 1
    assert {finding["code"] for finding in verdict["findings"]} == {"E_GATE_VOLUME", "E_GATE_UNITS"}


@pytest.mark.parametrize(
    ("dose", "units", "code"),
    [
        ("4.9", "1", "E_DOSE_BELOW_RECIPE"),
        ("40.1", "1", "E_DOSE_ABOVE_RECIPE"),
        ("5,5", "1", "E_NUMBER_FORMAT"),
        ("1e1", "1", "E_NUMBER_FORMAT"),
        ("nan", "1", "E_NOT_FINITE"),
        ("-17", "1", "E_NON_POSITIVE"),
        ("17", "0", "E_UNITS_RANGE"),
        ("17", "13", "E_UNITS_RANGE"),
        ("17", "1.5", "E_UNITS_RANGE"),
    ],
)
def test_what_is_refused_leaves_no_file(tmp_path, capsys, dose, units, code):
    file = tmp_path / "no.gcode"
    status, answer = told(capsys, *GCODE, f"--dose-mg={dose}", "--units", units, "-o", file)
    assert status == 1
    assert answer["status"] == "refused"
    assert [finding["code"] for finding in answer["findings"]] == [code]
    assert not file.exists()


@pytest.mark.parametrize("extra", [["--dose-mg", "5,5"], ["--dose-mg", "50"], ["--dose-mg", "17", "--units", "x"]])
def test_check_refuses_what_it_cannot_judge_by(written, capsys, extra):
    code, verdict = told(capsys, *CHECK, written[0], "--recipe", "cyclophosphamide-sse", *extra)
    assert code == 1
    assert verdict["ok"] is False


def test_check_by_a_broken_volume_is_refused(written, capsys):
    assert told(capsys, *CHECK, written[0], "--volume-mm3", "-1")[0] == 1


def test_a_dose_without_a_recipe_is_wrong_usage(written, capsys):
    code, answer = told(capsys, *CHECK, written[0], "--dose-mg", "17")
    assert code == 2
    assert answer["error"]["code"] == "USAGE"


def test_files_that_cannot_be_read_or_written_are_told(tmp_path, capsys):
    assert told(capsys, *CHECK, tmp_path / "none.gcode")[1]["error"]["code"] == "FILE_UNREADABLE"
    words = ["--dose-mg", "17", "--units", "1", "-o", tmp_path / "no" / "a.gcode"]
    code, answer = told(capsys, *GCODE, *words)
    assert code == 3
    assert answer["error"]["code"] == "FILE_UNWRITABLE"


MESH = ["gcode", "--mesh", BALL, "--profile", "marlin-syringe", "--json"]


def test_a_mesh_is_printed_by_volume_and_has_no_dose(tmp_path, capsys):
    file = tmp_path / "m.gcode"
    code, summary = told(capsys, *MESH, "--volume-mm3", "300", "-o", file)
    assert code == 0
    (unit,) = summary["units"]
    assert unit["volume_mm3"] == pytest.approx(300.0, rel=1e-4)
    assert unit["mass_mg"] is None
    assert unit["dose_mg"] is None
    # A ball leans out below its middle, and its first layers are rings of less than whole beads.
    assert [finding["code"] for finding in summary["findings"]] == ["W_OVERHANG", "W_NARROW_STRIP", "W_MESH_PROCESS"]
    assert told(capsys, *CHECK, file, "--volume-mm3", "300")[0] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--volume-mm3", "0"], "E_NON_POSITIVE"),
        (["--volume-mm3", "1e9"], "E_NUMBER_FORMAT"),
        (["--volume-mm3", "200000"], "E_MESH_VOLUME"),
        (["--volume-mm3", "300", "--layer-mm", "x"], "E_NUMBER_FORMAT"),
        (["--volume-mm3", "30000"], "E_GEOMETRY_TRAY"),
    ],
)
def test_a_mesh_that_cannot_be_made_leaves_no_file(tmp_path, capsys, words, code):
    file = tmp_path / "no.gcode"
    status, answer = told(capsys, *MESH, *words, "-o", file)
    assert status == 1
    assert code in [finding["code"] for finding in answer["findings"]]
    assert not file.exists()


@pytest.mark.parametrize(
    "words",
    [
        [*MESH],
        [*MESH, "--volume-mm3", "300", "--units", "2"],
        [*GCODE, "--dose-mg", "17"],
        [*GCODE, "--dose-mg", "17", "--units", "1", "--volume-mm3", "300"],
    ],
)
def test_half_of_each_way_is_wrong_usage(tmp_path, capsys, words):
    code, answer = told(capsys, *words, "-o", tmp_path / "no.gcode")
    assert code == 2
    assert answer["error"]["code"] == "USAGE"


def test_without_json_people_read_the_same(tmp_path, capsys):
    file = tmp_path / "a.gcode"
    words = [word for word in GCODE if word != "--json"]
    assert run([*words, "--dose-mg", "17", "--units", "1", "-o", str(file)]) == 0
    assert "NOT FOR PATIENTS" in capsys.readouterr().out
    assert run([*words, "--dose-mg", "99", "--units", "1", "-o", str(file)]) == 1
    assert "E_DOSE_ABOVE_RECIPE" in capsys.readouterr().err
    assert run(["check", str(file), "--profile", "marlin-syringe", "--volume-mm3", "1"]) == 1
    assert "E_GATE_VOLUME" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["gcode", "check"])
def test_neither_command_loads_anything_heavy(written, tmp_path, command):
    words = [*CHECK, str(written[0])]
    if command == "gcode":
        words = [*GCODE, "--dose-mg", "17", "--units", "1", "-o", str(tmp_path / "b.gcode")]
    script = (
        "import sys, json; from printcare.cli.main import run; run(json.loads(sys.argv[1]));"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, json.dumps(words)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_check_draws_the_first_unit(written, tmp_path, capsys):
    drawn = tmp_path / "a.svg"
    assert told(capsys, *CHECK, written[0], "--picture", drawn)[0] == 0
    assert drawn.read_text(encoding="ascii").startswith("<svg ")


TWO_DRUGS = ("gcode", "--recipe", "spironolactone-hydrochlorothiazide-sse", "--units", "2", "--json")


def test_units_of_several_drugs_take_a_dose_for_each_and_tell_each_part(tmp_path, capsys):
    doses = ("--dose-mg", "16", "--dose-mg", "10", "--profile", "marlin-two-syringes", "-o", str(tmp_path / "x.gcode"))
    assert run([*TWO_DRUGS, *doses]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [[part["dose_mg"] for part in unit["parts"]] for unit in told["units"]] == [["16.0000", "10.0000"]] * 2
    # 16 mg at 50 mg/g and 1.10 mg/mm³ are 290.909 mm³, 10 mg are 181.818 mm³.
    assert [unit["volume_mm3"] for unit in told["units"]] == pytest.approx([472.727, 472.727], rel=1e-4)


def test_a_drug_of_a_unit_without_a_dose_is_wrong_usage(tmp_path, capsys):
    words = ("--dose-mg", "16", "--profile", "marlin-two-syringes", "-o", str(tmp_path / "x.gcode"))
    assert run([*TWO_DRUGS, *words]) == 2


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "a.gcode"
    file.write_bytes(b"before")

    def full(path, data):
        with path.open("wb") as begun:
            begun.write(data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PrintcareError) as told:
        keep(file, b"after")
    assert told.value.code == "FILE_UNWRITABLE"
    assert file.read_bytes() == b"before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gcode"]


def test_a_link_keeps_pointing_at_the_file_it_names(tmp_path):
    (tmp_path / "a.gcode").symlink_to(tmp_path / "real.gcode")
    keep(tmp_path / "a.gcode", b"after")
    assert (tmp_path / "a.gcode").is_symlink()
    assert (tmp_path / "real.gcode").read_bytes() == b"after"


def test_what_is_no_ordinary_file_is_written_to_at_once(tmp_path):
    keep(Path(os.devnull), b"after")
    assert not Path(os.devnull).is_file()


def code_of(printed):
    return printed["error"]["code"] if "error" in printed else printed["findings"][0]["code"]


@pytest.mark.parametrize(
    ("words", "exit_code", "code", "said"),
    [
        (["--dose-mg", "12,5", "--units", "1"], 1, "E_NUMBER_FORMAT", "with a point"),
        (["--dose-mg", "10 mg", "--units", "1"], 1, "E_NUMBER_FORMAT", "10 mg"),
        (["--dose-mg", "1e1", "--units", "1"], 1, "E_NUMBER_FORMAT", "exponent"),
        (["--dose-mg", "\u0661\u0660", "--units", "1"], 1, "E_NUMBER_FORMAT", "digits"),
        (["--dose-mg", "", "--units", "1"], 1, "E_NUMBER_FORMAT", "digits"),
        (["--dose-mg", "-10", "--units", "1"], 1, "E_NON_POSITIVE", "above zero"),
        (["--dose-mg", "nan", "--units", "1"], 1, "E_NOT_FINITE", "no amount"),
        (["--dose-mg", "40.0001", "--units", "1"], 1, "E_DOSE_ABOVE_RECIPE", "5 to 40 mg"),
        (["--dose-mg", "10", "--units", "many"], 1, "E_NUMBER_FORMAT", "a whole number from 1 to 12"),
        (["--dose-mg", "10", "--units", "1.5"], 1, "E_UNITS_RANGE", "a whole number from 1 to 12"),
        (["--dose-mg", "10", "--units", "13"], 1, "E_UNITS_RANGE", "from 1 to 12"),
        (["--dose-mg", "10"], 2, "USAGE", "needs --units"),
        (["--dose-mg", "10", "--units", "1", "--mesh", "a.stl"], 2, "USAGE", "needs --volume-mm3 and does not take"),
        (["--dose-mg", "10", "--dose-mg", "11", "--units", "1"], 2, "USAGE", "holds 1 drug:"),
        (["--dose-mg", "10", "--units", "1", "--lot", "nope"], 2, "DATA_UNKNOWN", "lot-CP-2601-A"),
        (["--dose-mg", "10", "--units", "1", "-o", "-"], 2, "USAGE", "names no file"),
        (["--dose-mg", "10", "--units", "1", "-o", ""], 2, "USAGE", "names no file"),
        (["--dose-mg", "10", "--units", "1", "--profile", "no/such.toml"], 2, "FILE_UNREADABLE", "no/such.toml"),
        (["--dose-mg", "10", "--units", "1", "--recipe", "marlin-syringe"], 2, "DATA_UNKNOWN", "cyclophosphamide-sse"),
        (["--dose-mg", "10", "--units", "1", "-o", "no/folder/a.gcode"], 3, "FILE_UNWRITABLE", "no/folder"),
    ],
)
def test_what_cannot_be_written_is_told_by_one_code_and_what_to_do(
    tmp_path, monkeypatch, capsys, words, exit_code, code, said
):
    monkeypatch.chdir(tmp_path)
    found, printed = told(capsys, *GCODE, "-o", "a.gcode", *words)
    assert (found, code_of(printed)) == (exit_code, code)
    assert said in json.dumps(printed, ensure_ascii=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["--lot", "CP-2601-A"], 2, "USAGE"),
        (["--picture", "a.jpg"], 2, "USAGE"),
        (["--dose-mg", "10"], 2, "USAGE"),
        (["--volume-mm3", "386,36"], 1, "E_NUMBER_FORMAT"),
        (["--units", "three"], 1, "E_NUMBER_FORMAT"),
        (["--recipe", "nope"], 2, "DATA_UNKNOWN"),
    ],
)
def test_a_check_that_asks_for_nonsense_is_told_so(written, monkeypatch, capsys, words, exit_code, code):
    monkeypatch.chdir(written[0].parent)
    found, printed = told(capsys, *CHECK, "a.gcode", *words)
    assert (found, code_of(printed)) == (exit_code, code)
    assert [file.name for file in written[0].parent.iterdir()] == ["a.gcode"]


@pytest.mark.parametrize("name", ["missing.gcode", "."])
def test_a_file_that_is_none_is_wrong_usage(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    found, printed = told(capsys, *CHECK, name)
    assert (found, printed["error"]["code"]) == (2, "FILE_UNREADABLE")


def test_a_mesh_cut_short_is_refused_not_a_failure(tmp_path, capsys):
    cut = tmp_path / "cut.stl"
    cut.write_bytes(BALL.read_bytes()[:-10])
    words = ["--mesh", cut, "--volume-mm3", "300", "--profile", "marlin-syringe", "--json"]
    found, printed = told(capsys, "gcode", *words, "-o", tmp_path / "a.gcode")
    assert (found, printed["status"], code_of(printed)) == (1, "refused", "FILE_NOT_STL")
