"""An order as the pages show it: its card, its fields, and the calculation line by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.dose_case import Quantity
from printcare.domain.numbers import plain
from printcare.domain.prescription import Measurement, OrderedBasis, Prescription, age_years
from printcare.domain.verification import SecondEntry
from printcare.ui.figures import exact, local, short_figure
from printcare.ui.messages import said
from printcare.ui.models import DoseAsked, Fact, Objection, OrderView, SheetLine, objections
from printcare.ui.source import BASIS, PER, day_unit, source_lines
from printcare.ui.words import tr
from printcare.workflow.order.kinds import Calculation, DoseToEnter, compare, doses_of, lacks_amount

SECOND = "second person"  # in place of an account, while nobody has signed yet


def _times(doses_per_day: int) -> str:
    named = {1: tr("once a day"), 2: tr("twice a day")}
    return named.get(doses_per_day) or tr("{} times a day").format(doses_per_day)


def order_view(message: bytes, order: Prescription, calculated: Calculation, product: str, today: date) -> OrderView:
    """Return an order with the calculation of each of its doses, digit for digit."""
    doses = doses_of(calculated)
    patient = (
        Fact(tr("Age"), exact(age_years(order.patient.birth_date, today).quantize(Decimal("0.1"))), tr("years")),
        _measured(tr("Weight"), order.weight, today),
        _measured(tr("Height"), order.height, today),
    )
    calculations = [dose.calculation for dose in doses]
    return OrderView(
        id=order.id,
        product=product,
        subtitle=tr("{} · patient {} · written {} by {} · the original message is kept").format(
            order.id, order.patient.pseudonym, order.authored_on, order.prescriber
        ),
        patient=patient,
        order=_ordered(order, doses),
        sheet=tuple(
            SheetLine(
                line.number,
                said(line.what),
                short_figure(line.result),
                said(line.unit),
                said(line.formula_with_numbers),
                said(line.source),
                line.result,
                _named(dose) if len(doses) > 1 else "",
            )
            for dose in doses
            for line in dose.calculation.lines
        ),
        doses=tuple(_asked(order, dose) for dose in doses),
        findings=_found(doses),
        source=source_lines(message),
        asks_height=any(each.height_cm is not None for each in calculations),
        asks_weight=any(each.weight_kg is not None for each in calculations),
        summary="\n".join(_made(dose, is_one=len(doses) == 1) for dose in doses),
    )


def _found(doses: tuple[DoseToEnter, ...]) -> tuple[Objection, ...]:
    """Return each finding once, with the doses it concerns where it does not concern every one."""
    concerned: dict[Finding, list[str]] = {}
    for dose in doses:
        for finding in dict.fromkeys(dose.findings):
            concerned.setdefault(finding, []).append(_named(dose))
    return tuple(
        replace(objection, dose="" if len(names) == len(doses) else "; ".join(names))
        for objection, names in zip(objections(concerned), concerned.values(), strict=True)
    )


def _asked(order: Prescription, dose: DoseToEnter) -> DoseAsked:
    proposed = exact(dose.calculation.dose_rounded_mg) if lacks_amount(order, dose) else ""
    return DoseAsked(_named(dose), dose.where, dose.drug, dose.own_where, proposed)


def _named(dose: DoseToEnter) -> str:
    """Return what a dose is called beside the others of its order."""
    if dose.drug:
        return dose.drug
    return tr("Step {}, at {}").format(dose.step, dose.time_of_day) if dose.step else tr("Dose each time")


def _made(dose: DoseToEnter, *, is_one: bool) -> str:
    units = dose.calculation.units
    if units.units_per_dose == 1:
        amounts = exact(units.dose_per_unit_mg), exact(units.target_wet_mass_mg)
        told = tr("{} mg in {} mg of ink, 1 unit a dose").format(*amounts)
    else:
        told = tr("{} units a dose, each {} mg").format(units.units_per_dose, exact(units.dose_per_unit_mg))
    return told if is_one else f"{_named(dose)}: {told}"


def _ordered(order: Prescription, doses: tuple[DoseToEnter, ...]) -> tuple[Fact, ...]:
    """Return what was ordered: of one drug, of each drug of a unit, or of each time of each step."""
    days = Fact(tr("For"), str(order.duration_days), day_unit(str(order.duration_days)))
    if order.components:
        drugs = ((each, _one_drug(each.ordered_dose_mg, each.basis, order)) for each in order.components)
        named = (replace(fact, name=f"{each.product_code} · {fact.name}") for each, facts in drugs for fact in facts)
        rules = {dose.drug: _rule(dose, "") for dose in doses}
        return (*named, days, *(replace(rule, name=f"{drug} · {rule.name}") for drug, rule in rules.items()))
    rule = _rule(doses[0], order.indication)
    if not order.steps:
        return (*_one_drug(order.ordered_dose_mg, order.basis, order), days, rule)
    amounts = (dose.amount for step in order.steps for dose in step.doses)
    each_dose = (
        Fact(_named(dose), local(amount.value or "–"), amount.unit or "")
        for dose, amount in zip(doses, amounts, strict=True)
    )
    lengths = tuple(
        Fact(tr("Step {} for").format(number), str(step.days), day_unit(str(step.days)))
        for number, step in enumerate(order.steps, start=1)
    )
    return (*each_dose, *lengths, rule)


def _one_drug(dose_mg: Decimal | None, basis: OrderedBasis | None, order: Prescription) -> tuple[Fact, Fact]:
    per = f"{BASIS[basis.basis]} · {tr(PER.get(basis.per, basis.per))}" if basis else ""
    amount = "–" if dose_mg is None else plain(dose_mg)
    return (
        Fact(tr("Ordered dose"), local(amount), f"mg {_times(order.doses_per_day)}"),
        Fact(tr("Basis given"), local(basis.amount_mg) if basis else "–", per),
    )


def _rule(dose: DoseToEnter, indication: str) -> Fact:
    return Fact(tr("Dosing rule"), indication or dose.rule.id, tr("version {} ✓").format(dose.rule.version))


def _measured(name: str, measurement: Measurement | None, today: date) -> Fact:
    if measurement is None:
        return Fact(name, "–", "", tr("not stated"))
    if measurement.measured_on is None:
        return Fact(name, local(measurement.value), measurement.unit, tr("no date"))
    days = (today - measurement.measured_on).days
    when = {0: tr("measured today"), 1: tr("measured yesterday")}.get(days) or tr("measured {} days ago").format(days)
    return Fact(name, local(measurement.value), measurement.unit, when)


def reasons_wanted(order: Prescription, calculated: Calculation, pharmacist_id: str) -> tuple[Objection, ...]:
    """Return the warnings that stand only with a reason, each once, by asking the core to verify without any."""
    weight, height = (
        None if each is None else Quantity(each.value, each.unit) for each in (order.weight, order.height)
    )
    entry, doses = SecondEntry(SECOND, weight, height, None), doses_of(calculated)
    proposals_mg = {dose.drug: dose.calculation.dose_rounded_mg for dose in doses if lacks_amount(order, dose)}
    found = compare(order, calculated, pharmacist_id, entry, _amounts(order, proposals_mg), (), proposals_mg)
    missing = (finding for finding in found if finding.code == "E_ACKNOWLEDGEMENT_MISSING")
    return tuple({wanted.where: wanted for wanted in objections(missing)}.values())


def _amounts(order: Prescription, proposals_mg: Mapping[str, Decimal]) -> list[str]:
    """Return each dose as the second person would type it: as the order states it, else as it is proposed."""
    if order.steps:
        return [dose.amount.value or "" for step in order.steps for dose in step.doses]
    ordered = {each.product_code: each.ordered_dose_mg for each in order.components} or {"": order.ordered_dose_mg}
    return [plain(proposals_mg[drug] if amount is None else amount) for drug, amount in ordered.items()]
