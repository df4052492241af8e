"""The one mass gate of a unit: accept, weigh again, or reject (dosing.md §11, process.md §4.1, quality.md §6)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from enum import StrEnum

_EXACT = Context(prec=40)
Z_95 = Decimal("1.645")
LEAST_RATIO = 4  # L over U, below which a balance is not fit for the unit (process.md §4.1)
QUANTITATIVE, IN_PROCESS = "quantitative weighing", "in-process check"  # what a weighing is, by the minimum weight


class GateOutcome(StrEnum):
    """What the gate says of one weighing."""

    ACCEPT = "accept"
    INDETERMINATE = "indeterminate"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Weighing:
    """What is known of the balance, mg: repeatability s, calibration and evaporation uncertainty, readability d."""

    s_mg: Decimal
    u_cal_mg: Decimal
    u_evap_mg: Decimal
    readability_mg: Decimal

    @property
    def expanded_mg(self) -> Decimal:
        """Return U = 2·√(2·s² + u_cal² + u_evap²) of a difference weighing."""
        with localcontext(_EXACT):
            return 2 * (2 * self.s_mg**2 + self.u_cal_mg**2 + self.u_evap_mg**2).sqrt()

    @property
    def minimum_weight_mg(self) -> Decimal:
        """Return m_min = 2000·max(s, 0.41·d) (USP <41>)."""
        return 2000 * max(self.s_mg, Decimal("0.41") * self.readability_mg)


@dataclass(frozen=True, slots=True)
class MassGate:
    """The limits one unit is judged by, mg."""

    target_mg: Decimal
    gate_pct: Decimal  # G, rounded down to 0.1 %
    gate_mg: Decimal
    expanded_mg: Decimal  # U
    limit_mg: Decimal  # L, before the guard band
    minimum_mg: Decimal  # the least this balance weighs accurately

    @property
    def is_usable(self) -> bool:
        """Whether the balance can decide at all: G must exceed U, and L be four times U."""
        return self.gate_mg > self.expanded_mg and self.limit_mg >= LEAST_RATIO * self.expanded_mg

    @property
    def weighing_is(self) -> str:
        """Return what a unit's weighing is called: below the minimum weight an in-process check and nothing more."""
        return QUANTITATIVE if self.target_mg >= self.minimum_mg else IN_PROCESS

    @property
    def accepted_mg(self) -> tuple[Decimal, Decimal]:
        """Return the interval in which a unit is accepted at once."""
        reach = self.gate_mg - self.expanded_mg
        return self.target_mg - reach, self.target_mg + reach

    def judge(self, mass_mg: Decimal) -> GateOutcome:
        """Return the outcome of one weighing; the comparison is unrounded."""
        deviation = abs(mass_mg - self.target_mg)
        if deviation + self.expanded_mg <= self.gate_mg:
            return GateOutcome.ACCEPT
        if deviation - self.expanded_mg > self.gate_mg:
            return GateOutcome.REJECT
        return GateOutcome.INDETERMINATE


def mass_gate(
    target_mg: Decimal, limit_pct: Decimal, u_assay_pct: Decimal, u_homogeneity_pct: Decimal, balance: Weighing
) -> MassGate:
    """Return the gate: G = L − 1.645·√(u_assay² + u_homogeneity²), in % of target, rounded down to 0.1 %."""
    with localcontext(_EXACT):
        spread = (u_assay_pct**2 + u_homogeneity_pct**2).sqrt()
        gate = ((limit_pct - Z_95 * spread) * 10).to_integral_value(rounding=ROUND_FLOOR) / 10
        gate_mg, limit_mg = target_mg * gate / 100, target_mg * limit_pct / 100
        return MassGate(target_mg, gate, gate_mg, balance.expanded_mg, limit_mg, balance.minimum_weight_mg)
