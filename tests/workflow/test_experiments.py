"""An experiment is designed, run, entered, fitted and proposed from; nothing it found is ever dropped."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bench_house import House, study

from printcare.errors import PrintcareError
from printcare.extrusion.designs import Factor
from printcare.formats.find import data_file
from printcare.formats.recipe import read_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.study.experiment_analysis import fitted, propose, space_of
from printcare.workflow.study.experiment_runs import next_run, print_run
from printcare.workflow.study.experiments import (
    Measured,
    Response,
    design_experiment,
    enter_result,
    experiment_of,
    run_of,
    settings_of,
    varied,
)

BIAS = Response("mass_bias_pct", "%", Decimal(-2), Decimal(2))


@pytest.fixture(scope="module")
def house(tmp_path_factory, cheap_passwords_for_all):
    made = House(tmp_path_factory.mktemp("workbench"))
    yield made
    made.records.close()


def designed(house, key, kind="full-factorial", **options):
    """Put a design on record and return its id."""
    given = study(key, responses=options.pop("responses", ()))
    design_experiment(house.records, house.scientist, given, house.recipe, kind, seed=5, **options)
    return key


def entered(house, key, number, value, name="mass_bias_pct", **changes):
    """Enter one result."""
    given = {"method": "M-1", "analyst": "x"} | changes
    measured = Measured(name, Decimal(value), **given)
    return enter_result(house.records, house.scientist, key, number, measured, b"raw")


@pytest.fixture(scope="module")
def printed(house):
    """Return an experiment whose first two runs were printed on one cartridge."""
    key = designed(house, "X-printed", centres=1)
    for number in (1, 2):
        print_run(house.records, house.scientist, key, number, house.setup(), house.printers())
    return key


def test_a_run_is_a_trial_with_its_settings_and_its_responses_come_from_the_record(house, printed):
    state = experiment_of(house.records, printed)
    first = run_of(state, 1)
    batch = house.records.get("batch", first["batch"])
    assert (first["status"], batch["mode"], batch["prescription"]) == ("printed", "research", "")
    target_mg = Decimal(batch["target_mass_mg"])
    masses = [Decimal(row["mass_mg"]) for row in house.records.all("unit", batch_id=first["batch"]).values()]
    bias = sum(masses) / len(masses) / target_mg * 100 - 100
    assert abs(Decimal(first["results"]["mass_bias_pct"][0]["value"]) - bias) < Decimal("0.001")
    assert set(first["results"]) == {"mass_bias_pct", "mass_rsd_pct", "pressure_kpa", "bead_mm", "lag_s", "unit_s"}
    assert batch["recipe_digest"] == varied(house.recipe, settings_of(state, 1)).digest != house.recipe.digest
    assert next_run(state) == 3


def test_a_printed_run_is_never_printed_again(house, printed):
    with pytest.raises(Refused, match="E_RUN_PRINTED"):
        print_run(house.records, house.scientist, printed, 1, house.setup(), house.printers())
    refusal = house.records.events(object_id=printed, outcome="refused")[-1].content
    assert refusal["reason_code"] == "E_RUN_PRINTED"


def test_a_run_with_results_of_units_made_elsewhere_is_not_offered_and_not_printed(house):
    key = designed(house, "X-elsewhere", responses=(BIAS,))
    assert next_run(experiment_of(house.records, key)) == 1
    entered(house, key, 1, "0.5")
    assert next_run(experiment_of(house.records, key)) == 2
    with pytest.raises(Refused, match="made elsewhere") as refused:
        print_run(house.records, house.scientist, key, 1, house.setup(), house.printers())
    assert refused.value.code == "E_RUN_PRINTED"


def test_a_run_of_a_block_without_a_cartridge_or_of_another_recipe_is_refused(house):
    key = designed(house, "X-blocks", blocks=2)
    state = experiment_of(house.records, key)
    number = next(run["number"] for run in state["runs"] if run["block"] == 2)
    with pytest.raises(Refused, match="E_CARTRIDGE_COUNT"):
        print_run(house.records, house.scientist, key, number, house.setup(), house.printers())
    other = varied(house.recipe, {"parameters.dwell_s": Decimal(6)})
    with pytest.raises(Refused, match="E_RECIPE_DIFFERS"):
        print_run(house.records, house.scientist, key, 1, house.setup(recipe=other), house.printers())


def test_a_result_outside_its_limits_is_flagged_kept_and_fitted(house):
    key = designed(house, "X-out", centres=3, responses=(BIAS,))
    for run in experiment_of(house.records, key)["runs"]:
        entered(house, key, run["number"], "9.5" if run["number"] == 1 else f"0.{run['number']}")
    found = fitted(experiment_of(house.records, key), "linear")["mass_bias_pct"]
    assert (found.out, found.missing, len(found.runs)) == ((1,), (), 7)


def test_a_second_value_needs_a_reason_and_the_first_stays(house):
    key = designed(house, "X-again", responses=(BIAS,))
    assert entered(house, key, 1, "9") is True
    with pytest.raises(Refused, match="E_REASON_MISSING"):
        entered(house, key, 1, "1")
    assert entered(house, key, 1, "1", reason="balance door was open") is False
    values = run_of(experiment_of(house.records, key), 1)["results"]["mass_bias_pct"]
    assert [(each["value"], each["is_out"]) for each in values] == [("9", True), ("1", False)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"name": "colour"}, "E_RESPONSE"), ({"method": ""}, "E_RESULT_SOURCE"), ({"analyst": " "}, "E_RESULT_SOURCE")],
)
def test_a_result_without_its_source_is_refused(house, changes, code):
    key = f"X-source-{sorted(changes)[0]}"
    designed(house, key)
    with pytest.raises(Refused, match=code):
        entered(house, key, 1, "1", **changes)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (
            study("X-bad", factors=[Factor("print_speed_mm_s", "mm/s", Decimal(1), Decimal(20), Decimal(1))] * 1),
            "E_FACTOR_RANGE",
        ),
        (study("X-bad", factors=[Factor("colour", "1", Decimal(1), Decimal(20), Decimal(1))]), "E_FACTOR_UNKNOWN"),
        (study("X-bad", responses=[BIAS, BIAS]), "E_RESPONSE"),
        (study("X-bad", units=1), "E_RUN_UNITS"),
    ],
)
def test_what_is_no_study_is_refused_and_leaves_nothing(house, given, code):
    with pytest.raises(Refused, match=code):
        design_experiment(house.records, house.scientist, given, house.recipe, "full-factorial", seed=1)
    assert house.records.get("experiment", "X-bad") is None


def test_an_id_is_taken_once(house):
    designed(house, "X-once")
    with pytest.raises(Refused, match="E_EXPERIMENT_TAKEN"):
        designed(house, "X-once")


def test_an_operator_designs_nothing(house):
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        design_experiment(house.records, house.operator, study("X-op"), house.recipe, "full-factorial", seed=1)


def test_an_unknown_run_or_experiment_or_one_without_results_is_told(house):
    with pytest.raises(Refused, match="E_EXPERIMENT_UNKNOWN"):
        experiment_of(house.records, "X-none")
    state = experiment_of(house.records, designed(house, "X-empty"))
    with pytest.raises(Refused, match="E_RUN_UNKNOWN"):
        run_of(state, 99)
    with pytest.raises(PrintcareError, match="EXPERIMENT_EMPTY"):
        fitted(state)


@pytest.fixture(scope="module")
def known(house):
    """Return an experiment whose bias is a known law: 0.6 a coded step of speed and no more, with a little scatter."""
    key = designed(house, "X-known", "central-composite", centres=5, responses=(BIAS,))
    state = experiment_of(house.records, key)
    for run in state["runs"]:
        speed = (float(run["settings"][0]) - 18) / 2
        scatter = 0.05 * (-1) ** run["number"]
        entered(house, key, run["number"], f"{0.6 * speed + scatter:.3f}")
    return key


def test_a_known_law_is_found_with_its_interval(house, known):
    found = fitted(experiment_of(house.records, known))["mass_bias_pct"].fit
    term = next(each for each in found.terms if each.name == "print_speed_mm_s")
    assert term.low < 0.6 < term.high
    assert found.r2_predicted > 0.9


def test_the_best_settings_keep_all_limits_nearly_always(house, known):
    state = experiment_of(house.records, known)
    settings, chance = space_of(state, fitted(state)).best()
    assert chance > 0.99
    assert 16 <= settings[0] <= 20


def test_a_proposal_is_a_draft_that_names_the_experiment_and_is_never_effective(house, known):
    name, base = data_file("recipes", "cyclophosphamide-sse")
    made, ranges, _ = propose(house.records, house.scientist, known, base, name, version=9)
    draft = read_recipe(made, name)
    speed = next(each for each in ranges if each.factor == "print_speed_mm_s")
    assert draft.parameters.print_speed_mm_s.proven == speed.par
    assert speed.par[0] <= speed.nor[0] <= speed.target <= speed.nor[1] <= speed.par[1]
    assert draft.evidence[-1].id == known
    version = house.records.get("recipe_version", "cyclophosphamide-sse/9")
    assert (version["status"], version["digest"]) == ("draft", draft.digest)
    proposal = experiment_of(house.records, known)["proposals"][-1]
    assert (proposal["recipe"], proposal["recipe_digest"]) == ("cyclophosphamide-sse/9", draft.digest)


def test_a_proposal_for_another_recipe_is_refused(house, known):
    name, base = data_file("recipes", "sildenafil-sse")
    with pytest.raises(Refused, match="E_RECIPE_DIFFERS"):
        propose(house.records, house.scientist, known, base, name, version=9)
