"""Gather what a batch record says: from the record where it is recorded, from the plan where it was decided."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any  # states are parsed JSON

from printcare import __version__
from printcare.domain.batch import UnitState, Use
from printcare.domain.checks import Finding
from printcare.domain.numbers import plain
from printcare.domain.policy import Policy
from printcare.domain.prescription import Measurement, Prescription
from printcare.domain.recipe import Range
from printcare.domain.release import ReleaseDecision
from printcare.formats import batch_content as paper
from printcare.records.checkpoints import paper_anchor
from printcare.records.signatures import signatures_of
from printcare.records.store import Store
from printcare.workflow.plan import PlannedBatch, units_of
from printcare.workflow.verify import Calculated

Fact = paper.Fact
TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")


def batch_content(
    records: Store,
    planned: PlannedBatch,
    order: Prescription,
    calculated: Calculated,
    decision: ReleaseDecision | None,
    policy: Policy,
) -> paper.BatchRecordContent:
    """Return everything the batch record shows; the patient appears by pseudonym alone."""
    state = records.get("batch", planned.id) or {}
    rows = units_of(records, planned.id)
    recipe, master = planned.recipe, planned.recipe.master
    anchor = anchor_now(records)
    return paper.BatchRecordContent(
        batch_id=planned.id,
        record_id=f"{records.site()} · {planned.id}",
        product=master.product.tall_man,
        strength=f"{plain(recipe.dose_per_unit_mg)} mg per unit, as {master.product.strength_form}",
        dosage_form=master.product.dosage_form,
        band=policy.band,
        mode=policy.mode,
        is_simulated=bool(state.get("simulated")),
        printed_at=_told(records.context.clock()),
        site=records.site(),
        application=f"printcare {__version__}",
        decision=_decision(state, decision),
        identity=_identity(records, planned, state),
        prescription=_prescription(order, planned),
        acknowledged=tuple(
            Fact(f"{given.code} · {given.user_id}", given.reason) for given in recipe.verified.acknowledgements
        ),
        calculation=tuple(
            paper.CalculationLine(
                line.number, line.what, line.formula_with_numbers, line.result, line.unit, line.source
            )
            for line in recipe.verified.lines
        ),
        recipe=_recipe(planned, calculated),
        parameters=_parameters(planned, state, rows),
        materials=_materials(records, planned),
        ledger=_ledger(records, planned),
        equipment=_equipment(records, planned),
        process=_process(records, planned, state, rows),
        units=tuple(_unit(records, planned, row) for row in rows),
        gate=_gate(planned),
        pressure_max_kpa=master.limits.pressure_max_kpa,
        verdicts=(decision.mass, decision.dosage_units) if decision is not None else (),
        alarms=tuple(_alarm(records, row) for row in records.all("alarm", batch_id=planned.id).items()),
        deviations=tuple(
            paper.DeviationLine(
                key, row["what"], "the batch is in quarantine", row["status"], row.get("accepted_by", "")
            )
            for key, row in records.all("deviation", batch_id=planned.id).items()
        ),
        reconciliation=_reconciliation(rows, recipe.units_total),
        signatures=tuple(_signatures(records, planned, order.id)),
        anchor=anchor,
    )


def anchor_now(records: Store) -> paper.RecordAnchor:
    """Return the record's size and root as they stand, under a fresh checkpoint."""
    made = records.checkpoint()
    size, root = records.head()
    note = made.note if made is not None else ""
    head = bytes.fromhex(root)
    return paper.RecordAnchor(size, base64.b64encode(head).decode("ascii"), paper_anchor(size, head), note)


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %z")


def _decision(state: dict[str, Any], decision: ReleaseDecision | None) -> paper.Decision:
    reasons: list[str] = []
    if state.get("reason") and state["status"] != "rehearsed":
        reasons.append(str(state["reason"]))
    if state.get("simulated"):
        reasons.append("The devices announced themselves as simulated: this batch can be rehearsed, never released.")
    findings: Iterable[Finding] = decision.findings if decision is not None else ()
    reasons += [f"{finding.code}: {finding.reason}" for finding in findings]
    return paper.Decision(str(state.get("status", "")), tuple(reasons))


def _identity(records: Store, planned: PlannedBatch, state: dict[str, Any]) -> tuple[paper.Fact, ...]:
    started = records.events(object_id=planned.id, action="batch.started")
    ended = records.events(object_id=planned.id, action="batch.printed") or records.events(
        object_id=planned.id, action="batch.quarantined"
    )
    return (
        Fact("Batch", planned.id),
        Fact("Product", f"{planned.recipe.master.product.tall_man} {planned.recipe.master.product.dosage_form}"),
        Fact("Strength", f"{plain(planned.recipe.dose_per_unit_mg)} mg per unit"),
        Fact("Units planned", str(planned.recipe.units_total)),
        Fact("Site", records.site()),
        Fact("Legal route", "rehearsal on an emulated bench" if state.get("simulated") else "hospital preparation"),
        Fact("Operator", str(state.get("operator") or "not started")),
        Fact("Printing began (UTC)", started[0].content["ts_utc"] if started else "not begun"),
        Fact("Printing ended (UTC)", ended[0].content["ts_utc"] if ended else "not ended"),
        Fact("Room class", planned.recipe.master.room_class),
        Fact("Hazard class", planned.recipe.master.hazard_class),
        Fact("Application", f"printcare {__version__}"),
    )


def _prescription(order: Prescription, planned: PlannedBatch) -> tuple[paper.Fact, ...]:
    verified = planned.recipe.verified
    ordered = "not stated" if order.ordered_dose_mg is None else f"{plain(order.ordered_dose_mg)} mg"
    basis = "not stated"
    if order.basis is not None:
        over = {"per_m2": "m²", "per_kg": "kg"}.get(order.basis.basis, order.basis.basis)
        basis = f"{order.basis.amount_mg} mg/{over} per {order.basis.per}"
    return (
        Fact("Prescription", order.id),
        Fact("Received as", f"{order.source}, SHA-256 {order.received_sha256[:16]}…, kept unchanged"),
        Fact("Patient", order.patient.pseudonym),
        Fact("Prescriber", order.prescriber),
        Fact("Written on", order.authored_on.isoformat()),
        Fact("Indication", order.indication or "not stated"),
        Fact("Weight", _measured(order.weight)),
        Fact("Height", _measured(order.height)),
        Fact("Ordered dose", f"{ordered}, {order.doses_per_day} a day for {order.duration_days} days"),
        Fact("Basis given", basis),
        Fact("Recomputed dose", f"{plain(verified.recomputed_dose_mg)} mg"),
        Fact("Ordered against recomputed", f"{plain(verified.difference_pct)} %"),
        Fact("Printed dose", f"{plain(verified.printed_dose_mg)} mg, {verified.origin}"),
        Fact("Verified by", f"{verified.pharmacist_id}; second entry by {verified.second_id}"),
    )


def _measured(measurement: Measurement | None) -> str:
    if measurement is None:
        return "not stated"
    when = measurement.measured_on.isoformat() if measurement.measured_on else "no date"
    return f"{measurement.value} {measurement.unit}, measured {when}"


def _recipe(planned: PlannedBatch, calculated: Calculated) -> tuple[paper.Fact, ...]:
    master = planned.recipe.master
    nozzle = master.nozzle
    return (
        Fact("Recipe", f"{master.id} version {master.version}"),
        Fact("Digest", master.digest),
        Fact("Dosing rule", f"{calculated.rule.id} version {calculated.rule.version}"),
        Fact("Rule's source", calculated.rule.source.citation),
        Fact(
            "Nozzle",
            f"{nozzle.gauge}, {nozzle.bore_mm} × {nozzle.length_mm} mm, {nozzle.part_number}",
        ),
        Fact("Shape", f"{master.shape.kind}, {master.shape.path} path"),
        Fact("Printer profile", f"{planned.profile.id}, digest {planned.profile.digest[:16]}…"),
        Fact("Demonstration", "yes, not for clinical use" if master.demonstration else "no"),
    )


def _parameters(
    planned: PlannedBatch, state: dict[str, Any], rows: list[dict[str, Any]]
) -> tuple[paper.ParameterLine, ...]:
    parameters = planned.recipe.master.parameters
    heats = [Decimal(row["temperature_mean_c"]) for row in rows if row.get("temperature_mean_c")]
    fraction = None
    if state.get("reference_kpa"):
        fraction = (Decimal(state["reference_kpa"]) / Decimal(state["predicted_kpa"])).quantize(HUNDREDTH)
    primed = Decimal(state["primed_mm3"]).quantize(TENTH) if state.get("primed_mm3") else None
    # Speed and layer are what the checked program says; the gate has refused it had it said anything else.
    table: tuple[tuple[str, Range, Decimal | None], ...] = (
        ("Cartridge temperature", parameters.cartridge_c, _mean(heats)),
        ("Soak", parameters.soak_min, parameters.soak_min.target if state.get("reference_kpa") else None),
        ("Print speed", parameters.print_speed_mm_s, parameters.print_speed_mm_s.target),
        ("Layer height", parameters.layer_height_mm, parameters.layer_height_mm.target),
        ("Prime volume", parameters.prime_mm3, primed),
        ("Prime pressure against predicted", parameters.prime_pressure_fraction, fraction),
        ("Dwell before weighing", parameters.dwell_s, parameters.dwell_s.target),
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


def _materials(records: Store, planned: PlannedBatch) -> tuple[paper.MaterialLine, ...]:
    lot = planned.recipe.lot
    cartridge = records.get("cartridge", planned.cartridge.id) or {}
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
            "Cartridge",
            planned.cartridge.id,
            lot.supplier,
            f"filled {planned.cartridge.filled_on}, {plain(planned.cartridge.fill_g)} g",
            f"{plain(planned.cartridge.use_within_h)} h warm",
            f"warm {cartridge.get('warm_h', '0')} h",
        ),
    )


def _ledger(records: Store, planned: PlannedBatch) -> tuple[paper.LedgerLine, ...]:
    cartridge = records.get("cartridge", planned.cartridge.id) or {}
    booked = records.events(object_id=planned.cartridge.id, action="cartridge.booked")
    moments = [event.content["ts_utc"] for event in booked]
    filled = paper.LedgerLine(planned.cartridge.filled_on.isoformat(), "filled", planned.cartridge.fill_g)
    entries = zip(moments, cartridge.get("ledger", []), strict=False)
    return (filled, *(paper.LedgerLine(at, entry["reason"], Decimal(entry["mass_g"])) for at, entry in entries))


def _equipment(records: Store, planned: PlannedBatch) -> tuple[paper.EquipmentLine, ...]:
    lines = []
    for source in ("printer", "balance", "pressure"):
        found = records.events(object_id=source, object_type="device", action="device.identified")
        if found:
            who = found[-1].content["new"]
            state = f"simulated, speed {who['speed']}" if who["simulated"] else "see equipment record"
            lines.append(paper.EquipmentLine(source, who["model"], who["serial"], state, bool(who["simulated"])))
    return tuple(lines)


def _process(
    records: Store, planned: PlannedBatch, state: dict[str, Any], rows: list[dict[str, Any]]
) -> tuple[paper.Fact, ...]:
    weighing = planned.weighing
    balance = (
        f"s {plain(weighing.s_mg)} mg, d {plain(weighing.readability_mg)} mg, "
        f"minimum weight {plain(weighing.minimum_weight_mg)} mg"
    )
    noted = [event.content["new"] for event in records.events(object_id=planned.id, action="job.noted", limit=10_000)]
    blocks = records.all("reading_block", batch_id=planned.id)
    seconds = sum((Decimal(row["seconds"]) for row in rows if row.get("seconds")), Decimal(0))
    return (
        Fact("Program digest", planned.program.digest),
        Fact("Balance reckoned with", balance),
        Fact("Lines", f"{len(planned.program.lines)} in {len(planned.program.segments)} segments"),
        Fact("Predicted pressure", f"{Decimal(state['predicted_kpa']).quantize(TENTH)} kPa"),
        Fact(
            "Reference pressure",
            f"{Decimal(state['reference_kpa']).quantize(TENTH)} kPa" if state.get("reference_kpa") else "not reached",
        ),
        Fact("Time for units", f"{seconds.quantize(Decimal(1))} s of process time"),
        Fact("Foreign lines", str(sum(note["what"] == "foreign line" for note in noted))),
        Fact(
            "Units with lines sent again",
            str(sum(note["what"] == "link" and ": 0 line" not in note["text"] for note in noted)),
        ),
        Fact("Series kept", f"{len(blocks)} blocks, each bound to the record by SHA-256"),
        Fact("Outcome of the job", f"{state.get('outcome') or 'not begun'}: {state.get('reason') or ''}".strip(": ")),
    )


def _unit(records: Store, planned: PlannedBatch, row: dict[str, Any]) -> paper.UnitLine:
    target = planned.recipe.target_mass_mg
    mass = None if row.get("mass_mg") is None else Decimal(row["mass_mg"])
    return paper.UnitLine(
        index=row["index"],
        position=row["position"],
        state=row["status"],
        use=row.get("use", ""),
        target_mg=target,
        mass_mg=mass,
        deviation_pct=None if mass is None else ((mass / target - 1) * 100).quantize(HUNDREDTH),
        dose_estimate_mg=None if mass is None else (mass * planned.recipe.strength_mg_per_g / 1000).quantize(HUNDREDTH),
        pressure_mean_kpa=_tenth(row.get("pressure_mean_kpa")),
        pressure_max_kpa=_tenth(row.get("pressure_max_kpa")),
        balance_line=str(row.get("raw") or "").strip(),
        reason=str(row.get("reason") or ""),
        pressure=_series(records, planned.id, f"{planned.id}/{row['index']:02d}"),
    )


def _tenth(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text).quantize(TENTH)


def _series(records: Store, batch_id: str, unit_id: str) -> tuple[tuple[float, float], ...]:
    """Return a unit's pressure against its own time, thinned to what paper can show."""
    points: list[tuple[float, float]] = []
    for key in records.all("reading_block", batch_id=batch_id, unit_id=unit_id, sensor="pressure_kpa"):
        for line in (records.kept("reading_block", key) or b"").decode("ascii").splitlines():
            at_s, value, _ = json.loads(line)
            points.append((float(at_s), float(value)))
    if not points:
        return ()
    step = max(1, len(points) // 240)
    return tuple((at_s - points[0][0], value) for at_s, value in points[::step])


def _gate(planned: PlannedBatch) -> paper.GateFigures:
    gate = planned.gate
    low, high = gate.accepted_mg
    return paper.GateFigures(
        target_mg=gate.target_mg,
        low_mg=(gate.target_mg - gate.gate_mg).quantize(HUNDREDTH),
        high_mg=(gate.target_mg + gate.gate_mg).quantize(HUNDREDTH),
        accepted_low_mg=low.quantize(HUNDREDTH),
        accepted_high_mg=high.quantize(HUNDREDTH),
        gate_pct=gate.gate_pct,
        expanded_mg=gate.expanded_mg.quantize(HUNDREDTH),
    )


def _alarm(records: Store, row: tuple[str, dict[str, Any]]) -> paper.AlarmLine:
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


def _reconciliation(rows: list[dict[str, Any]], planned: int) -> tuple[paper.Fact, ...]:
    states = {state: sum(row["status"] == state.value for row in rows) for state in UnitState}
    uses = {use: sum(row.get("use") == use.value for row in rows) for use in Use if use is not Use.NONE}
    accepted, rejected, unprinted = (states[s] for s in (UnitState.ACCEPTED, UnitState.REJECTED, UnitState.UNPRINTED))
    allocated = " + ".join(f"{count} {use.value}" for use, count in uses.items())
    return (
        Fact("Units", f"{planned} planned = {accepted} accepted + {rejected} rejected + {unprinted} unprinted"),
        Fact("Accepted units", f"{accepted} = {allocated}" if sum(uses.values()) else f"{accepted}, not yet allocated"),
    )


def _signatures(records: Store, planned: PlannedBatch, order_id: str) -> Iterable[paper.SignatureLine]:
    master = planned.recipe.master
    signed = (
        ("recipe_approval", f"{master.id}/{master.version}"),
        ("verified_dose", order_id),
        ("batch", planned.id),
    )
    for table, key in signed:
        for given in signatures_of(records, table, key):
            what = {"recipe_approval": "recipe", "verified_dose": "dose", "batch": "batch"}[table]
            yield paper.SignatureLine(
                name=given.name,
                user=given.account,
                role=given.role,
                meaning=f"{what}: {given.meaning}",
                signed_at=f"{given.signed_at} (local {given.utc_offset})",
                digest=given.object_hash,
            )
