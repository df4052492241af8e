"""The run queue: each run a trial on the bench or a printer, its responses taken from the record of that batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

import numpy as np

from printcare.control.events import Event, JobEnded, Outcome, UnitBegan, UnitEnded
from printcare.control.plan import JobPlan
from printcare.domain.checks import error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.people import Actor
from printcare.domain.policy import Policy
from printcare.domain.recipe import MasterRecipe, unit_volume_mm3
from printcare.domain.uniformity import mean, sample_sd
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode.check import check
from printcare.gcode.preview import preview
from printcare.protocol.wire import Ports
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.batch.plan import PlannedTrial, units_of
from printcare.workflow.batch.produce import prepare, produce
from printcare.workflow.batch.recorder import Show
from printcare.workflow.batch.research import TrialPart, plan_trial
from printcare.workflow.release.review import finish_recorded
from printcare.workflow.study.experiments import (
    FAILED,
    FROM_RECORD,
    PRINTED,
    QUEUED,
    WRITE,
    Measured,
    experiment_of,
    keep_run,
    refused_for,
    responses_of,
    run_of,
    settings_of,
    varied,
)

THOUSANDTH = Decimal("0.001")
SLOPE_SHARE = 0.05  # of the flow, either way, for dP/dQ


@dataclass(frozen=True, slots=True)
class Setup:
    """What the runs are printed with: recipe, one cartridge for each block, printer, balance, and today."""

    master: MasterRecipe
    parts: Sequence[TrialPart]  # of block 1, 2, …; the dose is the experiment's
    profile: FirmwareProfile
    balance: str
    policy: Policy
    today: date


@dataclass(frozen=True, slots=True)
class Printers:
    """Who prints, and onto what: a new bench or the open printer for the number of each run."""

    operator: Account
    password: str
    ports: Callable[[int], Ports]
    show: Show


def print_trial(records: Store, printers: Printers, planned: PlannedTrial, number: int = 1) -> JobEnded:
    """Prepare, print and finish a planned trial; it waits for its review afterwards, and is rehearsed at most."""
    operator, password = printers.operator, printers.password
    prepare(records, operator, password, None, "", planned)
    ports = printers.ports(number)
    try:
        ended = produce(records, operator, planned.job, planned.job.first.cartridge_id, ports, printers.show)
    finally:
        ports.close()
    if ended.outcome is Outcome.COMPLETED:
        finish_recorded(records, operator, planned.id, password)
    return ended


def unit_told(event: Event) -> tuple[int, bool] | None:
    """Return which unit an event of the job begins or judges, and whether it is judged; None for any other event."""
    return (event.index, isinstance(event, UnitEnded)) if isinstance(event, UnitBegan | UnitEnded) else None


def next_run(state: Mapping[str, Any]) -> int | None:
    """Return the number of the first run that is still to be printed, or None."""
    return next((int(run["number"]) for run in state["runs"] if _is_to_print(run)), None)


def _is_to_print(run: Mapping[str, Any]) -> bool:
    """Whether a run was not made yet: one with results on record was, here or elsewhere."""
    return run["status"] == QUEUED and not run["results"]


def print_run(
    records: Store, scientist: Account, key: str, number: int, setup: Setup, printers: Printers
) -> dict[str, Decimal]:
    """Print one run as a trial and keep its responses, in limits or out; return them.

    A run whose job did not complete is kept as failed, with what was measured of it. Raises Refused, recorded.
    """
    actor = allowed(records, scientist, WRITE)
    state = experiment_of(records, key)
    run = run_of(state, number)
    _refuse_run(records, actor, key, state, run, setup)
    part = setup.parts[run["block"] - 1]
    given = TrialPart(Decimal(state["dose_mg"]), part.lot, part.cartridge)
    master = varied(setup.master, settings_of(state, number))
    at = (setup.profile, setup.balance, setup.policy, setup.today)
    planned = plan_trial(records, scientist, master, [given], state["units"], *at, seed=state["seed"] + number)
    ended = print_trial(records, printers, planned, number)
    wanted = {each.name for each in responses_of(state)}
    found = {name: value for name, value in responses(records, planned.job).items() if name in wanted}
    measured = [Measured(name, value, batch_id=planned.id) for name, value in found.items()]
    status = PRINTED if ended.outcome is Outcome.COMPLETED else FAILED
    with records.transaction(actor) as tx:
        keep_run(tx, key, number, measured, scientist.id, status=status, batch=planned.id, ended=ended.reason)
    return found


def responses(records: Store, job: JobPlan) -> dict[str, Decimal]:
    """Return what the record of a printed trial says of the responses; one it cannot say is left out.

    Rejected units count: a setting that makes bad units must look bad.
    """
    rows = units_of(records, job.batch_id)
    target_mg = job.first.gate.target_mg
    masses = [Decimal(row["mass_mg"]) * 100 / target_mg for row in rows if row.get("mass_mg") is not None]
    found: dict[str, Decimal | None] = {
        "mass_bias_pct": mean(masses) - 100 if masses else None,
        "mass_rsd_pct": sample_sd(masses) * 100 / mean(masses) if len(masses) > 1 else None,
        "pressure_kpa": _mean_of(rows, "pressure_mean_kpa"),
        "pressure_peak_kpa": _mean_of(rows, "pressure_max_kpa"),
        "lag_s": lag_s(records, job),
        "bead_mm": bead_mm(job),
        "unit_s": _mean_of(rows, "seconds"),
    }
    return {name: value.quantize(THOUSANDTH) for name in FROM_RECORD if (value := found[name]) is not None}


def lag_s(records: Store, job: JobPlan) -> Decimal | None:
    """Return C·dP/dQ at the print's flow, with C and the thickness the prime identified; None where it did not."""
    told = [
        event.content["new"]
        for event in records.events(object_id=job.batch_id, action="job.identified")
        if event.content["new"]["part"] == 1
    ]
    if not told:
        return None
    part = job.first
    flow, at_c = part.flow_mm3_s, float(part.parameters.cartridge_c.target)
    low, high = (
        predicted_pressure_kpa(part.ink, part.nozzle, flow * (1 + side), at_c) for side in (-SLOPE_SHARE, SLOPE_SHARE)
    )
    slope = (high - low) / (2 * SLOPE_SHARE * flow) * float(told[-1]["thickness"])
    lag = float(told[-1]["compliance_mm3_kpa"]) * slope
    return Decimal(str(lag)) if math.isfinite(lag) else None


def bead_mm(job: JobPlan) -> Decimal | None:
    """Return the mean width of the first unit's beads, weighed by their length, read back from the program."""
    volume_mm3 = unit_volume_mm3(job.first.gate.target_mg, job.first.ink)
    report = check(job.program, job.profile, job.master, volume_mm3, job.units)
    views = preview(report, job.profile)
    if not views:
        return None
    lengths = [np.linalg.norm(layer.end_mm - layer.start_mm, axis=1) for layer in views[0].layers]
    length, width = np.concatenate(lengths), np.concatenate([layer.width_mm for layer in views[0].layers])
    total = float(length.sum())
    return Decimal(str(float(length @ width) / total)) if total else None


def _mean_of(rows: Sequence[Mapping[str, Any]], name: str) -> Decimal | None:
    values = [Decimal(str(row[name])) for row in rows if row.get(name) is not None]
    return mean(values) if values else None


def _refuse_run(
    records: Store, actor: Actor, key: str, state: Mapping[str, Any], run: Mapping[str, Any], setup: Setup
) -> None:
    if not _is_to_print(run):
        told = f"Run {run['number']} was printed as batch {run['batch']}; its results stay."
        if not run["batch"]:
            told = f"Run {run['number']} has results on record and was made elsewhere."
        stops = (error("E_RUN_PRINTED", told, "Print the next one; a repeat is a run of a design of its own.", "run"),)
        raise refused_for(records, actor, key, stops)
    if run["block"] > len(setup.parts):
        told = f"Run {run['number']} belongs to cartridge {run['block']}, {len(setup.parts)} were named."
        raise refused_for(records, actor, key, (error("E_CARTRIDGE_COUNT", told, "Name one for each block.", "run"),))
    if setup.master.further:
        told = f"{setup.master.id} is printed from several inks; an experiment varies the recipe of one."
        raise Refused((error("E_EXPERIMENT_PARTS", told, "Vary each ink's own recipe.", "recipe"),))
    if state["recipe_digest"] != setup.master.digest:
        told = f"{state['recipe']} was changed since the experiment was designed."
        raise refused_for(
            records, actor, key, (error("E_RECIPE_DIFFERS", told, "Use the file it began with.", "recipe"),)
        )
