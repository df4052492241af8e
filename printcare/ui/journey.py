"""One order's way from message to signed batch, step by step on the workflow; returns what the pages show.

It runs on the window's worker and holds no rule: what may be done is decided by the workflow, and a refusal comes back
as its exception. Every step is done by who is signed in, every signature by who typed a password for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from printcare.domain.batch import BatchState
from printcare.domain.control_recipe import PartDose
from printcare.domain.dose_case import Quantity
from printcare.domain.dosing import Refusal
from printcare.domain.numbers import plain
from printcare.domain.people import may
from printcare.domain.policy import Policy
from printcare.domain.prescription import Prescription
from printcare.domain.release import ReleaseDecision
from printcare.domain.verification import Acknowledgement, SecondEntry, VerifiedDose
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import load_rules
from printcare.formats.profile import load_profile
from printcare.ui import run_plan
from printcare.ui.models import (
    Entered,
    Objection,
    OrderCard,
    OrderView,
    Person,
    PlanView,
    ReviewView,
    SecondTyped,
    objections,
)
from printcare.ui.order_view import order_card, order_view
from printcare.ui.review_view import review_view
from printcare.ui.station import Station
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.demonstration import BALANCE, Demonstration
from printcare.workflow.entry import Account, authenticate, log_in, log_out, sign_alarm
from printcare.workflow.mode import present
from printcare.workflow.plan import PlannedBatch, plan_batch
from printcare.workflow.produce import prepare
from printcare.workflow.review import decide, draw, finish, review
from printcare.workflow.verify import Calculated, calculate_order, stand_for, verify_order

SECOND = "second person"  # in place of an account, while nobody has signed yet


@dataclass(slots=True)
class _Batch:
    """Everything of the order under way that the next step needs."""

    message: bytes
    order: Prescription
    calculated: Calculated | None = None
    verified: VerifiedDose | None = None
    planned: PlannedBatch | None = None
    drawn: tuple[int, ...] = ()
    decision: ReleaseDecision | None = None


class Journey:
    """The steps in their order; each needs the one before it and raises PrintcareError STEP_EARLY without it."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._rehearsal: Demonstration | None = None
        self._batch: _Batch | None = None
        self._account: Account | None = None

    @property
    def rehearsal(self) -> Demonstration:
        """Return the rehearsal under way."""
        if self._rehearsal is None:
            raise _early("No rehearsal is open.")
        return self._rehearsal

    @property
    def account(self) -> Account:
        """Return who is signed in."""
        if self._account is None:
            raise PrintcareError("SESSION_NONE", "Nobody is signed in.", "Sign in on the page Sign in.")
        return self._account

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in."""
        return self._account is not None

    def person(self) -> Person:
        """Return who is signed in, as the pages show it."""
        return Person(self.account.login, self.account.name, self.account.roles)

    def people(self) -> tuple[Person, ...]:
        """Return the made-up people of the rehearsal."""
        return tuple(Person(each.login, each.name, each.roles) for each in self.rehearsal.people.values())

    def rehearsal_password(self, login: str) -> str | None:
        """Return a made-up person's password; a real record holds none."""
        return None if self._rehearsal is None else self._rehearsal.passwords.get(login)

    def sign_in(self, login: str, password: str) -> Person:
        """Begin a session, and end the one before it; raises PrintcareError LOGIN_REFUSED."""
        records = self.rehearsal.records
        entered = log_in(records, login, password)
        if self._account is not None:
            log_out(records, self._account)
        self._account = entered
        return self.person()

    def unlock(self, password: str) -> Person:
        """Check the password of who is signed in; raises PrintcareError LOGIN_REFUSED."""
        authenticate(self.rehearsal.records, self.account.login, password)
        return self.person()

    def sign_out(self) -> None:
        """End the session."""
        log_out(self.rehearsal.records, self.account)
        self._account = None

    def suggested(self, command: str, but_not: str = "") -> str:
        """Return who may be suggested to sign for a command: who is signed in, else in a rehearsal its own person."""
        here = () if self._account is None else (self._account,)
        others = () if self._rehearsal is None else tuple(self._rehearsal.people.values())
        fitting = (each.login for each in (*here, *others) if may(each.roles, command) and each.login != but_not)
        return next(fitting, "")

    def policy(self) -> Policy:
        """Return the policy of the site's present mode."""
        return present(self.rehearsal.records)

    def begin(self, tell: Callable[[str], None]) -> OrderCard:
        """Open a rehearsal, create its people, approve recipe and rule, and receive the order."""
        tell("Creating the record")
        opened = self._station.open_rehearsal(tell)
        if self._rehearsal is not None:
            self._rehearsal.records.close()
        self._rehearsal, self._batch, self._account = opened, None, None
        tell("Creating six people with their passwords, approving recipe and dosing rule")
        self._rehearsal.set_up()
        tell("Receiving the order")
        message = self._rehearsal.message()
        order = self._rehearsal.receive(message)
        self._batch = _Batch(message, order)
        return order_card(order, self._product(order))

    def calculate(self) -> OrderView:
        """Return the order with its calculation sheet; raises Refused where who is signed in may not verify."""
        batch, rehearsal = self._open(), self.rehearsal
        lot, _ = rehearsal.materials()
        batch.calculated = calculate_order(
            rehearsal.records, self.account, batch.order, load_rules(), rehearsal.recipe, lot, rehearsal.today
        )
        product = self._product(batch.order)
        shown = order_view(batch.message, batch.order, batch.calculated, product, rehearsal.today)
        return replace(shown, reasons=self._reasons_wanted(batch.order, batch.calculated))

    def _reasons_wanted(self, order: Prescription, calculated: Calculated) -> tuple[Objection, ...]:
        """Return the warnings that stand only with a reason, by asking the core to verify the order without any."""
        weight, height = (
            None if each is None else Quantity(each.value, each.unit) for each in (order.weight, order.height)
        )
        dose_mg = None if order.ordered_dose_mg is None else plain(order.ordered_dose_mg)
        entry = SecondEntry(SECOND, weight, height, dose_mg)
        outcome = stand_for(order, calculated, self.account.id, entry, (), None)
        found = outcome.findings if isinstance(outcome, Refusal) else ()
        return objections(finding for finding in found if finding.code == "E_ACKNOWLEDGEMENT_MISSING")

    def compare(self, typed: SecondTyped) -> None:
        """Hold what the second person typed against the first values; raises Refused, recorded, with what differs.

        Nobody is asked for a password before both agree.
        """
        batch, calculated = self._open(), self._calculated()
        actor = allowed(self.rehearsal.records, self.account, "order.verify")
        entry = self._entry(typed, SECOND)
        outcome = stand_for(batch.order, calculated, self.account.id, entry, self._given(typed), None)
        if isinstance(outcome, Refusal):
            refuse(self.rehearsal.records, actor, "order.verify", "prescription", batch.order.id, outcome.findings)
            raise Refused(outcome.findings)

    def verify(self, typed: SecondTyped, first: Entered, other: Entered) -> PlanView:
        """Let two pharmacists stand for the dose by signature, and plan the batch under the present mode."""
        batch, calculated, rehearsal = self._open(), self._calculated(), self.rehearsal
        records, second = rehearsal.records, authenticate(rehearsal.records, other.login, other.password)
        verified = batch.verified or verify_order(
            records,
            self.account,
            first.password,
            other.password,
            batch.order,
            calculated,
            second,
            self._entry(typed, second.id),
            self._given(typed),
        )
        batch.verified = verified
        batch.planned = plan_batch(
            records,
            self.account,
            batch.order.id,
            rehearsal.recipe,
            [PartDose(verified, *rehearsal.materials())],
            load_profile(rehearsal.profile),
            BALANCE,
            self.policy(),
            batch.order.duration_days,
            rehearsal.today,
        )
        return run_plan.plan_view(records, batch.planned)

    def prepare_and_start(self, first: Entered, other: Entered) -> str:
        """Draw the sample, let two people sign the preparation, start the job; return where it listens.

        Who signs as operator is signed in from then on: the job runs in that session. A job that could not be started
        may be started again: what is signed stays signed.
        """
        batch, planned, records = self._open(), self._planned(), self.rehearsal.records
        operator = authenticate(records, first.login, first.password)
        if not batch.drawn:
            second = authenticate(records, other.login, other.password)
            drawn = draw(records, operator, planned, self._station.seed())
            prepare(records, operator, first.password, second, other.password, planned)
            batch.drawn = drawn
        if operator.id != self.account.id:
            self.sign_in(first.login, first.password)
        return self._station.start_job(self.rehearsal, planned.id, self.account.id, self.account.session or "")

    def operator_id(self) -> str:
        """Return who holds, resumes and stops the job: who is signed in."""
        return self.account.id

    def sign_alarm(self, number: int, meaning: str, signer: Entered) -> None:
        """Sign an alarm's row with the reason of its acknowledgement; the job is told afterwards."""
        records = self.rehearsal.records
        sign_alarm(records, self.account, signer.password, self._planned().id, number, meaning)

    def batch_id(self) -> str:
        """Return the batch under way."""
        return self._planned().id

    def needs_finishing(self) -> bool:
        """Whether the batch was printed and its finishing is not yet signed."""
        state = self.rehearsal.records.get("batch", self._planned().id) or {}
        return state.get("status") == BatchState.FINISHING.value

    def finish(self, signer: Entered) -> None:
        """Record the finishing steps under the signature of who did them."""
        records = self.rehearsal.records
        finish(records, authenticate(records, signer.login, signer.password), self._planned(), signer.password)

    def review(self) -> ReviewView:
        """Return the figures of a finished batch, or of one that ended early as it stands."""
        if self._batch is None:
            told = "This batch was planned in a window that is gone, and its people's passwords went with it."
            remedy = (
                "The batch stays as it is in its record (`printcare batch show`). Rehearse again on the page Start."
            )
            raise PrintcareError("REHEARSAL_LOST", told, remedy)
        batch = self._batch
        batch.decision = review(self.rehearsal.records, self._planned(), batch.drawn, self.policy())
        return self._shown(batch.decision)

    def sign(self, wanted: str, signer: Entered) -> ReviewView:
        """Sign the decision; raises Refused where figures or duties forbid it."""
        batch, records = self._open(), self.rehearsal.records
        if batch.decision is None:
            raise _early("The batch is not reviewed.")
        releaser = authenticate(records, signer.login, signer.password)
        decide(records, releaser, signer.password, self._planned(), batch.decision, wanted)
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
        return review_view(self.rehearsal, planned, batch.order, batch.calculated, decision, self.policy())

    def _open(self) -> _Batch:
        if self._batch is None:
            raise _early("No order is received.")
        return self._batch

    def _planned(self) -> PlannedBatch:
        planned = self._open().planned
        if planned is None:
            raise _early("No batch is planned.")
        return planned

    def _calculated(self) -> Calculated:
        calculated = self._open().calculated
        if calculated is None:
            raise _early("The dose is not calculated.")
        return calculated

    def _entry(self, typed: SecondTyped, user_id: str) -> SecondEntry:
        calculation = self._calculated().calculation
        return SecondEntry(
            user_id,
            None if calculation.weight_kg is None else Quantity(typed.weight, "kg"),
            None if calculation.height_cm is None else Quantity(typed.height, "cm"),
            typed.dose,
        )

    def _given(self, typed: SecondTyped) -> tuple[Acknowledgement, ...]:
        return tuple(Acknowledgement(code, reason, self.account.id) for code, reason in typed.reasons)

    def _product(self, order: Prescription) -> str:
        product = self.rehearsal.recipe.product
        return product.tall_man if product.inn == order.product_text else order.product_text


def _early(told: str) -> PrintcareError:
    return PrintcareError("STEP_EARLY", told, "Do the steps in the order of the pages.")
