"""What a scanner read, held against the plan of a batch: cartridge, lot and nozzle of every ink."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from printcare.domain.checks import error
from printcare.domain.control_recipe import ControlPart
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.batch.plan import PlannedBatch


@dataclass(frozen=True, slots=True)
class Code:
    """What bears a code and which; `part` counts the inks from 1."""

    of: str  # of CODES
    part: int
    wanted: str

    @property
    def what(self) -> str:
        """Return its name: `cartridge`, and `cartridge-2` of the second ink."""
        return self.of if self.part == 1 else f"{self.of}-{self.part}"


# What bears a code, and the code of the refusal where another one was scanned.
CODES: dict[str, tuple[Callable[[ControlPart], str], str]] = {
    "cartridge": (lambda part: part.cartridge.code or part.cartridge.id, "E_CARTRIDGE_CODE"),
    "lot": (lambda part: part.lot.id, "E_SCAN_DIFFERS"),
    "nozzle": (lambda part: part.part.nozzle.part_number, "E_SCAN_DIFFERS"),
}


def codes_of(planned: PlannedBatch) -> tuple[Code, ...]:
    """Return every code of a batch, in the order of printing."""
    return tuple(
        Code(of, part.number, wanted(part)) for part in planned.recipe.parts for of, (wanted, _) in CODES.items()
    )


def compare_scan(records: Store, account: Account, planned: PlannedBatch, what: str, scanned: str) -> None:
    """Hold a scanned code against the plan; raises Refused, recorded, for any other. Nothing is loaded by it."""
    actor = allowed(records, account, "batch.show")
    code = next((each for each in codes_of(planned) if each.what == what), None)
    part = planned.recipe.parts[0 if code is None else code.part - 1]
    is_cartridge = code is not None and code.of == "cartridge"
    if code is not None and (part.cartridge.answers_to(scanned) if is_cartridge else scanned.strip() == code.wanted):
        return
    if code is None:
        told = f"A batch of {planned.recipe.master.id} has no {what} to scan."
        findings = (error("E_SCAN_UNKNOWN", told, f"Scan one of {_names(planned)}.", what),)
    else:
        told = f"The scanner read “{scanned}”, the plan says {code.wanted}."
        findings = (error(CODES[code.of][1], told, "Take the one of the plan, and scan it again.", what),)
    refuse(records, actor, "batch.prepare", "batch", planned.id, findings)
    raise Refused(findings)


def _names(planned: PlannedBatch) -> str:
    return ", ".join(each.what for each in codes_of(planned))
