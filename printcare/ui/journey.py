"""One order's way from message to signed batch, step by step on the workflow; returns what the pages show.

It runs on the window's worker and holds no rule: what may be done is decided by the workflow, and a refusal comes back
as its exception.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from printcare.domain.dose_case import Quantity
from printcare.domain.numbers import plain
from printcare.domain.prescription import Measurement, Prescription, age_years
from printcare.domain.release import ReleaseDecision
from printcare.domain.verification import SecondEntry
from printcare.errors import PrintcareError
from printcare.ui import run_plan
from printcare.ui.figures import short_figure
from printcare.ui.models import Fact, OrderCard, OrderView, PlanView, ReviewView, SheetLine, objections
from printcare.ui.review_view import review_view
from printcare.ui.source import source_lines
from printcare.ui.station import Station
from printcare.workflow.demonstration import Demonstration
from printcare.workflow.plan import PlannedBatch
from printcare.workflow.produce import prepare
from printcare.workflow.review import decide, draw, finish, review
from printcare.workflow.verify import Calculated

BASIS = {"per_m2": "mg/m²", "per_kg": "mg/kg"}


@dataclass(slots=True)
class _Batch:
    """Everything of the order under way that the next step needs."""

    message: bytes
    order: Prescription
    calculated: Calculated | None = None
    planned: PlannedBatch | None = None
    drawn: tuple[int, ...] = ()
    decision: ReleaseDecision | None = None


class Journey:
    """The steps in their order; each needs the one before it and raises PrintcareError STEP_EARLY without it."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._rehearsal: Demonstration | None = None
        self._batch: _Batch | None = None

    @property
    def rehearsal(self) -> Demonstration:
        """Return the rehearsal under way."""
        if self._rehearsal is None:
            raise _early("No rehearsal is open.")
        return self._rehearsal

    def name_of(self, login: str) -> str:
        """Return a person's name."""
        return self.rehearsal.people[login].name

    def operator_id(self) -> str:
        """Return who holds, resumes and stops the job."""
        return self.rehearsal.people["a.operator"].id

    def begin(self, tell: Callable[[str], None]) -> OrderCard:
        """Open a rehearsal, create its people, approve recipe and rule, and receive the order."""
        tell("Creating the record")
        opened = self._station.open_rehearsal(tell)
        if self._rehearsal is not None:
            self._rehearsal.records.close()
        self._rehearsal, self._batch = opened, None
        tell("Creating six people with their passwords, approving recipe and dosing rule")
        self._rehearsal.set_up()
        tell("Receiving the order")
        message = self._rehearsal.message()
        order = self._rehearsal.receive(message)
        self._batch = _Batch(message, order)
        return _card(order, self._product(order))

    def calculate(self) -> OrderView:
        """Return the order with its calculation sheet."""
        batch = self._open()
        batch.calculated = self.rehearsal.calculate(batch.order)
        return _order_view(
            batch.message, batch.order, batch.calculated, self._product(batch.order), self.rehearsal.today
        )

    def verify(self, weight: str, height: str, dose: str) -> PlanView:
        """Let what the second person typed speak, and plan the batch; raises Refused with a finding a field."""
        batch = self._open()
        if batch.calculated is None:
            raise _early("The dose is not calculated.")
        calculation = batch.calculated.calculation
        entry = SecondEntry(
            self.rehearsal.people["c.pharmacist"].id,
            None if calculation.weight_kg is None else Quantity(weight, "kg"),
            None if calculation.height_cm is None else Quantity(height, "cm"),
            dose,
        )
        batch.planned = self.rehearsal.verify_and_plan(batch.order, batch.calculated, entry)
        return run_plan.plan_view(self.rehearsal.records, batch.planned)

    def prepare_and_start(self) -> str:
        """Draw the sample, sign the preparation by two people, start the job; return where it listens.

        A job that could not be started may be started again: what is signed stays signed.
        """
        batch, planned = self._open(), self._planned()
        people, passwords = self.rehearsal.people, self.rehearsal.passwords
        records, operator, second = self.rehearsal.records, people["a.operator"], people["b.pharmacist"]
        if not batch.drawn:
            drawn = draw(records, operator, planned, self._station.seed())
            prepare(records, operator, passwords["a.operator"], second, passwords["b.pharmacist"], planned)
            batch.drawn = drawn
        return self._station.start_job(self.rehearsal, planned.id, operator.id, operator.session or "")

    def review(self) -> ReviewView:
        """Record the finishing of a completed batch and return its figures; an ended one is shown as it stands."""
        if self._batch is None:
            told = "This batch was planned in a window that is gone, and its people's passwords went with it."
            remedy = (
                "The batch stays as it is in its record (`printcare batch show`). Rehearse again on the page Start."
            )
            raise PrintcareError("REHEARSAL_LOST", told, remedy)
        batch, planned, records = self._batch, self._planned(), self.rehearsal.records
        state = records.get("batch", planned.id) or {}
        if state["status"] == "finishing":
            finish(records, self.rehearsal.people["a.operator"], planned, self.rehearsal.passwords["a.operator"])
        batch.decision = review(records, planned, batch.drawn, self.rehearsal.policy)
        return self._shown(batch.decision)

    def sign(self, wanted: str) -> ReviewView:
        """Sign the decision as the releaser; raises Refused where figures or duties forbid it."""
        batch = self._open()
        if batch.decision is None:
            raise _early("The batch is not reviewed.")
        releaser, password = self.rehearsal.people["r.releaser"], self.rehearsal.passwords["r.releaser"]
        decide(self.rehearsal.records, releaser, password, self._planned(), batch.decision, wanted)
        return self._shown(batch.decision)

    def documents(self) -> tuple[Path, tuple[str, ...]]:
        """Write every document and return folder and names."""
        batch, folder = self._open(), self._station.documents()
        if batch.calculated is None:
            raise _early("The dose is not calculated.")
        names = self.rehearsal.write(
            folder, self._planned(), batch.order, batch.message, batch.calculated, batch.decision
        )
        return folder, tuple(names)

    def close(self) -> None:
        """Close the record."""
        if self._rehearsal is not None:
            self._rehearsal.records.close()
            self._rehearsal = None
        self._station.close()

    def _shown(self, decision: ReleaseDecision) -> ReviewView:
        batch, planned = self._open(), self._planned()
        if batch.calculated is None:
            raise _early("The dose is not calculated.")
        return review_view(
            self.rehearsal,
            planned,
            batch.order,
            batch.calculated,
            decision,
            self.rehearsal.policy,
            self.name_of("r.releaser"),
        )

    def _open(self) -> _Batch:
        if self._batch is None:
            raise _early("No order is received.")
        return self._batch

    def _planned(self) -> PlannedBatch:
        planned = self._open().planned
        if planned is None:
            raise _early("No batch is planned.")
        return planned

    def _product(self, order: Prescription) -> str:
        product = self.rehearsal.recipe.product
        return product.tall_man if product.inn == order.product_text else order.product_text


def _early(told: str) -> PrintcareError:
    return PrintcareError("STEP_EARLY", told, "Do the steps in the order of the pages.")


def _card(order: Prescription, product: str) -> OrderCard:
    dose = "no amount in mg" if order.ordered_dose_mg is None else f"{plain(order.ordered_dose_mg)} mg"
    ordered = f"{dose}, {_times(order.doses_per_day)}, for {order.duration_days} days"
    return OrderCard(order.id, product, order.patient.pseudonym, ordered, "to verify", order.authored_on.isoformat())


def _times(doses_per_day: int) -> str:
    return {1: "once a day", 2: "twice a day"}.get(doses_per_day, f"{doses_per_day} times a day")


def _order_view(message: bytes, order: Prescription, calculated: Calculated, product: str, today: date) -> OrderView:
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
        findings=objections((*calculation.flags, *calculation.notices)),
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
