"""What the balance does by itself: drift between weighings with nothing laid, and the sum check (process.md §4.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.gate import MassGate

HUNDREDTH_MG = Decimal("0.01")
# Of the method of weighing, the same for every product: no parameter of a detector.
SURE_SIGMA = 3.0  # a drift is corrected once it is known this much better than its own error
LEAST_REST_S = 20.0  # process seconds of rest behind a drift


def bracketed(before_mg: Decimal, gross_mg: Decimal, after_mg: Decimal) -> Decimal:
    """Return m = W2 − (W1 + W3)/2: a unit weighed between two tares, free of linear drift."""
    return gross_mg - (before_mg + after_mg) / 2


def evaporated_mg(rate_mg_min: Decimal, since_s: float) -> Decimal:
    """Return what a unit lost since its deposition, to be added to what is weighed."""
    return (rate_mg_min * Decimal(str(round(since_s, 3))) / 60).quantize(HUNDREDTH_MG)


@dataclass(slots=True)
class Drift:
    """The balance's own rate, mg/s, by least squares through pairs of weighings with nothing laid between them."""

    gate: MassGate
    _last: tuple[float, Decimal] | None = None
    _products: float = 0.0
    _squares: float = 0.0
    _rest_s: float = 0.0

    def rested(self, at_s: float, weight_mg: Decimal) -> str | None:
        """Note a weight with nothing laid since the last; return what is wrong if the tray changed by more than drift.

        More than the unit's whole gate within the rest, faster than the gate a minute, is no drift: something fell,
        was taken, or the tare was lost.
        """
        before, self._last = self._last, (at_s, weight_mg)
        if before is None:
            return None
        seconds, change_mg = at_s - before[0], weight_mg - before[1]
        gate_mg = self.gate.gate_mg
        if abs(change_mg) > gate_mg * max(Decimal(1), Decimal(str(round(seconds / 60, 3)))):
            return f"the tray changed by {change_mg:+} mg in {seconds:.0f} s with nothing laid on it"
        self._products += seconds * float(change_mg)
        self._squares += seconds * seconds
        self._rest_s += seconds
        return None

    def laid(self, at_s: float, weight_mg: Decimal) -> None:
        """Note the weight after something was laid: the next rest counts from here."""
        self._last = (at_s, weight_mg)

    @property
    def sd_mg(self) -> float:
        """Return the standard deviation of one weighing, from the gate's U = 2·√(2·s²)."""
        return float(self.gate.expanded_mg) / (2 * math.sqrt(2))

    @property
    def rate_mg_s(self) -> float:
        """Return the drift; 0 while it is not certain."""
        if self._rest_s < LEAST_REST_S:
            return 0.0
        rate = self._products / self._squares
        error = self.sd_mg * math.sqrt(2 / self._squares)
        return rate if abs(rate) > SURE_SIGMA * error else 0.0

    def over_mg(self, seconds: float) -> Decimal:
        """Return what the balance drifts in some seconds, to be taken off what is weighed."""
        return Decimal(str(round(self.rate_mg_s * seconds, 6))).quantize(HUNDREDTH_MG)


@dataclass(frozen=True, slots=True)
class SumCheck:
    """Σm against W_end − W_0: what neither the units' masses nor the drift explain."""

    reference_mg: Decimal
    end_mg: Decimal
    sum_mg: Decimal  # of the masses as weighed, corrections taken off again
    drift_mg: Decimal
    limit_mg: Decimal

    @property
    def unexplained_mg(self) -> Decimal:
        """Return W_end − W_0 − Σm − drift."""
        return self.end_mg - self.reference_mg - self.sum_mg - self.drift_mg

    @property
    def is_closed(self) -> bool:
        """Whether the sum closes within the weighings' own uncertainty."""
        return abs(self.unexplained_mg) <= self.limit_mg


def limit_for(gate: MassGate, weighings: int) -> Decimal:
    """Return how far a sum of so many differences may stand off: U·√n, and the unit's gate at least."""
    return max(gate.gate_mg, gate.expanded_mg * Decimal(weighings).sqrt()).quantize(HUNDREDTH_MG)
