"""The tables of a batch record: parameters, materials, ledger, equipment, units with their series, gate and alarms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any  # states are parsed JSON

from printcare.domain.cartridge import FILAMENT
from printcare.domain.control_recipe import ControlPart
from printcare.domain.gate import MassGate
from printcare.domain.numbers import plain
from printcare.domain.qualification import RunStatus
from printcare.domain.recipe import Range
from printcare.domain.upkeep import CALIBRATION
from printcare.formats import batch_content as paper
from printcare.formats.wording import ENGLISH, Tongue, phrase
from printcare.records.store import Store
from printcare.records.writing import utc_text
from printcare.workflow.batch.plan import PlannedBatch
from printcare.workflow.ink.materials import ledger_of
from printcare.workflow.paper.batch_history import shown_time

PRESSURE = "pressure"  # what its devices are called, and the task of the upkeep that calibrates them
TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")


def parameters(
    part: ControlPart,
    state: dict[str, Any],
    rows: list[dict[str, Any]],
    multipliers: Sequence[Decimal] = (),
    soaked: Decimal | None = None,
) -> tuple[paper.ParameterLine, ...]:
    """Return one drug's process parameters: target, NOR and PAR as set, and what was measured, or that nothing was.

    `state` is the drug's row of the batch, `rows` are its rows of the units; `multipliers` of E are those of corrected
    units, `soaked` is the measured soak in min.
    """
    parameters = part.part.parameters
    heats = [Decimal(row["temperature_mean_c"]) for row in rows if row.get("temperature_mean_c")]
    fraction = None
    if state.get("reference_kpa") and Decimal(state["predicted_kpa"]):
        fraction = (Decimal(state["reference_kpa"]) / Decimal(state["predicted_kpa"])).quantize(HUNDREDTH)
    primed = Decimal(state["primed_mm3"]).quantize(TENTH) if state.get("primed_mm3") else None
    # Nobody measures speed, layer and dwell: the program and the job were told the target, which is no actual.
    farthest = max((Decimal(1), *multipliers), key=lambda each: abs(each - 1))
    table: tuple[tuple[str, Range, Decimal | None], ...] = (
        (phrase("Cartridge temperature"), parameters.cartridge_c, _mean(heats)),
        (phrase("Soak"), parameters.soak_min, soaked),
        (phrase("Print speed"), parameters.print_speed_mm_s, None),
        (phrase("Layer height"), parameters.layer_height_mm, None),
        (phrase("Prime volume"), parameters.prime_mm3, primed),
        (phrase("Prime pressure against predicted"), parameters.prime_pressure_fraction, fraction),
        (phrase("Dwell before weighing"), parameters.dwell_s, None),
        (phrase("Unit multiplier"), parameters.unit_multiplier, farthest),
    )
    return tuple(_parameter(name, limits, actual) for name, limits, actual in table)


def soaked_min(state: dict[str, Any]) -> Decimal | None:
    """Return how long the ink soaked, in min of the printer's own time, as the job timed it; None where it did not."""
    return (Decimal(state["soaked_s"]) / 60).quantize(TENTH) if state.get("soaked_s") else None


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


def materials(records: Store, planned: PlannedBatch, tongue: Tongue = ENGLISH) -> tuple[paper.MaterialLine, ...]:
    """Return each ink lot and cartridge with certificate figures, agreement, time in use and what was used."""
    return tuple(line for part in planned.recipe.parts for line in _materials_of(records, planned, part, tongue))


def _materials_of(
    records: Store, planned: PlannedBatch, part: ControlPart, tongue: Tongue
) -> tuple[paper.MaterialLine, ...]:
    lot, own = part.lot, part.cartridge
    cartridge = records.get("cartridge", own.id) or {}
    booked = [entry for entry in cartridge.get("ledger", []) if entry.get("batch_id") == planned.id]
    used_g = -sum((Decimal(entry["mass_g"]) for entry in booked), Decimal(0))
    state = records.get("ink_lot", lot.id) or {}
    transport = tongue("transport judged") if state.get("excursions_judged") else tongue("transport not judged")
    assay = tongue(
        "{certificate}: assay {assay} % ({low} to {high} %), LOD {lod} %; used {used} mg/g; {transport}",
        certificate=lot.certificate,
        assay=tongue.figure(lot.assay_pct_of_label),
        low=tongue.figure(lot.assay_limits_pct[0]),
        high=tongue.figure(lot.assay_limits_pct[1]),
        lod=tongue.figure(lot.lod_pct),
        used=tongue.figure(part.strength_mg_per_g.quantize(Decimal("0.0001"))),
        transport=transport,
    )
    opened = tongue("not opened")
    if lot.opened_at is not None:
        opened = tongue("opened {at}", at=f"{lot.opened_at:%Y-%m-%d %H:%M}")
        if lot.use_by is not None:
            opened += tongue(", use until {at}", at=f"{lot.use_by:%Y-%m-%d %H:%M}")
    agreed = tongue("{supplier}, agreement until {until}", supplier=lot.supplier, until=lot.supplier_agreement_until)
    filled = tongue(
        "filled {on}, {mass} g, code {code}", on=own.filled_on, mass=tongue.figure(own.fill_g), code=own.code or own.id
    )
    warm = tongue("warm {hours} h in all", hours=tongue.written(str(cartridge.get("warm_h", "0"))))
    return (
        paper.MaterialLine(
            tongue("Pharma-ink"),
            tongue("{ink}, lot {lot}", ink=lot.ink_id, lot=lot.id),
            agreed,
            assay,
            f"{lot.expires_on.isoformat()}; {opened}",
            f"{tongue.figure(used_g)} g",
        ),
        paper.MaterialLine(
            tongue("Filament spool") if own.kind == FILAMENT else tongue("Cartridge"),
            own.id,
            lot.supplier,
            filled,
            tongue("{hours} h warm", hours=tongue.figure(own.use_within_h)),
            warm,
        ),
    )


def ledger(records: Store, planned: PlannedBatch, tongue: Tongue = ENGLISH) -> tuple[paper.LedgerLine, ...]:
    """Return every gram of each cartridge, in and out."""
    lines = []
    for part in planned.recipe.parts:
        own = part.cartridge
        of_it = f"{own.id}: " if len(planned.recipe.parts) > 1 else ""
        state = records.get("cartridge", own.id) or {}
        lines.append(paper.LedgerLine(own.filled_on.isoformat(), f"{of_it}{tongue('filled')}", own.fill_g))
        entries = ledger_of(records, state) if state else ()
        for each in entries:
            booked = f"{of_it}{tongue.told(each.reason)} {each.batch_id}".rstrip()
            lines.append(paper.LedgerLine(shown_time(utc_text(each.at)), booked, each.mass_g))
    return tuple(lines)


def equipment(records: Store, planned: PlannedBatch, tongue: Tongue = ENGLISH) -> tuple[paper.EquipmentLine, ...]:
    """Return the devices as they identified themselves, with the state of their calibration."""
    lines = []
    for source in ("printer", "balance", *(job_part.pressure_source for job_part in planned.job.parts)):
        found = records.events(object_id=source, object_type="device", action="device.identified")
        if found:
            who = found[-1].content["new"]
            state = _calibration(records, planned, source, tongue)
            if who["simulated"]:
                state = tongue(
                    "simulated, speed {speed}; {state}", speed=tongue.written(str(who["speed"])), state=state
                )
            lines.append(
                paper.EquipmentLine(tongue(source), who["model"], who["serial"], state, bool(who["simulated"]))
            )
    return tuple(lines)


def _calibration(records: Store, planned: PlannedBatch, source: str, tongue: Tongue) -> str:
    """Return the latest check of each kind of a balance; of another device what it is qualified and calibrated for."""
    if source == "balance":
        known = records.all("balance_check", balance=planned.job.balance) if planned.job.balance else {}
        latest = {str(row["kind"]): row for row in known.values()}
        told = [
            f"{tongue(kind)} {shown_time(str(row['at']))[:16]}: {tongue(str(row['status']))}"
            for kind, row in latest.items()
        ]
        return "; ".join(told) or tongue("no check on record")
    printer = str((records.get("batch", planned.id) or {}).get("printer") or planned.profile.id)
    told = [
        tongue("{what} until {at}", what=f"{row['stage']} {row['recipe']}".strip(), at=str(row["until"])[:10])
        for row in records.all("qualification", subject=printer, status=RunStatus.APPROVED.value).values()
        if source == "printer" and row["recipe"] in ("", f"{planned.recipe.master.id}/{planned.recipe.master.version}")
    ]
    told += [
        tongue("{what} calibrated {at}", what=tongue(row["task"]), at=str(row["at"])[:10])
        for row in records.all("maintenance", subject=printer).values()
        if row["kind"] == CALIBRATION and (row["task"] == PRESSURE) is source.startswith(PRESSURE)
    ]
    return "; ".join(told) or tongue("no qualification on record")


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


def alarm(records: Store, row: tuple[str, dict[str, Any]], tongue: Tongue = ENGLISH) -> paper.AlarmLine:
    """Return one alarm with what was seen and done."""
    key, state = row
    raised = records.events(object_id=key, action="alarm.raised")
    batch_id = key.rpartition("/")[0]
    moves = records.events(object_id=batch_id, object_type="job", action="alarm.moved", limit=10_000)
    answers = [
        event.content["new"]
        for event in moves
        if event.content["new"]["alarm"] == state["alarm"] and event.content["new"]["event"] == "ack"
    ]
    answered = "; ".join(f"{each['user_id']}: {each['reason']}" for each in answers)
    return paper.AlarmLine(
        at=shown_time(raised[0].content["ts_utc"]) if raised else "",
        alarm=f"{state['alarm']} {tongue(state['title'])}",
        unit="" if state["unit"] is None else str(state["unit"]),
        seen=state["seen"],
        cause=state["cause"],
        action=state["action"],
        acknowledged=answered or tongue("open"),
    )
