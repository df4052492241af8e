"""Name the likely cause of a pressure that is not what it should be, with the evidence for it (process.md §3.1)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from printcare.domain.process import CauseShares
from printcare.extrusion.signature import bore_for, gauge_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen when the pressure left its envelope."""

    kpa: float
    expected_kpa: float
    steepest_kpa_s: float  # of the deviation, signed
    since_s: float  # since the comparison of this unit began
    rest_change_kpa: float  # at rest before this unit, against the rest before the last
    ramp_kpa_s: float  # Q/C of this syringe
    flow_index: float
    bore_mm: float
    ink_left_mm3: float
    celsius: float | None
    normal_c: tuple[float, float]
    is_regulated: bool = False  # by compressed air: the nozzle does not show in it
    core_c: Callable[[float], float] | None = None  # of ink this many times as thick; None: not known
    of: CauseShares = field(default_factory=CauseShares)  # the recipe's

    @property
    def share(self) -> float:
        """Return measured over expected."""
        return self.kpa / self.expected_kpa

    @property
    def steepness(self) -> float:
        """Return the steepest change as a share of Q/C."""
        return self.steepest_kpa_s / self.ramp_kpa_s

    def told(self) -> str:
        """Return the figures in words."""
        return (
            f"{self.kpa:.0f} kPa, expected {self.expected_kpa:.0f} kPa, changing by up to {self.steepest_kpa_s:+.0f} "
            f"kPa/s (a closed nozzle: {self.ramp_kpa_s:.0f} kPa/s)"
        )


def likely_cause(seen: Evidence) -> str:
    """Return the likely cause in words, without the figures: the first row of the drive's table that fits."""
    rows = _REGULATED if seen.is_regulated else _PLUNGER
    words = next(words for fits, words in rows if fits(seen))
    return words if isinstance(words, str) else words(seen)


def _is_off_at_rest(seen: Evidence) -> bool:
    return abs(seen.rest_change_kpa) > float(seen.of.rest_kpa)


def _is_used_up(seen: Evidence) -> bool:
    return seen.ink_left_mm3 <= 0


def _is_high(seen: Evidence) -> bool:
    return seen.share >= 1


def _is_cold(seen: Evidence) -> bool:
    return seen.celsius is not None and seen.celsius < seen.normal_c[0]


def _is_hot(seen: Evidence) -> bool:
    return seen.celsius is not None and seen.celsius > seen.normal_c[1]


def _rises(seen: Evidence, share: Decimal) -> bool:
    return _is_high(seen) and seen.steepness >= float(share)


def _falls(seen: Evidence, share: Decimal) -> bool:
    return not _is_high(seen) and seen.steepness < -float(share)


def _has_gone(seen: Evidence) -> bool:
    """Whether next to nothing presses any more, and it went faster than ink drains: air lets some pressure stand."""
    return _falls(seen, seen.of.drain) and seen.share < float(seen.of.gone)


def _is_narrower(seen: Evidence) -> bool:
    bore_mm = bore_for(seen.share, seen.bore_mm, seen.flow_index)
    return bore_mm <= seen.bore_mm * (1 - float(seen.of.bore_pct) / 100)


def _off_at_rest(seen: Evidence) -> str:
    return f"the sensor is off: it shows {seen.rest_change_kpa:+.0f} kPa more at rest than a unit ago"


def _narrower_by_steepness(seen: Evidence) -> str:
    """Tell what lets the rest of the flow through: before the pressure stands, its steepness says how much that is."""
    through = 1 - seen.steepness
    bore_mm = seen.bore_mm * through ** (seen.flow_index / (3 * seen.flow_index + 1))
    return _narrower(seen, bore_mm, through**-seen.flow_index)


def _narrower_by_plateau(seen: Evidence) -> str:
    return _narrower(seen, bore_for(seen.share, seen.bore_mm, seen.flow_index), seen.share)


def _narrower(seen: Evidence, bore_mm: float, thickness: float) -> str:
    """Name the bore; and the core that ink of that thickness would have, which one flow cannot tell from a bore."""
    gauge = gauge_of(bore_mm)
    like = f"{bore_mm:.2f} mm" if gauge is None else f"{bore_mm:.2f} mm ({gauge})"
    told = f"partial clog: as a bore of {like} for {seen.bore_mm:.2f} mm would"
    core_c = -math.inf if seen.core_c is None else seen.core_c(thickness)
    return told if core_c < ROOM_C else f"{told}, or a colder core, as of {core_c:.0f} °C"


ROOM_C = 15.0  # the least of a controlled room (USP <659>): no core is colder
Rows = tuple[tuple[Callable[[Evidence], bool], str | Callable[[Evidence], str]], ...]
# The first row that fits names the cause: what is known from elsewhere first, then the steepest shape, then the level.
_PLUNGER: Rows = (
    (_is_off_at_rest, _off_at_rest),
    (lambda seen: _is_high(seen) and _is_used_up(seen), "plunger at its end: the ledger says the cartridge is empty"),
    (
        lambda seen: _is_high(seen) and _is_cold(seen),
        lambda seen: f"cold ink: the cartridge stands at {seen.celsius:.1f} °C",
    ),
    (lambda seen: _rises(seen, seen.of.jump), "the sensor jumped: faster than the plunger can press"),
    (
        lambda seen: seen.since_s < 0 or (_rises(seen, seen.of.rising) and seen.since_s < float(seen.of.start_s)),
        "too high from the start of this unit: clog, plunger at a stop, another nozzle or ink or a colder core since "
        "the last, or the sensor jumped",
    ),
    (
        lambda seen: _rises(seen, seen.of.closed),
        "clog, or the plunger at a stop: it ramps as if nothing left the nozzle",
    ),
    (lambda seen: _rises(seen, seen.of.rising), _narrower_by_steepness),
    (lambda seen: _is_high(seen) and _is_narrower(seen), _narrower_by_plateau),
    (_is_high, "thicker ink: colder core, another lot or liquid-phase migration"),
    (
        lambda seen: _falls(seen, seen.of.parted),
        "plunger parted, line burst or the sensor jumped: no force on the ink at once",
    ),
    (_has_gone, "plunger parted or line burst: hardly any pressure is left"),
    (lambda seen: _falls(seen, seen.of.drain), "air in the nozzle: it drains faster than ink can"),
    (_is_used_up, "empty: the ledger says the cartridge is empty"),
    (
        lambda seen: _falls(seen, seen.of.unfed),
        "empty, or the plunger parted: it drains as if nothing were fed",
    ),
    (_is_hot, lambda seen: f"hot ink: the cartridge stands at {seen.celsius:.1f} °C"),
    (lambda _: True, "leak, skipped steps, wider nozzle or thinner ink; the mass decides"),
)
# What moves a regulated pressure: never the nozzle, whose faults the mass alone shows (process.md §0.2).
_REGULATED: Rows = (
    (_is_off_at_rest, _off_at_rest),
    (_is_high, "supply or regulator too high, or the sensor jumped"),
    (_is_used_up, "empty: the ledger says the cartridge is empty, and air passes"),
    (lambda _: True, "supply too low, a leaking line, a valve that closes, or the sensor jumped"),
)


# What a unit's mass alone says, where no pressure does: behind a regulator and on a filament drive (process.md §3.1).
# Each row holds from its share of the target on. The gate and the charts have decided already, by the recipe's limits:
# these only sort words, for every drive and product alike, and so are no parameters of a detector.
_BY_MASS = (
    (
        1.15,
        "far too much: something else lies on the tray, or another filament, nozzle or ink, hotter ink, or the balance",
    ),
    (1.0, "too much: a drip, thick filament, wrong E steps, high supply, hotter ink, or the balance"),
    (
        0.85,
        "too little: a leak, skipped steps, thin or wet filament, air, a string, low supply, colder ink or the balance",
    ),
    (
        0.03,
        "far too little: flow stopped or narrowed (clog, empty, parted, grinding, air, colder ink, another nozzle)",
    ),
    (
        -math.inf,
        "nothing lies there: the unit was taken or stuck to the nozzle, or nothing came (clog, empty, grinding)",
    ),
)

# What the force on a filament says, from its share of the prime's on.
_BY_FORCE = (
    (1.0, "clog, colder melt, thick filament or another nozzle: more force"),
    (0.5, "thin filament, a slipping gear, a melt that goes cold, a hotter one or another nozzle: less force"),
    (-math.inf, "flow stopped: empty, grinding, broken or parted filament, or a melt that has gone cold"),
)


def likely_cause_of_force(share: float) -> str:
    """Return the likely cause of a force that stands at `share` of the prime's."""
    return next(words for least, words in _BY_FORCE if share >= least)


def likely_cause_of_mass(share: float) -> str:
    """Return the likely cause of a unit that weighs `share` of its target."""
    return next(words for least, words in _BY_MASS if share >= least)
