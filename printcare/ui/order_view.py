"""An order as the pages show it: its card, its fields, and the calculation line by line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from printcare.domain.numbers import plain
from printcare.domain.prescription import Measurement, Prescription, age_years
from printcare.ui.figures import short_figure
from printcare.ui.models import Fact, OrderView, SheetLine, objections
from printcare.ui.source import source_lines
from printcare.workflow.verify import Calculated

BASIS = {"per_m2": "mg/m²", "per_kg": "mg/kg"}


def _times(doses_per_day: int) -> str:
    return {1: "once a day", 2: "twice a day"}.get(doses_per_day, f"{doses_per_day} times a day")


def order_view(message: bytes, order: Prescription, calculated: Calculated, product: str, today: date) -> OrderView:
    """Return an order with its calculation, digit for digit."""
    calculation, rule = calculated.calculation, calculated.rule
    dose = None if order.ordered_dose_mg is None else plain(order.ordered_dose_mg)
    basis = order.basis
    patient = (
        Fact("Age", plain(age_years(order.patient.birth_date, today).quantize(Decimal("0.1"))), "years"),
        _measured("Weight", order.weight, today),
        _measured("Height", order.height, today),
    )
    ordered = (
        Fact("Ordered dose", dose or "–", f"mg {_times(order.doses_per_day)}"),
        Fact("Basis given", basis.amount_mg if basis else "–", f"{BASIS[basis.basis]} a {basis.per}" if basis else ""),
        Fact("For", str(order.duration_days), "days"),
        Fact("Dosing rule", order.indication or rule.id, f"version {rule.version} ✓"),
    )
    units = calculation.units
    return OrderView(
        id=order.id,
        product=product,
        subtitle=f"{order.id} · patient {order.patient.pseudonym} · written {order.authored_on} by "
        f"{order.prescriber} · the original message is kept",
        patient=patient,
        order=ordered,
        sheet=tuple(
            SheetLine(
                line.number,
                line.what,
                short_figure(line.result),
                line.unit,
                line.formula_with_numbers,
                line.source,
                line.result,
            )
            for line in calculation.lines
        ),
        findings=objections((*calculation.flags, *calculation.notices, *calculated.comparisons)),
        source=source_lines(message),
        asks_height=calculation.height_cm is not None,
        asks_weight=calculation.weight_kg is not None,
        summary=f"{plain(units.dose_per_unit_mg)} mg in {plain(units.target_wet_mass_mg)} mg of ink, "
        f"{units.units_per_dose} unit a dose"
        if units.units_per_dose == 1
        else f"{units.units_per_dose} units a dose, each {plain(units.dose_per_unit_mg)} mg",
    )


def _measured(name: str, measurement: Measurement | None, today: date) -> Fact:
    if measurement is None:
        return Fact(name, "–", "", "not stated")
    if measurement.measured_on is None:
        return Fact(name, measurement.value, measurement.unit, "no date")
    days = (today - measurement.measured_on).days
    when = {0: "measured today", 1: "measured yesterday"}.get(days, f"measured {days} days ago")
    return Fact(name, measurement.value, measurement.unit, when)
