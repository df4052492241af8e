"""What the pages show, as plain values: built by the journey from what the workflow returned, read by widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.numbers import plain
from printcare.ui.figures import DASH
from printcare.ui.messages import said


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
    dose: str = ""  # which dose of several it concerns


def objections(findings: Iterable[Finding]) -> tuple[Objection, ...]:
    """Return the core's findings as values of the screen."""
    return tuple(Objection(f.code, f.severity.value, said(f.reason), said(f.remedy), f.where) for f in findings)


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
    dose: str = ""  # which dose of several it belongs to


@dataclass(frozen=True, slots=True)
class DoseAsked:
    """A dose the second person types, by what it is called and by what an objection to it names.

    Where the order states no mg the first person enters it as well, under `drug`, on the figure that is proposed.
    """

    name: str
    where: str
    drug: str = ""
    own_where: str = ""
    proposed: str = ""


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its calculation."""

    id: str
    product: str
    subtitle: str
    patient: tuple[Fact, ...]
    order: tuple[Fact, ...]
    sheet: tuple[SheetLine, ...]
    doses: tuple[DoseAsked, ...]
    findings: tuple[Objection, ...]
    source: tuple[Fact, ...]  # what the hospital's message says, for the second person
    asks_height: bool
    asks_weight: bool
    summary: str
    reasons: tuple[Objection, ...] = ()  # warnings that stand only with a reason, by the code in `where`


@dataclass(frozen=True, slots=True)
class SecondTyped:
    """What the second person typed, with a decimal point, and the first person's reasons by the warning's code.

    `doses` are as many, and in that order, as the order's view asks for.
    """

    weight: str
    height: str
    doses: tuple[str, ...]
    own: tuple[tuple[str, str], ...]  # by drug, what the first person entered where the order states no mg
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OrderCard:
    """An order on the worklist."""

    id: str
    product: str
    patient: str
    dose_mg: str | None
    doses_per_day: int
    days: int
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
class Scan:
    """A code to be read before a step may be ticked: what it is of, at which step, and what the plan says."""

    what: str  # cartridge | lot | nozzle, of a second ink cartridge-2 ...
    step: int  # 0-based
    title: str
    wanted: str


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
    scans: tuple[Scan, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A batch that may be asked for of a verified order: the whole course, or one dose of one step."""

    words: str
    step: int | None = None  # from 1
    time_of_day: str = ""


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
class TrailEntry:
    """One critical event of a batch's trail, by its number in the record."""

    seq: int
    told: Objection


@dataclass(frozen=True, slots=True)
class Interruption:
    """A batch whose job ended without a word: what the record knows last, and what a person finds at the printer."""

    told: str
    tray: tuple[str, ...]
    cartridges: tuple[str, ...]
    deviation: str  # its number, empty while nobody has closed the interruption with one
    may_close: bool = False  # who is signed in may


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
    trail: tuple[TrailEntry, ...] = ()  # what somebody looks at before a release, of a batch that may be released
    release_stops: tuple[Objection, ...] = ()  # why nobody may release it yet, whatever its figures say
    may_review_trail: bool = False  # who is signed in may sign that the trail was looked at
    interruption: Interruption | None = None


def number(value: Decimal | None) -> str:
    """Return a decimal of the core without change."""
    return DASH if value is None else plain(value)


@dataclass(frozen=True, slots=True)
class Signer:
    """One person a signature is asked of; `login` is suggested, and only where `is_fixed` it is settled."""

    role: str
    meaning: str
    login: str
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """What is to be signed, by whom, and whether a reason is typed beside it."""

    title: str
    what: str
    signers: tuple[Signer, ...]
    wants_reason: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """What one signer typed."""

    login: str
    password: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who may steer a running job from this window, by the ticket their password gave; an empty id is nobody."""

    user_id: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, or may sign in with one click because they are made up for a rehearsal."""

    login: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of a register: what it is, where it stands, and a state of the screen for its mark."""

    key: str
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class Section:
    """A table of one subject."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something who is signed in may ask for; `verb` is given back when it is asked."""

    verb: str
    words: str
    role: str
    meaning: str
    is_signed: bool = True


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One thing of a register with everything that is known of it."""

    key: str
    title: str
    subtitle: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    findings: tuple[Objection, ...]
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of the record as the page Records lists it."""

    number: int
    at: str
    who: str
    role: str
    action: str
    what: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Port:
    """One serial port of this machine."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Bench:
    """The devices a site prints with, by address; without a printer the emulated bench. And where orders come in."""

    printer: str = ""
    balance: str = ""
    pressure: str = ""
    balance_id: str = ""  # under which its checks are on record
    watched: str = ""  # folder

    @property
    def is_emulated(self) -> bool:
        """Whether there is no printer, and the emulated bench stands in."""
        return not self.printer


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody the set-up gives an account: login, name, roles and the password they typed themselves."""

    login: str
    name: str
    roles: tuple[str, ...]
    password: str


@dataclass(frozen=True, slots=True)
class SiteSetUp:
    """What the set-up assistant asks: the site, its first two people, and the devices."""

    site: str
    administrator: NewPerson
    second: NewPerson
    bench: Bench
