"""Plan a trial: a batch of research mode, from a recipe on record and a dose, for nobody; it can only be rehearsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from printcare.control.plan import JobPlan
from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.gate import MassGate, Weighing
from printcare.domain.machine import FirmwareProfile
from printcare.domain.numbers import as_decimal, plain
from printcare.domain.ordered_case import ink_entry
from printcare.domain.policy import Policy
from printcare.domain.recipe import MasterRecipe, Part, recipe_fits
from printcare.domain.release import draw_sample
from printcare.domain.strength import EffectiveStrength, effective_strength
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refusals_recorded, refuse
from printcare.workflow.batch.plan import PlannedTrial, batch_row, header_for, warm_h, warm_left_s, write_down
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job
from printcare.workflow.ink.materials import on_record
from printcare.workflow.mode import other_than_present
from printcare.workflow.recipe.approvals import effective_recipe
from printcare.workflow.site.balance import least_weight_stops, weighing_for
from printcare.workflow.site.cleaning import Contact
from printcare.workflow.site.current import Use, printer_of, use_stops
from printcare.workflow.states import as_state

COMMAND = "research.print"
MOST_UNITS = 200
TARGET_STEP_MG = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class TrialPart:
    """What one drug of a trial's units is made of, and how much of it a unit shall hold."""

    dose_mg: Decimal
    lot: InkLot
    cartridge: Cartridge


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One part with the strength of its lot, the mass that holds its dose, and the gate of that mass."""

    given: TrialPart
    mg_per_g: Decimal
    gate: MassGate


def plan_trial(
    records: Store,
    scientist: Account,
    master: MasterRecipe,
    given: Sequence[TrialPart],
    units: int,
    profile: FirmwareProfile,
    balance: str,
    policy: Policy,
    today: date,
    seed: int,
) -> PlannedTrial:
    """Return the planned trial, recorded; raises Refused, recorded, in every mode that needs a verified order.

    `given` are the drugs in the order of printing. The recipe may differ from its recorded version, and a dose may lie
    outside the validated range: that is told. Lots, cartridges and printer are held to the same rules as ever.
    """
    actor = allowed(records, scientist, "research.print")
    now, key = records.context.clock(), f"{master.id}/{master.version}"
    found = [on_record(records, part.lot, part.cartridge, now) for part in given]
    known = [TrialPart(part.dose_mg, each.lot, each.cartridge) for part, each in zip(given, found, strict=True)]
    weighing, balance_stops = weighing_for(records, master, balance, now, policy)
    findings = [
        *other_than_present(records, policy),
        *_not_for_trials(policy),
        *effective_recipe(records, master),
        *balance_stops,
        *use_stops(records, _used(records, scientist, master, known, profile, balance, policy), policy, at_start=False),
        *_mismatched(master, known, units, profile),
        *(finding for each in found for finding in each.findings),
    ]
    weighed, job = [], ()  # type: tuple[list[_Weighed], JobPlan | tuple[Finding, ...]]
    for number, part in enumerate(known[: len(master.parts)], start=1):
        made = _weighed(master.of_part(number), part, weighing)
        findings += [made] if isinstance(made, Finding) else _part_stops(master, number, made, units, today)
        weighed += [] if isinstance(made, Finding) else [made]
    findings += least_weight_stops(records, [each.gate.target_mg for each in weighed], weighing, policy)
    if not blocking(findings):
        batch_id = f"B-{len(records.all('batch')) + 1:04d}"
        job = _job(batch_id, master, weighed, units, profile, policy)
    if isinstance(job, JobPlan):
        job = replace(job, balance=balance)
        hours = warm_h(job)
        findings += [finding for part in known for finding in part.cartridge.time_objections(now, hours)]
    stops = blocking((*findings, *(job if isinstance(job, tuple) else ())))
    if isinstance(job, tuple) or stops:
        refuse(records, actor, COMMAND, "recipe_version", key, stops)
        raise Refused(stops)
    rows = [
        _row(number, part, each, job) for number, (part, each) in enumerate(zip(master.parts, weighed, strict=True), 1)
    ]
    state = batch_row(job, policy, weighing, rows, 0) | {"prescription": "", "days": 0, "step": None}
    state |= {"printer": printer_of(records, profile, None, policy)}
    with refusals_recorded(records, actor, COMMAND, "recipe_version", key):
        write_down(records, actor, job, policy, state | {"allocation": {"retain": 0, "test": 0}})
    with records.transaction(actor) as tx:
        drawn = {"seed": seed, "order": list(draw_sample(units, seed))}
        tx.record("sample.drawn", "job", job.batch_id, drawn)
    return PlannedTrial(job.batch_id, job, tuple(findings))


def _used(
    records: Store,
    scientist: Account,
    master: MasterRecipe,
    given: Sequence[TrialPart],
    profile: FirmwareProfile,
    balance: str,
    policy: Policy,
) -> Use:
    return Use(
        printer=printer_of(records, profile, None, policy),
        profile=profile,
        balance=balance if master.weighing != "none" else "",
        recipe=f"{master.id}/{master.version}",
        inks=tuple(
            Contact(part.tool, each.lot.ink_id, each.lot.id) for part, each in zip(master.parts, given, strict=False)
        ),
        account=scientist,
    )


def _not_for_trials(policy: Policy) -> tuple[Finding, ...]:
    if not policy.needs_verified_order:
        return ()
    told = f"In {policy.mode} mode nothing is printed without an order two people stand for."
    return (error("E_ORDER_MISSING", told, "Plan a batch of a verified order, or switch to research mode.", "order"),)


def _mismatched(
    master: MasterRecipe, given: Sequence[TrialPart], units: int, profile: FirmwareProfile
) -> tuple[Finding, ...]:
    """Return why these parts, this number of units and this printer make no trial of the recipe."""
    findings = []
    if len(given) != len(master.parts):
        told = f"{len(given)} doses were given, a unit of {master.id} holds {len(master.parts)} drugs."
        findings.append(error("E_PART_WITHOUT_DOSE", told, "Give one dose, lot and cartridge for each.", "dose"))
    if not 1 <= units <= MOST_UNITS:
        told = f"{units} units were asked for; a trial has 1 to {MOST_UNITS}."
        findings.append(error("E_TRIAL_UNITS", told, "Plan several trials.", "units"))
    if profile.printer_class not in master.printer_classes:
        told = f"The recipe is for {', '.join(master.printer_classes)}, the printer is {profile.printer_class}."
        findings.append(
            error("E_PRINTER_CLASS", told, "Use a printer of those, or write a recipe for this.", "printer")
        )
    return tuple(findings)


def _weighed(master: MasterRecipe, given: TrialPart, weighing: Weighing) -> _Weighed | Finding:
    if given.dose_mg <= 0:
        told = f"A dose of {plain(given.dose_mg)} mg is none."
        return error("E_DOSE_OUT_OF_RANGE", told, "Name a dose above nothing.", "dose")
    ordered, corrects = master.product.strength_form, master.ink.corrects_assay
    strength = effective_strength(ink_entry(given.lot), ordered, assay_correction=corrects)
    if not isinstance(strength, EffectiveStrength):
        return strength
    mg_per_g = as_decimal(strength.mg_per_g)
    target_mg = (given.dose_mg * 1000 / mg_per_g).quantize(TARGET_STEP_MG)
    gate = gate_for(master, target_mg, weighing)
    return gate if isinstance(gate, Finding) else _Weighed(given, mg_per_g, gate)


def _part_stops(master: MasterRecipe, number: int, each: _Weighed, units: int, today: date) -> list[Finding]:
    """Return what speaks against one drug's lot and cartridge, and whether its dose was ever validated."""
    own, given = master.of_part(number), each.given
    prime_g = own.parameters.prime_mm3.target * own.ink.density_mg_mm3 / 1000
    mass_g = each.gate.target_mg * units / 1000
    findings = [
        *recipe_fits(own, given.lot),
        *given.lot.objections(today),
        *given.cartridge.objections(mass_g + prime_g, given.lot),
    ]
    low, high = own.unit_range.dose_mg
    if not low <= given.dose_mg <= high:
        told = f"{plain(given.dose_mg)} mg per unit lies outside the validated {low} to {high} mg."
        findings.append(warning("W_TRIAL_DOSE", told, "Say so in the report of the trial.", "dose"))
    return findings


def _job(
    batch_id: str,
    master: MasterRecipe,
    weighed: Sequence[_Weighed],
    units: int,
    profile: FirmwareProfile,
    policy: Policy,
) -> JobPlan | tuple[Finding, ...]:
    cartridges = [each.given.cartridge for each in weighed]
    targets = [
        PartTarget(each.gate.target_mg, each.gate, cartridge.id, cartridge.left_g, warm_left_s(cartridge))
        for each, cartridge in zip(weighed, cartridges, strict=True)
    ]
    lots = " + ".join(each.given.lot.id for each in weighed)
    doses_mg = " + ".join(plain(each.given.dose_mg) for each in weighed)
    return plan_job(batch_id, master, targets, units, profile, policy, header_for(master, lots, doses_mg, policy))


def _row(number: int, part: Part, each: _Weighed, job: JobPlan) -> dict[str, object]:
    """Return one drug's row in the batch."""
    given, (low_mg, high_mg) = each.given, each.gate.accepted_mg
    return {
        "number": number,
        "drug": part.product.inn,
        "tool": part.tool,
        "lot": given.lot.id,
        "cartridge": given.cartridge.id,
        "dose_per_unit_mg": as_state(given.dose_mg),
        "target_mass_mg": as_state(each.gate.target_mg),
        "accepted_mg": [as_state(low_mg), as_state(high_mg)],
        "weighing_is": each.gate.weighing_is,
        "strength_mg_per_g": as_state(each.mg_per_g),
        "assay": None,
        "predicted_kpa": as_state(job.parts[number - 1].predicted_kpa),
        "legal": None,  # nothing of a trial is given to anybody
    }
