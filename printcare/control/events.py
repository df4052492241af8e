"""What a job tells: frozen facts, recorded first and shown second."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from printcare.control.alarms import Trip
from printcare.domain.batch import UnitState
from printcare.domain.gate import QUANTITATIVE
from printcare.domain.reading import Identity


class Phase(StrEnum):
    """The phases of one job, in their order."""

    CONNECT = "connect"
    HEAT = "heat"
    SOAK = "soak"
    REFERENCE = "reference weighing"
    PRIME = "prime"
    PRINT = "print"
    FINISH = "finish"


class Outcome(StrEnum):
    """How a job ended."""

    COMPLETED = "completed"  # every unit printed and judged
    STOPPED = "stopped"  # a person, an alarm or a reject limit ended it
    FAILED = "failed"  # a device, the record or the program failed


@dataclass(frozen=True, slots=True)
class PhaseBegan:
    """A phase begins."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class DeviceFound:
    """A device identified itself."""

    source: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class Soaked:
    """Every cartridge has been in its band for as long as the recipe wants, in process seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Primed:
    """The pressure stands at the reference the units are compared with."""

    reference_kpa: float
    predicted_kpa: float
    volume_mm3: float
    part: int = 1


@dataclass(frozen=True, slots=True)
class Identified:
    """What the prime found of one syringe: how it gives way, how thick its ink is and what shows at rest."""

    part: int
    compliance_mm3_kpa: float
    thickness: float  # of the recipe's K
    rest_kpa: float
    friction_n: float  # the same as a force on the plunger
    evidence: str


@dataclass(frozen=True, slots=True)
class PurgeBegan:
    """After a clog that a person has answered, a tool is purged over the waste and primed anew."""

    part: int
    most_mm3: float  # of ink; the prime that follows tells how much it was


@dataclass(frozen=True, slots=True)
class UnitBegan:
    """A unit begins: its tare is taken and its first line goes out after this is recorded."""

    index: int  # 1-based
    position: str
    tare_mg: Decimal | None  # of the tray; None where the balance stands beside the printer, or there is none
    tare_raw: str
    first_line: int
    last_line: int
    part: int = 1  # 1-based; which ink of a unit of several


@dataclass(frozen=True, slots=True)
class Weighed:
    """One weighing of one unit, with the balance's own line."""

    index: int
    gross_mg: Decimal
    raw: str
    mass_mg: Decimal
    outcome: str  # accept | indeterminate | reject
    part: int = 1
    since_s: float = 0.0  # process seconds since the middle of its deposition
    drift_mg: Decimal = Decimal(0)  # of the balance, taken off the mass
    evaporation_mg: Decimal = Decimal(0)  # since deposition, added to the mass
    weighing_is: str = QUANTITATIVE  # or an in-process check and nothing more, below the balance's minimum weight
    tare_mg: Decimal | None = None
    tare_raw: str = ""


@dataclass(frozen=True, slots=True)
class PlacementAsked:
    """A person is asked to put a unit on the balance beside the printer (place), or to take it off (empty)."""

    index: int
    position: str
    what: str  # place | empty


@dataclass(frozen=True, slots=True)
class Placed:
    """A person says that it was done."""

    index: int
    what: str
    user_id: str


@dataclass(frozen=True, slots=True)
class UnitEnded:
    """A unit is judged."""

    index: int
    position: str
    state: UnitState
    mass_mg: Decimal | None
    raw: str
    reason: str
    pressure_mean_kpa: float | None
    pressure_max_kpa: float | None
    temperature_mean_c: float | None
    seconds: float  # process seconds from first line to judgement
    lines_sent: int
    volume_mm3: float  # commanded
    part: int = 1
    weighing_is: str = QUANTITATIVE
    dwell_s: float | None = None  # process seconds from the printer's rest to the first weighing
    flow_mm3_s: float | None = None  # as fed, over the beads; None of a unit of one line
    speed_mm_s: float | None = None  # the same over the thickest layer's bead


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """An alarm of the table, with what was seen."""

    trip: Trip
    unit: int | None


@dataclass(frozen=True, slots=True)
class AlarmMoved:
    """An alarm went from one ISA-18.2 state to another: by whom, and why."""

    alarm: str
    before: str
    after: str
    event: str  # condition_off | ack | reset | shelve | time_out
    user_id: str
    reason: str
    at_s: float  # process seconds
    wants_signature: bool = False  # whoever records it asks for one


@dataclass(frozen=True, slots=True)
class Corrected:
    """A unit was re-written with another multiplier of E, read back and hashed; told before it is sent."""

    index: int
    part: int
    multiplier: float
    gain: float  # delivered over commanded, as estimated
    volume_mm3: float
    digest: str  # SHA-256 of the unit's lines, each ended by a line feed


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the plunger's way says a unit weighs, beside the balance; the data of the soft sensor's validation."""

    index: int
    part: int
    predicted_mg: float
    weighed_mg: float
    z: float  # weighed less predicted, in their common standard deviation
    fused_mg: float | None  # only where the recipe may fuse and the two agree
    forecast_mg: float | None = None  # less what the pressure said would lack, while it was laid


@dataclass(frozen=True, slots=True)
class UnitCut:
    """A unit was stopped before its end: what already lacks, the rest cannot make good."""

    index: int
    part: int
    laid_mm3: float
    lacking_mg: float
    limit_mg: float


@dataclass(frozen=True, slots=True)
class ReferenceWeighed:
    """The tray was weighed before the first unit or after the last."""

    when: str  # start | end
    weight_mg: Decimal
    raw: str


@dataclass(frozen=True, slots=True)
class SumChecked:
    """The masses of the units were summed against what the tray gained: Σm, drift and what neither explains, mg."""

    sum_mg: Decimal
    gained_mg: Decimal
    drift_mg: Decimal
    unexplained_mg: Decimal
    limit_mg: Decimal
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """Something of the wire worth keeping that stops nothing: a foreign line, a resend, a position compared."""

    what: str
    text: str
    unit: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """The job holds between two units and waits to be resumed."""

    reason: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """The job goes on."""

    user_id: str


@dataclass(frozen=True, slots=True)
class ReadingBlock:
    """Readings of one device during one unit: rows of (process seconds, value, flag)."""

    source: str
    unit: str
    index: int  # the unit, 0 outside units
    rows: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """For the eye only: how far the job is. Never recorded."""

    phase: Phase
    done: float  # 0 … 1
    left_s: float  # process seconds
    unit: int = 0
    pressure_kpa: float | None = None
    temperature_c: float | None = None


@dataclass(frozen=True, slots=True)
class SafeStateSent:
    """What was sent to make the printer safe, and whether it answered."""

    how: str
    confirmed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class InkUse:
    """What one cartridge gave, and how long it was warm."""

    part: int
    cartridge_id: str
    used_mm3: float
    warm_s: float


@dataclass(frozen=True, slots=True)
class JobEnded:
    """The job is over; `units` says what became of every planned unit."""

    outcome: Outcome
    reason: str
    trip: Trip | None
    last_line: int  # the last line the printer certainly took
    ink_used_mm3: float  # of the first part's cartridge
    warm_s: float
    units: tuple[tuple[int, UnitState], ...] = field(default=())
    further_inks: tuple[InkUse, ...] = ()  # of the other parts' cartridges


Event = (
    PhaseBegan
    | DeviceFound
    | Soaked
    | Primed
    | Identified
    | PurgeBegan
    | UnitBegan
    | Weighed
    | PlacementAsked
    | Placed
    | UnitEnded
    | AlarmRaised
    | AlarmMoved
    | Corrected
    | Predicted
    | UnitCut
    | ReferenceWeighed
    | SumChecked
    | Noted
    | Held
    | Resumed
    | ReadingBlock
    | Progress
    | SafeStateSent
    | JobEnded
)
