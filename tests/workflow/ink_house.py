"""A record with the people who make, judge and use inks, an approved formulation and the shipped lot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ward import LOT_FILE, PASSWORD, TODAY, open_store

from printcare.domain.formulation import Cartridge, InkLot, PharmaInk
from printcare.domain.people import Role
from printcare.domain.preparation import Preparation, WeighedIngredient
from printcare.formats.ink_formulation import load_formulation
from printcare.formats.ink_lot import read_ink_lot
from printcare.records.store import Store
from printcare.workflow.ink import cartridges, formulations, inks
from printcare.workflow.recipe.set_up import Person, set_up

STAFF = {
    "owner": (Role.PROCESS_OWNER,),
    "author": (Role.FORMULATION_SCIENTIST,),
    "ada": (Role.OPERATOR,),
    "ben": (Role.PHARMACIST,),
    "quinn": (Role.QUALITY,),
    "rita": (Role.RELEASER,),
    "both": (Role.OPERATOR, Role.QUALITY),
}
WHY = "compared with the certificate"


@dataclass
class House:
    """Everything in one record."""

    records: Store
    people: dict[str, Any]
    ink: PharmaInk
    lot: InkLot
    cartridges: tuple[Cartridge, ...]

    def receive(self, **changes: object) -> str:
        """Put the lot on record."""
        lot = replace(self.lot, **changes)
        inks.receive_lot(self.records, self.people["ada"], lot, () if changes.get("id") else self.cartridges)
        return lot.id

    def judge(self, lot_id: str, **named: Any) -> None:
        """Judge its transport."""
        given = {"is_usable": True, "reason": WHY} | named
        inks.judge_transport(self.records, self.people["quinn"], PASSWORD, lot_id, **given)

    def release(self, lot_id: str, who: str = "quinn", reason: str = WHY) -> None:
        """Release it."""
        inks.release_lot(self.records, self.people[who], PASSWORD, lot_id, reason, TODAY)

    def released(self, **changes: object) -> str:
        """Return a lot that is received, judged and released."""
        lot_id = self.receive(**changes)
        self.judge(lot_id)
        self.release(lot_id)
        return lot_id

    def opened(self) -> str:
        """Return a bulk lot of 50 g, open."""
        lot_id = self.released(id="BULK", mass_g=Decimal(50))
        inks.open_lot(self.records, self.people["ada"], lot_id)
        return lot_id

    def fill(self, cartridge_id: str = "K-1", fill: str = "10", spilt: str = "0", hours: str = "8") -> Cartridge:
        """Fill a cartridge from the bulk lot."""
        made = cartridges.new_cartridge(
            cartridge_id, "BULK", Decimal(fill), Decimal("0.8"), Decimal(hours), TODAY, code=f"code-{cartridge_id}"
        )
        return cartridges.fill_cartridge(self.records, self.people["ada"], made, Decimal(spilt))

    def state(self, table: str, key: str) -> dict[str, Any]:
        """Return a row."""
        return self.records.get(table, key) or {}

    def wait(self, **span: float) -> None:
        """Let time go by; whoever works then has signed in anew."""
        self.records.context.clock.now += timedelta(**span)  # type: ignore[attr-defined]  # the tests' own clock
        now = self.records.context.clock.now  # type: ignore[attr-defined]
        for login, account in self.people.items():
            self.people[login] = replace(account, began_at=now)

    def last_refusal(self, action: str) -> str:
        """Return the code under which the last event of an action was refused."""
        event = self.records.events(action=action, limit=10_000)[-1].content
        assert event["outcome"] == "refused"
        return str(event["reason_code"])


def prepared(lot_id: str = "OWN-1", **changes: Any) -> Preparation:
    """Return the record of 100 g made in house by the shipped formulation."""
    ink = load_formulation("cyclophosphamide-paste-40")
    at = datetime.fromisoformat("2026-01-04T09:00:00+00:00")
    ingredients = tuple(
        WeighedIngredient(
            name, f"RAW-{place}", "2026-12-31", mg_per_g / 10, Decimal(1), mg_per_g / 10, "B1", "ada", "ben", at
        )
        for place, (name, mg_per_g) in enumerate(ink.composition(), start=1)
    )
    made = Preparation(
        lot_id, ink.id, ink.version, ingredients, ("mixer",), (), Decimal(98), (Decimal(95), Decimal(100))
    )
    return replace(made, **changes)


def open_house(folder: Path) -> House:
    """Return the house with its formulation approved."""
    records = open_store(folder)
    staff = [Person(login, f"{login.title()} Example", roles, PASSWORD) for login, roles in STAFF.items()]
    people = set_up(records, Person("admin", "Avery Example", (Role.ADMINISTRATOR,), PASSWORD), staff)
    ink = load_formulation("cyclophosphamide-paste-40")
    key = formulations.write_formulation(records, people["author"], ink)
    formulations.approve_formulation(records, people["owner"], PASSWORD, key)
    lot, filled = read_ink_lot(LOT_FILE.read_bytes(), LOT_FILE.name)
    return House(records, people, ink, lot, filled)
