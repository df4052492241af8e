"""How the emulated printer was built: what a firmware's configuration file fixes, taken from a profile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from printcare.domain.machine import Box, FirmwareProfile

UUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Heater:
    """A heated block with its sensor, and the firmware's protection of it (Marlin's configuration names).

    J/K, W/K, W; `sensor_per_s` is the rate at which the sensor follows the block, process.md §2.
    """

    name: str  # as in Heater_ID
    capacity_j_k: float
    loss_w_k: float
    power_w: float
    sensor_per_s: float
    gain_per_k: float  # duty per kelvin below target
    integral_s: float
    max_c: float
    watch_s: float
    watch_k: float
    runaway_s: float
    runaway_k: float
    min_c: float = 5.0


JACKET = Heater("E0", 120.0, 0.25, 20.0, 0.5, 0.5, 120.0, 275.0, 40.0, 2.0, 40.0, 4.0)
HOTEND = Heater("E0", 16.7, 0.068, 40.0, 0.22, 0.1, 20.0, 275.0, 40.0, 2.0, 40.0, 4.0)  # E3D V6, process.md §2
FAN_W_K = 0.029  # what the part fan at full speed adds to a hot end's loss: 0.097 against 0.068
MELT_J_K_MM = 0.0056  # what a millimetre of filament takes from it per kelvin
KLIPPER_CROSS_MM2 = 4 * 0.4**2  # four times a nozzle of 0.4 mm squared
BED = Heater("bed", 300.0, 1.0, 60.0, 0.5, 0.2, 200.0, 150.0, 60.0, 2.0, 20.0, 2.0)


@dataclass(frozen=True, slots=True)
class Extruder:
    """One tool as its firmware was configured: heater, E motor, and where its nozzle is from the first one's."""

    heater: Heater
    steps_per_mm: float
    max_feed_mm_s: float
    min_extrude_c: float
    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Build:
    """One firmware build and the mechanics under it; per-axis values in the order X Y Z E, mm and s."""

    steps_per_mm: tuple[float, float, float, float]
    max_feed_mm_s: tuple[float, float, float, float]
    max_accel_mm_s2: tuple[float, float, float, float]
    accel_mm_s2: float
    junction_deviation_mm: float
    space: Box
    min_extrude_c: float
    rx_bytes: int
    command_queue: int
    planner_blocks: int
    line_limit: int
    machine: str
    filament_mm: float
    dialect: str = "marlin"  # marlin | klipper | reprapfirmware | smoothieware
    advanced_ok: bool = True
    emergency_parser: bool = True
    speed: float | None = None  # announced as simulated when a number
    jacket: Heater = field(default=JACKET)
    bed: Heater = field(default=BED)
    ambient_c: float = 22.0
    sensor_noise_k: float = 0.02
    homing_extra_s: float = 6.0  # bumps and pauses of G28 beside the travel
    further: tuple[Extruder, ...] = ()  # T1, T2 …
    max_cross_mm2: float | None = None  # Klipper's max_extrude_cross_section; None: made to fit

    def extruder(self, tool: int) -> Extruder:
        """Return a tool by its number."""
        if tool:
            return self.further[tool - 1]
        return Extruder(self.jacket, self.steps_per_mm[3], self.max_feed_mm_s[3], self.min_extrude_c)


def build_for(profile: FirmwareProfile, speed: float) -> Build:
    """Return the printer a profile describes, announcing itself as simulated at `speed`."""
    motion, tool, link = profile.motion, profile.tool, profile.link
    xy, accel = motion.max_feed_xy_mm_s, motion.max_accel_mm_s2
    first, *further = [_extruder(profile, number) for number in range(len(profile.tools))]
    return Build(
        steps_per_mm=(80.0, 80.0, 400.0, first.steps_per_mm),
        max_feed_mm_s=(xy, xy, motion.max_feed_z_mm_s, first.max_feed_mm_s),
        max_accel_mm_s2=(accel, accel, min(accel, 200.0), accel),
        accel_mm_s2=accel,
        junction_deviation_mm=motion.junction_deviation_mm,
        space=profile.build,
        min_extrude_c=tool.min_extrude_c,
        rx_bytes=link.rx_bytes,
        command_queue=link.command_queue,
        planner_blocks=link.planner_blocks,
        line_limit=link.line_limit,
        machine=profile.title,
        filament_mm=tool.feedstock_diameter_mm,
        speed=speed,
        dialect=profile.dialect,
        jacket=first.heater,
        max_cross_mm2=KLIPPER_CROSS_MM2 if tool.kind == "filament" else None,
        further=tuple(further),
    )


def _extruder(profile: FirmwareProfile, number: int) -> Extruder:
    tool = profile.tools[number]
    heater = replace(HOTEND if tool.kind == "filament" else JACKET, name=f"E{number}")
    return Extruder(heater, tool.steps_per_mm, tool.max_feed_mm_s, tool.min_extrude_c, tool.offset_mm)
