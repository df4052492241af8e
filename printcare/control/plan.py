"""Everything a job needs to know before it begins: decided, checked and recorded by others."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

from printcare.domain.gate import MassGate
from printcare.domain.machine import FirmwareProfile, Toolhead
from printcare.domain.policy import Policy
from printcare.domain.recipe import InkRequirement, InProcessLimits, MasterRecipe, Nozzle, ProcessParameters
from printcare.domain.sequential import Hopes
from printcare.gcode.program import Program
from printcare.geometry.layout import Toolpath
from printcare.protocol.wire import PRESSURE


@dataclass(frozen=True, slots=True)
class JobPart:
    """One drug of a unit as the job sees it: its tool, its ink and everything it is judged by."""

    number: int  # 1-based, in the order of printing
    tool: int  # T number; 0 the first
    drug: str
    cartridge_id: str
    ink: InkRequirement
    nozzle: Nozzle
    parameters: ProcessParameters
    limits: InProcessLimits
    gate: MassGate
    predicted_kpa: float
    flow_mm3_s: float  # while printing
    density_mg_mm3: Decimal
    ink_available_mm3: float
    toolpath: Toolpath = field(compare=False)  # a corrected unit is written from it
    warm_left_s: float = math.inf  # process seconds the cartridge may still be at temperature
    sensor_reach_mg: float | None = None  # how far a prediction validated to stop units may stand off; None: it informs

    @property
    def pressure_source(self) -> str:
        """Return the role of the transmitter that watches this tool."""
        return f"{PRESSURE}-{self.tool}" if self.tool else PRESSURE


@dataclass(frozen=True, slots=True)
class JobPlan:
    """One batch as the job sees it: no patient, no order, only what to make and when to stop.

    A unit is printed part by part in the order of `parts` and weighed after each; most have one.
    """

    batch_id: str
    program: Program
    profile: FirmwareProfile
    policy: Policy
    master: MasterRecipe
    parts: tuple[JobPart, ...]
    units: int
    positions: tuple[str, ...]
    hold_max_s: float  # process seconds
    settle_spread_mg: Decimal
    balance: str = ""  # the one on record it was planned for, by its serial number
    firmware: str | None = None  # what the printer on the register says of itself; None where none stands there
    drawn: tuple[int, ...] = ()  # the order of the sample, drawn before the print
    hopes: tuple[Hopes, ...] = ()  # of each part: by what the batch will be judged; none where nobody will judge it

    @property
    def first(self) -> JobPart:
        """Return the first part, the only one of most units."""
        return self.parts[0]

    @property
    def rejects_consecutive(self) -> int:
        """Return after how many rejected units in a row the batch ends: the strictest part's."""
        return min(part.limits.rejects_consecutive for part in self.parts)

    @property
    def rejects_total(self) -> int:
        """Return after how many rejected units in all the batch ends: the strictest part's."""
        return min(part.limits.rejects_total for part in self.parts)

    @property
    def settle_max_s(self) -> Decimal:
        """Return how long the balance may take to settle: the most patient part's."""
        return max(part.limits.settle_max_s for part in self.parts)

    @property
    def predicted_kpa(self) -> float:
        """Return the pressure the first part is expected to need."""
        return self.first.predicted_kpa

    @property
    def density_mg_mm3(self) -> Decimal:
        """Return the density of the first part's ink."""
        return self.first.density_mg_mm3

    @property
    def ink_available_mm3(self) -> float:
        """Return what the first part's cartridge holds."""
        return self.first.ink_available_mm3

    def tool(self, part: JobPart) -> Toolhead:
        """Return what pushes a part's ink."""
        return self.profile.tools[part.tool]
