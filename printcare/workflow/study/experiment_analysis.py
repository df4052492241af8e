"""What an experiment's results say: fits with diagnostics, where all limits are kept, and the ranges that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.canonical import digest
from printcare.domain.checks import Finding, error
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.extrusion.design_space import PROBABILITY, Attribute, DesignSpace, ProposedRange
from printcare.extrusion.regression import Fit, fit
from printcare.formats.recipe import read_recipe
from printcare.formats.recipe_ranges import EvidenceText, with_ranges
from printcare.formats.recipe_sense import make_sense, shipped_profiles
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.recipe.versions import write
from printcare.workflow.states import as_state, state_of
from printcare.workflow.study.experiments import (
    PROPOSED,
    TABLE,
    WRITE,
    design_of,
    experiment_of,
    last_value,
    refused_for,
    responses_of,
)

MODEL = "quadratic"
LEVERAGE_COOK = 1.0  # Cook's distance beyond which one run alone moves the fit
LACK_P, LARGE_RESIDUAL = 0.05, 3.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """A response's fit, the runs it is made of, and what speaks against believing it."""

    response: str
    fit: Fit
    runs: tuple[int, ...]
    missing: tuple[int, ...]  # runs without a value
    out: tuple[int, ...]  # runs whose value is outside the limits; they count like any other
    remarks: tuple[str, ...]


def fitted(state: Mapping[str, Any], model: str = MODEL, only: Sequence[str] = ()) -> dict[str, Fitted]:
    """Return the fit of each response that has values, out-of-limits results included.

    Raises PrintcareError MODEL_UNKNOWN or MODEL_RANK, or EXPERIMENT_EMPTY where no response has a value.
    """
    design = design_of(state)
    coded, names = design.coded(), [factor.name for factor in design.factors]
    found = {}
    for response in responses_of(state):
        if only and response.name not in only:
            continue
        values = {run["number"]: last_value(run, response.name) for run in state["runs"]}
        kept = {number: value for number, value in values.items() if value is not None}
        if not kept:
            continue
        rows = [place for place, run in enumerate(design.runs) if run.number in kept]
        numbers = [design.runs[place].number for place in rows]
        observed = [float(kept[number]) for number in numbers]
        made = fit(names, coded[rows], observed, [design.runs[place].block for place in rows], model)
        found[response.name] = Fitted(
            response.name,
            made,
            tuple(numbers),
            tuple(number for number, value in values.items() if value is None),
            tuple(number for number, value in kept.items() if response.is_out(value)),
            tuple(_remarks(made, numbers)),
        )
    if not found:
        told = "No run has a result yet."
        raise PrintcareError("EXPERIMENT_EMPTY", told, "Print the runs: `printcare experiment run`.")
    return found


def space_of(state: Mapping[str, Any], fits: Mapping[str, Fitted]) -> DesignSpace:
    """Return the design space of the fitted responses that have limits; raises PrintcareError SPACE_EMPTY."""
    attributes = [
        Attribute(
            each.name, fits[each.name].fit, *(None if end is None else float(end) for end in (each.low, each.high))
        )
        for each in responses_of(state)
        if each.name in fits and (each.low is not None or each.high is not None)
    ]
    return DesignSpace(design_of(state).factors, attributes, state["seed"])


def propose(
    records: Store,
    account: Account,
    key: str,
    base: bytes,
    name: str,
    *,
    version: int,
    model: str = MODEL,
    probability: float = PROBABILITY,
    target: Sequence[Decimal] | None = None,
) -> tuple[bytes, tuple[ProposedRange, ...], tuple[Finding, ...]]:
    """Return a recipe file with the proposed ranges and the evidence linked, its ranges, and what is odd about it.

    It is written down as a draft and goes the way of every draft: nothing here makes it effective. Around the best
    settings, or a `target` by factor. Raises Refused, recorded, for a recipe that is not the experiment's; and as
    `DesignSpace.proposed`, `with_ranges` and `versions.write`.
    """
    actor = allowed(records, account, WRITE)
    state, recipe = experiment_of(records, key), read_recipe(base, name)
    if not str(state["recipe"]).startswith(f"{recipe.id}/"):
        told = f"The experiment is about {state['recipe']}, the file about {recipe.id}."
        raise refused_for(records, actor, key, (error("E_RECIPE_DIFFERS", told, "Name that recipe's file.", "recipe"),))
    fits = fitted(state, model)
    space = space_of(state, fits)
    at = tuple(target) if target is not None else space.best()[0]
    ranges = space.proposed(at, probability)
    results = digest(list(state["runs"]))
    proves = f"Normal and proven ranges of {', '.join(each.factor for each in ranges)}; {model} model, "
    proves += f"probability at least {probability:g}, results {results[:16]}."
    evidence = EvidenceText(key, str(state["title"]) or key, proves)
    made = with_ranges(base, ranges, evidence, version)
    draft = read_recipe(made, name)
    written = write(records, account, draft)
    proposal = {
        "recipe": written,
        "recipe_digest": draft.digest,
        "model": model,
        "probability": f"{probability:g}",
        "reached": f"{space.at(at):.4f}",
        "results_sha256": results,
        "ranges": [state_of(each) for each in ranges],
        "by": account.id,
        "at": as_state(records.context.clock()),
    }
    with records.transaction(actor) as tx:
        now = tx.get(TABLE, key) or {}
        row = now | {"status": PROPOSED, "proposals": [*now["proposals"], proposal]}
        tx.record("experiment.proposed", TABLE, key, row)
    return made, ranges, odd(draft)


def odd(draft: MasterRecipe) -> tuple[Finding, ...]:
    """Return what a draft lacks to be submitted; it may still be a draft."""
    return make_sense(draft, shipped_profiles())


def _remarks(made: Fit, numbers: Sequence[int]) -> list[str]:
    told = []
    if made.r2_predicted < 0:
        told.append("predicts a new run worse than the mean does: use a simpler model or more runs")
    if made.lack_of_fit is not None and made.lack_of_fit.p < LACK_P:
        told.append(f"the model's shape does not fit (lack of fit p = {made.lack_of_fit.p:.3f})")
    for number, cook, residual in zip(numbers, made.cooks_distance, made.studentised, strict=True):
        if cook > LEVERAGE_COOK:
            told.append(f"run {number} alone moves the fit (Cook's distance {cook:.2f}): look at it, do not drop it")
        elif abs(residual) > LARGE_RESIDUAL:
            told.append(f"run {number} is far from the fit ({residual:+.1f} standard deviations)")
    return told
