"""One measurement, and who a device says it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value as the device gave it, in the unit printcare reckons with.

    `value` is exact: the device's digits, only moved by powers of ten. `at_s` is the monotonic time of receipt and
    `raw` the line as it came, for the record.
    """

    value: Decimal
    unit: str
    at_s: float
    stable: bool
    source: str
    raw: str

    def is_stale(self, now_s: float, limit_s: float) -> bool:
        """Whether the value is too old to decide on."""
        return now_s - self.at_s > limit_s


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a device says it is; `speed` is 1 for real devices and scales the process times of simulated ones."""

    model: str
    serial: str
    simulated: bool = False
    speed: Decimal = Decimal(1)
