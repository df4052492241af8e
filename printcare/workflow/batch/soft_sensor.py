"""The validation record of the predicted mass: made of weighed units on record, and asked before a batch is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.plan import JobPart, JobPlan
from printcare.domain.checks import Finding, error
from printcare.domain.process import EARLY_STOP, SoftSensor
from printcare.domain.recipe import MasterRecipe
from printcare.domain.sensor_validation import SensorValidation, sensor_stops
from printcare.extrusion.soft_sensor import Validation, validate
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.states import state_of

TABLE, COMMAND = "qualification", "recipe.verify"
PREDICTED = "unit.predicted"
MOST_UNITS = 10_000
HUNDREDTH = Decimal("0.01")
STOPPING = "stopping"  # of the validation's row: the figures of what stops a unit, beside those of what is fused


def validate_sensor(
    records: Store, account: Account, evidence: str, batches: Sequence[str], part: int = 1
) -> SensorValidation:
    """Put a validation on record, of every unit of these batches that was predicted and weighed; return its figures.

    `evidence` is the id a recipe names. Raises Refused, recorded, where not a single unit was compared.
    """
    actor = allowed(records, account, COMMAND)
    rows = [
        event.content["new"]
        for batch_id in batches
        for event in records.events(object_id=batch_id, action=PREDICTED, limit=MOST_UNITS)
        if event.content["new"]["part"] == part
    ]
    if not rows:
        told = f"No unit of {', '.join(batches) or 'no batch'} was predicted and weighed."
        stops = (error("E_SOFT_SENSOR_UNITS", told, "Name batches of the recipe that were printed.", "batches"),)
        refuse(records, actor, COMMAND, TABLE, evidence, stops)
        raise Refused(stops)
    today = records.context.clock().date()
    found = _figures(rows, "predicted_mg", today)
    row = state_of(found) | {"subject": "soft sensor", "status": "current", "batches": list(batches), "part": part}
    foreseen = [each for each in rows if each.get("forecast_mg") is not None]
    if foreseen:
        row[STOPPING] = state_of(_figures(foreseen, "forecast_mg", today))
    with records.transaction(actor) as tx:
        tx.record("soft_sensor.validated", TABLE, evidence, row | {"by": account.id})
    return found


def soft_sensor_stops(
    records: Store, master: MasterRecipe, targets_mg: Sequence[Decimal], today: date
) -> tuple[Finding, ...]:
    """Return why a recipe may not use the predicted mass for what it says, part by part."""
    return tuple(
        finding
        for part, target_mg in zip(master.parts, targets_mg, strict=True)
        for finding in sensor_stops(
            part.limits.soft_sensor,
            _validation(records, part.limits.soft_sensor),
            target_mg,
            part.limits.mass_pct,
            today,
        )
    )


def with_sensor(records: Store, job: JobPlan) -> JobPlan:
    """Return a job whose validated prediction stops a unit that is lost already; any other prediction informs alone."""
    return replace(job, parts=tuple(_with_reach(records, part) for part in job.parts))


def _with_reach(records: Store, part: JobPart) -> JobPart:
    sensor, target_mg = part.limits.soft_sensor, part.gate.target_mg
    found = _validation(records, sensor)
    today = records.context.clock().date()
    if sensor.use != EARLY_STOP or found is None or sensor_stops(sensor, found, target_mg, part.limits.mass_pct, today):
        return part
    return replace(part, sensor_reach_mg=float(found.reach_pct * target_mg / 100))


def _figures(rows: Sequence[Mapping[str, Any]], name: str, today: date) -> SensorValidation:
    """Return how well one prediction met the balance over these units, in hundredths."""
    foreseen, weighed = ([float(row[each]) for row in rows] for each in (name, "weighed_mg"))
    made: Validation = validate(foreseen, weighed, today)
    low_mg, high_mg = (Decimal(str(end)).quantize(HUNDREDTH) for end in made.range_mg)
    return SensorValidation(
        made.units,
        Decimal(str(made.bias_pct)).quantize(HUNDREDTH),
        Decimal(str(made.rmse_pct)).quantize(HUNDREDTH),
        (low_mg, high_mg),
        today,
    )


def _validation(records: Store, sensor: SoftSensor) -> SensorValidation | None:
    """Return the figures of the prediction a use rests on, or None: what stops a unit is not what is fused."""
    state = records.get(TABLE, sensor.evidence)
    if state is None or state.get("subject") != "soft sensor":
        return None
    if sensor.use == EARLY_STOP:
        state = state.get(STOPPING)
        if state is None:
            return None
    names = SensorValidation.__dataclass_fields__
    held = {name: state[name] for name in names if name != "validated_on"}
    return SensorValidation(
        int(held["units"]),
        Decimal(held["bias_pct"]),
        Decimal(held["rmse_pct"]),
        (Decimal(held["range_mg"][0]), Decimal(held["range_mg"][1])),
        date.fromisoformat(state["validated_on"]),
    )
