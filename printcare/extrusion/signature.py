"""The prime's signature: pressure at two speeds says whether nozzle and ink are the recipe's (process.md §3.1–3.2).

Another bore scales the pressure alike at both speeds, another ink scales it differently: P ∝ K·Qⁿ/D^(3n+1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
SAME_RATIO = 1.5  # σ by which the two speeds may differ and still be called one scale
NEAR_GAUGE = 0.05  # relative: the bore found must lie this near to a gauge to be named by it
FAR_SHARE = 0.3  # of ln P: beyond it no lot and no warm-up explains the pressure, and a gauge is named from further off
FAR_GAUGE = 0.09


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


def gauge_of(bore_mm: float, within: float = NEAR_GAUGE) -> str | None:
    """Return the gauge nearest to a bore, None where none is within that relative distance."""
    name, near = min(GAUGES_MM.items(), key=lambda each: abs(math.log(each[1] / bore_mm)))
    return name if abs(math.log(near / bore_mm)) < within else None


def judge(
    points: Sequence[Point], sd_pct: float, theta: float, alpha: float, beta: float, bore_mm: float, flow_index: float
) -> Verdict:
    """Return the verdict of two sequential tests, of a shift up and of one down, over the points in their order."""
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
        return _wrong(points, sd_pct, bore_mm, flow_index)
    return Verdict(True if len(decided) == 2 else None, "", _evidence(points))


def _wrong(points: Sequence[Point], sd_pct: float, bore_mm: float, flow_index: float) -> Verdict:
    """Return what is likely wrong: one scale at both speeds is the bore, two different ones the ink."""
    slow, fast = _ends(points)
    evidence = _evidence(points)
    two_speeds = slow.flow_mm3_s < 0.8 * fast.flow_mm3_s
    if two_speeds:
        exponent = math.log(fast.kpa / slow.kpa) / math.log(fast.flow_mm3_s / slow.flow_mm3_s)
        wanted = math.log(fast.predicted_kpa / slow.predicted_kpa) / math.log(fast.flow_mm3_s / slow.flow_mm3_s)
        evidence += f"; P rises with flow to the power {exponent:.2f}, the recipe's ink to {wanted:.2f}"
        if abs(math.log(fast.share / slow.share)) * 100 > SAME_RATIO * sd_pct:
            return Verdict(False, "wrong ink or lot", evidence)
    found_mm = bore_for(fast.share, bore_mm, flow_index)
    gauge = gauge_of(found_mm, FAR_GAUGE if abs(math.log(fast.share)) > FAR_SHARE else NEAR_GAUGE)
    own = gauge_of(bore_mm)
    if gauge is not None and gauge != own:
        told = f"wrong nozzle, likely {gauge}" if own is None else f"wrong nozzle, likely {gauge} for {own}"
        told += "" if two_speeds else ", or another ink"
        return Verdict(False, told, f"{evidence}; as a bore of {found_mm:.3f} mm would")
    return Verdict(False, "cold ink or thicker lot" if fast.share > 1 else "hot ink, thinner lot or air", evidence)


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
