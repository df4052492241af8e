"""The printer as a profile describes it: dialect, limits, tool and tray."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned space, mm."""

    min_x_mm: float
    min_y_mm: float
    min_z_mm: float
    max_x_mm: float
    max_y_mm: float
    max_z_mm: float

    def holds(self, x_mm: float, y_mm: float, z_mm: float) -> bool:
        """Whether a point lies inside, its faces included."""
        return (
            self.min_x_mm <= x_mm <= self.max_x_mm
            and self.min_y_mm <= y_mm <= self.max_y_mm
            and self.min_z_mm <= z_mm <= self.max_z_mm
        )


@dataclass(frozen=True, slots=True)
class Toolhead:
    """What pushes the ink: a syringe plunger, a filament drive or compressed air.

    `feedstock_diameter_mm` is the syringe bore or the filament diameter; E in mm times its area is volume.
    """

    kind: str  # syringe | filament | pneumatic
    feedstock_diameter_mm: float
    steps_per_mm: float
    max_feed_mm_s: float  # of the E axis
    capacity_mm3: float
    compliance_mm3_kpa: float  # frame, ink and air together, process.md §1.4
    friction_n: float
    max_pressure_kpa: float
    min_extrude_c: float  # our own cold-extrusion limit; the firmware's may be off
    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)  # of its nozzle from the first tool's; set in the firmware
    flow_mm3_s: tuple[float, float] | None = None  # least and most it was calibrated at; a pneumatic head has to say
    has_force_sensor: bool = False  # a filament drive's, read as pressure over the filament's area

    @property
    def has_transmitter(self) -> bool:
        """Return whether something is felt of the ink; a melt's pressure is, only where the drive's force is."""
        return self.kind != "filament" or self.has_force_sensor

    @property
    def feedstock_area_mm2(self) -> float:
        """Return the area that turns E into volume."""
        return math.pi * self.feedstock_diameter_mm**2 / 4

    @property
    def step_volume_mm3(self) -> float:
        """Return the volume of one motor step, the least dose that can be commanded."""
        return self.feedstock_area_mm2 / self.steps_per_mm


@dataclass(frozen=True, slots=True)
class Tray:
    """Positions units are printed on, row by row, A1 first, and where the nozzle may never go low."""

    rows: int
    columns: int
    pitch_mm: float
    first_x_mm: float
    first_y_mm: float
    unit_space_mm: float  # largest diameter a unit may have
    keep_outs: tuple[Box, ...]

    @property
    def size(self) -> int:
        """Return the number of positions."""
        return self.rows * self.columns

    def centre(self, index: int) -> tuple[float, float]:
        """Return the centre of position `index` (0-based) in mm."""
        row, column = divmod(index, self.columns)
        return self.first_x_mm + column * self.pitch_mm, self.first_y_mm + row * self.pitch_mm

    def name(self, index: int) -> str:
        """Return the position's name on screen and paper: A1 … B4."""
        row, column = divmod(index, self.columns)
        return f"{chr(ord('A') + row)}{column + 1}"


TRANSPORTS = ("usb", "pty", "uart", "tcp")
LOCAL_TRANSPORTS = ("usb", "pty")  # they check every byte themselves


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How lines travel to this firmware (devices.md §3)."""

    bauds: tuple[int, ...]
    payload_limit: int  # characters of a line without number and checksum
    line_limit: int  # characters of a whole line the firmware reads before it cuts silently
    integrity: str  # n_xor | n_crc16 | none
    rx_bytes: int
    command_queue: int
    keep_free_slots: int  # so that M112 is always read
    planner_blocks: int
    max_horizon_s: float  # motion in flight
    silence_probe_s: float  # plus the wire time, after the last expected reply; busy restarts it
    busy_timeout_s: float
    boot_timeout_s: float
    boot_pattern: str
    resend_pattern: str
    busy_pattern: str
    fatal_patterns: tuple[str, ...]
    failed_patterns: tuple[str, ...]
    transports: tuple[str, ...] = TRANSPORTS  # lines without number and checksum stay on local ones

    @property
    def window(self) -> int:
        """Return how many lines may be unanswered at once."""
        return max(1, self.command_queue - self.keep_free_slots)


@dataclass(frozen=True, slots=True)
class MotionLimits:
    """What the machine can do; a move beyond is refused, never clipped."""

    max_feed_xy_mm_s: float
    max_feed_z_mm_s: float
    max_accel_mm_s2: float
    junction_deviation_mm: float


@dataclass(frozen=True, slots=True)
class FirmwareProfile:
    """One printer: everything the host must know before it sends a line."""

    id: str
    title: str
    printer_class: str  # recipes name the classes they are qualified for
    dialect: str  # marlin | reprapfirmware | klipper | smoothieware
    identity_pattern: str
    required_caps: tuple[str, ...]
    link: LinkSettings
    motion: MotionLimits
    build: Box
    tool: Toolhead
    tray: Tray
    park_mm: tuple[float, float, float]
    purge_mm: tuple[float, float, float]  # off the balance
    travel_z_mm: float  # above every finished unit
    travel_feed_mm_s: float
    has_arcs: bool
    volumetric_e: bool
    allowed_words: tuple[str, ...]  # commands a program may use
    digest: str  # SHA-256 of the profile file
    further_tools: tuple[Toolhead, ...] = ()  # T1, T2 …; `tool` is T0
    arc_segment_mm: tuple[float, float] = (0.1, 1.0)  # least and most: the pieces the firmware cuts an arc into
    takes_arc_radius: bool = False  # whether R may stand for I and J
    start_code: tuple[str, ...] = ()  # before anything heats
    park_code: tuple[str, ...] = ()  # at the end of every unit, parked
    end_code: tuple[str, ...] = ()  # when all is done
    asserted: tuple[tuple[str, str], ...] = ()  # settings the printer has to report before a print, and their values
    bed_max_c: float | None = None  # how hot a heated bed may get; None: there is none

    @property
    def tools(self) -> tuple[Toolhead, ...]:
        """Return every tool by its number."""
        return (self.tool, *self.further_tools)

    def feed_area_mm2(self, tool: int = 0) -> float:
        """Return the volume of one unit of a tool's E: the feedstock's area, or 1 where E is volumetric."""
        return 1.0 if self.volumetric_e else self.tools[tool].feedstock_area_mm2

    def arc_pieces(self, length_mm: float) -> int:
        """Return into how few pieces the firmware may cut an arc; each takes a place in its planner."""
        return max(1, math.ceil(length_mm / self.arc_segment_mm[1]))
