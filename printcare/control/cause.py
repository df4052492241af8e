"""Name the likely cause of a pressure that is not what it should be, with the evidence for it (process.md §3.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from printcare.extrusion.signature import bore_for, gauge_of

CLOSED_SHARE = 0.9  # of Q/C: a rise this steep means that next to nothing leaves the nozzle
RISING_SHARE = 0.25  # of Q/C: a rise this steep comes from the nozzle, and its steepness tells the bore
JUMP_SHARE = 2.0  # of Q/C: steeper than the plunger can press
PARTED_SHARE = 5.0  # of Q/C, falling: no force on the ink any more
DRAIN_SHARE = 1.6  # of Q/C, falling: steeper than ink drains from a nozzle that is fed by nothing
UNFED_SHARE = 0.35  # of Q/C, falling: a drain this steep means that nothing is fed
START_S = 3.0  # of a unit: what is wrong from the start was changed before it
BORE_CHANGE = 0.07  # relative bore below which a plateau is no clog
REST_KPA = 10.0  # more than this at rest is the sensor's


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
    """Return the likely cause in words, without the figures."""
    if seen.is_regulated:
        return _regulated(seen)
    return _high(seen) if seen.share >= 1 else _low(seen)


def _regulated(seen: Evidence) -> str:
    """Return what moves a regulated pressure: never the nozzle, whose faults the mass alone shows (process.md §0.2)."""
    if abs(seen.rest_change_kpa) > REST_KPA:
        return f"the sensor is off: it shows {seen.rest_change_kpa:+.0f} kPa more at rest than a unit ago"
    if seen.share >= 1:
        return "supply or regulator too high, or the sensor jumped"
    if seen.ink_left_mm3 <= 0:
        return "empty: the ledger says the cartridge is empty, and air passes"
    return "supply too low, a leaking line, a valve that closes, or the sensor jumped"


def _high(seen: Evidence) -> str:
    if abs(seen.rest_change_kpa) > REST_KPA:
        return f"the sensor is off: it shows {seen.rest_change_kpa:+.0f} kPa more at rest than a unit ago"
    if seen.ink_left_mm3 <= 0:
        return "plunger at its end: the ledger says the cartridge is empty"
    if seen.celsius is not None and seen.celsius < seen.normal_c[0]:
        return f"cold ink: the cartridge stands at {seen.celsius:.1f} °C"
    if seen.steepness > JUMP_SHARE:
        return "the sensor jumped: faster than the plunger can press"
    if seen.steepness >= RISING_SHARE and seen.since_s < START_S:
        return (
            "clog, plunger at a stop, or another nozzle or ink or a colder core since the last unit: too high from the "
            "start of this one"
        )
    if seen.steepness >= CLOSED_SHARE:
        return "clog, or the plunger at a stop: it ramps as if nothing left the nozzle"
    if seen.steepness >= RISING_SHARE:
        return _narrower(seen, seen.bore_mm * (1 - seen.steepness) ** (seen.flow_index / (3 * seen.flow_index + 1)))
    bore_mm = bore_for(seen.share, seen.bore_mm, seen.flow_index)
    if bore_mm > seen.bore_mm * (1 - BORE_CHANGE):
        return "thicker ink: colder core, another lot or liquid-phase migration"
    return _narrower(seen, bore_mm)


def _narrower(seen: Evidence, bore_mm: float) -> str:
    gauge = gauge_of(bore_mm)
    like = f"{bore_mm:.2f} mm" if gauge is None else f"{bore_mm:.2f} mm ({gauge})"
    return f"partial clog: as a bore of {like} for {seen.bore_mm:.2f} mm would"


def _low(seen: Evidence) -> str:
    if abs(seen.rest_change_kpa) > REST_KPA:
        return f"the sensor is off: it shows {seen.rest_change_kpa:+.0f} kPa at rest than a unit ago"
    if seen.steepness < -PARTED_SHARE:
        return "plunger parted, line burst or the sensor jumped: no force on the ink at once"
    if seen.steepness < -DRAIN_SHARE:
        return "air in the nozzle: it drains faster than ink can"
    if seen.ink_left_mm3 <= 0:
        return "empty: the ledger says the cartridge is empty"
    if seen.steepness < -UNFED_SHARE:
        return "empty, or the plunger parted: it drains as if nothing were fed"
    if seen.celsius is not None and seen.celsius > seen.normal_c[1]:
        return f"hot ink: the cartridge stands at {seen.celsius:.1f} °C"
    return "leak, skipped steps, wider nozzle or thinner ink; the mass decides"


# What a unit's mass alone says, where no pressure does: behind a regulator and on a filament drive (process.md §3.1).
# Each row holds from its share of the target on.
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


def likely_cause_of_mass(share: float) -> str:
    """Return the likely cause of a unit that weighs `share` of its target."""
    return next(words for least, words in _BY_MASS if share >= least)
