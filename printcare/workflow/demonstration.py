"""The shipped demonstration: a hospital's order, people with roles, approved recipe and rule, a lot and its cartridge.

Everything is synthetic. Dates in the shipped files are moved so that the order was written today; passwords are drawn
anew for each record and never leave the process.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from printcare.control.events import JobEnded
from printcare.domain.balance_check import BalanceCheck, Kind, Schedule
from printcare.domain.cartridge import FILAMENT
from printcare.domain.checks import blocking
from printcare.domain.control_recipe import PartDose
from printcare.domain.dose_case import Quantity
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.numbers import plain
from printcare.domain.people import Role
from printcare.domain.policy import REHEARSAL, Policy
from printcare.domain.prescription import Prescription
from printcare.domain.recipe import MasterRecipe
from printcare.domain.release import ReleaseDecision
from printcare.domain.verification import Acknowledgement, SecondEntry, VerifiedDose
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import load_rules
from printcare.formats.fhir import read_fhir
from printcare.formats.find import shipped
from printcare.formats.ink_formulation import load_formulation
from printcare.formats.ink_lot import read_ink_lot
from printcare.formats.legal_grounds import load_legal_grounds
from printcare.formats.prescription_json import read_prescription_json
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.formats.site_table import load_excipients
from printcare.protocol.wire import Ports
from printcare.records.accounts import Account
from printcare.records.dialect import database_file
from printcare.records.store import Store
from printcare.workflow.authority import Refused
from printcare.workflow.batch.plan import PlannedBatch, plan_batch
from printcare.workflow.batch.produce import prepare, produce
from printcare.workflow.batch.recorder import Show
from printcare.workflow.ink.cartridges import open_spool
from printcare.workflow.ink.formulations import approve_formulation, set_legal_ground, write_formulation
from printcare.workflow.ink.inks import judge_transport, receive_lot, release_lot
from printcare.workflow.mode import switch
from printcare.workflow.order.receive import keep, pseudonym_key
from printcare.workflow.order.verify import (
    Calculated,
    Calculations,
    calculate_order,
    each_calculation,
    verify_order,
)
from printcare.workflow.order.verify_parts import calculate_unit_order, materials_of, verify_unit_order
from printcare.workflow.paper.documents import Pharmacy, write_documents
from printcare.workflow.recipe.controlled import Document
from printcare.workflow.recipe.set_up import Person, bring_into_force, set_up
from printcare.workflow.release.review import decide, draw, finish, review
from printcare.workflow.site.balance import record_check, set_schedule
from printcare.workflow.site.rehearsed import Bench, stand_in

RECIPE, PROFILE = "cyclophosphamide-sse", "marlin-syringe"
WRITTEN_ON = date(2026, 1, 5)  # in the shipped order; every date of both files moves with it
BALANCE = "0123456789"  # the emulated balance's serial number
CHECK_WEIGHT_MG, READABILITY_MG, U_WEIGHT_MG = Decimal(100_000), Decimal("0.1"), Decimal("0.1")
# What the emulated balance shows: s is 0.10 mg, and no corner differs.
SHOWN_MG = {
    Kind.DAILY: ("0.0", "100000.0"),
    Kind.REPEATABILITY: (*("100000.1", "99999.9") * 5, "100000.0"),
    Kind.CORNERS: ("100000.0",) * 5,
}
BELOW_MINIMUM = "A demonstration: nobody is given what the unit gate alone has judged."
ROOM_HUMIDITY_PCT = Decimal(35)
PHARMACY = Pharmacy("Demo Hospital Pharmacy", "1 Example Street", "000 0000")
STAFF = {
    "p.owner": ("Paula Owner", (Role.PROCESS_OWNER,)),
    "f.scientist": ("Femi Scientist", (Role.FORMULATION_SCIENTIST,)),
    "a.operator": ("Ada Operator", (Role.OPERATOR,)),
    "b.pharmacist": ("Ben Pharmacist", (Role.PHARMACIST,)),
    "c.pharmacist": ("Cleo Pharmacist", (Role.PHARMACIST,)),
    "r.releaser": ("Rita Releaser", (Role.RELEASER,)),
    "q.quality": ("Quinn Quality", (Role.QUALITY,)),
    "m.maintainer": ("Milo Maintainer", (Role.MAINTAINER,)),
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """What is shipped to show one recipe: its printer, an order, and a lot for each drug."""

    profile: str
    order: str
    lots: tuple[str, ...]


SHIPPED = {
    RECIPE: Shipped(PROFILE, "order-cyclophosphamide.fhir.json", ("lot-CP-2601-A.toml",)),
    **{
        recipe: Shipped(profile, f"order-{recipe}.json", lots)
        for recipe, profile, lots in (
            ("amiodarone-fdm", "marlin-filament", ("lot-AM-2601-A.toml",)),
            ("hydrocortisone-fdm", "marlin-filament", ("lot-HC-2601-A.toml",)),
            ("melatonin-blister", "marlin-pneumatic", ("lot-ML-2601-A.toml",)),
            ("minoxidil-capsule-high", PROFILE, ("lot-MX-2601-H.toml",)),
            ("minoxidil-capsule-low", PROFILE, ("lot-MX-2601-L.toml",)),
            ("sildenafil-sse", PROFILE, ("lot-SD-2601-A.toml",)),
            (
                "spironolactone-hydrochlorothiazide-sse",
                "marlin-two-syringes",
                ("lot-SP-2601-A.toml", "lot-HT-2601-A.toml"),
            ),
        )
    },
}


def shipped_for(recipe_id: str | None) -> Shipped:
    """Return what is shipped to show a recipe, the first without a name; raises PrintcareError RECIPE_NOT_SHOWN."""
    found = SHIPPED.get(recipe_id or RECIPE)
    if found is None:
        told = f"No order is shipped for the recipe {recipe_id}."
        raise PrintcareError("RECIPE_NOT_SHOWN", told, f"Use one of: {', '.join(sorted(SHIPPED))}.")
    return found


_DATE = re.compile(rb"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")


@dataclass(slots=True)
class Demonstration:
    """One rehearsal of a shipped recipe, step by step; each step needs the one before it."""

    records: Store
    today: date
    policy: Policy = REHEARSAL
    recipe_id: str = RECIPE
    balance: str = BALANCE
    people: dict[str, Account] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shipped_for(self.recipe_id)

    def set_up(self) -> None:
        """Create the people, choose rehearsal, and bring recipe, rules and site table into force by signatures."""
        self.passwords = {login: secrets.token_urlsafe(18) for login in ("admin", *STAFF)}
        administrator = Person("admin", "Avery Administrator", (Role.ADMINISTRATOR,), self.passwords["admin"])
        staff = [Person(login, name, roles, self.passwords[login]) for login, (name, roles) in STAFF.items()]
        self.people = set_up(self.records, administrator, staff)
        switch(self.records, self.people["p.owner"], self.passwords["p.owner"], self.policy, "demonstration")
        rules = (rule for rule in load_rules() if rule.drug in self._drugs)
        documents: tuple[Document, ...] = (self.recipe, *rules, load_excipients())
        for document in documents:
            self._bring_into_force(document)
        self.check_balance()
        for drug, (lot, cartridge) in zip(self._drugs, self.every_material(), strict=True):
            self._set_up_ink(drug, lot, cartridge)
        self.stand_in()

    def check_balance(self) -> None:
        """Put every check of the bench's balance on record, as made today."""
        owner, operator = self.people["p.owner"], self.people["a.operator"]
        set_schedule(self.records, owner, Schedule(below_minimum=BELOW_MINIMUM), "demonstration")
        for kind, shown in SHOWN_MG.items():
            made = tuple(Decimal(each) for each in shown)
            at = self.records.context.clock()
            check = BalanceCheck(self.balance, kind, at, CHECK_WEIGHT_MG, made, READABILITY_MG, U_WEIGHT_MG)
            record_check(self.records, operator, check, shown)

    def stand_in(self, people: Sequence[str] = (), recipes: Sequence[str] = ()) -> None:
        """Record what a rehearsal may count of a bench that is not there: qualified, trained on, calibrated, clean.

        `people` are further accounts that may start a batch, `recipes` further versions, id/version.
        """
        operator, recipe = self.people["a.operator"].id, self.recipe
        bench = Bench(
            profile=load_profile(self.profile),
            balance=self.balance,
            operators=(operator, *people),
            recipes=(f"{recipe.id}/{recipe.version}", *recipes),
            cartridges=tuple(cartridge.id for _, cartridge in self.every_material()),
        )
        stand_in(self.records, self.people["p.owner"], bench)

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

    def _set_up_ink(self, inn: str, lot: InkLot, cartridge: Cartridge) -> None:
        """Approve formulation and legal ground, and let quality judge and release the delivered lot."""
        author, approver, password = self.people["f.scientist"], self.people["p.owner"], self.passwords["p.owner"]
        key = write_formulation(self.records, author, load_formulation(lot.ink_id))
        approve_formulation(self.records, approver, password, key)
        set_legal_ground(self.records, approver, password, inn, load_legal_grounds()[inn])
        operator, quality, password = self.people["a.operator"], self.people["q.quality"], self.passwords["q.quality"]
        receive_lot(self.records, operator, lot, (cartridge,))
        looked = f"{lot.excursion()}; the stability data allow that"
        judge_transport(self.records, quality, password, lot.id, is_usable=True, reason=looked)
        release_lot(self.records, quality, password, lot.id, "certificate compared, within its limits", self.today)
        if cartridge.kind == FILAMENT:
            open_spool(self.records, operator, cartridge.id, ROOM_HUMIDITY_PCT)

    @property
    def recipe(self) -> MasterRecipe:
        """Return the shipped recipe."""
        return load_recipe(self.recipe_id)

    @property
    def profile(self) -> str:
        """Return the printer it is shown on."""
        return SHIPPED[self.recipe_id].profile

    @property
    def _drugs(self) -> tuple[str, ...]:
        return tuple(part.product.inn for part in self.recipe.parts)

    def message(self) -> bytes:
        """Return the order as the hospital would have sent it today."""
        return moved((shipped("recipes") / "demonstration" / SHIPPED[self.recipe_id].order).read_bytes(), self.today)

    def materials(self) -> tuple[InkLot, Cartridge]:
        """Return the lot and cartridge of the first drug, the only one of most units."""
        return self._material(SHIPPED[self.recipe_id].lots[0])

    def every_material(self) -> tuple[tuple[InkLot, Cartridge], ...]:
        """Return lot and cartridge of every drug, in the order of printing."""
        return (self.materials(), *(self._material(name) for name in SHIPPED[self.recipe_id].lots[1:]))

    def _material(self, name: str) -> tuple[InkLot, Cartridge]:
        data = moved((shipped("recipes") / "demonstration" / name).read_bytes(), self.today)
        lot, cartridges = read_ink_lot(data, name)
        return lot, cartridges[0]

    def receive(self, message: bytes) -> Prescription:
        """Read and keep the order; raises Refused with every finding."""
        key = pseudonym_key(database_file(self.records.url).parent)
        source = "fhir" if ".fhir." in SHIPPED[self.recipe_id].order else "json"
        read = read_fhir if source == "fhir" else read_prescription_json
        result = read(message, pseudonym_key=key, today=self.today)
        findings = keep(self.records, self.people["a.operator"], message, result, source)
        if result.prescription is None or blocking(findings):
            raise Refused(tuple(findings))
        return result.prescription

    def calculate(self, order: Prescription) -> Calculated:
        """Calculate the dose of an order of one drug under the approved rule."""
        lot, _ = self.materials()
        pharmacist = self.people["b.pharmacist"]
        return calculate_order(self.records, pharmacist, order, load_rules(), self.recipe, lot, self.today)

    def calculate_unit(self, order: Prescription) -> Mapping[str, Calculated]:
        """Calculate the dose of every drug of an order, by the drug's name."""
        if not order.components:
            return {self.recipe.product.inn: self.calculate(order)}
        known = materials_of(self.recipe, [lot for lot, _ in self.every_material()])
        pharmacist = self.people["b.pharmacist"]
        return calculate_unit_order(self.records, pharmacist, order, load_rules(), known, self.today)

    def verify_and_plan(
        self, order: Prescription, calculated: Calculated, entry: SecondEntry | None = None
    ) -> PlannedBatch:
        """Let two pharmacists stand for the dose, the second by typing it again, and plan the batch.

        `entry` is what the second one typed; without it they type what the order says.
        """
        second = self.people["c.pharmacist"]
        return self._plan(order, [self._verify(order, calculated, entry or typed_again(order, second.id))])

    def verify_and_plan_unit(self, order: Prescription, calculated: Mapping[str, Calculated]) -> PlannedBatch:
        """Let two pharmacists stand for the dose of every drug, and plan the batch."""
        if not order.components:
            return self.verify_and_plan(order, calculated[self.recipe.product.inn])
        second = self.people["c.pharmacist"]
        verified = verify_unit_order(
            self.records,
            self.people["b.pharmacist"],
            self.passwords["b.pharmacist"],
            self.passwords["c.pharmacist"],
            order,
            calculated,
            second,
            typed_again(order, second.id),
            [plain(component.ordered_dose_mg or Decimal(0)) for component in order.components],
            self.acknowledged(calculated),
        )
        return self._plan(order, [verified[drug] for drug in self._drugs])

    def _verify(self, order: Prescription, calculated: Calculated, entry: SecondEntry) -> VerifiedDose:
        return verify_order(
            self.records,
            self.people["b.pharmacist"],
            self.passwords["b.pharmacist"],
            self.passwords["c.pharmacist"],
            order,
            calculated,
            self.people["c.pharmacist"],
            entry,
            self.acknowledged(calculated),
        )

    def acknowledged(self, calculated: Calculations) -> tuple[Acknowledgement, ...]:
        """Return the first pharmacist's reason for each warning; a demonstration has nothing but its own word."""
        pharmacist = self.people["b.pharmacist"].id
        codes = dict.fromkeys(
            finding.code
            for each in each_calculation(calculated)
            for finding in (*each.calculation.flags, *each.calculation.notices, *each.comparisons)
            if not finding.blocks
        )
        return tuple(Acknowledgement(code, "looked at for this demonstration", pharmacist) for code in codes)

    def _plan(self, order: Prescription, verified: Sequence[VerifiedDose]) -> PlannedBatch:
        return plan_batch(
            self.records,
            self.people["a.operator"],
            order.id,
            self.recipe,
            [PartDose(dose, *material) for dose, material in zip(verified, self.every_material(), strict=True)],
            load_profile(self.profile),
            self.balance,
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
        calculated: Calculations,
        decision: ReleaseDecision | None,
        language: str = "",
    ) -> list[str]:
        """Write every document, in the language named or the site's, and return their names."""
        releaser, about = self.people["r.releaser"], (planned, order, message, calculated, decision)
        return write_documents(self.records, releaser, folder, *about, self.policy, PHARMACY, language)


def moved(data: bytes, today: date) -> bytes:
    """Return a shipped file with every date moved by the days since it was written."""
    days = today - WRITTEN_ON

    def later(found: re.Match[bytes]) -> bytes:
        try:
            return (date(*(int(part) for part in found.groups())) + days).isoformat().encode("ascii")
        except (ValueError, OverflowError) as fault:
            raise PrintcareError("DATA_DATE", f"{found[0]!r} is not a date.", "Install printcare again.") from fault

    return _DATE.sub(later, data)


def typed_again(order: Prescription, user_id: str) -> SecondEntry:
    """Return what the second pharmacist types from the order before them."""
    weight = None if order.weight is None else Quantity(order.weight.value, order.weight.unit)
    height = None if order.height is None else Quantity(order.height.value, order.height.unit)
    dose = None if order.ordered_dose_mg is None else plain(order.ordered_dose_mg)
    return SecondEntry(user_id, weight, height, dose)
