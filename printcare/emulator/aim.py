"""Where the nozzles really are, and on what their ink falls."""

from __future__ import annotations

import math
from collections.abc import Callable

from printcare.emulator.head import Head
from printcare.emulator.planner import Four
from printcare.emulator.tray import Deposits

Three = tuple[float, float, float]
_NOWHERE = (math.inf, -math.inf, math.inf, -math.inf)


class Aim:
    """Follows the tool in use over the tray; `unit` is the position it prints on, None between units.

    `on_begin` hears of a position printed on for the first time, `on_end` of a unit left.
    """

    def __init__(
        self, deposits: Deposits, first: Head, on_begin: Callable[[], None], on_end: Callable[[int], None]
    ) -> None:
        self.unit: int | None = None
        self.active = first
        self._deposits, self._on_begin, self._on_end = deposits, on_begin, on_end
        self._offset_mm: Three = (0.0, 0.0, 0.0)  # of the carriage from what the firmware believes
        self._looked_at: Four | None = None  # the position `_under` belongs to
        self._under: int | None = None
        self._box, self._low_mm = _NOWHERE, 0.0  # how far it may go before it must be looked at again
        self._cell = deposits.cell(None, 0)

    def nozzle_mm(self, position: Four, head: Head | None = None) -> Three:
        """Return where a tool's nozzle really is, the one in use unless said otherwise."""
        o, mine, used = self._offset_mm, (head or self.active).offset_mm, self.active.offset_mm
        x, y, z = (position[axis] + o[axis] + mine[axis] - used[axis] for axis in range(3))
        return x, y, z

    def shift(self, x_mm: float, y_mm: float, z_mm: float) -> None:
        """Put the carriage off what the firmware believes."""
        o = self._offset_mm
        self._offset_mm = (o[0] + x_mm, o[1] + y_mm, o[2] + z_mm)
        self._lose_sight()

    def home(self) -> None:
        """Let the firmware know again where it is."""
        self._offset_mm = (0.0, 0.0, 0.0)
        self._lose_sight()

    def use(self, head: Head) -> None:
        """Follow another tool."""
        self.active = head
        self._aim_at(self.unit)
        self._lose_sight()

    def is_lifted(self, position: Four) -> bool:
        """Whether the nozzle is too high to lay anything on a unit."""
        return position[2] + self._offset_mm[2] >= self._deposits.low_mm

    def lay(self, position: Four, out_mm3: float, *, is_pushed: bool) -> None:
        """Let the ink of the tool in use fall; pushed over a position not printed on yet, it begins a unit."""
        if position is not self._looked_at:
            self._looked_at = position
            x, y = position[0], position[1]
            left, right, front, back = self._box
            if not (left < x < right and front < y < back and position[2] < self._low_mm):
                self._look(position)
        if self._under != self.unit:
            self._change_unit(self._under, is_pushed=is_pushed)
        if out_mm3:
            cell = self._cell
            cell[0] += out_mm3
            cell[1] += out_mm3 * self.active.density_mg_mm3

    def ooze(self, position: Four, head: Head, out_mm3: float) -> None:
        """Let the ink of a tool not in use fall on the unit its own nozzle is above, or beside."""
        under = self._deposits.under(*self.nozzle_mm(position, head))
        place = under if self._deposits.has(under) else None
        self._deposits.lay(place, out_mm3, out_mm3 * head.density_mg_mm3, head.number)

    def leave(self) -> None:
        """End the unit being printed on, if there is one."""
        unit = self.unit
        if unit is not None:
            self._aim_at(None)
            self._on_end(unit)

    def begin(self, position: int) -> None:
        """Begin a unit."""
        self.leave()
        self._deposits.begin(position)
        self._aim_at(position)
        self._on_begin()

    def _look(self, position: Four) -> None:
        self._under = self._deposits.under(*self.nozzle_mm(position))
        self._box = _NOWHERE
        if self._under is not None:
            ox, oy, oz = self._offset_mm
            left, right, front, back = self._deposits.box(self._under)
            self._box, self._low_mm = (left - ox, right - ox, front - oy, back - oy), self._deposits.low_mm - oz

    def _change_unit(self, under: int | None, *, is_pushed: bool) -> None:
        if under is not None and is_pushed and not self._deposits.has(under):
            self.begin(under)
        else:  # away, over a position not begun yet, or back over an earlier unit
            self.leave()
            self._aim_at(under if self._deposits.has(under) else None)

    def _aim_at(self, unit: int | None) -> None:
        self.unit = unit
        self._cell = self._deposits.cell(unit, self.active.number)

    def _lose_sight(self) -> None:
        self._looked_at, self._box = None, _NOWHERE
