"""What the pages show, as plain values: built by the journey from what the workflow returned, read by widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.numbers import plain
from printcare.ui.figures import DASH


@dataclass(frozen=True, slots=True)
class Fact:
    """One named value with its unit and a note below or behind it."""

    name: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Objection:
    """A finding as a page shows it, beside the field `where` names."""

    code: str
    severity: str  # error | warning | info
    reason: str
    remedy: str
    where: str = ""


def objections(findings: Iterable[Finding]) -> tuple[Objection, ...]:
    """Return the core's findings as values of the screen."""
    return tuple(Objection(f.code, f.severity.value, f.reason, f.remedy, f.where) for f in findings)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of the calculation sheet; `result` is shortened for the eye, `exact` is the core's own figure."""

    number: int
    what: str
    result: str
    unit: str
    formula: str
    source: str
    exact: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its calculation."""

    id: str
    product: str
    subtitle: str
    patient: tuple[Fact, ...]
    order: tuple[Fact, ...]
    sheet: tuple[SheetLine, ...]
    findings: tuple[Objection, ...]
    source: tuple[Fact, ...]  # what the hospital's message says, for the second person
    asks_height: bool
    asks_weight: bool
    summary: str


@dataclass(frozen=True, slots=True)
class OrderCard:
    """An order on the worklist."""

    id: str
    product: str
    patient: str
    ordered: str
    status: str
    written_on: str


@dataclass(frozen=True, slots=True)
class PartPlan:
    """One drug of a unit as the run page draws it: masses in mg, pressure in kPa."""

    product: str
    target_mg: float
    low_mg: float
    high_mg: float


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What the run page knows of a batch before its first event; masses in mg, pressures in kPa, temperature in °C."""

    batch_id: str
    product: str
    dose: str
    positions: tuple[str, ...]
    columns: int
    rows: int
    target_mg: float
    low_mg: float
    high_mg: float
    predicted_kpa: float
    pressure_window_pct: float
    pressure_max_kpa: float
    cartridge_c: tuple[float, float]
    lot: str
    cartridge: str
    further: tuple[PartPlan, ...] = ()  # the second drug of a unit and those after it

    @property
    def parts(self) -> tuple[PartPlan, ...]:
        """Return every drug of a unit, in the order of printing."""
        return (PartPlan(self.product, self.target_mg, self.low_mg, self.high_mg), *self.further)


@dataclass(frozen=True, slots=True)
class PlanView:
    """A planned batch."""

    run: RunPlan
    headline: str
    recipe: tuple[Fact, ...]
    materials: tuple[Fact, ...]
    units: tuple[Fact, ...]
    parameters: tuple[tuple[str, str, str, str], ...]  # name with unit, target, NOR, PAR
    uses: str
    findings: tuple[Objection, ...]
    steps: tuple[str, ...]
    ink_share: float  # needed of what is left, 0 … 1


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of the mass table."""

    index: int
    position: str
    state: str
    use: str
    mass_mg: Decimal | None
    deviation_pct: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A printed batch before its decision, and after it."""

    batch_id: str
    product: str
    status: str
    units: tuple[UnitRow, ...]
    target_mg: float
    low_mg: float
    high_mg: float
    figures: tuple[Fact, ...]
    reconciliation: str
    findings: tuple[Objection, ...]
    alarms: tuple[Objection, ...]
    deviations: tuple[str, ...]
    signatures: tuple[Fact, ...]
    may_be: tuple[str, ...]
    signer: str


def number(value: Decimal | None) -> str:
    """Return a decimal of the core without change."""
    return DASH if value is None else plain(value)
