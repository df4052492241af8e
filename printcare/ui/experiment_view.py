"""Experiments as their page shows them: the queue of runs, the fits, where every limit is kept, and results as CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any  # a state is parsed JSON

import numpy as np

from printcare.errors import PrintcareError
from printcare.extrusion.design_space import DesignSpace
from printcare.ui.experiment_surface import ExperimentEntry, Surface
from printcare.ui.forms import FormDeed, Given
from printcare.ui.models import Fact, Objection, RegisterEntry, RegisterRow, Section
from printcare.ui.words import tr
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store
from printcare.workflow.study.experiment_analysis import Fitted, fitted, space_of
from printcare.workflow.study.experiments import TABLE, last_value, responses_of, settings_of

State = Mapping[str, Any]
CELLS = 31
DRAWS = 400  # of a first look; a proposal asks all of them


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return every experiment with how many of its runs were made."""
    allowed(records, account, "record.read")
    known = {key: row for key, row in records.all(TABLE).items() if "runs" in row}
    return tuple(
        RegisterRow(f"{TABLE}|{key}", key, tr("{} of {} runs").format(_made(row), len(row["runs"])))
        for key, row in known.items()
    )


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one experiment with its queue, its fits and its surface, as far as enough is measured."""
    allowed(records, account, "record.read")
    key = named.partition("|")[2]
    state = records.get(TABLE, key) or {}
    facts = (
        Fact(tr("Design"), str(state["kind"]), "", tr("seed {}").format(state["seed"])),
        Fact(tr("Recipe"), str(state["recipe"])),
        Fact(tr("Runs made"), f"{_made(state)} / {len(state['runs'])}"),
    )
    sections, surface = [_queue(state)], None
    told: tuple[Objection, ...] = ()
    try:
        fits = fitted(state)
        sections.insert(0, _fits(fits))
        surface = surface_of(space_of(state, fits))
    except PrintcareError as fault:  # too little is measured yet: said, and the queue stands there all the same
        told = (Objection(fault.code, "info", fault.message, fault.remedy),)
    export = FormDeed("export", tr("Export the runs as CSV"), ", ".join(account.roles), "", is_signed=False)
    title = str(state["title"]) or key
    return ExperimentEntry(named, title, str(state["status"]), facts, tuple(sections), told, (export,), surface)


def do(records: Store, account: Account, given: Given) -> str:
    """Write the runs as CSV; raises Refused for who may not read the record."""
    allowed(records, account, "record.read")
    queue = _queue(records.get(TABLE, given.key) or {})
    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.folder / f"experiment-{given.key}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((queue.heads, *queue.rows))
    return tr("The runs were written to {}.").format(path)


def surface_of(space: DesignSpace) -> Surface | None:
    """Return the chances over the first two factors, the others at the best settings; None with one factor alone."""
    if len(space.factors) < 2:
        return None
    best, _ = space.best()
    middle = [factor.coded(value) for factor, value in zip(space.factors, best, strict=True)]
    steps = np.linspace(-1, 1, CELLS)
    points = np.tile(np.array(middle, dtype=float), (CELLS * CELLS, 1))
    points[:, 0], points[:, 1] = np.tile(steps, CELLS), np.repeat(steps, CELLS)
    chances = space.probability(points, DRAWS).reshape(CELLS, CELLS)
    first, second = space.factors[:2]
    ends = tuple((float(each.low), float(each.high)) for each in (first, second))
    names = tuple(f"{each.name}, {each.unit}" for each in (first, second))
    return Surface(names[0], names[1], (ends[0], ends[1]), tuple(tuple(map(float, row)) for row in chances))


def _made(state: State) -> int:
    return sum(bool(run["results"]) for run in state["runs"])


def _queue(state: State) -> Section:
    responses = responses_of(state)
    factors = [str(each["path"]).removeprefix("parameters.") for each in state["factors"]]
    heads = (tr("Run"), tr("Status"), *factors, *(f"{each.name}, {each.unit}" for each in responses))
    lines = []
    for run in state["runs"]:
        values = [last_value(run, each.name) for each in responses]
        shown = [
            "–" if value is None else f"▲ {value}" if each.is_out(value) else str(value)
            for each, value in zip(responses, values, strict=True)
        ]
        settings = [str(value) for value in settings_of(state, run["number"]).values()]
        lines.append((str(run["number"]), str(run["status"]), *settings, *shown))
    return Section(tr("Runs in their drawn order; ▲ is outside its limits and kept"), heads, tuple(lines))


def _fits(fits: Mapping[str, Fitted]) -> Section:
    heads = (tr("Response"), "R²", tr("R² of a new run"), tr("Residual"), tr("Remarks"))
    lines = tuple(
        (name, f"{each.fit.r2:.3f}", f"{each.fit.r2_predicted:.3f}", f"{each.fit.residual_sd:.3g}",
         "; ".join(each.remarks) or "–")
        for name, each in fits.items()
    )  # fmt: skip
    return Section(tr("Fits"), heads, lines)
