"""The tray on the balance: what lies on which position, and what fell elsewhere."""

from __future__ import annotations

from printcare.domain.machine import FirmwareProfile

TARE_MG = 38_412.3  # the empty tray


class Deposits:
    """A ledger of volume and mass by destination; every mm³ that left the needle is in exactly one place."""

    def __init__(self, profile: FirmwareProfile) -> None:
        self.tray = profile.tray
        self.low_mm = profile.travel_z_mm / 2  # below this the nozzle lays on what is under it
        self.units_mm3: dict[int, float] = {}
        self.units_mg: dict[int, float] = {}
        self.parts_mm3: dict[tuple[int, int], float] = {}  # the same by position and tool
        self.parts_mg: dict[tuple[int, int], float] = {}
        self.purge_mm3 = self.purge_mg = 0.0
        self.beside_mm3 = self.beside_mg = 0.0  # strings, drips, units taken away: left the tray
        self.evaporated_mg = 0.0
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

    def lay(self, position: int | None, volume_mm3: float, mass_mg: float, tool: int = 0) -> None:
        """Let a tool's ink fall on a position, or into the purge tray."""
        if position is None:
            self.purge_mm3 += volume_mm3
            self.purge_mg += mass_mg
            return
        self.units_mm3[position] = self.units_mm3.get(position, 0.0) + volume_mm3
        self.units_mg[position] = self.units_mg.get(position, 0.0) + mass_mg
        part = (position, tool)
        self.parts_mm3[part] = self.parts_mm3.get(part, 0.0) + volume_mm3
        self.parts_mg[part] = self.parts_mg.get(part, 0.0) + mass_mg

    def take(self, position: int, share: float) -> float:
        """Move a share of a unit off the tray; return its mass in mg."""
        taken_mg = 0.0
        for part in [part for part in self.parts_mg if part[0] == position]:
            mass, volume = self.parts_mg[part] * share, self.parts_mm3[part] * share
            self.lay(position, -volume, -mass, part[1])
            self.beside_mm3 += volume
            taken_mg += mass
        self.beside_mg += taken_mg
        return taken_mg

    def load_mg(self) -> float:
        """Return what the balance carries."""
        return TARE_MG + sum(self.units_mg.values()) - self.evaporated_mg
