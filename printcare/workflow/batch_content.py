"""Gather what a batch record says: from the record where it is recorded, from the plan where it was decided."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any  # states are parsed JSON

from printcare import __version__
from printcare.domain.batch import UnitState, Use
from printcare.domain.checks import Finding
from printcare.domain.control_recipe import ControlPart
from printcare.domain.numbers import plain
from printcare.domain.ordered_case import whole
from printcare.domain.policy import Policy
from printcare.domain.prescription import Measurement, Prescription
from printcare.domain.release import ReleaseDecision
from printcare.formats import batch_content as paper
from printcare.records.checkpoints import paper_anchor
from printcare.records.signatures import signatures_of
from printcare.records.store import Store
from printcare.workflow.batch_tables import TENTH, alarm, equipment, gate, ledger, materials, of_part, parameters, unit
from printcare.workflow.controlled import RECIPE, key_of
from printcare.workflow.plan import PlannedBatch, parts_of, units_of
from printcare.workflow.verify import Calculations, each_calculation

Fact = paper.Fact


def batch_content(
    records: Store,
    planned: PlannedBatch,
    order: Prescription,
    calculated: Calculations,
    decision: ReleaseDecision | None,
    policy: Policy,
) -> paper.BatchRecordContent:
    """Return everything the batch record shows; the patient appears by pseudonym alone."""
    state = records.get("batch", planned.id) or {}
    rows = units_of(records, planned.id)
    recipe, master = planned.recipe, planned.recipe.master
    first, *further = [_drug(records, planned, part, state, rows, decision) for part in recipe.parts]
    anchor = anchor_now(records)
    return paper.BatchRecordContent(
        batch_id=planned.id,
        record_id=f"{records.site()} · {planned.id}",
        product=" + ".join(part.part.product.tall_man for part in recipe.parts),
        strength=_strength(planned),
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
            Fact(f"{given.code} · {given.user_id}", given.reason)
            for given in dict.fromkeys(each for part in recipe.parts for each in part.verified.acknowledgements)
        ),
        calculation=first.calculation,
        recipe=_recipe(planned, calculated),
        parameters=first.parameters,
        materials=materials(records, planned),
        ledger=ledger(records, planned),
        equipment=equipment(records, planned),
        process=_process(records, planned, state, rows),
        units=first.units,
        gate=first.gate,
        pressure_max_kpa=first.pressure_max_kpa,
        verdicts=first.verdicts,
        alarms=tuple(alarm(records, row) for row in records.all("alarm", batch_id=planned.id).items()),
        deviations=tuple(
            paper.DeviationLine(
                key, row["what"], "the batch is in quarantine", row["status"], row.get("accepted_by", "")
            )
            for key, row in records.all("deviation", batch_id=planned.id).items()
        ),
        reconciliation=_reconciliation(rows, recipe.units_total),
        signatures=tuple(_signatures(records, planned, order.id)),
        anchor=anchor,
        drug=first.drug,
        further=tuple(further),
    )


def _drug(
    records: Store,
    planned: PlannedBatch,
    part: ControlPart,
    state: dict[str, Any],
    rows: list[dict[str, Any]],
    decision: ReleaseDecision | None,
) -> paper.DrugContent:
    """Return what is one drug's own: calculation, parameters, masses, gate and verdicts."""
    verdict = None if decision is None else decision.drugs[part.number - 1]
    own_state = parts_of(state)[part.number - 1]
    return paper.DrugContent(
        drug=part.part.product.tall_man,
        calculation=tuple(
            paper.CalculationLine(
                line.number, line.what, line.formula_with_numbers, line.result, line.unit, line.source
            )
            for line in part.verified.lines
        ),
        parameters=parameters(part, own_state, [of_part(row, part.number) for row in rows]),
        units=tuple(unit(records, planned, part, row) for row in rows),
        gate=gate(planned.gates[part.number - 1]),
        pressure_max_kpa=part.part.limits.pressure_max_kpa if part.part.limits.watches_pressure else None,
        verdicts=() if verdict is None else (verdict.mass, verdict.dosage_units),
    )


def _strength(planned: PlannedBatch) -> str:
    """Return the dose of every drug of a unit, with the forms they are expressed in."""
    parts = planned.recipe.parts
    doses = " + ".join(f"{plain(part.dose_per_unit_mg)} mg" for part in parts)
    forms = [part.part.product.strength_form for part in parts]
    is_plain = len(parts) > 1 and forms == [part.part.product.tall_man for part in parts]
    return f"{doses} per unit" if is_plain else f"{doses} per unit, as {' + '.join(forms)}"


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
    parts, product = planned.recipe.parts, planned.recipe.master.product
    started = records.events(object_id=planned.id, action="batch.started")
    ended = records.events(object_id=planned.id, action="batch.printed") or records.events(
        object_id=planned.id, action="batch.quarantined"
    )
    return (
        Fact("Batch", planned.id),
        Fact("Product", f"{' + '.join(each.part.product.tall_man for each in parts)} {product.dosage_form}"),
        Fact("Strength", f"{' + '.join(plain(each.dose_per_unit_mg) for each in parts)} mg per unit"),
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
    return (
        Fact("Prescription", order.id),
        Fact("Received as", f"{order.source}, SHA-256 {order.received_sha256[:16]}…, kept unchanged"),
        Fact("Patient", order.patient.pseudonym),
        Fact("Prescriber", order.prescriber),
        Fact("Written on", order.authored_on.isoformat()),
        Fact("Weight", _measured(order.weight)),
        Fact("Height", _measured(order.height)),
        *(fact for part in planned.recipe.parts for fact in _ordered(order, part)),
        Fact("Verified by", f"{verified.pharmacist_id}; second entry by {verified.second_id}"),
    )


def _ordered(order: Prescription, part: ControlPart) -> tuple[paper.Fact, ...]:
    """Return what was ordered of one drug, beside what was recomputed and what is printed."""
    named = {each.product_code: each for each in order.components}
    own, verified = named.get(part.drug, whole(order)), part.verified
    of_drug = f"{part.drug}: " if named else ""
    ordered = "not stated" if own.ordered_dose_mg is None else f"{plain(own.ordered_dose_mg)} mg"
    basis = "not stated"
    if own.basis is not None:
        over = {"per_m2": "m²", "per_kg": "kg"}.get(own.basis.basis, own.basis.basis)
        basis = f"{own.basis.amount_mg} mg/{over} per {own.basis.per}"
    return (
        Fact("Indication", f"{of_drug}{own.indication or 'not stated'}"),
        Fact("Ordered dose", f"{of_drug}{ordered}, {verified.doses_per_day} a day for {order.duration_days} days"),
        Fact("Basis given", f"{of_drug}{basis}"),
        Fact("Recomputed dose", f"{of_drug}{plain(verified.recomputed_dose_mg)} mg"),
        Fact("Ordered against recomputed", f"{of_drug}{plain(verified.difference_pct)} %"),
        Fact("Printed dose", f"{of_drug}{plain(verified.printed_dose_mg)} mg, {verified.origin}"),
    )


def _measured(measurement: Measurement | None) -> str:
    if measurement is None:
        return "not stated"
    when = measurement.measured_on.isoformat() if measurement.measured_on else "no date"
    return f"{measurement.value} {measurement.unit}, measured {when}"


def _recipe(planned: PlannedBatch, calculated: Calculations) -> tuple[paper.Fact, ...]:
    master = planned.recipe.master
    rules = [each.rule for each in each_calculation(calculated)]
    nozzles = dict.fromkeys(part.part.nozzle for part in planned.recipe.parts)
    return (
        Fact("Recipe", f"{master.id} version {master.version}"),
        Fact("Digest", master.digest),
        Fact("Dosing rule", "; ".join(f"{rule.id} version {rule.version}" for rule in rules)),
        Fact("Rule's source", "; ".join(dict.fromkeys(rule.source.citation for rule in rules))),
        Fact(
            "Nozzle",
            "; ".join(f"{n.gauge}, {n.bore_mm} × {n.length_mm} mm, {n.part_number}" for n in nozzles),
        ),
        Fact("Shape", f"{master.shape.kind}, {master.shape.path} path"),
        Fact("Printer profile", f"{planned.profile.id}, digest {planned.profile.digest[:16]}…"),
        Fact("Demonstration", "yes, not for clinical use" if master.demonstration else "no"),
    )


def _recording(kept: dict[str, Any] | None) -> str:
    if kept is None:
        return "none: the job has not ended by itself"
    return f"{kept['file']}, {kept['bytes']} bytes, SHA-256 {kept['sha256']}{'' if kept['whole'] else ', broken off'}"


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
    drugs = parts_of(state)
    numbers = [part.number for part in planned.recipe.parts]
    spent = [of_part(row, number).get("seconds") for row in rows for number in numbers]
    seconds = sum((Decimal(each) for each in spent if each), Decimal(0))
    return (
        Fact("Program digest", planned.program.digest),
        Fact("Balance reckoned with", balance),
        Fact("Lines", f"{len(planned.program.lines)} in {len(planned.program.segments)} segments"),
        Fact("Predicted pressure", "; ".join(_pressure(row, "predicted_kpa", "none") for row in drugs)),
        Fact("Reference pressure", "; ".join(_pressure(row, "reference_kpa", "not reached") for row in drugs)),
        Fact("Time for units", f"{seconds.quantize(Decimal(1))} s of process time"),
        Fact("Foreign lines", str(sum(note["what"] == "foreign line" for note in noted))),
        Fact(
            "Units with lines sent again",
            str(sum(note["what"] == "link" and ": 0 line" not in note["text"] for note in noted)),
        ),
        Fact("Series kept", f"{len(blocks)} blocks, each bound to the record by SHA-256"),
        Fact("Bytes of the links kept", _recording(state.get("recording"))),
        Fact("Outcome of the job", f"{state.get('outcome') or 'not begun'}: {state.get('reason') or ''}".strip(": ")),
    )


def _pressure(part: dict[str, Any], name: str, otherwise: str) -> str:
    """Return a pressure of one drug; a melt has none predicted and none compared."""
    figure = Decimal(part.get(name) or 0)
    return f"{figure.quantize(TENTH)} kPa" if figure else otherwise


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
        (RECIPE.table, key_of(master)),
        ("verified_dose", order_id),
        ("batch", planned.id),
    )
    for table, key in signed:
        for given in signatures_of(records, table, key):
            what = {RECIPE.table: "recipe", "verified_dose": "dose", "batch": "batch"}[table]
            yield paper.SignatureLine(
                name=given.name,
                user=given.account,
                role=given.role,
                meaning=f"{what}: {given.meaning}",
                signed_at=f"{given.signed_at} (local {given.utc_offset})",
                digest=given.object_hash,
            )
