"""The orders of a record on their way from message to signed batch; returns what the pages show.

It runs on the window's worker and holds no rule: what may be done is decided by the workflow, and a refusal comes back
as its exception. Every step is done by who is signed in, every signature by who typed a password for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from printcare.domain.batch import BatchState
from printcare.domain.checks import Finding
from printcare.domain.control_recipe import DoseTime, PartDose
from printcare.domain.people import may
from printcare.domain.policy import Policy
from printcare.domain.prescription import Prescription
from printcare.domain.release import ReleaseDecision
from printcare.domain.verification import Acknowledgement, SecondEntry
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import load_rules
from printcare.ui import run_plan, site, stages
from printcare.ui.desk import Desk
from printcare.ui.models import (
    Entered,
    OrderCard,
    OrderView,
    PlanChoice,
    PlanView,
    ReviewView,
    SecondTyped,
    SiteSetUp,
)
from printcare.ui.order_view import SECOND, order_view, reasons_wanted
from printcare.ui.presence import Presence
from printcare.ui.review_view import review_view
from printcare.ui.station import Station
from printcare.ui.words import tr
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.batch.cancel import cancel_batch
from printcare.workflow.batch.plan import PlannedBatch, plan_batch
from printcare.workflow.batch.produce import prepare
from printcare.workflow.batch.recover import close_interrupted, quarantine_interrupted, secure_printer
from printcare.workflow.batch.scanned import compare_scan
from printcare.workflow.entry import Account, authenticate, sign_alarm
from printcare.workflow.order import kinds
from printcare.workflow.order.refuse_order import refuse_order
from printcare.workflow.order.verified import calculations_of, verified_doses
from printcare.workflow.order.verify import Calculated
from printcare.workflow.record.audit_review import sign_review
from printcare.workflow.release.review import decide_recorded, draw, finish_recorded, review_recorded

if TYPE_CHECKING:
    from printcare.gcode.preview import UnitView


@dataclass(slots=True)
class _Work:
    """Everything of the open order that the next step needs."""

    order: Prescription
    calculated: kinds.Calculation | None = None
    is_verified: bool = False  # in this window; what is planned needs no second signature
    planned: PlannedBatch | None = None
    decision: ReleaseDecision | None = None


class Journey:
    """The steps in their order; each needs the one before it and raises PrintcareError STEP_EARLY without it."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.here = Presence()
        self._work: _Work | None = None

    def policy(self) -> Policy:
        """Return the policy of the site's present mode."""
        return self.here.desk.policy()

    # ---- the record and its worklist

    def begin(self, tell: Callable[[str], None]) -> tuple[OrderCard, ...]:
        """Open a rehearsal, create its people, approve recipe and rule, and receive the order."""
        desk = self._take(self._station.open_rehearsal(tell))
        rehearsal = desk.rehearsal
        if rehearsal is None:
            raise _early("This record is no rehearsal.")
        tell(tr("Creating made-up people with their passwords, approving recipe and dosing rule"))
        rehearsal.set_up()
        desk.begun()
        tell(tr("Receiving the order"))
        rehearsal.receive(rehearsal.message())
        return stages.cards(self.here.records, rehearsal.people["b.pharmacist"])

    def open_site(self, tell: Callable[[str], None]) -> None:
        """Open the site's own record; raises PrintcareError NO_RECORD where none was begun."""
        self._take(self._station.open_site(tell))

    def set_up(self, entered: SiteSetUp) -> None:
        """Begin the site's record with its first two people, and keep which devices it prints with."""
        site.named(entered)
        desk = self._take(self._station.begin_site(entered.site))
        site.begin(desk.records, entered)
        self._station.choose(entered.bench)

    def attach(self, desk: Desk, order_id: str, batch_id: str) -> None:
        """Take the record an earlier window's job is still writing to, with the order it prints."""
        self._take(desk)
        self._work, self.here.running_batch = _Work(desk.order(order_id)), batch_id

    def cards(self) -> tuple[OrderCard, ...]:
        """Return the worklist, empty for those whose work it is not."""
        return stages.cards(self.here.records, self.here.account) if may(self.here.account.roles, "order.show") else ()

    def receive(self, path: Path) -> tuple[Finding, ...]:
        """Read a file and put its order on the worklist; raises Refused with what stands against it."""
        try:
            data = path.read_bytes()
        except OSError as fault:
            told = f"{path.name} cannot be read: {fault.strerror}."
            raise PrintcareError("FILE_UNREADABLE", told, "Choose a readable file.") from fault
        findings = self.here.desk.receive(self.here.account, data, path.name)
        if any(finding.blocks for finding in findings):
            raise Refused(findings)
        return findings

    def open(self, order_id: str) -> str:
        """Open an order and return the page it stands at."""
        if self._work is None or self._work.order.id != order_id:
            self._work = _Work(self.here.desk.order(order_id))
        return stages.stage(self.here.records, order_id)

    # ---- up to the plan

    def calculate(self) -> OrderView:
        """Return the order with its calculation sheet; raises Refused where who is signed in may not verify."""
        work, desk = self._open(), self.here.desk
        recipe = desk.recipe(work.order)
        work.calculated = kinds.calculate(
            self.here.records, self.here.account, work.order, load_rules(), recipe, desk.lots(recipe), desk.today
        )
        message = desk.message(work.order)
        shown = order_view(message, work.order, work.calculated, self._product(work.order), desk.today)
        return replace(shown, reasons=reasons_wanted(work.order, work.calculated, self.here.account.id))

    def compare(self, typed: SecondTyped) -> None:
        """Hold what the second person typed against the first values; raises Refused, recorded, with what differs.

        Nobody is asked for a password before both agree.
        """
        work, calculated = self._open(), self._calculated()
        actor = allowed(self.here.records, self.here.account, "order.verify")
        entry = self._entry(typed, SECOND)
        given = self._given(typed), self._own(typed)
        found = kinds.compare(work.order, calculated, self.here.account.id, entry, typed.doses, *given)
        if found:
            refuse(self.here.records, actor, "order.verify", "prescription", work.order.id, found)
            raise Refused(found)

    def verify(self, typed: SecondTyped, first: Entered, other: Entered) -> PlanView:
        """Let two pharmacists stand for every dose by signature, and plan the first batch under the present mode."""
        work, calculated = self._open(), self._calculated()
        second = authenticate(self.here.records, other.login, other.password)
        if not work.is_verified:
            kinds.verify(
                self.here.records,
                self.here.account,
                first.password,
                other.password,
                work.order,
                calculated,
                second,
                self._entry(typed, second.id),
                typed.doses,
                self._given(typed),
                self._own(typed),
            )
            work.is_verified = True
        return self.plan(self.plan_choices()[0])

    def plan_choices(self) -> tuple[PlanChoice, ...]:
        """Return what a batch of the open order may be asked for of; the workflow says what is made already."""
        return run_plan.plan_choices(self._open().order)

    def plan(self, choice: PlanChoice | None = None) -> PlanView:
        """Plan a batch of the verified order from the cartridges to be used next."""
        work, desk = self._open(), self.here.desk
        order, recipe = work.order, desk.recipe(work.order)
        materials = desk.materials(recipe)
        at = None if choice is None or choice.step is None else DoseTime(choice.step, choice.time_of_day)
        lots = [lot for lot, _ in materials]
        doses = verified_doses(self.here.records, order, load_rules(), recipe, lots, desk.today, at)
        work.planned = plan_batch(
            self.here.records,
            self.here.account,
            order.id,
            recipe,
            [PartDose(dose, *material) for dose, material in zip(doses, materials, strict=True)],
            desk.profile(recipe),
            desk.balance,
            self.policy(),
            order.duration_days if at is None else order.steps[at.step - 1].days,
            desk.today,
            at=at,
        )
        return self.planned_view()

    def planned_view(self) -> PlanView:
        """Return the batch of the open order as the plan page shows it."""
        return run_plan.plan_view(self.here.records, self._planned())

    def toolpath(self) -> tuple[UnitView, ...]:
        """Return what the program of the open batch lays down, as the independent reader found it."""
        return run_plan.toolpath(self._planned())

    def refuse(self, reason: str, signer: Entered) -> None:
        """Sign that the open order is not made; raises Refused for one that does not wait for its verification."""
        here = self.here
        refuse_order(here.records, here.account, signer.password, self._open().order.id, reason)

    def cancel(self, reason: str, signer: Entered) -> None:
        """Sign that the planned batch is not printed; raises Refused for one of which anything was."""
        cancel_batch(self.here.records, self.here.account, signer.password, self.batch_id(), reason)
        self._open().planned = None

    # ---- the print

    def compare_scan(self, what: str, scanned: str) -> None:
        """Hold a scanned code against the plan; raises Refused for any other. Signing the preparation loads it."""
        compare_scan(self.here.records, self.here.account, self._planned(), what, scanned)

    def prepare_and_start(self, first: Entered, other: Entered) -> str:
        """Draw the sample, let two people sign the preparation, start the job; return where it listens.

        Who signs as operator is signed in from then on: the job runs in that session. A job that could not be started
        may be started again: what is signed stays signed.
        """
        planned, records = self._planned(), self.here.records
        operator = authenticate(records, first.login, first.password)
        if self._status() == BatchState.PLANNED.value:
            second = authenticate(records, other.login, other.password)
            draw(records, operator, planned, self._station.seed())
            prepare(records, operator, first.password, second, other.password, planned)
        if operator.id != self.here.account.id:
            self.here.sign_in(first.login, first.password)
        endpoint = self._station.start_job(
            self.here.desk, planned.id, self.here.account.id, self.here.account.session or ""
        )
        self.here.running_batch = planned.id
        self.here.admit(first.login, first.password)
        return endpoint

    def sign_alarm(self, batch_id: str, number: int, meaning: str, signer: Entered) -> None:
        """Sign an alarm's row with the reason of its acknowledgement; the job is told afterwards."""
        sign_alarm(self.here.records, self.here.account, signer.password, batch_id, number, meaning)

    # ---- after the print

    def batch_id(self) -> str:
        """Return the batch of the open order: the one of this window, else its latest on record."""
        planned = self._open().planned
        known = list(self.here.desk.batches(self._open().order.id))
        if planned is None and not known:
            raise _early("No batch is planned.")
        return known[-1] if planned is None else planned.id

    def needs_finishing(self) -> bool:
        """Whether the batch was printed and not yet finished; one whose job died is put into quarantine first."""
        quarantine_interrupted(self.here.records)
        return self._status() == BatchState.FINISHING.value

    def finish(self, signer: Entered) -> None:
        """Record the finishing steps under the signature of who did them."""
        operator = authenticate(self.here.records, signer.login, signer.password)
        finish_recorded(self.here.records, operator, self.batch_id(), signer.password)

    def review(self) -> ReviewView:
        """Return the figures of a finished batch, or of one that ended early as it stands."""
        work = self._open()
        work.decision = review_recorded(self.here.records, self.batch_id())
        return self._shown(work.decision)

    def sign(self, wanted: str, signer: Entered) -> ReviewView:
        """Sign the decision; raises Refused where figures or duties forbid it."""
        work = self._open()
        if work.decision is None:
            raise _early("The batch is not reviewed.")
        releaser = authenticate(self.here.records, signer.login, signer.password)
        decide_recorded(self.here.records, releaser, signer.password, self.batch_id(), work.decision, wanted)
        return self._shown(work.decision)

    def make_safe(self) -> bool:
        """Stop and cool the printer of a batch whose job has died, and return whether it confirmed that."""
        ports = self._station.printer_ports(self._planned().profile)
        try:
            return secure_printer(self.here.records, self.here.account, ports, self._planned().profile).confirmed
        finally:
            ports.close()

    def close_interruption(self, reason: str) -> ReviewView:
        """Open the deviation of a batch whose job has died; raises Refused where that is not for who is signed in."""
        close_interrupted(self.here.records, self.here.account, self.batch_id(), reason)
        return self.review()

    def sign_trail(self, seen: tuple[int, ...], note: str, signer: Entered) -> ReviewView:
        """Sign that the critical events were looked at, by their numbers; raises Refused where one was not."""
        reviewer = authenticate(self.here.records, signer.login, signer.password)
        sign_review(self.here.records, reviewer, signer.password, self.batch_id(), seen, note)
        return self.review()

    def documents(self) -> tuple[Path, tuple[str, ...]]:
        """Write every document and return folder and names."""
        from printcare.workflow.paper.documents import (
            write_documents,  # reportlab: a third of the time to the first page
        )

        work, planned, folder = self._open(), self._planned(), self._station.documents()
        message, calculated = self.here.desk.message(work.order), self._calculations(planned)
        papers = (planned, work.order, message, calculated, work.decision, self.policy(), self.here.desk.pharmacy)
        return folder, tuple(write_documents(self.here.records, self._archivist(), folder, *papers))

    def close(self) -> None:
        """Close the record."""
        self.here.close()
        self._station.close()

    # ---- inside

    def _take(self, desk: Desk) -> Desk:
        self._work = None
        return self.here.take(desk)

    def _shown(self, decision: ReleaseDecision) -> ReviewView:
        planned, order = self._planned(), self._open().order
        shown = review_view(self.here.records, planned, order, self._calculations(planned), decision, self.policy())
        roles, found = self.here.account.roles, shown.interruption
        interruption = None if found is None else replace(found, may_close=may(roles, "batch.recover"))
        return replace(shown, may_review_trail=may(roles, "audit.review"), interruption=interruption)

    def _archivist(self) -> Account:
        """Return in whose name papers are written: who is signed in, in a rehearsal its releaser."""
        if self.here.rehearsal is not None and not may(self.here.account.roles, "audit.export"):
            return self.here.rehearsal.people["r.releaser"]
        return self.here.account

    def _calculations(self, planned: PlannedBatch) -> dict[str, Calculated]:
        return calculations_of(self.here.records, self._open().order.id, planned.recipe, load_rules())

    def _status(self) -> str:
        return str((self.here.records.get("batch", self.batch_id()) or {}).get("status"))

    def _open(self) -> _Work:
        if self._work is None:
            raise _early("No order is open.")
        return self._work

    def _planned(self) -> PlannedBatch:
        work = self._open()
        if work.planned is None:
            _, work.planned = self.here.desk.planned(self.batch_id())
        return work.planned

    def _calculated(self) -> kinds.Calculation:
        calculated = self._open().calculated
        if calculated is None:
            raise _early("The dose is not calculated.")
        return calculated

    def _entry(self, typed: SecondTyped, user_id: str) -> SecondEntry:
        return kinds.second_entry(self._calculated(), user_id, typed.weight, typed.height)

    def _own(self, typed: SecondTyped) -> Mapping[str, Decimal]:
        """Return what the first person entered where the order states no mg; raises Refused for what is no amount."""
        own = kinds.own_amounts(self._calculated(), dict(typed.own))
        if isinstance(own, tuple):
            raise Refused(own)
        return own

    def _given(self, typed: SecondTyped) -> tuple[Acknowledgement, ...]:
        return tuple(Acknowledgement(code, reason, self.here.account.id) for code, reason in typed.reasons)

    def _product(self, order: Prescription) -> str:
        products = [part.product for part in self.here.desk.recipe(order).parts]
        names = [product.tall_man for product in products]
        told = order.product_text
        return " + ".join(names) if not told or told in (product.inn for product in products) else told


def _early(told: str) -> PrintcareError:
    return PrintcareError("STEP_EARLY", told, "Do the steps in the order of the pages.")
