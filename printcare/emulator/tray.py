"""The tray on the balance: what lies on which position, and what fell elsewhere."""

from __future__ import annotations

import math

from printcare.domain.machine import FirmwareProfile

TARE_MG = 38_412.3  # the empty tray
CORNER_SHARE = 1e-4  # of a unit's mass, at the farthest position
EVAPORATION_MG_MIN = 0.3  # of all units together, while no flux is set
WEIGHTS_MG_MM3 = 8.0  # of the weights every balance is adjusted with
HEIGHT_TO_DIAMETER = 0.4  # of a unit, for its free surface


class Deposits:
    """A ledger of volume and mass by destination; every mm³ that left the needle is in exactly one place."""

    def __init__(self, profile: FirmwareProfile) -> None:
        self.tray = profile.tray
        self.low_mm = profile.travel_z_mm / 2  # below this the nozzle lays on what is under it
        self._parts: dict[int, dict[int, list[float]]] = {}  # position, tool: mm³, mg
        self._purge = [0.0, 0.0]  # mm³, mg
        self._open: int | None = None  # the position ink falls on
        self._settled = 0.0, 0.0  # of all others: mg, and mg by how far out they lie
        self.beside_mm3 = self.beside_mg = 0.0  # strings, drips, units taken away: left the tray
        self.evaporated_mg = 0.0
        self.flux_mg_cm2_min = 0.0  # of free surface; 0: EVAPORATION_MG_MIN
        self.corner_share = CORNER_SHARE
        self.air_mg_mm3 = 0.0  # 0.0012 at sea level: what is laid displaces it (`buoyancy_factor`)
        self._rate_mg_min = 0.0 if profile.tool.kind == "filament" else EVAPORATION_MG_MIN
        tray = profile.tray
        middle_x, middle_y = (tray.columns - 1) / 2, (tray.rows - 1) / 2
        far = math.hypot(middle_x, middle_y) or 1.0
        self._far = [
            math.hypot(i % tray.columns - middle_x, i // tray.columns - middle_y) / far for i in range(tray.size)
        ]
        self.order: list[int] = []  # positions in the order they were first printed on

    def under(self, x_mm: float, y_mm: float, z_mm: float) -> int | None:
        """Return the tray position the nozzle lays on, or None where it is high or away."""
        if z_mm >= self.low_mm:
            return None
        tray = self.tray
        column = round((x_mm - tray.first_x_mm) / tray.pitch_mm)
        row = round((y_mm - tray.first_y_mm) / tray.pitch_mm)
        if 0 <= column < tray.columns and 0 <= row < tray.rows:
            return row * tray.columns + column
        return None

    def box(self, position: int) -> tuple[float, float, float, float]:
        """Return the bounds in x and y within which a low nozzle lays on a position."""
        (x_mm, y_mm), half = self.tray.centre(position), self.tray.pitch_mm / 2
        return x_mm - half, x_mm + half, y_mm - half, y_mm + half

    def begin(self, position: int) -> None:
        """Count a position as printed on from now on."""
        self.order.append(position)
        self._parts.setdefault(position, {})

    def has(self, position: int | None) -> bool:
        """Whether a position has been printed on."""
        return position in self._parts

    def cell(self, position: int | None, tool: int) -> list[float]:
        """Return the mm³ and mg of a tool on a position, or of the purge tray, to be added to drop by drop."""
        if position is None:
            return self._purge
        if position != self._open:
            self._settle(position)
        return self._parts.setdefault(position, {}).setdefault(tool, [0.0, 0.0])

    def _settle(self, position: int | None) -> None:
        """Let ink fall on a position from now on: what lies on the others is summed up once."""
        self._open = position
        laid_mg = lever_mg = 0.0
        for other, mass_mg in self.units_mg.items():
            if other != position:
                laid_mg, lever_mg = laid_mg + mass_mg, lever_mg + mass_mg * self._far[other]
        self._settled = laid_mg, lever_mg

    def lay(self, position: int | None, volume_mm3: float, mass_mg: float, tool: int = 0) -> None:
        """Let a tool's ink fall on a position, or into the purge tray."""
        was = self._open
        cell = self.cell(position, tool)
        cell[0] += volume_mm3
        cell[1] += mass_mg
        if was is not None and self._open != was:  # drops of a tool not in use: ink falls on where it did
            self._settle(was)

    @property
    def purge_mm3(self) -> float:
        """Return what went into the purge tray, of all tools."""
        return self._purge[0]

    @property
    def units_mm3(self) -> dict[int, float]:
        """Return the volume on each position."""
        return {position: sum(cell[0] for cell in tools.values()) for position, tools in self._parts.items()}

    @property
    def units_mg(self) -> dict[int, float]:
        """Return the mass on each position, solvent not yet lost."""
        return {position: sum(cell[1] for cell in tools.values()) for position, tools in self._parts.items()}

    def part(self, position: int, tool: int) -> tuple[float, float]:
        """Return the mm³ and mg a tool laid on a position."""
        volume_mm3, mass_mg = self._parts.get(position, {}).get(tool, (0.0, 0.0))
        return volume_mm3, mass_mg

    def take(self, position: int, share: float) -> float:
        """Move a share of a unit off the tray; return its mass in mg."""
        taken_mg = 0.0
        for cell in self._parts.get(position, {}).values():
            volume, mass = cell[0] * share, cell[1] * share
            cell[0] -= volume
            cell[1] -= mass
            self.beside_mm3 += volume
            taken_mg += mass
        self.beside_mg += taken_mg
        self._settle(self._open)
        return taken_mg

    def load_mg(self) -> float:
        """Return what the balance carries."""
        laid_mg = sum(cell[1] for tools in self._parts.values() for cell in tools.values())
        return TARE_MG + laid_mg - self.evaporated_mg

    def felt_mg(self) -> float:
        """Return what the balance feels: the load, and a little of where it lies (eccentricity), less its buoyancy."""
        laid_mg, lever_mg = self._settled  # the balance asks ten times a second, and only one cell changes meanwhile
        if self._open is not None:
            mass_mg = sum(cell[1] for cell in self._parts[self._open].values())
            laid_mg, lever_mg = laid_mg + mass_mg, lever_mg + mass_mg * self._far[self._open]
        if self.air_mg_mm3:
            laid_mg -= self.air_mg_mm3 * sum(self.units_mm3.values())
            laid_mg /= 1 - self.air_mg_mm3 / WEIGHTS_MG_MM3
        return TARE_MG + laid_mg - self.evaporated_mg + self.corner_share * lever_mg

    def evaporate(self, for_s: float) -> None:
        """Let time pass over the units' free surfaces."""
        if self._parts:
            self.evaporated_mg += self.loss_mg_min() * for_s / 60.0

    def loss_mg_min(self) -> float:
        """Return what all units lose together (process.md §4.1, `evaporation`)."""
        if not self.flux_mg_cm2_min:
            return self._rate_mg_min
        return self.flux_mg_cm2_min * sum(free_surface_cm2(volume) for volume in self.units_mm3.values())


def free_surface_cm2(volume_mm3: float) -> float:
    """Return top and side of a cylinder of HEIGHT_TO_DIAMETER with a volume."""
    diameter_mm = math.cbrt(4 * max(volume_mm3, 0.0) / (HEIGHT_TO_DIAMETER * math.pi))
    return math.pi * diameter_mm * diameter_mm * (0.25 + HEIGHT_TO_DIAMETER) / 100.0
