"""`printcare trial`, `experiment` and `rheology`: from a design to a draft by the command line alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from printcare.cli.main import run
from printcare.domain.policy import RESEARCH
from printcare.formats.recipe import load_recipe
from printcare.workflow.demonstration import RECIPE, Demonstration
from printcare.workflow.study import rheology
from printcare.workstation.opening import open_record

FACTORS = ["--factor", "parameters.print_speed_mm_s=16:20:1", "--factor", "parameters.layer_height_mm=0.38:0.42:0.01"]
ON = ["--profile", "marlin-syringe"]
RESPONSES = ["--response", "mass_bias_pct=-3:3", "--response", "hardness_n@N=20:"]


class Workbench(Demonstration):
    """A demonstration whose cartridge may be printed from more than once, as a developer's may."""

    def _material(self, name):
        lot, cartridge = super()._material(name)
        return lot, replace(cartridge, is_single_use=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory, cheap_passwords_for_all):
    """Return the folder of a site in research mode, with the passwords of two people in files."""
    folder = tmp_path_factory.mktemp("workbench")
    records, _ = open_record(f"sqlite:///{folder}/record.sqlite", RESEARCH)
    with records:
        show = Workbench(records, datetime.now().astimezone().date(), policy=RESEARCH)
        show.set_up()
    for login in ("f.scientist", "a.operator"):
        secret = folder / login
        secret.write_text(show.passwords[login])
        secret.chmod(0o600)
    return folder, show


class Shell:
    """The command line of that site."""

    def __init__(self, site, monkeypatch, capsys):
        self.folder, show = site
        self.capsys, self.url = capsys, f"sqlite:///{self.folder}/record.sqlite"
        self.lot, self.cartridge = (each.id for each in show.materials())
        monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(self.folder / "f.scientist"))
        monkeypatch.setenv("PRINTCARE_SECOND_PASSWORD_FILE", str(self.folder / "a.operator"))
        self.raw = self.folder / "raw.txt"
        self.raw.write_text("raw")

    def __call__(self, *words, code=0):
        """Run a command and return what it told."""
        who = ["--db", self.url, "--json", "--user", "f.scientist"]
        second = ["--second-user", "a.operator"] if words[1] in ("run", "print") else []
        assert run([*map(str, words), *who, *second]) == code
        return json.loads(self.capsys.readouterr().out)

    def design(self, key, *more):
        """Lay out a design and return what was told."""
        what = ["--recipe", RECIPE, "--kind", "full-factorial", "--dose", "5", "--units", "2", *FACTORS, *RESPONSES]
        return self("experiment", "design", key, *what, *more)

    def enter(self, key, number, value, response="mass_bias_pct"):
        """Enter one result."""
        how = ["--method", "M", "--analyst", "x", "--raw", self.raw]
        return self("experiment", "enter", key, "--run", number, "--response", response, f"--value={value}", *how)


@pytest.fixture
def shell(site, monkeypatch, capsys):
    return Shell(site, monkeypatch, capsys)


def test_runs_are_printed_from_the_queue_and_exported_with_their_flags(shell):
    assert len(shell.design("X-1", "--centres", "1")["runs"]) == 5
    told = shell("experiment", "run", "X-1", "--recipe", RECIPE, "--cartridge", shell.cartridge, *ON)
    assert (told["printed"][0]["state"], told["next"]) == ("printed", 2)
    assert set(told["printed"][0]["results"]) == {"mass_bias_pct"}
    files = shell("experiment", "export", "X-1", "--out", shell.folder / "out")["files"]
    table = (shell.folder / "out" / "experiment.csv").read_text().splitlines()
    assert len(table) == 6
    assert "mass_bias_pct_is_out" in table[0]
    assert len(files) == 2
    unit = f"{told['printed'][0]['batch']}/01"
    shell("experiment", "traces", "--unit", unit, "--out", shell.folder / "out")
    assert (shell.folder / "out" / "traces.svg").read_text().startswith("<svg")
    assert shell("experiment", "traces", "--unit", "B-1/99", code=1)["findings"][0]["code"] == "E_TRACE_NONE"


def test_results_are_fitted_and_proposed_into_a_draft(shell):
    for row in shell.design("X-2", "--centres", "3")["runs"]:
        speed = (float(row["settings"][0]) - 18) / 2
        shell.enter("X-2", row["run"], f"{0.5 * speed + 0.02 * (-1) ** row['run']:.3f}")
    fits = shell("experiment", "fit", "X-2", "--model", "linear", "--figure", shell.folder / "fit.svg")["fits"]
    assert fits["mass_bias_pct"]["r2_predicted"] > 0.9
    assert (shell.folder / "fit.svg").exists()
    assert shell("experiment", "space", "X-2", "--model", "linear")["probability"] > 0.99
    draft = shell.folder / "draft.toml"
    how = ["--model", "linear", "--base", RECIPE, "--version", "7", "--out", draft]
    ranges = shell("experiment", "propose", "X-2", *how)["ranges"]
    recipe = load_recipe(str(draft))
    assert (recipe.version, recipe.evidence[-1].id) == (7, "X-2")
    assert str(recipe.parameters.print_speed_mm_s.target) == ranges["print_speed_mm_s"]["target"]
    at = ["--at", "parameters.print_speed_mm_s=18"]
    assert shell("experiment", "propose", "X-2", *how, *at, code=2)["error"]["code"] == "USAGE"
    assert shell("experiment", "show", "X-2")["experiment"]["status"] == "proposed"
    listed = shell("experiment", "list")["experiments"]
    assert {"id": "X-2", "kind": "full-factorial", "state": "proposed"} in listed


def test_studies_of_an_ink_are_entered_and_evaluated(shell):
    source = ["--lot", shell.lot, "--method", "HPLC", "--analyst", "x", "--raw", shell.raw]
    contents = [
        word for day in range(0, 29, 7) for word in ("--content", f"{day}={100 - 0.05 * day + 0.01 * (day % 2):.2f}")
    ]
    told = shell("experiment", "stability", "S-1", *source, *contents)
    assert told["days"] == 56  # ICH Q1E: twice the time covered, no further
    assert told["is_extrapolated"] is True
    places = [
        word for name in ("top", "bottom") for value in ("99.8", "100.2") for word in ("--content", f"{name}={value}")
    ]
    assert shell("experiment", "homogeneity", "S-2", *source, *places)["between_sd"] == 0
    refused = shell("experiment", "homogeneity", "S-2", *source[:2], *places, code=1)["findings"]
    assert {each["code"] for each in refused} == {"E_EXPERIMENT_TAKEN", "E_RESULT_SOURCE"}


def test_a_trial_is_forecast_printed_compared_and_calibrates_the_flow(shell):
    what = ["--recipe", RECIPE, "--dose", "5", "--cartridge", shell.cartridge, "--units", "2", *ON]
    told = shell("trial", "print", *what, "--set", "parameters.print_speed_mm_s=16")
    assert (told["mode"], told["state"], told["accepted"]) == ("research", "quarantined", 2)
    compared = shell("trial", "compare", told["batch"])
    assert compared["mass_mg"]["units"] == 2
    made = shell("rheology", "calibrate", "C-1", "--batch", told["batch"])
    assert made["density_mg_mm3"][0] == pytest.approx(1.10, rel=0.05)
    planned = shell("trial", "plan", *what)
    assert len(planned["forecast"]["units"]) == 2
    assert (
        shell("trial", "plan", *what, "--set", "parameters.print_speed_mm_s=99", code=1)["findings"][0]["code"]
        == "E_FACTOR_RANGE"
    )
    shell(
        "experiment", "outcome", "--batch", told["batch"], "--field", "taste", "--value", "good", "--meaning", "as told"
    )
    learned = shell("experiment", "learn", "--out", shell.folder / "out")["files"]
    assert "outcome_taste" in (shell.folder / "out" / "learning-dictionary.csv").read_text()
    assert len(learned) == 2


def test_a_sweep_finds_the_ink_and_keeps_its_points(shell, monkeypatch):
    monkeypatch.setattr(rheology, "STEADY_S", 20.0)
    flows = ["--flow", "1", "--flow", "2", "--flow", "4"]
    told = shell("rheology", "sweep", "R-1", "--recipe", RECIPE, *ON, *flows)
    assert 0.3 < told["flow_index"][0] < 0.5
    kept = shell("experiment", "show", "R-1")["experiment"]
    assert (len(kept["points"]), kept["simulated"]) == (6, True)
    assert (
        shell("rheology", "sweep", "R-1", "--recipe", RECIPE, *ON, *flows, code=3)["error"]["code"]
        == "EXPERIMENT_TAKEN"
    )


@pytest.mark.parametrize("words", [["--factor", "parameters.dwell_s=1:2"], ["--factor", "parameters.dwell_s=a:b:c"]])
def test_what_is_no_factor_is_a_wrong_use(shell, words):
    what = ["--recipe", RECIPE, "--kind", "full-factorial", "--dose", "5", *RESPONSES]
    assert shell("experiment", "design", "X-9", *what, *words, code=2)["error"]["code"] == "USAGE"


def test_an_outcome_of_nothing_or_without_meaning_is_refused(shell):
    words = ["--batch", "B-none", "--field", "two words", "--value", "x"]
    refused = shell("experiment", "outcome", *words, code=1)["findings"]
    assert [each["code"] for each in refused] == ["E_BATCH_UNKNOWN", "E_OUTCOME"]
