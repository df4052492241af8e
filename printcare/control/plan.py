"""Everything a job needs to know before it begins: decided, checked and recorded by others."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.gate import MassGate
from printcare.domain.machine import FirmwareProfile
from printcare.domain.policy import Policy
from printcare.domain.recipe import InProcessLimits, ProcessParameters
from printcare.gcode.program import Program


@dataclass(frozen=True, slots=True)
class JobPlan:
    """One batch as the job sees it: no patient, no order, only what to make and when to stop."""

    batch_id: str
    program: Program
    profile: FirmwareProfile
    policy: Policy
    parameters: ProcessParameters
    limits: InProcessLimits
    gate: MassGate
    units: int
    positions: tuple[str, ...]
    predicted_kpa: float
    flow_mm3_s: float  # while printing
    density_mg_mm3: Decimal
    ink_available_mm3: float
    hold_max_s: float  # process seconds
    settle_spread_mg: Decimal
