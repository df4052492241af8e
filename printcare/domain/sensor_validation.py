"""Whether a predicted mass was good enough against the weighed one, and for what a recipe may use it then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.process import SoftSensor

FEWEST_UNITS = 30
STANDS = timedelta(days=365)  # as every requalification (quality.md §9)
# The largest |bias| + 2·RMSE a use may have, as a share of the unit's mass limit: a unit is stopped only on what is
# surely out, and averaged with the balance only where the prediction is nearly as good as that.
LARGEST_SHARE = {"early-stop": Decimal(1), "fusion": Decimal("0.5")}


@dataclass(frozen=True, slots=True)
class SensorValidation:
    """Bias and root mean square error in % of the weighed mass, over so many units of a range of masses, and when."""

    units: int
    bias_pct: Decimal
    rmse_pct: Decimal
    range_mg: tuple[Decimal, Decimal]
    validated_on: date

    @property
    def reach_pct(self) -> Decimal:
        """Return |bias| + 2·RMSE: how far a prediction may stand off."""
        return abs(self.bias_pct) + 2 * self.rmse_pct


def sensor_stops(
    sensor: SoftSensor, found: SensorValidation | None, target_mg: Decimal, mass_pct: Decimal, today: date
) -> tuple[Finding, ...]:
    """Return why a recipe may not use the predicted mass for what it says; nothing where it uses it for nothing."""
    if sensor.use == "none":
        return ()
    if found is None:
        return (_unvalidated(f"no validation {sensor.evidence} is on record"),)
    low_mg, high_mg = found.range_mg
    most_pct = LARGEST_SHARE[sensor.use] * mass_pct
    told = (
        (found.units < FEWEST_UNITS, f"{found.units} units were compared, {FEWEST_UNITS} are needed"),
        (not low_mg <= target_mg <= high_mg, f"{target_mg} mg lie outside the validated {low_mg} to {high_mg} mg"),
        (found.reach_pct > most_pct, f"|bias| + 2·RMSE is {found.reach_pct} %, {sensor.use} allows {most_pct} %"),
        (not timedelta(0) <= today - found.validated_on <= STANDS, f"it was validated on {found.validated_on}"),
    )
    return tuple(_unvalidated(why) for is_wrong, why in told if is_wrong)


def _unvalidated(why: str) -> Finding:
    told = f"The predicted mass may not be used: {why}."
    remedy = "Validate the soft sensor on weighed units, or let the recipe use it for nothing."
    return error("E_SOFT_SENSOR_UNVALIDATED", told, remedy, "limits.soft_sensor")
