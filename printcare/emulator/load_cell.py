"""A load cell behind an HX711: what its bridge and its converter leave of a weight (process.md §4.1, `hx711`)."""

from __future__ import annotations

import math
from dataclasses import dataclass

SLOW_HZ, FAST_HZ = 10.0, 80.0  # the two rates of the converter
SLOW_NV, FAST_NV = 50.0, 90.0  # rms at a gain of 128
SETTLES_IN = 4  # conversions
_NV_PER_MV = 1e6


@dataclass(frozen=True, slots=True)
class LoadCell:
    """A strain gauge bridge and the rate it is read at; mg, mV per V at full load, V."""

    rate_hz: float = SLOW_HZ
    full_mg: float = 100_000.0
    sensitivity_mv_v: float = 1.0
    excitation_v: float = 4.2

    @property
    def noise_mg(self) -> float:
        """Return the rms of one reading; between the two rates it grows by a power of the rate."""
        exponent = math.log(FAST_NV / SLOW_NV) / math.log(FAST_HZ / SLOW_HZ)
        noise_nv: float = SLOW_NV * (self.rate_hz / SLOW_HZ) ** exponent
        return noise_nv / (self.sensitivity_mv_v * self.excitation_v * _NV_PER_MV) * self.full_mg

    @property
    def settling_s(self) -> float:
        """Return after how long a reading follows a new load."""
        return SETTLES_IN / self.rate_hz

    @property
    def lag_s(self) -> float:
        """Return the first-order lag that is within 2 % when the cell has settled."""
        return self.settling_s / math.log(50)
