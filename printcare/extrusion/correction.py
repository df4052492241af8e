"""Run-to-run correction of E: what was delivered against what was commanded, unit by unit (process.md §5.3)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Correction:
    """The estimated gain b of the process, and the multiplier 1/b that answers it, inside the proven range.

    `weight` is λ of the EWMA. Where `variance` is given (of one unit's gain) the estimate is the Kalman form instead:
    a random walk whose steady gain is λ, so that the first units count for more, and the more the less is known of the
    gain before (`prior`, its variance; None: one unit's).
    """

    weight: float
    low: float
    high: float
    variance: float | None = None
    prior: float | None = None
    gain: float = 1.0
    uncertainty: float = 0.0  # P of the Kalman form

    def __post_init__(self) -> None:
        if self.variance is not None:
            self.uncertainty = self.variance if self.prior is None else self.prior

    def update(self, delivered: float, target: float, multiplier: float) -> None:
        """Take one accepted unit: delivered mass, its target at multiplier 1, and the multiplier it was made with."""
        seen = delivered / (target * multiplier)
        self.gain += self._share() * (seen - self.gain)

    def _share(self) -> float:
        if self.variance is None:
            return self.weight
        walk = self.variance * self.weight**2 / (1 - self.weight)  # makes λ the steady gain
        predicted = self.uncertainty + walk
        share = predicted / (predicted + self.variance)
        self.uncertainty = (1 - share) * predicted
        return share

    @property
    def wanted(self) -> float:
        """Return the multiplier the estimate asks for."""
        return 1 / self.gain

    @property
    def multiplier(self) -> float:
        """Return the multiplier of the next unit, clamped to the proven range."""
        return min(max(self.wanted, self.low), self.high)

    @property
    def is_clamped(self) -> bool:
        """Whether the estimate asks for more than was proven: an alarm, not a correction."""
        return not self.low <= self.wanted <= self.high
