"""An order as the pages show it: its card, its fields, and the calculation line by line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from printcare.domain.dose_case import Quantity
from printcare.domain.dosing import Refusal
from printcare.domain.numbers import plain
from printcare.domain.prescription import Measurement, Prescription, age_years
from printcare.domain.verification import SecondEntry
from printcare.ui.figures import exact, local, short_figure
from printcare.ui.messages import said
from printcare.ui.models import Fact, Objection, OrderView, SheetLine, objections
from printcare.ui.source import source_lines
from printcare.ui.words import phrase, tr
from printcare.workflow.order.verify import Calculated, stand_for

PER = {"dose": phrase("each dose"), "day": phrase("a day")}
SECOND = "second person"  # in place of an account, while nobody has signed yet
BASIS = {"per_m2": "mg/m²", "per_kg": "mg/kg"}


def _times(doses_per_day: int) -> str:
    named = {1: tr("once a day"), 2: tr("twice a day")}
    return named.get(doses_per_day) or tr("{} times a day").format(doses_per_day)


def order_view(message: bytes, order: Prescription, calculated: Calculated, product: str, today: date) -> OrderView:
    """Return an order with its calculation, digit for digit."""
    calculation, rule = calculated.calculation, calculated.rule
    dose = None if order.ordered_dose_mg is None else plain(order.ordered_dose_mg)
    basis = order.basis
    patient = (
        Fact(tr("Age"), exact(age_years(order.patient.birth_date, today).quantize(Decimal("0.1"))), tr("years")),
        _measured(tr("Weight"), order.weight, today),
        _measured(tr("Height"), order.height, today),
    )
    per = f"{BASIS[basis.basis]} · {tr(PER.get(basis.per, basis.per))}" if basis else ""
    ordered = (
        Fact(tr("Ordered dose"), local(dose or "–"), f"mg {_times(order.doses_per_day)}"),
        Fact(tr("Basis given"), local(basis.amount_mg) if basis else "–", per),
        Fact(tr("For"), str(order.duration_days), tr("days")),
        Fact(tr("Dosing rule"), order.indication or rule.id, tr("version {} ✓").format(rule.version)),
    )
    units = calculation.units
    return OrderView(
        id=order.id,
        product=product,
        subtitle=tr("{} · patient {} · written {} by {} · the original message is kept").format(
            order.id, order.patient.pseudonym, order.authored_on, order.prescriber
        ),
        patient=patient,
        order=ordered,
        sheet=tuple(
            SheetLine(
                line.number,
                said(line.what),
                short_figure(line.result),
                said(line.unit),
                said(line.formula_with_numbers),
                said(line.source),
                line.result,
            )
            for line in calculation.lines
        ),
        findings=objections((*calculation.flags, *calculation.notices, *calculated.comparisons)),
        source=source_lines(message),
        asks_height=calculation.height_cm is not None,
        asks_weight=calculation.weight_kg is not None,
        summary=tr("{} mg in {} mg of ink, 1 unit a dose").format(
            exact(units.dose_per_unit_mg), exact(units.target_wet_mass_mg)
        )
        if units.units_per_dose == 1
        else tr("{} units a dose, each {} mg").format(units.units_per_dose, exact(units.dose_per_unit_mg)),
    )


def _measured(name: str, measurement: Measurement | None, today: date) -> Fact:
    if measurement is None:
        return Fact(name, "–", "", tr("not stated"))
    if measurement.measured_on is None:
        return Fact(name, local(measurement.value), measurement.unit, tr("no date"))
    days = (today - measurement.measured_on).days
    when = {0: tr("measured today"), 1: tr("measured yesterday")}.get(days) or tr("measured {} days ago").format(days)
    return Fact(name, local(measurement.value), measurement.unit, when)


def reasons_wanted(order: Prescription, calculated: Calculated, pharmacist_id: str) -> tuple[Objection, ...]:
    """Return the warnings that stand only with a reason, by asking the core to verify the order without any."""
    weight, height = (
        None if each is None else Quantity(each.value, each.unit) for each in (order.weight, order.height)
    )
    dose_mg = None if order.ordered_dose_mg is None else plain(order.ordered_dose_mg)
    outcome = stand_for(order, calculated, pharmacist_id, SecondEntry(SECOND, weight, height, dose_mg), (), None)
    found = outcome.findings if isinstance(outcome, Refusal) else ()
    return objections(finding for finding in found if finding.code == "E_ACKNOWLEDGEMENT_MISSING")
