"""How long each detector takes to find each fault: the published simulation run again, on its own noise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from printcare.extrusion.detectors import slope, weight_of

RUNS, PERIOD_S, FAULT_S, WATCHED_S = 60, 0.1, 60.0, 240.0
STEPS, BEFORE = round((FAULT_S + WATCHED_S) / PERIOD_S), round(FAULT_S / PERIOD_S)
SUB = 10  # steps of 10 ms
P0, Q0, N, C = 100.0, 2.0, 0.4, 0.2
GAS_KJ, ACTIVATION_KJ, REFERENCE_K = 0.0083144626, 50.0, 313.15


def bore(ratio: float):
    """Return the resistance of a bore that much finer: D to the power −(3n + 1)."""
    return lambda _s: ratio ** -(3 * N + 1)


def cooled(after_s: float) -> float:
    kelvin = REFERENCE_K - 5.0 * (1 - math.exp(-after_s / 120.0))
    return math.exp(ACTIVATION_KJ / GAS_KJ * (1 / kelvin - 1 / REFERENCE_K))


# What a fault does to the resistance and to the flow that comes in, by the seconds since it began.
FAULTS = {
    "full clog": (lambda _s: math.inf, 1.0),
    "ID -20% step": (bore(0.8), 1.0),
    "ID -10% step": (bore(0.9), 1.0),
    "22G instead of 20G (from t0)": (bore(0.413 / 0.603), 1.0),
    "bubble (k x0.5, 4 s)": (lambda s: 0.5 if s < 4.0 else 1.0, 1.0),
    "cartridge empty / plunger detached (Qin=0)": (lambda _s: 1.0, 0.0),
    "temp -5C, lag 120 s, Ea 50": (cooled, 1.0),
    "leak 10 % of flow": (lambda _s: 1.0, 0.9),
}


def pressures(fault: str, seed: int) -> np.ndarray:
    """Return what the sensor shows, kPa, shape (STEPS, RUNS)."""
    rng, (resistance, inflow) = np.random.default_rng(seed), FAULTS[fault]
    p, drift, shown = np.full(RUNS, P0), rng.standard_normal(RUNS) * 0.02, np.empty((STEPS, RUNS))
    keep = math.exp(-PERIOD_S / 30.0)
    for step in range(STEPS):
        drift = keep * drift + 0.02 * math.sqrt(1 - keep * keep) * rng.standard_normal(RUNS)
        after_s = (step - BEFORE) * PERIOD_S
        factor, q_in = (resistance(after_s), Q0 * inflow) if after_s >= 0 else (1.0, Q0)
        for _ in range(SUB):
            out = Q0 * (np.maximum(p, 0.0) / (P0 * factor * (1 + drift))) ** (1 / N) if factor < math.inf else 0.0
            p = p + (q_in - out) / C * PERIOD_S / SUB
        shown[step] = p
    return shown + rng.standard_normal(shown.shape)


def moving(values: np.ndarray, seconds: float) -> np.ndarray:
    count = round(seconds / PERIOD_S)
    sums = np.vstack([np.zeros(RUNS), np.cumsum(values, axis=0)])
    return np.vstack([np.zeros((count - 1, RUNS)), (sums[count:] - sums[:-count]) / count])


def ewma(values: np.ndarray) -> np.ndarray:
    weight, z, out = weight_of(PERIOD_S, 5.0), np.zeros(RUNS), np.empty_like(values)
    for step, row in enumerate(values):
        z = out[step] = weight * row + (1 - weight) * z
    return out


def slopes(values: np.ndarray, seconds: float) -> np.ndarray:
    count = round(seconds / PERIOD_S)
    # A slope is linear in its values: what `slope` makes of each unit vector is its weight.
    weights = [slope([(i * PERIOD_S, float(i == one)) for i in range(count)]) for one in range(count)]
    windows = np.lib.stride_tricks.sliding_window_view(values, count, axis=0)
    return np.vstack([np.zeros((count - 1, RUNS)), windows @ np.array(weights)])


def median_s(signal: np.ndarray, threshold: float) -> tuple[float, float]:
    """Return the median delay of those that found it, and the share in % of those that did not."""
    out = np.abs(signal[BEFORE:]) > threshold
    found = out.any(axis=0)
    delays = (out.argmax(axis=0)[found] + 1) * PERIOD_S
    return (float(np.median(delays)) if found.any() else math.nan), 100.0 * (1 - found.mean())


@pytest.mark.parametrize("fault", FAULTS)
def test_each_detector_finds_a_fault_as_soon_as_the_reference_says(fault: str, vectors: dict) -> None:
    wanted = vectors["detection_monte_carlo"]
    shown = pressures(fault, 20)
    residual = (shown - P0) / P0
    signals = {
        "win05": moving(residual, 0.5),
        "win2": moving(residual, 2.0),
        "ewma": ewma(residual),
        "slope": slopes(shown, 2.0),
    }
    for detector, signal in signals.items():
        told = wanted["results"][fault][detector]
        found_s, missed_percent = median_s(signal, wanted["thresholds"][detector])
        if told["missed_pct"] > 50:  # half of the runs have no delay to speak of
            assert missed_percent > 50
            continue
        assert missed_percent == 0
        # The reference's own tolerance, and one sample for what it counts as the first.
        assert found_s == pytest.approx(told["median_s"], rel=0.2, abs=PERIOD_S + 1e-9), detector
