"""An experiment as an object of the record: its design, its run queue, and every result, out of limits or not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.canonical import digest
from printcare.domain.checks import Finding, error
from printcare.domain.numbers import plain
from printcare.domain.people import Actor
from printcare.domain.process import Range
from printcare.domain.recipe import MasterRecipe
from printcare.extrusion.designs import Design, Factor, Run, lay_out
from printcare.records.accounts import Account
from printcare.records.store import Store, Transaction
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.states import as_state, state_of

TABLE, WRITE = "experiment", "experiment.write"
OPEN, PROPOSED = "open", "proposed"
QUEUED, PRINTED, FAILED = "queued", "printed", "failed"
PREFIX = "parameters."
# What the record itself answers of a run; any other response is measured elsewhere and entered.
FROM_RECORD = {
    "mass_bias_pct": ("%", "mean mass of the run's units against their target"),
    "mass_rsd_pct": ("%", "relative standard deviation of the masses of the run's units"),
    "pressure_kpa": ("kPa", "mean pressure over the run's units, from first line to judgement"),
    "pressure_peak_kpa": ("kPa", "mean of the units' highest pressures"),
    "lag_s": ("s", "time constant of the syringe at the print's flow, from its prime"),
    "bead_mm": ("mm", "mean width of the beads, read back from the program"),
    "unit_s": ("s", "mean process time from a unit's first line to its judgement"),
}
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Response:
    """What is looked at in every run, with the limits its next unit has to keep; None where there is none."""

    name: str
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None

    def is_out(self, value: Decimal) -> bool:
        """Whether a value is outside the limits: such a result is flagged and kept."""
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


@dataclass(frozen=True, slots=True)
class Study:
    """What an experiment is about: a recipe printed at one dose, factors by their key path, and responses."""

    id: str
    title: str
    dose_mg: Decimal
    units: int  # of each run
    factors: tuple[Factor, ...]
    responses: tuple[Response, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One result of one run, and where it comes from: a batch of ours, or a method, an analyst and a raw file."""

    response: str
    value: Decimal
    batch_id: str = ""
    method: str = ""
    analyst: str = ""
    raw_sha256: str = ""
    reason: str = ""  # why a second value follows one that is on record


def factor_of(master: MasterRecipe, path: str, low: Decimal, high: Decimal, step: Decimal) -> Factor:
    """Return a parameter of the recipe as a factor; its unit is the recipe's own. Raises as `parameter_of`."""
    return Factor(path.removeprefix(PREFIX), parameter_of(master, path).unit, low, high, step)


def parameter_of(master: MasterRecipe, path: str) -> Range:
    """Return a recipe's parameter by its key path; raises Refused E_FACTOR_UNKNOWN."""
    known = dict(master.parameters.every())
    name = path.removeprefix(PREFIX)
    if name not in known:
        told = f"{path} is no parameter of {master.id}; there are {', '.join(known)}."
        raise Refused((error("E_FACTOR_UNKNOWN", told, "Name one of those.", path),))
    return known[name]


def varied(master: MasterRecipe, settings: Mapping[str, Decimal]) -> MasterRecipe:
    """Return the recipe with parameters set to other targets, for research: its ranges widened to what is tried.

    Raises Refused E_FACTOR_UNKNOWN, or E_FACTOR_RANGE for a setting outside the range the recipe was ever studied in.
    """
    changes = {}
    for path, value in settings.items():
        known = parameter_of(master, path)
        low, high = known.studied or known.proven
        if not low <= value <= high:
            told = f"{path} = {plain(value)} {known.unit} lies outside the studied {plain(low)} to {plain(high)}."
            remedy = "Stay inside, or widen what the recipe calls studied, with its reason."
            raise Refused((error("E_FACTOR_RANGE", told, remedy, path),))
        changes[path.removeprefix(PREFIX)] = replace(
            known,
            target=value,
            normal=(min(known.normal[0], value), max(known.normal[1], value)),
            proven=(min(known.proven[0], value), max(known.proven[1], value)),
        )
    if not changes:
        return master
    made = replace(master, parameters=replace(master.parameters, **changes))
    return replace(made, digest=digest(state_of(made)))


def design_experiment(
    records: Store,
    account: Account,
    study: Study,
    master: MasterRecipe,
    kind: str,
    *,
    seed: int,
    centres: int = 0,
    replicates: int = 1,
    blocks: int = 1,
    runs: int = 0,
) -> Design:
    """Lay the design out, put it on record with its queue of runs, and return it.

    Raises Refused, recorded, for a factor outside the studied range, no response, or an id that is taken; or
    PrintcareError of `designs.lay_out` for what is no design.
    """
    actor = allowed(records, account, WRITE)
    design = lay_out(kind, study.factors, centres=centres, replicates=replicates, blocks=blocks, runs=runs, seed=seed)
    stops = _study_stops(study, master)
    if records.get(TABLE, study.id) is not None:
        told = f"{study.id} is on record already."
        stops = (*stops, error("E_EXPERIMENT_TAKEN", told, "Choose another id.", "id"))
    if stops:
        refuse(records, actor, WRITE, TABLE, study.id, stops)
        raise Refused(stops)
    with records.transaction(actor) as tx:
        tx.record("experiment.designed", TABLE, study.id, _new_row(study, master, design, account.id))
    return design


def experiment_of(records: Store, key: str) -> State:
    """Return an experiment's state; raises Refused E_EXPERIMENT_UNKNOWN."""
    state = records.get(TABLE, key)
    if state is None or "runs" not in state:
        told = f"There is no experiment {key}."
        raise Refused((error("E_EXPERIMENT_UNKNOWN", told, "See `printcare experiment list`.", "id"),))
    return state


def design_of(state: Mapping[str, Any]) -> Design:
    """Return the design of a recorded experiment."""
    factors = tuple(
        Factor(
            each["path"].removeprefix(PREFIX), each["unit"], *(Decimal(each[end]) for end in ("low", "high", "step"))
        )
        for each in state["factors"]
    )
    runs = tuple(
        Run(run["number"], run["block"], tuple(Decimal(value) for value in run["settings"]), run["is_centre"])
        for run in state["runs"]
    )
    return Design(state["kind"], factors, runs, state["seed"])


def responses_of(state: Mapping[str, Any]) -> tuple[Response, ...]:
    """Return the responses of a recorded experiment."""
    ends = ("low", "high")
    return tuple(
        Response(each["name"], each["unit"], *(None if each[end] is None else Decimal(each[end]) for end in ends))
        for each in state["responses"]
    )


def settings_of(state: Mapping[str, Any], number: int) -> dict[str, Decimal]:
    """Return the settings of a run by key path."""
    run = run_of(state, number)
    return {each["path"]: Decimal(value) for each, value in zip(state["factors"], run["settings"], strict=True)}


def run_of(state: Mapping[str, Any], number: int) -> State:
    """Return a run's row; raises Refused E_RUN_UNKNOWN."""
    found: list[State] = [run for run in state["runs"] if run["number"] == number]
    if not found:
        told = f"The experiment has runs 1 to {len(state['runs'])}, not {number}."
        raise Refused((error("E_RUN_UNKNOWN", told, "Name one of those.", "run"),))
    return found[0]


def last_value(run: Mapping[str, Any], response: str) -> Decimal | None:
    """Return the value that counts of a run's response: the last one; those before it stay on record."""
    kept = run["results"].get(response)
    return Decimal(kept[-1]["value"]) if kept else None


def enter_result(records: Store, account: Account, key: str, number: int, measured: Measured, raw: bytes = b"") -> bool:
    """Put a result measured elsewhere on a run; return whether it is out of limits, in which case it is kept as well.

    Raises Refused, recorded, for an unknown response, a result without method, analyst and raw file, or a second value
    without a reason.
    """
    actor = allowed(records, account, WRITE)
    state = experiment_of(records, key)
    run = run_of(state, number)
    kept = replace(measured, raw_sha256=hashlib.sha256(raw).hexdigest() if raw else "")
    stops = _result_stops(state, run, kept)
    if stops:
        refuse(records, actor, WRITE, TABLE, key, stops)
        raise Refused(stops)
    with records.transaction(actor) as tx:
        row = with_results(tx.get(TABLE, key) or {}, number, (kept,), account.id)
        tx.record("experiment.result_entered", TABLE, key, row)
    response = next(each for each in responses_of(state) if each.name == measured.response)
    return response.is_out(measured.value)


def with_results(state: Mapping[str, Any], number: int, found: Sequence[Measured], by: str, **changes: object) -> State:
    """Return the state with results added to a run, each flagged where it is outside its response's limits."""
    responses = {each.name: each for each in responses_of(state)}
    runs = []
    for run in state["runs"]:
        if run["number"] == number:
            results = dict(run["results"])
            for each in found:
                row = state_of(each) | {"is_out": responses[each.response].is_out(each.value), "by": by}
                results[each.response] = [*results.get(each.response, ()), row]
            run = run | {"results": results} | changes
        runs.append(run)
    return dict(state) | {"runs": runs}


def keep_run(tx: Transaction, key: str, number: int, found: Sequence[Measured], by: str, **changes: object) -> None:
    """Record what a printed run gave, inside the caller's transaction."""
    row = with_results(tx.get(TABLE, key) or {}, number, found, by, **changes)
    tx.record("experiment.run_printed", TABLE, key, row)


def refused_for(records: Store, actor: Actor, key: str, stops: tuple[Finding, ...]) -> Refused:
    """Record that something of an experiment was refused, and return what is to be raised."""
    refuse(records, actor, WRITE, TABLE, key, stops)
    return Refused(stops)


def _study_stops(study: Study, master: MasterRecipe) -> tuple[Finding, ...]:
    findings = []
    for factor in study.factors:
        known = parameter_of(master, factor.name)
        low, high = known.studied or known.proven
        if not low <= factor.low < factor.high <= high:
            told = f"{factor.name} was studied from {plain(low)} to {plain(high)} {known.unit}; the design leaves that."
            findings.append(error("E_FACTOR_RANGE", told, "Narrow the factor, or widen what is studied.", factor.name))
    names = [each.name for each in study.responses]
    if not names or len(set(names)) < len(names):
        told = "An experiment looks at one response or more, each once."
        findings.append(
            error("E_RESPONSE", told, f"Name some of {', '.join(FROM_RECORD)}, or one of your own.", "response")
        )
    if study.units < 2:
        told = "A run of one unit tells nothing of its scatter."
        findings.append(error("E_RUN_UNITS", told, "Print two units a run, or more.", "units"))
    return tuple(findings)


def _result_stops(state: Mapping[str, Any], run: Mapping[str, Any], given: Measured) -> tuple[Finding, ...]:
    findings = []
    known = [each["name"] for each in state["responses"]]
    if given.response not in known:
        told = f"{given.response} is no response of this experiment; there are {', '.join(known)}."
        return (error("E_RESPONSE", told, "Name one of those.", "response"),)
    if not (given.method.strip() and given.analyst.strip() and given.raw_sha256):
        told = "A result measured elsewhere comes with its method, its analyst and its raw file."
        findings.append(error("E_RESULT_SOURCE", told, "Name all three.", given.response))
    if run["results"].get(given.response) and not given.reason.strip():
        told = f"Run {run['number']} has a {given.response} on record, which stays there."
        findings.append(error("E_REASON_MISSING", told, "State why another value counts.", given.response))
    return tuple(findings)


def _new_row(study: Study, master: MasterRecipe, design: Design, by: str) -> State:
    return {
        "status": OPEN,
        "kind": design.kind,
        "title": study.title,
        "recipe": f"{master.id}/{master.version}",
        "recipe_digest": master.digest,
        "dose_mg": as_state(study.dose_mg),
        "units": study.units,
        "seed": design.seed,
        "factors": [
            {"path": f"{PREFIX}{each.name}", "unit": each.unit}
            | {name: as_state(getattr(each, name)) for name in ("low", "high", "step")}
            for each in study.factors
        ],
        "responses": [state_of(each) for each in study.responses],
        "runs": [
            {
                "number": run.number,
                "block": run.block,
                "settings": [as_state(value) for value in run.settings],
                "is_centre": run.is_centre,
                "status": QUEUED,
                "batch": None,
                "results": {},
            }
            for run in design.runs
        ],
        "proposals": [],
        "by": by,
    }
