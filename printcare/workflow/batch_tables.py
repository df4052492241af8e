"""The tables of a batch record: parameters, materials, ledger, equipment, units with their series, gate and alarms."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any  # states are parsed JSON

from printcare.domain.control_recipe import ControlPart
from printcare.domain.gate import MassGate
from printcare.domain.numbers import plain
from printcare.domain.recipe import Range
from printcare.formats import batch_content as paper
from printcare.records.store import Store
from printcare.records.writing import utc_text
from printcare.workflow.materials import ledger_of
from printcare.workflow.plan import PlannedBatch

TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")


def parameters(part: ControlPart, state: dict[str, Any], rows: list[dict[str, Any]]) -> tuple[paper.ParameterLine, ...]:
    """Return one drug's process parameters: target, NOR and PAR as set, and what was measured, or that nothing was.

    `state` is the drug's row of the batch, `rows` are its rows of the units.
    """
    parameters = part.part.parameters
    heats = [Decimal(row["temperature_mean_c"]) for row in rows if row.get("temperature_mean_c")]
    fraction = None
    if state.get("reference_kpa") and Decimal(state["predicted_kpa"]):
        fraction = (Decimal(state["reference_kpa"]) / Decimal(state["predicted_kpa"])).quantize(HUNDREDTH)
    primed = Decimal(state["primed_mm3"]).quantize(TENTH) if state.get("primed_mm3") else None
    # Nobody measured soak, speed, layer and dwell: the program and the job were told the target, which is no actual.
    table: tuple[tuple[str, Range, Decimal | None], ...] = (
        ("Cartridge temperature", parameters.cartridge_c, _mean(heats)),
        ("Soak", parameters.soak_min, None),
        ("Print speed", parameters.print_speed_mm_s, None),
        ("Layer height", parameters.layer_height_mm, None),
        ("Prime volume", parameters.prime_mm3, primed),
        ("Prime pressure against predicted", parameters.prime_pressure_fraction, fraction),
        ("Dwell before weighing", parameters.dwell_s, None),
        ("Unit multiplier", parameters.unit_multiplier, Decimal(1)),
    )
    return tuple(_parameter(name, limits, actual) for name, limits, actual in table)


def _mean(values: list[Decimal]) -> Decimal | None:
    return (sum(values, Decimal(0)) / len(values)).quantize(TENTH) if values else None


def _parameter(name: str, limits: Range, actual: Decimal | None) -> paper.ParameterLine:
    verdict = "not measured"
    if actual is not None:
        verdict = "in NOR" if limits.is_normal(actual) else "in PAR" if limits.is_proven(actual) else "outside PAR"
    return paper.ParameterLine(
        name=name,
        unit={"degC": "°C", "mm3": "mm³", "1": "–"}.get(limits.unit, limits.unit),
        target=plain(limits.target),
        normal=f"{plain(limits.normal[0])} to {plain(limits.normal[1])}",
        proven=f"{plain(limits.proven[0])} to {plain(limits.proven[1])}",
        actual="" if actual is None else plain(actual),
        verdict=verdict,
    )


def materials(records: Store, planned: PlannedBatch) -> tuple[paper.MaterialLine, ...]:
    """Return each ink lot and cartridge with certificate figures and what was used."""
    return tuple(line for part in planned.recipe.parts for line in _materials_of(records, part))


def _materials_of(records: Store, part: ControlPart) -> tuple[paper.MaterialLine, ...]:
    lot, own = part.lot, part.cartridge
    cartridge = records.get("cartridge", own.id) or {}
    used_g = -sum((Decimal(entry["mass_g"]) for entry in cartridge.get("ledger", [])), Decimal(0))
    low, high = (plain(limit) for limit in lot.assay_limits_pct)
    assay = (
        f"{lot.certificate}: assay {plain(lot.assay_pct_of_label)} % ({low} to {high} %), LOD {plain(lot.lod_pct)} %"
    )
    return (
        paper.MaterialLine(
            "Pharma-ink",
            f"{lot.ink_id}, lot {lot.id}",
            lot.supplier,
            assay,
            lot.expires_on.isoformat(),
            f"{plain(used_g)} g",
        ),
        paper.MaterialLine(
            own.kind.capitalize(),
            own.id,
            lot.supplier,
            f"filled {own.filled_on}, {plain(own.fill_g)} g",
            f"{plain(own.use_within_h)} h warm",
            f"warm {cartridge.get('warm_h', '0')} h",
        ),
    )


def ledger(records: Store, planned: PlannedBatch) -> tuple[paper.LedgerLine, ...]:
    """Return every gram of each cartridge, in and out."""
    lines = []
    for part in planned.recipe.parts:
        own = part.cartridge
        of_it = f"{own.id}: " if len(planned.recipe.parts) > 1 else ""
        state = records.get("cartridge", own.id) or {}
        lines.append(paper.LedgerLine(own.filled_on.isoformat(), f"{of_it}filled", own.fill_g))
        entries = ledger_of(records, state) if state else ()
        lines += [paper.LedgerLine(utc_text(each.at), f"{of_it}{each.reason}", each.mass_g) for each in entries]
    return tuple(lines)


def equipment(records: Store, planned: PlannedBatch) -> tuple[paper.EquipmentLine, ...]:
    """Return the devices as they identified themselves."""
    lines = []
    for source in ("printer", "balance", *(job_part.pressure_source for job_part in planned.job.parts)):
        found = records.events(object_id=source, object_type="device", action="device.identified")
        if found:
            who = found[-1].content["new"]
            state = f"simulated, speed {who['speed']}" if who["simulated"] else "see equipment record"
            lines.append(paper.EquipmentLine(source, who["model"], who["serial"], state, bool(who["simulated"])))
    return tuple(lines)


def of_part(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a unit's row as one drug sees it: its own figures, and what the whole unit is."""
    if number == 1:
        return row
    shared = {name: row.get(name) for name in ("index", "position", "status", "use")}
    return shared | dict(row.get("parts", {}).get(str(number), {}))


def unit(records: Store, planned: PlannedBatch, part: ControlPart, row: dict[str, Any]) -> paper.UnitLine:
    """Return one drug of one unit with every figure that decided it."""
    target, own = part.target_mass_mg, of_part(row, part.number)
    mass = None if own.get("mass_mg") is None else Decimal(own["mass_mg"])
    source = planned.job.parts[part.number - 1].pressure_source
    return paper.UnitLine(
        index=own["index"],
        position=own["position"],
        state=own["status"],
        use=own.get("use") or "",
        target_mg=target,
        mass_mg=mass,
        deviation_pct=None if mass is None else ((mass / target - 1) * 100).quantize(HUNDREDTH),
        dose_estimate_mg=None if mass is None else (mass * part.strength_mg_per_g / 1000).quantize(HUNDREDTH),
        pressure_mean_kpa=_tenth(own.get("pressure_mean_kpa")),
        pressure_max_kpa=_tenth(own.get("pressure_max_kpa")),
        balance_line=str(own.get("raw") or "").strip(),
        reason=str(own.get("reason") or ""),
        pressure=_series(records, planned.id, f"{planned.id}/{row['index']:02d}", source),
    )


def _tenth(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text).quantize(TENTH)


def _series(records: Store, batch_id: str, unit_id: str, source: str) -> tuple[tuple[float, float], ...]:
    """Return a unit's pressure against its own time, thinned to what paper can show."""
    points: list[tuple[float, float]] = []
    for key in records.all("reading_block", batch_id=batch_id, unit_id=unit_id, sensor=f"{source}_kpa"):
        for line in (records.kept("reading_block", key) or b"").decode("ascii").splitlines():
            at_s, value, _ = json.loads(line)
            points.append((float(at_s), float(value)))
    if not points:
        return ()
    step = max(1, len(points) // 240)
    return tuple((at_s - points[0][0], value) for at_s, value in points[::step])


def gate(limits: MassGate) -> paper.GateFigures:
    """Return the mass gate's limits, to 0.01 mg."""
    low, high = limits.accepted_mg
    return paper.GateFigures(
        target_mg=limits.target_mg,
        low_mg=(limits.target_mg - limits.gate_mg).quantize(HUNDREDTH),
        high_mg=(limits.target_mg + limits.gate_mg).quantize(HUNDREDTH),
        accepted_low_mg=low.quantize(HUNDREDTH),
        accepted_high_mg=high.quantize(HUNDREDTH),
        gate_pct=limits.gate_pct,
        expanded_mg=limits.expanded_mg.quantize(HUNDREDTH),
    )


def alarm(records: Store, row: tuple[str, dict[str, Any]]) -> paper.AlarmLine:
    """Return one alarm with what was seen and done."""
    key, state = row
    raised = records.events(object_id=key, action="alarm.raised")
    return paper.AlarmLine(
        at=raised[0].content["ts_utc"] if raised else "",
        alarm=f"{state['alarm']} {state['title']}",
        unit="" if state["unit"] is None else str(state["unit"]),
        seen=state["seen"],
        cause=state["cause"],
        action=state["action"],
        acknowledged=state.get("acknowledged", "open"),
    )
