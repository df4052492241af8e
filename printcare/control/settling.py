"""When a balance may be believed: our own rule on immediate readings (process.md §4.1)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from printcare.domain.reading import Reading

# Of the method of weighing; how well they must agree comes with the balance (`settle_spread_mg`).
AGREEING = 3  # immediate readings in a row
SPACING_S = 0.5  # process seconds between them: readings taken at once agree while the balance still creeps


@dataclass(slots=True)
class Settling:
    """Collects immediate readings until three in a row agree within `spread_mg`."""

    spread_mg: Decimal
    _recent: deque[Reading] = field(default_factory=lambda: deque(maxlen=AGREEING))

    def add(self, reading: Reading) -> Reading | None:
        """Return the last reading once the balance stands still, else None.

        The balance's own stability flag is not asked: some never set it while a unit dries; it stays in the raw line.
        """
        self._recent.append(reading)
        if len(self._recent) < AGREEING:
            return None
        values = [recent.value for recent in self._recent]
        return reading if max(values) - min(values) <= self.spread_mg else None
