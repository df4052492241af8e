"""The shipped demonstration: a hospital's order, people with roles, approved recipe and rule, a lot and its cartridge.

Everything is synthetic. Dates in the shipped files are moved so that the order was written today; passwords are drawn
anew for each record and never leave the process.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from printcare.control.events import JobEnded
from printcare.domain.checks import blocking
from printcare.domain.dose_case import Quantity
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.gate import Weighing
from printcare.domain.numbers import plain
from printcare.domain.people import Role
from printcare.domain.policy import REHEARSAL, Policy
from printcare.domain.prescription import Prescription
from printcare.domain.recipe import MasterRecipe
from printcare.domain.release import ReleaseDecision
from printcare.domain.verification import SecondEntry
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import load_rules
from printcare.formats.fhir import read_fhir
from printcare.formats.find import shipped
from printcare.formats.ink_formulation import load_formulation
from printcare.formats.ink_lot import read_ink_lot
from printcare.formats.legal_grounds import load_legal_grounds
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.formats.site_table import load_excipients
from printcare.protocol.wire import Ports
from printcare.records.accounts import Account
from printcare.records.dialect import database_file
from printcare.records.store import Store
from printcare.workflow.authority import Refused
from printcare.workflow.controlled import Document
from printcare.workflow.documents import Pharmacy, write_documents
from printcare.workflow.formulations import approve_formulation, set_legal_ground, write_formulation
from printcare.workflow.inks import judge_transport, receive_lot, release_lot
from printcare.workflow.mode import switch
from printcare.workflow.plan import PlannedBatch, plan_batch
from printcare.workflow.produce import prepare, produce
from printcare.workflow.receive import keep, pseudonym_key
from printcare.workflow.recorder import Show
from printcare.workflow.review import decide, draw, finish, review
from printcare.workflow.set_up import Person, bring_into_force, set_up
from printcare.workflow.verify import Calculated, calculate_order, verify_order

RECIPE, PROFILE = "cyclophosphamide-sse", "marlin-syringe"
ORDER, LOT = "order-cyclophosphamide.fhir.json", "lot-CP-2601-A.toml"
WRITTEN_ON = date(2026, 1, 5)  # in the shipped order; every date of both files moves with it
BALANCE = Weighing(
    Decimal("0.10"), Decimal("0.1"), Decimal("0.3"), Decimal("0.1")
)  # the emulated balance's own figures
PHARMACY = Pharmacy("Demo Hospital Pharmacy", "1 Example Street", "000 0000")
STAFF = {
    "p.owner": ("Paula Owner", (Role.PROCESS_OWNER,)),
    "f.scientist": ("Femi Scientist", (Role.FORMULATION_SCIENTIST,)),
    "a.operator": ("Ada Operator", (Role.OPERATOR,)),
    "b.pharmacist": ("Ben Pharmacist", (Role.PHARMACIST,)),
    "c.pharmacist": ("Cleo Pharmacist", (Role.PHARMACIST,)),
    "r.releaser": ("Rita Releaser", (Role.RELEASER,)),
    "q.quality": ("Quinn Quality", (Role.QUALITY,)),
}
_DATE = re.compile(rb"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")


@dataclass(slots=True)
class Demonstration:
    """One rehearsal, step by step; each step needs the one before it."""

    records: Store
    today: date
    policy: Policy = REHEARSAL
    people: dict[str, Account] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def set_up(self) -> None:
        """Create the people, choose rehearsal, and bring recipe, rule and site table into force by their signatures."""
        self.passwords = {login: secrets.token_urlsafe(18) for login in ("admin", *STAFF)}
        administrator = Person("admin", "Avery Administrator", (Role.ADMINISTRATOR,), self.passwords["admin"])
        staff = [Person(login, name, roles, self.passwords[login]) for login, (name, roles) in STAFF.items()]
        self.people = set_up(self.records, administrator, staff)
        switch(self.records, self.people["p.owner"], self.passwords["p.owner"], self.policy, "demonstration")
        rules = (rule for rule in load_rules() if rule.drug == self.recipe.product.inn)
        documents: tuple[Document, ...] = (self.recipe, *rules, load_excipients())
        for document in documents:
            self._bring_into_force(document)
        self._set_up_inks()

    def _bring_into_force(self, document: Document) -> None:
        author, owner = "f.scientist", "p.owner"
        bring_into_force(
            self.records,
            self.people[author],
            self.passwords[author],
            self.people[owner],
            self.passwords[owner],
            document,
            "demonstration",
        )

    def _set_up_inks(self) -> None:
        """Approve formulation and legal ground, and let quality judge and release the delivered lot."""
        author, approver, password = self.people["f.scientist"], self.people["p.owner"], self.passwords["p.owner"]
        lot, cartridge = self.materials()
        key = write_formulation(self.records, author, load_formulation(lot.ink_id))
        approve_formulation(self.records, approver, password, key)
        inn = self.recipe.product.inn
        set_legal_ground(self.records, approver, password, inn, load_legal_grounds()[inn])
        quality, password = self.people["q.quality"], self.passwords["q.quality"]
        receive_lot(self.records, self.people["a.operator"], lot, (cartridge,))
        looked = "35 min at 9.4 °C; the stability data allow 24 h at 25 °C"
        judge_transport(self.records, quality, password, lot.id, is_usable=True, reason=looked)
        release_lot(self.records, quality, password, lot.id, "certificate compared, within its limits", self.today)

    @property
    def recipe(self) -> MasterRecipe:
        """Return the shipped recipe."""
        return load_recipe(RECIPE)

    def message(self) -> bytes:
        """Return the order as the hospital would have sent it today."""
        return moved((shipped("recipes") / "demonstration" / ORDER).read_bytes(), self.today)

    def materials(self) -> tuple[InkLot, Cartridge]:
        """Return the lot and its cartridge."""
        data = moved((shipped("recipes") / "demonstration" / LOT).read_bytes(), self.today)
        lot, cartridges = read_ink_lot(data, LOT)
        return lot, cartridges[0]

    def receive(self, message: bytes) -> Prescription:
        """Read and keep the order; raises Refused with every finding."""
        key = pseudonym_key(database_file(self.records.url).parent)
        result = read_fhir(message, pseudonym_key=key, today=self.today)
        findings = keep(self.records, self.people["a.operator"], message, result, "fhir")
        if result.prescription is None or blocking(findings):
            raise Refused(tuple(findings))
        return result.prescription

    def calculate(self, order: Prescription) -> Calculated:
        """Calculate the dose under the approved rule."""
        lot, _ = self.materials()
        pharmacist = self.people["b.pharmacist"]
        return calculate_order(self.records, pharmacist, order, load_rules(), self.recipe, lot, self.today)

    def verify_and_plan(
        self, order: Prescription, calculated: Calculated, entry: SecondEntry | None = None
    ) -> PlannedBatch:
        """Let two pharmacists stand for the dose, the second by typing it again, and plan the batch.

        `entry` is what the second one typed; without it they type what the order says.
        """
        second = self.people["c.pharmacist"]
        verified = verify_order(
            self.records,
            self.people["b.pharmacist"],
            self.passwords["b.pharmacist"],
            self.passwords["c.pharmacist"],
            order,
            calculated,
            second,
            entry or _typed_again(order, second.id),
        )
        lot, cartridge = self.materials()
        return plan_batch(
            self.records,
            self.people["a.operator"],
            order.id,
            self.recipe,
            verified,
            lot,
            cartridge,
            load_profile(PROFILE),
            BALANCE,
            self.policy,
            order.duration_days,
            self.today,
        )

    def prepare(self, planned: PlannedBatch, seed: int) -> tuple[int, ...]:
        """Sign the preparation and draw the sample; return the drawn order."""
        operator, second = self.people["a.operator"], self.people["b.pharmacist"]
        drawn = draw(self.records, operator, planned, seed)
        prepare(self.records, operator, self.passwords["a.operator"], second, self.passwords["b.pharmacist"], planned)
        return drawn

    def produce(self, planned: PlannedBatch, ports: Ports, show: Show) -> JobEnded:
        """Run the job inline."""
        return produce(self.records, self.people["a.operator"], planned.job, planned.cartridge.id, ports, show)

    def close(self, planned: PlannedBatch, drawn: tuple[int, ...]) -> ReleaseDecision:
        """Finish, review and sign the batch as rehearsed; raises Refused when the figures forbid it."""
        finish(self.records, self.people["a.operator"], planned, self.passwords["a.operator"])
        decision = review(self.records, planned, drawn, self.policy)
        releaser = self.people["r.releaser"]
        if "rehearsed" in decision.may_be:
            decide(self.records, releaser, self.passwords["r.releaser"], planned, decision, "rehearsed")
        return decision

    def write(
        self,
        folder: Path,
        planned: PlannedBatch,
        order: Prescription,
        message: bytes,
        calculated: Calculated,
        decision: ReleaseDecision | None,
    ) -> list[str]:
        """Write every document and return their names."""
        releaser = self.people["r.releaser"]
        return write_documents(
            self.records, releaser, folder, planned, order, message, calculated, decision, self.policy, PHARMACY
        )


def moved(data: bytes, today: date) -> bytes:
    """Return a shipped file with every date moved by the days since it was written."""
    days = today - WRITTEN_ON

    def later(found: re.Match[bytes]) -> bytes:
        try:
            return (date(*(int(part) for part in found.groups())) + days).isoformat().encode("ascii")
        except (ValueError, OverflowError) as fault:
            raise PrintcareError("DATA_DATE", f"{found[0]!r} is not a date.", "Install printcare again.") from fault

    return _DATE.sub(later, data)


def _typed_again(order: Prescription, user_id: str) -> SecondEntry:
    """Return what the second pharmacist types from the order before them."""
    weight = None if order.weight is None else Quantity(order.weight.value, order.weight.unit)
    height = None if order.height is None else Quantity(order.height.value, order.height.unit)
    dose = None if order.ordered_dose_mg is None else plain(order.ordered_dose_mg)
    return SecondEntry(user_id, weight, height, dose)
