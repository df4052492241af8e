"""A record with its people, approvals and lot, and orders as a hospital would send them."""

from __future__ import annotations

import atexit
import copy
import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from schooling import train_everybody

from printcare.domain.checks import Finding
from printcare.domain.dose_case import Quantity
from printcare.domain.dosing_rule import CumulativeLimit, DosingRule
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.people import Role
from printcare.domain.prescription import Prescription
from printcare.domain.verification import Acknowledgement, SecondEntry
from printcare.formats.dosing_rule import load_rule
from printcare.formats.ink_lot import read_ink_lot
from printcare.formats.prescription_json import read_prescription_json
from printcare.formats.recipe import load_recipe
from printcare.formats.site_table import load_excipients
from printcare.records.store import RecordContext, Store
from printcare.workflow.order.receive import keep, pseudonym_key
from printcare.workflow.order.verify import Calculated, calculate_order, verify_order
from printcare.workflow.recipe.controlled import Document
from printcare.workflow.recipe.set_up import Person, bring_into_force, set_up

TODAY = date(2026, 1, 5)
PASSWORD = "a passphrase nobody would guess"
RULE, RECIPE = "cyclophosphamide-oral-paediatric", "cyclophosphamide-sse"
LOT_FILE = Path(__file__).parents[2] / "recipes" / "demonstration" / "lot-CP-2601-A.toml"
STAFF = {
    "owner": (Role.PROCESS_OWNER,),
    "author": (Role.FORMULATION_SCIENTIST,),
    "operator": (Role.OPERATOR,),
    "ben": (Role.PHARMACIST,),
    "cleo": (Role.PHARMACIST,),
}
ORDER: dict[str, Any] = {
    "schema": "printcare.prescription/1",
    "id": "RX-1",
    "authored_on": "2026-01-05",
    "prescriber": "Dr Ada Example",
    "indication": "metronomic chemotherapy",
    "patient": {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": "2021-09-14", "sex": "F"},
    "product": {"code": "cyclophosphamide"},
    "route": "oral",
    "dose_mg": "17",
    "basis": {"basis": "per_m2", "amount_mg": "25", "per": "day"},
    "doses_per_day": 1,
    "duration_days": 7,
    "weight": {"value": "16.0", "unit": "kg", "measured_on": "2026-01-02"},
    "height": {"value": "102", "unit": "cm", "measured_on": "2026-01-02"},
}
GONE = object()


class Clock:
    """A clock that moves on at each look."""

    def __init__(self, hour: int) -> None:
        self.now = datetime(2026, 1, 5, hour, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        self.now += timedelta(milliseconds=10)
        return self.now


def open_store(folder: Path, hour: int = 9) -> Store:
    ticks = count(1)
    context = RecordContext("demo-site", "ws-1", "0.1", "boot", Clock(hour), lambda: next(ticks), "locked")
    return Store.open(f"sqlite:///{folder}/record.sqlite", context, key_directory=folder)


def order_file(**changes: object) -> bytes:
    """Return an order in our own JSON with keys replaced, or taken out where GONE stands."""
    value = copy.deepcopy(ORDER) | changes
    return json.dumps({key: member for key, member in value.items() if member is not GONE}).encode()


@dataclass
class Ward:
    """A pharmacy at work, everything in one record."""

    folder: Path
    records: Store
    people: dict[str, Any]
    rules: tuple[DosingRule, ...]
    lot: InkLot
    cartridges: tuple[Cartridge, ...]

    @property
    def key(self) -> bytes:
        """Return the site's key."""
        return pseudonym_key(self.folder)

    def read(self, **changes: object) -> Prescription:
        """Return an order without keeping it."""
        result = read_prescription_json(order_file(**changes), self.key, TODAY)
        assert result.prescription is not None, result.findings
        return result.prescription

    def receive(self, **changes: object) -> Prescription:
        """Return an order that is now on the worklist."""
        order, findings = self.receive_file(order_file(**changes))
        assert order is not None
        assert not any(finding.blocks for finding in findings), findings
        return order

    def receive_file(self, data: bytes) -> tuple[Prescription | None, tuple[Finding, ...]]:
        """Return what was read of a file, and what speaks against it."""
        result = read_prescription_json(data, self.key, TODAY)
        return result.prescription, keep(self.records, self.people["operator"], data, result, "order.json")

    def approve(self, rule: DosingRule) -> None:
        """Bring another rule into force and let it be the only one."""
        self.bring_into_force(rule)
        self.rules = (rule,)

    def bring_into_force(self, document: Document) -> None:
        """Let author and owner take a document through its whole life."""
        author, owner = self.people["author"], self.people["owner"]
        bring_into_force(self.records, author, PASSWORD, owner, PASSWORD, document, "compared with its source")

    def limit(self, over: str, unit: str, most: str) -> None:
        """Approve the rule with a cumulative limit."""
        limited = (CumulativeLimit(over, unit, Decimal(most)),)
        self.approve(replace(self.rules[0], version=2, digest="0" * 64, cumulative_limits=limited))

    def calculate(self, order: Prescription, **named: Any) -> Calculated:
        """Return the calculation by the first pharmacist, with the shipped recipe."""
        named = {"lot": self.lot} | named
        return calculate_order(
            self.records, self.people["ben"], order, self.rules, load_recipe(RECIPE), today=TODAY, **named
        )

    def verify(self, order: Prescription, calculated: Calculated, dose: str = "17", **named: Any) -> Any:
        """Return the dose both pharmacists stand for."""
        entry = named.pop("entry", self.typed(dose))
        ben, cleo = self.people["ben"], self.people["cleo"]
        return verify_order(self.records, ben, PASSWORD, PASSWORD, order, calculated, cleo, entry, **named)

    def typed(self, dose: str, weight: str = "16", height: str = "102") -> SecondEntry:
        """Return what the second pharmacist typed."""
        return SecondEntry(self.people["cleo"].id, Quantity(weight, "kg"), Quantity(height, "cm"), dose)

    def reason(self, *codes: str) -> tuple[Acknowledgement, ...]:
        """Return reasons of the first pharmacist for warnings."""
        return tuple(Acknowledgement(code, "compared with the chart", self.people["ben"].id) for code in codes)


def open_ward(folder: Path) -> Ward:
    """Return a pharmacy whose people, recipe, rule and site table are in order; made once and copied."""
    whole = _founded()
    shutil.copytree(whole.folder, folder, dirs_exist_ok=True)
    return replace(whole, folder=folder, records=open_store(folder))


@cache
def _founded() -> Ward:
    folder = Path(tempfile.mkdtemp(prefix="ward-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    records = open_store(folder, hour=8)
    staff = [Person(login, f"{login.title()} Example", roles, PASSWORD) for login, roles in STAFF.items()]
    people = set_up(records, Person("admin", "Avery Example", (Role.ADMINISTRATOR,), PASSWORD), staff)
    rule = load_rule(RULE)
    lot, cartridges = read_ink_lot(LOT_FILE.read_bytes(), LOT_FILE.name)
    made = Ward(folder, records, people, (rule,), lot, cartridges)
    for document in (load_recipe(RECIPE), rule, load_excipients()):
        made.bring_into_force(document)
    train_everybody(records)
    records.close()
    return made
