"""One tool of the emulated machine: its heater, its ink, what drives it, and the sensor that feels it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from printcare.domain.machine import Toolhead
from printcare.emulator.build import FAN_W_K, MELT_J_K_MM, Build
from printcare.emulator.chance import Stream
from printcare.emulator.clock import Clock
from printcare.emulator.heat import HeatedBlock, SoakingCore
from printcare.emulator.ink import DT_S, SLOW_EVERY, Ink, InkTruth
from printcare.emulator.melt import HOT_MELT, Melt
from printcare.emulator.modbus_twin import ModbusPressure
from printcare.emulator.plunger import Plunger
from printcare.emulator.pneumatic import Pneumatic
from printcare.emulator.pressure import RANGE_KPA, PressureSensor

FORCE_RANGE_KPA = 40_000.0  # of a force sensor on a filament drive, read as pressure over the filament's area
_SENSORS: dict[str, type[PressureSensor]] = {"ps1": PressureSensor, "modbus": ModbusPressure}
_PER_TICK_S = DT_S * SLOW_EVERY


class Head:
    """A tool on the bench; E counts since power-up in millimetres of its own motor."""

    def __init__(
        self,
        number: int,
        tool: Toolhead,
        build: Build,
        truth: InkTruth | None,
        clock: Clock,
        chance: Mapping[str, Stream],
        out: Callable[[bytes], None],
        pressure: str = "ps1",
    ) -> None:
        extruder = build.extruder(number)
        mine = {name: chance[name if number == 0 else f"{name}-{number}"] for name in ("ink", "density", "heat")}
        self.number, self.kind, self.tool = number, tool.kind, tool
        self.jacket = HeatedBlock(extruder.heater, build.ambient_c, build.sensor_noise_k, mine["heat"])
        self.ink = _ink(tool, truth, mine["ink"], mine["density"])
        bore = tool.feedstock_diameter_mm if tool.kind != "pneumatic" else self.ink.truth.channel.barrel_bore_mm
        self.core = SoakingCore(bore, build.ambient_c)
        self.sensor = _SENSORS[pressure](
            clock,
            chance["pressure" if number == 0 else f"pressure-{number}"],
            out,
            build.speed or 1.0,
            FORCE_RANGE_KPA if tool.kind == "filament" else RANGE_KPA,
            number,
        )
        self.offset_mm = extruder.offset_mm
        self.last_push_s = 0.0
        self._sensor_keep = self.sensor.keep(DT_S)
        self._steps_per_mm, self._step_mm3 = extruder.steps_per_mm, tool.step_volume_mm3
        self._by_steps = tool.kind != "pneumatic"
        self.density_mg_mm3 = self.ink.density()
        self.is_uncalibrated = isinstance(self.ink, Pneumatic) and self.ink.set_kpa is None
        self._base_mm = self._own_mm = 0.0
        self._steps = self._late_steps = 0

    def take_over(self, e_mm: float) -> None:
        """Begin to follow the machine's E at `e_mm`, its own fraction of a step carried on."""
        self._base_mm = e_mm - self._own_mm

    def hand_over(self, e_mm: float) -> None:
        """Stop following the machine's E at `e_mm`."""
        self._own_mm = e_mm - self._base_mm
        steps = round(self._own_mm * self._steps_per_mm) if self._by_steps else 0
        self._late_steps, self._steps = self._late_steps + steps - self._steps, steps

    def ask(self, e_rate_mm_s: float) -> None:
        """Hear how fast the firmware drives E when it first asks for ink; a regulator is set by it."""
        if isinstance(self.ink, Pneumatic) and e_rate_mm_s > 0:
            self.ink.calibrate(e_rate_mm_s * self._step_mm3 * self._steps_per_mm)
            self.density_mg_mm3 = self.ink.density()
        self.is_uncalibrated = False

    def follow(self, e_mm: float, at_s: float) -> float:
        """Return the mm³ the motor has been told to push since last asked."""
        if not self._by_steps:
            moved_mm, self._own_mm = e_mm - self._base_mm - self._own_mm, e_mm - self._base_mm
            if moved_mm > 0:
                self.last_push_s = at_s
            return moved_mm * self._step_mm3 * self._steps_per_mm
        self._own_mm = e_mm - self._base_mm
        steps = round(self._own_mm * self._steps_per_mm)
        pushed, self._steps = steps - self._steps, steps
        if pushed > 0:
            self.last_push_s = at_s
        return pushed * self._step_mm3

    def step(self, commanded_mm3: float) -> float:
        """Let DT_S pass; return the ink that left the nozzle."""
        if self._late_steps:
            commanded_mm3 += self._late_steps * self._step_mm3
            self._late_steps = 0
        ink, sensor = self.ink, self.sensor
        out = ink.step(commanded_mm3)
        felt = ink.pressure_kpa + ink.bottom_kpa
        sensor.lagged_kpa = felt + (sensor.lagged_kpa - felt) * self._sensor_keep
        return out

    def rest(self, steps: int) -> None:
        """Let so many sub-steps pass in which nothing moves: only the sensor still follows."""
        felt, keep, lagged = self.ink.pressure_kpa + self.ink.bottom_kpa, self._sensor_keep, self.sensor.lagged_kpa
        for _ in range(steps):  # one by one, so that the digits do not depend on how time is cut
            was, lagged = lagged, felt + (lagged - felt) * keep
            if lagged == was:
                break
        self.sensor.lagged_kpa = lagged

    def is_resting(self) -> bool:
        """Whether nothing would change in a sub-step without a command."""
        return not self._late_steps and self.ink.is_resting()

    def tick(self, at_s: float, fan: float) -> None:
        """Do what need not be done every sub-step: heat, temperature, unevenness."""
        jacket, ink = self.jacket, self.ink
        if isinstance(ink, Melt):
            drawn_mm_s = ink.drawn_mm_s(_PER_TICK_S)
            jacket.load_w_k = MELT_J_K_MM * drawn_mm_s + FAN_W_K * fan
            ink.heat(jacket.block_c, jacket.spare_w(), jacket.ambient_c)
        jacket.step(at_s)
        self.core.step(jacket.block_c)
        ink.settle_slow(self.core.axis_c())
        ink.rest_for(at_s - self.last_push_s)
        self.density_mg_mm3 = ink.density()

    def truth(self) -> dict[str, float]:
        """Return the true state of this tool."""
        ink = self.ink
        force_n = ink.force_n() if isinstance(ink, Melt) else ink.pressure_kpa * self.tool.feedstock_area_mm2 / 1000
        return {
            "pressure_kpa": ink.pressure_kpa,
            "flow_mm3_s": ink.flow_mm3_s,
            "plunger_force_n": force_n + self.tool.friction_n,
            "jacket_c": self.jacket.block_c,
            "core_c": self.core.axis_c(),
            "ink_c": ink.temperature_c,
            "pushed_mm3": ink.pushed_mm3,
            "out_mm3": ink.out_mm3,
            "left_mm3": ink.left_mm3(),
            "density_mg_mm3": ink.density(),
        }


def _ink(tool: Toolhead, truth: InkTruth | None, slow: Stream, density: Stream) -> Ink:
    if tool.kind == "filament":
        return Melt(truth or HOT_MELT, tool.feedstock_diameter_mm, tool.capacity_mm3, slow, density)
    truth = truth or InkTruth()
    area = tool.feedstock_area_mm2
    if tool.kind == "pneumatic":
        return Pneumatic(truth, area, tool.capacity_mm3, tool.max_pressure_kpa, slow, density)
    return Plunger(truth, area, tool.capacity_mm3, tool.compliance_mm3_kpa, slow, density)
