"""Experiments as their page shows them: designs, runs, fits, surfaces and traces, and what may be done with each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any  # a state is parsed JSON

import numpy as np

from printcare.domain.numbers import plain
from printcare.domain.people import may
from printcare.errors import PrintcareError
from printcare.extrusion.design_space import PROBABILITY, DesignSpace
from printcare.extrusion.designs import DESIGNS
from printcare.extrusion.regression import MODELS
from printcare.formats.find import ids
from printcare.formats.recipe import load_recipe
from printcare.ui.experiment_deeds import DEEDS, FACTOR, RESPONSE
from printcare.ui.experiment_surface import CHANCES, ENOUGH, ExperimentEntry, Surface, Traces
from printcare.ui.figures import exact, figure, local, sensor_words, unit_words
from printcare.ui.forms import Asked, FormDeed, Given, Grid, GridRow, choice, text
from printcare.ui.models import Fact, Objection, RegisterEntry, RegisterRow, Section, objections
from printcare.ui.widgets.chart import ticks
from printcare.ui.words import phrase, tr
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.entry import Account, Store
from printcare.workflow.study.experiment_analysis import MODEL, Fitted, fitted, space_of
from printcare.workflow.study.experiment_runs import next_run
from printcare.workflow.study.experiments import (
    FROM_RECORD,
    PREFIX,
    TABLE,
    WRITE,
    last_value,
    responses_of,
    run_of,
    settings_of,
)
from printcare.workflow.study.research_export import overlaid

State = Mapping[str, Any]
DESIGN, TRACES = "design", "traces"
CELLS = 31
DRAWS = 400  # of a first look; a proposal asks all of them
PRESSURE = "pressure_kpa"
RESPONSE_WORDS = {
    "mass_bias_pct": phrase("Mean mass against the target"),
    "mass_rsd_pct": phrase("Scatter of the masses"),
    "pressure_kpa": phrase("Mean pressure"),
    "pressure_peak_kpa": phrase("Highest pressure"),
    "lag_s": phrase("Lag of the syringe"),
    "bead_mm": phrase("Width of the beads"),
    "unit_s": phrase("Time of a unit"),
}


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return every experiment with how many of its runs were made, then what a new one may be about."""
    allowed(records, account, "record.read")
    known = {key: row for key, row in records.all(TABLE).items() if "runs" in row}
    made = tuple(
        RegisterRow(f"{TABLE}|{key}", key, tr("{} of {} runs").format(_made(row), len(row["runs"])))
        for key, row in known.items()
    )
    offered = ids("recipes") if may(account.roles, WRITE) else ()
    new = tuple(RegisterRow(f"{DESIGN}|{name}", tr("New design"), name) for name in offered)
    batches = len(records.all("batch"))
    return (*made, *new, RegisterRow(f"{TRACES}|", tr("Traces"), tr("Batches: {}").format(batches)))


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one experiment, a recipe a design may vary, or the traces that are asked for."""
    allowed(records, account, "record.read")
    what, _, key = named.partition("|")
    if what == DESIGN:
        return _offer(records, account, named, key)
    return _traced(records, account, named, key) if what == TRACES else _experiment(records, account, named, key)


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused with every objection."""
    return DEEDS[given.verb](records, account, given)


# ---- one experiment


def _experiment(records: Store, account: Account, named: str, key: str) -> ExperimentEntry:
    state = records.get(TABLE, key) or {}
    facts = (
        Fact(tr("Design"), str(state["kind"]), "", tr("seed {}").format(state["seed"])),
        Fact(tr("Recipe"), str(state["recipe"])),
        Fact(tr("Dose of a unit"), local(str(state["dose_mg"])), "mg", tr("{} units a run").format(state["units"])),
        Fact(tr("Runs made"), f"{_made(state)} / {len(state['runs'])}"),
        *(_proposed(each) for each in state["proposals"]),
    )
    sections, surfaces = [_queue(state)], ()  # type: list[Section], tuple[Surface, ...]
    told: tuple[Objection, ...] = ()
    try:
        fits = fitted(state)
        sections.insert(0, _fits(fits))
        surfaces = surfaces_of(space_of(state, fits), fits, state)
    except PrintcareError as fault:  # too little is measured yet: said, and the queue stands there all the same
        told = (Objection(fault.code, "info", fault.message, fault.remedy),)
    title = str(state["title"]) or key
    deeds = tuple(_deeds(records, account, state))
    shown = tuple(sections)
    return ExperimentEntry(
        named, title, tr(str(state["status"])), facts, shown, told, deeds, surfaces, _of_runs(records, account, state)
    )


def surfaces_of(space: DesignSpace, fits: Mapping[str, Fitted], state: State) -> tuple[Surface, ...]:
    """Return the chances over the first two factors, then each response, all others at the best settings.

    Nothing for one factor alone: that is a curve.
    """
    if len(space.factors) < 2:
        return ()
    best, _ = space.best()
    middle = [factor.coded(value) for factor, value in zip(space.factors, best, strict=True)]
    steps = np.linspace(-1, 1, CELLS)
    points = np.tile(np.array(middle, dtype=float), (CELLS * CELLS, 1))
    points[:, 0], points[:, 1] = np.tile(steps, CELLS), np.repeat(steps, CELLS)
    first, second = space.factors[:2]
    ends = ((float(first.low), float(first.high)), (float(second.low), float(second.high)))
    names = tuple(f"{each.name}, {unit_words(each.unit)}" for each in (first, second))

    def over(values: Any, title: str, levels: tuple[float, ...], enough: float | None = None) -> Surface:  # an array
        rows = tuple(tuple(map(float, row)) for row in values.reshape(CELLS, CELLS))
        return Surface(title, names[0], names[1], ends, rows, levels, enough)

    found = [over(space.probability(points, DRAWS), tr("Chance to meet every limit"), CHANCES, ENOUGH)]
    for response in responses_of(state):
        if response.name in fits:
            values = fits[response.name].fit.predict(points)
            limits = [float(end) for end in (response.low, response.high) if end is not None]
            levels = sorted({*ticks(float(values.min()), float(values.max())), *limits})
            found.append(over(values, f"{response.name}, {unit_words(response.unit)}", tuple(levels)))
    return tuple(found)


def _made(state: State) -> int:
    return sum(bool(run["results"]) for run in state["runs"])


def _proposed(row: Mapping[str, Any]) -> Fact:
    reached = figure(100 * float(row["reached"]), 1, "%")
    return Fact(tr("Proposed"), str(row["recipe"]), "", tr("chance to meet every limit {}").format(reached))


def _queue(state: State) -> Section:
    responses = responses_of(state)
    factors = [f"{each['path'].removeprefix(PREFIX)}, {unit_words(each['unit'])}" for each in state["factors"]]
    heads = (tr("Run"), tr("Status"), *factors, *(f"{each.name}, {unit_words(each.unit)}" for each in responses))
    lines = []
    for run in state["runs"]:
        values = [last_value(run, each.name) for each in responses]
        shown = [
            f"▲ {exact(value)}" if value is not None and each.is_out(value) else exact(value)
            for each, value in zip(responses, values, strict=True)
        ]
        settings = [exact(value) for value in settings_of(state, run["number"]).values()]
        lines.append((str(run["number"]), tr(str(run["status"])), *settings, *shown))
    return Section(tr("Runs in their drawn order; ▲ is outside its limits and kept"), heads, tuple(lines))


def _fits(fits: Mapping[str, Fitted]) -> Section:
    heads = (tr("Response"), "R²", tr("R² of a new run"), tr("Residual"), tr("Remarks"))
    lines = tuple(
        (name, figure(each.fit.r2, 3), figure(each.fit.r2_predicted, 3), local(f"{each.fit.residual_sd:.3g}"),
         "; ".join(each.remarks) or "–")
        for name, each in fits.items()
    )  # fmt: skip
    return Section(tr("Fits"), heads, lines)


def _of_runs(records: Store, account: Account, state: State) -> Traces | None:
    """Return the pressure of the first unit of each printed run that has one."""
    curves = {}
    for run in state["runs"]:
        try:
            unit = f"{run['batch']}/01"
            found = overlaid(records, account, [unit], PRESSURE)[unit] if run["batch"] else []
        except Refused:  # a run that failed before it printed has none
            found = []
        if found:
            curves[tr("run {}").format(run["number"])] = tuple((float(at), float(value)) for at, value, _ in found)
    return Traces(sensor_words(PRESSURE), tuple(curves.items())) if curves else None


def _deeds(records: Store, account: Account, state: State) -> Iterator[FormDeed]:
    export = FormDeed("export", tr("Export the runs as CSV"), ", ".join(account.roles), "", is_signed=False)
    if not may(account.roles, WRITE):
        yield export
        return
    number = next_run(state)
    if number is not None:
        block = int(run_of(state, number)["block"])
        filled = tuple(key for key, row in records.all("cartridge").items() if row["status"] in ("filled", "used"))
        fields: tuple[Asked, ...] = (choice("cartridge", tr("Cartridge {}").format(block), filled),)
        words = tr("Print run {}").format(number)
        yield FormDeed(
            "run", words, "", "", fields=fields, second="operator", second_meaning=tr("prints the run"), is_run=True
        )
    names = tuple(each.name for each in responses_of(state))
    numbers = tuple(str(run["number"]) for run in state["runs"])
    yield FormDeed(
        "enter", tr("Enter a result"), "", "", is_signed=False,
        fields=(
            choice("run", tr("Run"), numbers), choice("response", tr("Response"), names),
            text("value", tr("Value")), text("method", tr("Method")), text("analyst", tr("Analyst")),
            text("raw", tr("Raw file, of which the digest is kept")),
            text("reason", tr("Why another value follows one on record")),
        ),
    )  # fmt: skip
    if _made(state):
        version = int(str(state["recipe"]).rpartition("/")[2]) + 1 + len(state["proposals"])
        yield FormDeed(
            "propose", tr("Propose ranges in a recipe draft"), "", "", is_signed=False,
            fields=(
                text("version", tr("Version of the draft"), str(version)), choice("model", tr("Model"), MODELS, MODEL),
                text("probability", tr("Chance to meet every limit, at least"), local(f"{PROBABILITY:g}")),
            ),
        )  # fmt: skip
    yield export


# ---- a new design


def _offer(records: Store, account: Account, named: str, recipe_id: str) -> RegisterEntry:
    master = load_recipe(recipe_id)
    lines = tuple(
        (name, unit_words(each.unit), exact(each.target), _ends(each.normal), _ends(each.proven), _ends(each.studied))
        for name, each in master.parameters.every()
    )
    heads = (tr("Parameter"), tr("Unit"), tr("Target"), "NOR", "PAR", tr("Studied"))
    section = Section(tr("What a design may vary, as far as it was studied"), heads, lines)
    key = f"EX-{sum('runs' in row for row in records.all(TABLE).values()) + 1:04d}"
    low, high = master.unit_range.dose_mg
    fields = (
        text("id", tr("Number"), key), text("title", tr("Title")),
        choice("kind", tr("Kind of design"), tuple(DESIGNS), "central-composite-faced"),
        text("dose_mg", tr("Dose of a unit, in mg"), local(plain(low))),
        text("units", tr("Units of each run"), "3"), text("centres", tr("Runs at the middle"), "3"),
        text("replicates", tr("Replicates"), "1"), text("blocks", tr("Blocks: cartridges"), "1"),
        text("runs", tr("Runs, of a Latin hypercube alone"), "0"), text("seed", tr("Seed"), "1"),
    )  # fmt: skip
    deed = FormDeed(
        "design", tr("Lay the design out"), "", "", is_signed=False, fields=fields, grids=_design_grids(master)
    )
    facts = (
        Fact(tr("Recipe"), f"{master.id}/{master.version}"),
        Fact(tr("Dose of a unit"), _ends((low, high)), "mg", tr("validated")),
        Fact(tr("Ink"), master.ink.ink_id),
    )
    deeds = (deed,) if may(account.roles, WRITE) else ()
    return ExperimentEntry(named, tr("New design"), master.title, facts, (section,), (), deeds)


def _design_grids(master: Any) -> tuple[Grid, ...]:  # a MasterRecipe; named so the first page does not wait for it
    factors = []
    for name, each in master.parameters.every():
        low, high = map(exact, each.studied or each.proven)
        cells = (Asked("low", low), Asked("high", high), Asked("step", ""))
        factors.append(GridRow(f"{FACTOR}{name}", f"{name}, {unit_words(each.unit)}", cells))
    responses = tuple(
        GridRow(
            f"{RESPONSE}{name}",
            f"{tr(RESPONSE_WORDS[name])} ({name}), {unit}",
            (Asked("low", "–"), Asked("high", "–"), Asked("is", tr("x: looked at"))),
        )
        for name, (unit, _) in FROM_RECORD.items()
    )
    own = GridRow(
        f"{RESPONSE}own",
        tr("One of your own, as hardness@N"),
        (Asked("low", "–"), Asked("high", "–"), Asked("is", tr("name@unit"))),
    )
    return (
        Grid(
            "factors", tr("Factors: what stays empty is not varied"),
            (tr("Parameter"), tr("Lowest"), tr("Highest"), tr("Increment")), tuple(factors),
        ),
        Grid(
            "responses", tr("Responses with the limits of the next unit"),
            (tr("Response"), tr("Lower limit"), tr("Upper limit"), tr("Looked at")), (*responses, own),
        ),
    )  # fmt: skip


def _ends(ends: Any) -> str:
    return "–" if ends is None else tr("{} to {}").format(*map(exact, ends))


# ---- traces


def _traced(records: Store, account: Account, named: str, key: str) -> ExperimentEntry:
    """Return the traces of the units named in the key, as `B-0001/01 B-0001/02@pressure_kpa`."""
    units, _, sensor = key.partition("@")
    laid, told = None, ()  # type: Traces | None, tuple[Objection, ...]
    sensor = sensor or PRESSURE
    if units:
        try:
            found = overlaid(records, account, units.replace(",", " ").split(), sensor)
            curves = {unit: tuple((float(at), float(value)) for at, value, _ in row) for unit, row in found.items()}
            laid = Traces(sensor_words(sensor), tuple(curves.items()))
        except Refused as fault:
            told = objections(fault.findings)
    sensors = tuple(sorted({str(row["sensor"]) for row in records.all("reading_block").values()})) or (PRESSURE,)
    fields = (
        text("units", tr("Units, as B-0001/01 B-0001/02"), units),
        Asked("sensor", tr("Sensor"), tuple((each, sensor_words(each)) for each in sensors), sensor),
    )
    look = FormDeed("overlay", tr("Lay traces over one another"), "", "", is_signed=False, fields=fields)
    export = FormDeed("traces", tr("Write these traces to a file"), "", "", is_signed=False)
    known = tuple((key, str(row["recipe"]), str(row["units"])) for key, row in records.all("batch").items())
    section = Section(tr("Batches on record"), (tr("Batch"), tr("Recipe"), tr("Units")), known)
    deeds = (look, export) if laid is not None else (look,)
    title, shown = tr("Traces of several units"), (section,) if known else ()
    return ExperimentEntry(named, title, sensor_words(sensor) if units else "", (), shown, told, deeds, (), laid)
