"""A site's record with the people who keep equipment: maintainer, quality, owner, operators, pharmacists."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schooling import train_everybody

from printcare.domain.balance_check import BalanceCheck, Kind
from printcare.domain.equipment import BALANCE, PRINTER, Equipment, parts_of_tools
from printcare.domain.people import Role
from printcare.formats.profile import load_profile
from printcare.records.store import Store
from printcare.workflow.recipe.set_up import Person, set_up
from printcare.workflow.site.balance import record_check
from printcare.workflow.site.equipment import register, take_into_use

PASSWORD = "a passphrase nobody would guess"
FIRMWARE = "FIRMWARE_NAME:Marlin 2.1.2.1 (Jan  1 2000 00:00:00)"
SERIAL = "0123456789"
PROFILE = load_profile("marlin-syringe")
STAFF = {
    "owner": (Role.PROCESS_OWNER,),
    "ada": (Role.OPERATOR,),
    "ben": (Role.PHARMACIST,),
    "cleo": (Role.PHARMACIST,),
    "rita": (Role.RELEASER,),
    "quinn": (Role.QUALITY,),
    "max": (Role.MAINTAINER,),
    "both": (Role.MAINTAINER, Role.QUALITY),
}
SHOWN = {
    Kind.DAILY: ("0.0", "100000.0"),
    Kind.REPEATABILITY: ("100000.1", "99999.9") * 5,
    Kind.CORNERS: ("100000.0",) * 5,
}


@dataclass
class Site:
    """Everything in one record."""

    records: Store
    people: dict[str, Any]

    def printer(self, name: str = "bench 1", **changes: Any) -> Equipment:
        """Return a printer as it would be entered."""
        own = {
            "kind": PRINTER,
            "model": PROFILE.printer_class,
            "serial": "P-1",
            "firmware": FIRMWARE,
            "profile_id": PROFILE.id,
            "profile_digest": PROFILE.digest,
            "parts": parts_of_tools(("syringe",)),
        }
        return Equipment(name, **(own | changes))

    def in_use(self) -> None:
        """Enter printer and balance, and take both into use."""
        balance = Equipment("scale", BALANCE, "EMU204", SERIAL)
        for each in (self.printer(), balance):
            register(self.records, self.people["max"], each)
            take_into_use(self.records, self.people["max"], each.name, "new")

    def check_balance(self) -> None:
        """Put the balance's checks on record."""
        for kind, shown in SHOWN.items():
            at, made = self.records.context.clock(), tuple(map(Decimal, shown))
            check = BalanceCheck(SERIAL, kind, at, Decimal(100_000), made, Decimal("0.1"), Decimal("0.1"))
            record_check(self.records, self.people["ada"], check, shown)


def staffed(records: Store) -> Site:
    """Return the site with its people, trained."""
    staff = [Person(login, f"{login.title()} Example", roles, PASSWORD) for login, roles in STAFF.items()]
    people = set_up(records, Person("admin", "Avery", (Role.ADMINISTRATOR,), PASSWORD), staff)
    train_everybody(records)
    return Site(records, people)
