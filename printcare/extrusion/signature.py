"""The prime's signature: pressure at two speeds says whether nozzle and ink are the recipe's (process.md §3.1–3.2).

Another bore scales the pressure alike at both speeds, another ink scales it differently: P ∝ K·Qⁿ/D^(3n+1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from printcare.extrusion.detectors import Sprt

# Regular-wall needles, inner diameter in mm (process.md §1.3, needle_gauge_regular_wall); 25G and 26G are one bore.
GAUGES_MM = {
    "14G": 1.6,
    "15G": 1.372,
    "16G": 1.194,
    "17G": 1.067,
    "18G": 0.838,
    "19G": 0.686,
    "20G": 0.603,
    "21G": 0.514,
    "22G": 0.413,
    "23G": 0.337,
    "24G": 0.311,
    "25G": 0.26,
    "27G": 0.21,
    "30G": 0.159,
}
# How causes are told apart, in ln P; whether a prime is right never depends on these, only on the recipe's test.
SAME_RATIO = 0.8  # of the recipe's σ, by which the two speeds may differ from a gauge's and still be called that gauge
NEAR_GAUGE = 0.05  # the pressure must lie this near to a gauge's to be named by it alone
MAYBE_GAUGE = 0.10  # this near the gauge is named beside the ink: 7 % are a needle's own tolerance (process.md §0.5)
FAR_SHARE = 0.3  # beyond it no lot and no warm-up explains the pressure, and a gauge is named from further off
FAR_GAUGE = 0.2
TWO_SPEEDS = 0.8  # of the fast flow: slower than this is another speed
NEAR_BORE = 0.05  # relative: a bore this near to a gauge is called by it


@dataclass(frozen=True, slots=True)
class Point:
    """One mean of the prime: flow through the nozzle, pressure shown, pressure predicted."""

    flow_mm3_s: float
    kpa: float
    predicted_kpa: float

    @property
    def share(self) -> float:
        """Return measured over predicted."""
        return self.kpa / self.predicted_kpa


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the prime is the recipe's: True, False, or None where the readings could not tell; with its evidence."""

    is_right: bool | None
    cause: str
    evidence: str


def pressure_ratio(bore_mm: float, other_mm: float, flow_index: float) -> float:
    """Return P(other)/P(bore) at equal flow: (D/D')^(3n+1), nozzle-dominated power law."""
    return float((bore_mm / other_mm) ** (3 * flow_index + 1))


def bore_for(share: float, bore_mm: float, flow_index: float) -> float:
    """Return the bore that would show `share` of the predicted pressure."""
    return float(bore_mm * share ** (-1 / (3 * flow_index + 1)))


def gauge_of(bore_mm: float, within: float = NEAR_BORE) -> str | None:
    """Return the gauge nearest to a bore, None where none is within that relative distance."""
    name, near = min(GAUGES_MM.items(), key=lambda each: abs(math.log(each[1] / bore_mm)))
    return name if abs(math.log(near / bore_mm)) < within else None


def judge(
    points: Sequence[Point],
    sd_pct: float,
    theta: float,
    alpha: float,
    beta: float,
    bore_mm: float,
    needs_kpa: Callable[[float, float], float],
) -> Verdict:
    """Return the verdict of two sequential tests, of a shift up and of one down, over the points in their order.

    `needs_kpa` tells what the recipe's ink needs behind a bore in mm at a flow in mm³/s.
    """
    tests = {1: Sprt(theta, alpha, beta), -1: Sprt(theta, alpha, beta)}
    decided: dict[int, bool] = {}
    for point in points:
        x = (point.share - 1) * 100 / sd_pct
        for sign, test in tests.items():
            if sign not in decided:
                told = test.add(sign * x)
                if told is not None:
                    decided[sign] = told
    if True in decided.values():
        return _wrong(points, sd_pct, bore_mm, needs_kpa)
    return Verdict(True if len(decided) == 2 else None, "", _evidence(points))


def _wrong(
    points: Sequence[Point], sd_pct: float, bore_mm: float, needs_kpa: Callable[[float, float], float]
) -> Verdict:
    """Return what is likely wrong: a gauge shows its own scale at both speeds, another ink another power of the flow.

    One speed alone, or a scale that a lot or a temperature explains as well, names both.
    """
    slow, fast = _ends(points)
    evidence, of_ink = _evidence(points), "cold ink or thicker lot" if fast.share > 1 else "hot ink, thinner lot or air"
    gauge, far, bent = _nearest(slow, fast, bore_mm, needs_kpa)
    own = gauge_of(bore_mm)
    two_speeds = slow.flow_mm3_s < TWO_SPEEDS * fast.flow_mm3_s
    if two_speeds:
        exponent = math.log(fast.kpa / slow.kpa) / math.log(fast.flow_mm3_s / slow.flow_mm3_s)
        wanted = math.log(fast.predicted_kpa / slow.predicted_kpa) / math.log(fast.flow_mm3_s / slow.flow_mm3_s)
        evidence += f"; P rises with flow to the power {exponent:.2f}, the recipe's ink to {wanted:.2f}"
        if abs(bent) * 100 > SAME_RATIO * sd_pct:
            return Verdict(False, "wrong ink or lot", evidence)
    reach = FAR_GAUGE if abs(math.log(fast.share)) > FAR_SHARE else MAYBE_GAUGE
    if gauge == own or far > reach:
        return Verdict(False, of_ink, evidence)
    nozzle = f"likely {gauge}" if own is None else f"likely {gauge} for {own}"
    if reach == MAYBE_GAUGE and far > NEAR_GAUGE:
        return Verdict(False, f"{of_ink}, or wrong nozzle, {nozzle}", evidence)
    return Verdict(False, f"wrong nozzle, {nozzle}" + ("" if two_speeds else ", or another ink"), evidence)


def _nearest(
    slow: Point, fast: Point, bore_mm: float, needs_kpa: Callable[[float, float], float]
) -> tuple[str, float, float]:
    """Return the gauge whose pressure at the fast speed is nearest, how far it is, and how its two speeds differ."""

    def scale(bore: float, flow_mm3_s: float) -> float:
        return math.log(needs_kpa(bore, flow_mm3_s) / needs_kpa(bore_mm, flow_mm3_s))

    seen = math.log(fast.share)
    scales = {name: scale(bore, fast.flow_mm3_s) for name, bore in GAUGES_MM.items()}
    name = min(scales, key=lambda each: abs(seen - scales[each]))
    bent = (seen - math.log(slow.share)) - (scales[name] - scale(GAUGES_MM[name], slow.flow_mm3_s))
    return name, abs(seen - scales[name]), bent


def _ends(points: Sequence[Point]) -> tuple[Point, Point]:
    """Return the last point of the slowest and of the fastest speed."""
    flows = sorted(points, key=lambda point: point.flow_mm3_s)
    middle = (flows[0].flow_mm3_s + flows[-1].flow_mm3_s) / 2
    slow = [point for point in points if point.flow_mm3_s <= middle]
    fast = [point for point in points if point.flow_mm3_s >= middle]
    return slow[-1], fast[-1]


def _evidence(points: Sequence[Point]) -> str:
    slow, fast = _ends(points)
    return "; ".join(
        f"{point.kpa:.0f} kPa at {point.flow_mm3_s:.2f} mm³/s, predicted {point.predicted_kpa:.0f} kPa"
        for point in dict.fromkeys((slow, fast))
    )
