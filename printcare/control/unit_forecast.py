"""What a running unit will weigh, told by the flow its pressure means: a shortfall no rest of the unit makes good."""

from __future__ import annotations

from printcare.control.plan import JobPart
from printcare.domain.recipe import Detectors
from printcare.extrusion.soft_sensor import PressureMass
from printcare.extrusion.syringe_model import SyringeModel


class Forecast:
    """The mass that left the nozzle against what the plunger laid, both while beads are laid (process.md §5.1-5.2).

    Only what lacks is foreseen: a plunger lays no more than it displaces, so a pressure above the model's is thicker
    ink or a clog and no mass.
    """

    def __init__(
        self, part: JobPart, detectors: Detectors, model: SyringeModel, kpa: float, in_flight_mm3: float
    ) -> None:
        self.lacking_mg = 0.0  # the most so far
        self._part = part
        self._model = model
        self._began_kpa = kpa
        self._in_flight_mm3 = in_flight_mm3
        self._reading_var = float(detectors.reading_sd_kpa) ** 2
        self._filter = PressureMass(
            model.flow_mm3_s,
            model.flow_slope,
            model.compliance_mm3_kpa,
            float(part.density_mg_mm3),
            kpa,
            self._reading_var,
            noise_pressure=float(detectors.model_sd_kpa) ** 2,
        )

    def step(self, kpa: float, fed_mm3: float, *, is_settled: bool, seconds: float) -> None:
        """Take one reading; `fed_mm3` is what the printer was told of this unit and has not quite done.

        Until the start has settled the plunger's way is not known: the pressure alone is followed, and nothing told.
        """
        if seconds <= 0:
            return
        told = self._filter
        plunger_mm3_s = self._part.flow_mm3_s if is_settled else told.flow(told.pressure_kpa)
        told.step(plunger_mm3_s, kpa, self._reading_var, seconds)
        if not is_settled:
            return
        stored_mm3 = self._model.compliance_mm3_kpa * (kpa - self._began_kpa)
        laid_mg = (fed_mm3 - self._in_flight_mm3 - stored_mm3) * told.density_mg_mm3
        self.lacking_mg = max(self.lacking_mg, laid_mg - told.mass_mg)

    @property
    def limit_mg(self) -> float:
        """Return beyond which shortfall the gate surely rejects, by as much as a validated prediction may stand off."""
        gate = self._part.gate
        return float(gate.gate_mg + gate.expanded_mg) + (self._part.sensor_reach_mg or 0.0)

    @property
    def fails(self) -> bool:
        """Whether the unit is lost already, should the rest of it be perfect."""
        return self.lacking_mg > self.limit_mg
