"""The process parameters of a recipe with the ranges each was shown to hold in (ICH Q8), and the in-process limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

DRIVES = ("syringe", "filament", "pneumatic")  # what pushes the ink; the words of a profile's tool
NOZZLE_SHAPES = ("straight", "tapered")


@dataclass(frozen=True, slots=True)
class Range:
    """One process parameter: target, normal operating range (NOR) and proven acceptable range (PAR), ICH Q8.

    `studied` is what the development looked at; PAR lies inside it. A critical parameter (CPP) names every quality
    attribute it affects and its risk (quality.md §8).
    """

    unit: str
    target: Decimal
    normal: tuple[Decimal, Decimal]
    proven: tuple[Decimal, Decimal]
    studied: tuple[Decimal, Decimal] | None = None
    is_critical: bool = False
    affects: tuple[str, ...] = ()  # ids of the recipe's attributes
    risk: str = ""  # its number in the risk assessment

    def is_normal(self, value: Decimal | float) -> bool:
        """Whether a value lies in the NOR, its ends included."""
        return self.normal[0] <= Decimal(str(value)) <= self.normal[1]

    def is_proven(self, value: Decimal | float) -> bool:
        """Whether a value lies in the PAR, its ends included."""
        return self.proven[0] <= Decimal(str(value)) <= self.proven[1]

    @property
    def reaches_its_edge(self) -> bool:
        """Whether the NOR leaves no room to an end of the PAR."""
        return self.normal[0] == self.proven[0] or self.normal[1] == self.proven[1]


@dataclass(frozen=True, slots=True)
class NozzleCone:
    """The hub above the narrow part: it takes a tenth of the pressure of a paste (process.md §1.3)."""

    wide_mm: Decimal
    half_angle_deg: Decimal


@dataclass(frozen=True, slots=True)
class Nozzle:
    """The nozzle by what the physics sees, not by its gauge alone (process.md §0.5)."""

    part_number: str
    gauge: str
    bore_mm: Decimal
    length_mm: Decimal  # of the narrow part
    shape: str = "straight"  # of NOZZLE_SHAPES
    cone: NozzleCone | None = None  # None: not stated, and missing from every predicted pressure


@dataclass(frozen=True, slots=True)
class ProcessParameters:
    """Every parameter with unit, target, NOR and PAR.

    `cartridge_c` is what the tool's heater holds: the jacket of a cartridge or, for a filament, which has none, the
    nozzle. None is a parameter this process does not have: a nozzle without a heater of its own, a cold bed, no set
    pressure.
    """

    cartridge_c: Range
    soak_min: Range
    print_speed_mm_s: Range
    layer_height_mm: Range
    prime_mm3: Range  # at most this much is spent until pressure stands at reference
    prime_pressure_fraction: Range  # of the predicted pressure, at which priming ends
    dwell_s: Range  # from the end of a unit to its weighing
    unit_multiplier: Range  # run-to-run correction of E; its PAR is the correction's clamp
    flow_mm3_s: Range | None = None
    retraction_mm3: Range | None = None  # taken back at the end of a unit, C·P (process.md §1.4)
    nozzle_c: Range | None = None  # heated apart from the cartridge
    bed_c: Range | None = None
    set_pressure_kpa: Range | None = None  # pneumatic

    def every(self) -> Iterator[tuple[str, Range]]:
        """Yield each parameter the process has, by name."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                yield field.name, value


@dataclass(frozen=True, slots=True)
class UnitRange:
    """The validated range of one printed unit (dosing.md §10)."""

    dose_mg: tuple[Decimal, Decimal]
    wet_mass_g: tuple[Decimal, Decimal]
    max_units_per_dose: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Run-to-run correction of E from unit to unit, clamped to the PAR of `unit_multiplier` (process.md §5.3)."""

    is_on: bool = False
    method: str = "ewma"  # of CORRECTIONS
    ewma_lambda: Decimal = Decimal("0.3")


CORRECTIONS = ("ewma", "kalman")


@dataclass(frozen=True, slots=True)
class SoftSensor:
    """What the predicted mass may be used for, and the validation that says so."""

    use: str = "none"  # of SOFT_SENSOR_USES
    evidence: str = ""


EARLY_STOP = "early-stop"
SOFT_SENSOR_USES = ("none", EARLY_STOP, "fusion")


@dataclass(frozen=True, slots=True)
class CauseShares:
    """When a deviation of a plunger's pressure is called a clog or air; they choose words, never whether to stop.

    All but `start_s`, `gone`, `bore_pct` and `rest_kpa` are shares of Q/C, the rise a second of a closed nozzle.
    """

    quick_s: Decimal = Decimal("0.4")  # over which the steepest change is told
    start_s: Decimal = Decimal(3)  # of a unit: what is wrong from the start was changed before it
    closed: Decimal = Decimal("0.9")  # a rise this steep: next to nothing leaves the nozzle
    rising: Decimal = Decimal("0.25")  # a rise this steep comes from the nozzle, and its steepness tells the bore
    jump: Decimal = Decimal(2)  # steeper than the plunger can press
    parted: Decimal = Decimal(3)  # falling: no force on the ink any more
    gone: Decimal = Decimal("0.3")  # of the expected pressure: less is left by nothing that still presses
    drain: Decimal = Decimal("1.6")  # falling: steeper than ink drains from a nozzle that is fed by nothing
    unfed: Decimal = Decimal("0.35")  # falling: a drain this steep means that nothing is fed
    bore_pct: Decimal = Decimal(7)  # a plateau that a bore nearer than this explains is no clog
    rest_kpa: Decimal = Decimal(10)  # more than this at rest is the sensor's


@dataclass(frozen=True, slots=True)
class Detectors:
    """What the pressure and mass detectors need, from fault-free qualification prints (process.md §3.2).

    The window's height and the slope's limit are `pressure_window_pct` and `pressure_slope_kpa_s` of the limits.
    """

    slope_over_s: Decimal
    window_s: Decimal
    drift_tau_s: Decimal  # EWMA of the residual; lambda = 1 − exp(−period/tau)
    drift_pct: Decimal
    flat_sd_kpa: Decimal  # a sensor that varies less than this is dead
    unit_ewma_lambda: Decimal  # charts over units: mass and pressure features
    unit_ewma_sigma: Decimal  # their limit
    unit_mass_sd_pct: Decimal  # the process's own, about 1 in σ of the mass chart
    model_z: Decimal  # model against balance, beyond it A15
    prime_flows_mm3_s: tuple[Decimal, Decimal]  # the two speeds of the signature: right nozzle? right ink?
    prime_sd_pct: Decimal  # of the signature's residual
    prime_alpha: Decimal  # SPRT: share of right primes refused
    prime_beta: Decimal  # of wrong primes passed
    prime_theta: Decimal  # the shift to be found, in σ
    # Proven on the fault-free prints of docs/control.md; a recipe that leaves one out has these.
    unit_rho: Decimal = Decimal("0.55")  # correlation of a unit with the one before: ink wanders over half a minute
    flat_over_s: Decimal = Decimal(2)  # a living sensor varies within this
    start_above_s: Decimal = Decimal("0.2")  # a start may not stand above what its flow needs for this long
    below_s: Decimal = Decimal(1)  # nor a print below the least pressure
    window_filled_pct: Decimal = Decimal(40)  # of slope and window, before they are judged
    fed_least_pct: Decimal = Decimal(75)  # of the print's flow; a plunger fed less is not judged by its pressure
    fed_over_s: Decimal = Decimal(2)  # over which that is reckoned
    adapt: Decimal = Decimal("0.3")  # share of a good unit's mean residual that the model takes over
    prime_steady_pct_s: Decimal = Decimal(1)  # of the predicted pressure; a plateau changes by less
    prime_over_s: Decimal = Decimal(2)  # over which that change is told
    prime_points: int = 3  # of a plateau, at each speed
    prime_point_s: Decimal = Decimal(1)  # of readings behind one of them
    prime_begun_pct: Decimal = Decimal(10)  # of the predicted pressure; less is a plunger that does not press yet
    prime_through_pct: Decimal = Decimal(50)  # of the plunger's flow, through the nozzle before a point counts
    reading_sd_kpa: Decimal = Decimal(1)  # of the forecast's filter: one reading
    model_sd_kpa: Decimal = Decimal(2)  # and the model's own wandering, in a root of a second
    cause: CauseShares = CauseShares()


@dataclass(frozen=True, slots=True)
class ForceLimits:
    """What a measured extrusion force is judged by: as a share of the prime's, as no law of the melt is stated."""

    max_n: Decimal
    min_n: Decimal  # a prime that stands below it presses nothing
    window_s: Decimal
    window_pct: Decimal
    flat_sd_n: Decimal  # a sensor that varies less than this is dead
    learn_over_s: Decimal = Decimal(5)  # of the prime's end, whose median is the reference
    flat_over_s: Decimal = Decimal(2)  # a living sensor varies within this
    window_filled_pct: Decimal = Decimal(40)  # before it is judged
    fed_least_pct: Decimal = Decimal(75)  # of the print's flow; a gear fed less is not judged by its force
    fed_over_s: Decimal = Decimal(2)  # over which that is reckoned


@dataclass(frozen=True, slots=True)
class InProcessLimits:
    """What stops the job or rejects a unit; the limits of locked mode come from here alone.

    All pressures are 0 and `detectors` is None where the drive shows none (a filament): nothing is compared then but
    mass and temperature, and the force where the recipe limits it and the tool measures it.
    """

    mass_pct: Decimal  # L of the unit gate
    u_assay_pct: Decimal
    u_homogeneity_pct: Decimal
    pressure_max_kpa: Decimal
    pressure_min_kpa: Decimal  # while extruding
    pressure_slope_kpa_s: Decimal  # of the residual, over its window
    pressure_window_pct: Decimal  # of the residual, over its window
    temperature_max_s: Decimal  # outside the PAR before the ink is discarded
    settle_max_s: Decimal
    rejects_consecutive: int
    rejects_total: int
    evaporation_mg_min: Decimal = Decimal(0)  # of one unit until it is weighed
    restarts_max: int = 0  # how often a batch may purge, prime again and go on after A04 or A05
    correction: Correction = Correction()
    soft_sensor: SoftSensor = SoftSensor()
    detectors: Detectors | None = None
    force: ForceLimits | None = None

    @property
    def watches_pressure(self) -> bool:
        """Whether there is a pressure to watch."""
        return self.detectors is not None


@dataclass(frozen=True, slots=True)
class DesignSpace:
    """The region shown to assure quality with several parameters at the edge of their PAR at once (ICH Q8)."""

    model: str
    covers: tuple[str, ...]  # names of parameters
    evidence: str
