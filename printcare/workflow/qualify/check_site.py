"""What a check of a protocol is given, and what it gives back: evidence, and whether it passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Protocol, TypeVar

from printcare.domain.equipment import Equipment
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.protocol.wire import Ports
from printcare.records.accounts import Account
from printcare.records.store import Store

Given = TypeVar("Given")
Made = TypeVar("Made")


class Rig(Protocol):
    """The devices a protocol is run on; a simulated one can be given faults, a real one is provoked by hand."""

    is_simulated: bool

    def ports(self, faults: tuple[str, ...] = (), seed: int = 1) -> Ports:
        """Return ports onto the bench, as it stands after power-up, with these faults and those it was begun with."""

    def put_on(self, position: int, mass_mg: float) -> None:
        """Put a weight on a position of the tray, or ask a person to."""

    def each(self, work: Callable[[Rig, Given], Made], given: Sequence[Given]) -> list[Made]:
        """Return what `work` makes of each, in their order; a simulated bench may do several at once."""

    def moves(self) -> bool | None:
        """Return whether a motor turns now, or None where nobody can see it."""

    def struck_s(self) -> float | None:
        """Return when the last fault struck on the ports' clock, or None."""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything a check may look at: the record, who runs it, the equipment and its profile, recipe and rig."""

    records: Store
    account: Account
    equipment: Equipment
    profile: FirmwareProfile
    master: MasterRecipe
    balance: str  # its serial number
    rig: Rig
    figures: Mapping[str, str]
    seed: int = 1

    def figure(self, name: str) -> Decimal:
        """Return a figure of the step; raises PrintcareError STEP_FIGURE where the protocol lacks it."""
        try:
            return Decimal(self.figures[name])
        except (KeyError, InvalidOperation) as fault:
            told = f"The step has no number {name!r}."
            raise PrintcareError("STEP_FIGURE", told, "Write it in the protocol.") from fault

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of words of the step."""
        return tuple(self.figures.get(name, "").split())


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: every figure with its name, and whether it is as the step demands."""

    passed: bool
    evidence: tuple[tuple[str, str], ...]


Check = Callable[[Site], Checked]


Row = str | tuple[bool, str]  # told alone, or with whether it is as the step demands


def all_of(rows: Mapping[str, Row]) -> Checked:
    """Return the verdict of several figures; what nothing was demanded of is told alone."""
    demanded = {True: "as demanded", False: "NOT AS DEMANDED"}
    evidence = tuple(
        (name, row if isinstance(row, str) else f"{row[1]} · {demanded[row[0]]}") for name, row in rows.items()
    )
    return Checked(all(isinstance(row, str) or row[0] for row in rows.values()), evidence)
