"""Gather what a batch record says: from the record where it is recorded, from the plan where it was decided."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any  # states are parsed JSON

from printcare.domain.batch import UnitState, Use
from printcare.domain.checks import Finding
from printcare.domain.control_recipe import ControlPart
from printcare.domain.policy import Policy
from printcare.domain.prescription import Prescription
from printcare.domain.release import ReleaseDecision
from printcare.formats import batch_content as paper
from printcare.formats.wording import ENGLISH, Tongue, phrase
from printcare.records.checkpoints import paper_anchor
from printcare.records.signatures import signatures_of
from printcare.records.store import Store
from printcare.workflow.batch.plan import PlannedBatch, parts_of, units_of
from printcare.workflow.order.verify import Calculations, each_calculation
from printcare.workflow.paper import batch_facts, batch_history
from printcare.workflow.paper.batch_history import shown_time
from printcare.workflow.paper.batch_tables import (
    TENTH,
    alarm,
    equipment,
    gate,
    ledger,
    materials,
    of_part,
    parameters,
    soaked_min,
    unit,
)
from printcare.workflow.paper.label_book import label_count, label_lines
from printcare.workflow.recipe.controlled import RECIPE, key_of

Fact = paper.Fact
SIMULATED = phrase("The devices announced themselves as simulated: this batch can be rehearsed, never released.")


def batch_content(
    records: Store,
    planned: PlannedBatch,
    order: Prescription,
    calculated: Calculations,
    decision: ReleaseDecision | None,
    policy: Policy,
    tongue: Tongue = ENGLISH,
) -> paper.BatchRecordContent:
    """Return everything the batch record shows, in one language; the patient appears by pseudonym alone."""
    state = records.get("batch", planned.id) or {}
    rows = units_of(records, planned.id)
    recipe, master = planned.recipe, planned.recipe.master
    first, *further = [_drug(records, planned, part, state, rows, decision, tongue) for part in recipe.parts]
    anchor = anchor_now(records)
    changed = batch_history.changes(records, planned, order.id, tongue)
    return paper.BatchRecordContent(
        batch_id=planned.id,
        record_id=f"{records.site()} · {planned.id}",
        product=" + ".join(tongue(part.part.product.tall_man) for part in recipe.parts),
        strength=_strength(planned, tongue),
        dosage_form=tongue.told(master.product.dosage_form),
        band=policy.band,
        mode=policy.mode,
        is_simulated=bool(state.get("simulated")),
        printed_at=_told(records.context.clock()),
        site=records.site(),
        application=f"printcare {records.context.app_version}",
        decision=_decision(state, decision, tongue),
        identity=batch_facts.identity(records, planned, state, tongue),
        prescription=batch_facts.prescription(records, order, planned, changed, tongue),
        acknowledged=tuple(
            Fact(f"{given.code} · {batch_history.named(records, given.user_id)}", given.reason)
            for given in dict.fromkeys(each for part in recipe.parts for each in part.verified.acknowledgements)
        ),
        calculation=first.calculation,
        recipe=_recipe(planned, calculated, tongue),
        parameters=first.parameters,
        materials=materials(records, planned, tongue),
        ledger=ledger(records, planned, tongue),
        equipment=equipment(records, planned, tongue),
        process=_process(records, planned, state, rows, tongue),
        units=first.units,
        gate=first.gate,
        pressure_max_kpa=first.pressure_max_kpa,
        verdicts=first.verdicts,
        alarms=tuple(alarm(records, row, tongue) for row in records.all("alarm", batch_id=planned.id).items()),
        deviations=tuple(
            paper.DeviationLine(
                key, row["what"], tongue("the batch is in quarantine"), row["status"], row.get("accepted_by", "")
            )
            for key, row in records.all("deviation", batch_id=planned.id).items()
        ),
        reconciliation=_reconciliation(rows, recipe.units_total, tongue),
        signatures=tuple(_signatures(records, planned, order.id, tongue)),
        anchor=anchor,
        drug=first.drug,
        further=tuple(further),
        every_unit=first.every_unit,
        language=tongue.code,
        justification=batch_facts.justification(state, tongue),
        environment=batch_facts.environment(records, planned, tongue),
        clearance=batch_history.clearance(records, planned.id),
        changes=changed,
        corrections=batch_history.corrections(records, planned),
        weighings=batch_history.weighings(records, planned),
        drift=batch_history.drift(records, planned.id, tongue),
        results=batch_history.results(records, planned.id, tongue),
        alarm_figures=batch_history.alarm_figures(records, planned.id, tongue),
        labels=label_lines(records, planned.id),
        label_count=label_count(records, planned.id, tongue),
        yields=batch_history.yields(state, rows, tongue),
        history=batch_history.history(records, planned.id),
        afterwards=batch_history.afterwards(records, planned.id, tongue),
    )


def _drug(
    records: Store,
    planned: PlannedBatch,
    part: ControlPart,
    state: dict[str, Any],
    rows: list[dict[str, Any]],
    decision: ReleaseDecision | None,
    tongue: Tongue,
) -> paper.DrugContent:
    """Return what is one drug's own: calculation, parameters, masses, gate and verdicts."""
    verdict = None if decision is None else decision.drugs[part.number - 1]
    own_state = parts_of(state)[part.number - 1]
    return paper.DrugContent(
        drug=tongue(part.part.product.tall_man),
        calculation=tuple(
            paper.CalculationLine(
                line.number, line.what, line.formula_with_numbers, line.result, line.unit, line.source
            )
            for line in part.verified.lines
        ),
        parameters=parameters(
            part,
            own_state,
            [of_part(row, part.number) for row in rows],
            batch_history.multipliers(records, planned.id, part.number),
            soaked_min(state),
        ),
        units=tuple(unit(records, planned, part, row) for row in rows),
        gate=gate(planned.gates[part.number - 1]),
        pressure_max_kpa=part.part.limits.pressure_max_kpa if part.part.limits.watches_pressure else None,
        verdicts=() if verdict is None else verdict.verdicts,
        every_unit=None if verdict is None else verdict.every_unit,
    )


def _strength(planned: PlannedBatch, tongue: Tongue) -> str:
    """Return the dose of every drug of a unit, with the forms they are expressed in."""
    parts = planned.recipe.parts
    doses = " + ".join(f"{tongue.figure(part.dose_per_unit_mg)} mg" for part in parts)
    forms = [part.part.product.strength_form for part in parts]
    is_plain = len(parts) > 1 and forms == [part.part.product.tall_man for part in parts]
    per_unit = tongue("{strength} per unit", strength=doses)
    if is_plain:
        return per_unit
    return tongue("{strength}, as {form}", strength=per_unit, form=" + ".join(tongue(form) for form in forms))


def anchor_now(records: Store) -> paper.RecordAnchor:
    """Return size and root of a checkpoint signed now, or of the head where this station holds no key.

    Line and code are of one head: what another workstation writes meanwhile is in neither.
    """
    made = records.checkpoint()
    if made is not None:
        return paper.RecordAnchor(made.size, base64.b64encode(made.root).decode("ascii"), made.paper, made.note)
    size, root = records.head()
    head = bytes.fromhex(root)
    return paper.RecordAnchor(size, base64.b64encode(head).decode("ascii"), paper_anchor(size, head), "")


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %z")


def _decision(state: dict[str, Any], decision: ReleaseDecision | None, tongue: Tongue) -> paper.Decision:
    reasons: list[str] = []
    if state.get("reason") and state["status"] != "rehearsed":
        reasons.append(tongue.told(str(state["reason"])))
    if state.get("simulated"):
        reasons.append(tongue(SIMULATED))
    findings: Iterable[Finding] = decision.findings if decision is not None else ()
    reasons += [f"{finding.code}: {tongue.told(finding.reason)}" for finding in findings]
    return paper.Decision(str(state.get("status", "")), tuple(reasons))


def _recipe(planned: PlannedBatch, calculated: Calculations, tongue: Tongue) -> tuple[paper.Fact, ...]:
    master = planned.recipe.master
    rules = [each.rule for each in each_calculation(calculated)]
    nozzles = dict.fromkeys(part.part.nozzle for part in planned.recipe.parts)
    versions = [tongue("{id} version {version}", id=rule.id, version=rule.version) for rule in rules]
    bores = [f"{n.gauge}, {tongue.written(f'{n.bore_mm} × {n.length_mm} mm')}, {n.part_number}" for n in nozzles]
    shape = tongue("{kind}, {path} path", kind=tongue(master.shape.kind), path=tongue(master.shape.path))
    return (
        Fact(tongue("Recipe"), tongue("{id} version {version}", id=master.id, version=master.version)),
        Fact(tongue("Digest"), master.digest),
        Fact(tongue("Dosing rule"), "; ".join(versions)),
        Fact(tongue("Rule's source"), "; ".join(dict.fromkeys(rule.source.citation for rule in rules))),
        Fact(tongue("Nozzle"), "; ".join(bores)),
        Fact(tongue("Shape"), shape),
        Fact(tongue("Printer profile"), f"{planned.profile.id}, SHA-256 {planned.profile.digest[:16]}…"),
        Fact(
            tongue("Demonstration"),
            tongue("yes, not for clinical use") if master.demonstration else tongue("no (demonstration)"),
        ),
    )


def _recording(kept: dict[str, Any] | None, tongue: Tongue) -> str:
    if kept is None:
        return tongue("none: the job has not ended by itself")
    broken = "" if kept["whole"] else tongue(", broken off")
    size = tongue("{file}, {bytes} bytes", file=kept["file"], bytes=kept["bytes"])
    return f"{size}, SHA-256 {kept['sha256']}{broken}"


def _process(
    records: Store, planned: PlannedBatch, state: dict[str, Any], rows: list[dict[str, Any]], tongue: Tongue
) -> tuple[paper.Fact, ...]:
    weighing = planned.weighing
    balance = tongue(
        "s {s} mg, d {d} mg, minimum weight {least} mg",
        s=tongue.figure(weighing.s_mg),
        d=tongue.figure(weighing.readability_mg),
        least=tongue.figure(weighing.minimum_weight_mg),
    )
    noted = [event.content["new"] for event in records.events(object_id=planned.id, action="job.noted", limit=10_000)]
    blocks = records.all("reading_block", batch_id=planned.id)
    drugs = parts_of(state)
    numbers = [part.number for part in planned.recipe.parts]
    spent = [of_part(row, number).get("seconds") for row in rows for number in numbers]
    seconds = sum((Decimal(each) for each in spent if each), Decimal(0)).quantize(Decimal(1))
    lines = tongue(
        "{lines} in {segments} segments", lines=len(planned.program.lines), segments=len(planned.program.segments)
    )
    outcome = tongue(state.get("outcome") or "not begun")
    why = tongue.told(state.get("reason") or "")
    return (
        Fact(tongue("Program digest"), planned.program.digest),
        Fact(tongue("Balance reckoned with"), balance),
        Fact(tongue("Lines"), lines),
        Fact(tongue("Predicted pressure"), "; ".join(_pressure(row, "predicted_kpa", "none", tongue) for row in drugs)),
        Fact(
            tongue("Reference pressure"),
            "; ".join(_pressure(row, "reference_kpa", "not reached", tongue) for row in drugs),
        ),
        Fact(tongue("Time for units"), tongue("{seconds} s of process time", seconds=seconds)),
        Fact(tongue("Foreign lines"), str(sum(note["what"] == "foreign line" for note in noted))),
        Fact(
            tongue("Units with lines sent again"),
            str(sum(note["what"] == "link" and ": 0 line" not in note["text"] for note in noted)),
        ),
        Fact(tongue("Series kept"), tongue("{count} blocks, each bound to the record by SHA-256", count=len(blocks))),
        Fact(tongue("Bytes of the links kept"), _recording(state.get("recording"), tongue)),
        Fact(tongue("Outcome of the job"), tongue("{what}: {told}", what=outcome, told=why) if why else outcome),
    )


def _pressure(part: dict[str, Any], name: str, otherwise: str, tongue: Tongue) -> str:
    """Return a pressure of one drug; a melt has none predicted and none compared."""
    figure = Decimal(part.get(name) or 0)
    return f"{tongue.figure(figure.quantize(TENTH))} kPa" if figure else tongue(otherwise)


def _reconciliation(rows: list[dict[str, Any]], planned: int, tongue: Tongue) -> tuple[paper.Fact, ...]:
    states = {state: sum(row["status"] == state.value for row in rows) for state in UnitState}
    uses = {use: sum(row.get("use") == use.value for row in rows) for use in Use if use is not Use.NONE}
    accepted, rejected, unprinted = (states[s] for s in (UnitState.ACCEPTED, UnitState.REJECTED, UnitState.UNPRINTED))
    allocated = " + ".join(f"{count} {tongue(use.value)}" for use, count in uses.items())
    counted = tongue(
        "{planned} planned = {accepted} accepted + {rejected} rejected + {unprinted} unprinted",
        planned=planned,
        accepted=accepted,
        rejected=rejected,
        unprinted=unprinted,
    )
    told = f"{accepted} = {allocated}" if sum(uses.values()) else tongue("{count}, not yet allocated", count=accepted)
    return (Fact(tongue("Units"), counted), Fact(tongue("Accepted units"), told))


def _signatures(records: Store, planned: PlannedBatch, order_id: str, tongue: Tongue) -> Iterable[paper.SignatureLine]:
    signed = (
        (RECIPE.table, key_of(planned.recipe.master), "recipe"),
        ("verified_dose", order_id, "dose"),
        ("batch", planned.id, "batch"),
    )
    for table, key, what in signed:
        for given in signatures_of(records, table, key):
            at = tongue("{at} UTC (local {offset})", at=shown_time(given.signed_at), offset=given.utc_offset)
            yield paper.SignatureLine(
                name=given.name,
                user=given.account,
                role=given.role,
                meaning=tongue("{what}: {told}", what=tongue(what), told=tongue.told(given.meaning)),
                signed_at=at,
                digest=given.object_hash,
            )
