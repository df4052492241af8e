"""Marlin's motion planner: trapezoids joined by junction deviation, sixteen blocks ahead."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable

from printcare.emulator.clock import Clock, Event

Four = tuple[float, float, float, float]
FIRST_MOVE_DELAY_S = 0.1  # BLOCK_DELAY_FOR_1ST_MOVE, cut short once three blocks wait
CLEANING_S = 1.0  # what M410 takes to its ok, devices.md §4.9
_SLOWEST_MM_S = 0.05


def junction_speed(accel_mm_s2: float, deviation_mm: float, cos_between: float) -> float:
    """Return the corner speed in mm/s for the cosine between incoming and outgoing direction."""
    if cos_between > 0.999999:
        return math.inf
    sin_half = math.sqrt(max(0.0, 0.5 * (1.0 + cos_between)))
    if sin_half >= 1.0:
        return math.inf
    return math.sqrt(accel_mm_s2 * deviation_mm * sin_half / (1.0 - sin_half))


class Block:
    """One straight move: where it starts, where it ends and how fast it may be."""

    __slots__ = (
        "accel",
        "accel_s",
        "cruise_s",
        "delta",
        "entry2",
        "entry_v",
        "exit_v",
        "length",
        "max_entry2",
        "nominal",
        "peak_v",
        "start",
        "total_s",
        "unit",
    )

    def __init__(self, start: Four, delta: Four, length: float, unit: Four, nominal: float, accel: float) -> None:
        self.start, self.delta, self.length, self.unit = start, delta, length, unit
        self.nominal, self.accel = nominal, accel
        self.entry2 = self.max_entry2 = 0.0
        self.entry_v = self.exit_v = self.peak_v = self.accel_s = self.cruise_s = self.total_s = 0.0

    def shape(self, entry_v: float, exit_v: float) -> None:
        """Fix the trapezoid (Planner::calculate_trapezoid_for_block)."""
        a, d = self.accel, self.length
        peak2 = a * d + 0.5 * (entry_v * entry_v + exit_v * exit_v)
        peak = min(self.nominal, math.sqrt(peak2))
        peak = max(peak, entry_v, exit_v)
        self.entry_v, self.exit_v, self.peak_v = entry_v, exit_v, peak
        self.accel_s = (peak - entry_v) / a
        ramps = (2 * peak * peak - entry_v * entry_v - exit_v * exit_v) / (2 * a)
        self.cruise_s = max(0.0, d - ramps) / peak
        self.total_s = self.accel_s + self.cruise_s + (peak - exit_v) / a

    def fraction(self, t_s: float) -> float:
        """Return the share of the length travelled `t_s` after its start."""
        if t_s >= self.total_s:
            return 1.0
        if t_s < self.accel_s:
            return (self.entry_v + 0.5 * self.accel * t_s) * t_s / self.length
        t_s -= self.accel_s
        done = (self.entry_v + self.peak_v) * 0.5 * self.accel_s
        if t_s < self.cruise_s:
            return (done + self.peak_v * t_s) / self.length
        t_s -= self.cruise_s
        return min(1.0, (done + self.peak_v * (self.cruise_s + t_s) - 0.5 * self.accel * t_s * t_s) / self.length)


class Planner:
    """Queue of blocks on the virtual clock; `position(t)` is where the motors are."""

    def __init__(
        self, clock: Clock, blocks: int, max_feed: Four, max_accel: Four, accel: float, deviation: float
    ) -> None:
        self.max_feed, self.max_accel, self.accel, self.deviation = max_feed, max_accel, accel, deviation
        self.end: Four = (0.0, 0.0, 0.0, 0.0)  # where the last planned move ends
        self.on_change: Callable[[], None] = lambda: None
        self._clock = clock
        self._capacity = blocks - 1
        self._blocks: deque[Block] = deque()
        self._rest: Four = self.end  # where the motors stand when nothing runs
        self._started_s = math.inf
        self._event: Event | None = None
        self._last_unit: Four = (0.0, 0.0, 0.0, 0.0)
        self._last_nominal = 0.0
        self.clean_until_s = 0.0

    def free(self) -> int:
        """Return the P of an advanced ok."""
        return self._capacity - len(self._blocks)

    def has_room(self) -> bool:
        """Whether another move can be planned."""
        return len(self._blocks) < self._capacity

    def idle(self) -> bool:
        """Whether no move is planned or running."""
        return not self._blocks

    def rests(self) -> bool:
        """Whether no move is running or waiting to start."""
        return not self._blocks and self._started_s == math.inf

    def running(self) -> bool:
        """Whether the motors turn now."""
        return self._started_s <= self._clock.now_s

    def left_s(self) -> float:
        """Return about how long the moves planned so far will still take; what has not begun counts without ramps."""
        if not self._blocks:
            return 0.0
        running = self._blocks[0].total_s - max(0.0, self._clock.now_s - self._started_s) if self.running() else 0.0
        others = itertools.islice(self._blocks, int(self.running()), None)
        return running + sum(block.length / block.nominal for block in others)

    def place(self, position: Four) -> None:
        """Declare the motors to stand at `position` without moving them; only while idle."""
        self.end = self._rest = position

    def position(self, t_s: float) -> Four:
        """Return X Y Z E of the motors at `t_s`, which must not lie before the last event."""
        if t_s < self._started_s:
            return self._rest
        block = self._blocks[0]
        f = block.fraction(t_s - self._started_s)
        s, d = block.start, block.delta
        return (s[0] + d[0] * f, s[1] + d[1] * f, s[2] + d[2] * f, s[3] + d[3] * f)

    def limit_e(self, max_feed_mm_s: float) -> None:
        """Take another motor's limit for E."""
        self.max_feed = (*self.max_feed[:3], max_feed_mm_s)

    def e_rate_mm_s(self) -> float:
        """Return the E speed the running block was planned for, without its ramps; 0 at rest."""
        if not self._blocks:
            return 0.0
        block = self._blocks[0]
        return block.nominal * abs(block.delta[3]) / block.length

    def add(self, target: Four, feed_mm_s: float) -> bool:
        """Plan a straight move to `target`; return False when it has no length."""
        block = self._block(target, feed_mm_s)
        if block is None:
            return False
        blocks = self._blocks
        if blocks:
            p, u = self._last_unit, block.unit
            cos_in_out = p[0] * u[0] + p[1] * u[1] + p[2] * u[2] + p[3] * u[3]
            corner = junction_speed(block.accel, self.deviation, cos_in_out)
            block.max_entry2 = min(corner, block.nominal, self._last_nominal) ** 2
        blocks.append(block)
        self.end = target
        self._last_unit, self._last_nominal = block.unit, block.nominal
        if len(blocks) > 1:
            self._replan()
        if self._started_s == math.inf:
            self._schedule_start()
        return True

    def stop(self) -> Four:
        """Drop every move where the motors are now (M410, kill); return that position."""
        self._rest = self.end = self.position(self._clock.now_s)
        self._blocks.clear()
        self._started_s = math.inf
        if self._event:
            self._event.cancel()
            self._event = None
        self.clean_until_s = self._clock.now_s + CLEANING_S
        return self._rest

    def _block(self, target: Four, feed_mm_s: float) -> Block | None:
        s = self.end
        dx, dy, dz, de = target[0] - s[0], target[1] - s[1], target[2] - s[2], target[3] - s[3]
        length = math.sqrt(dx * dx + dy * dy + dz * dz)
        if length < 1e-6:
            length = abs(de)
            if length < 1e-9:
                return None  # shorter than anything a motor does; the next absolute move makes up for it
            unit = (0.0, 0.0, 0.0, math.copysign(1.0, de))
        else:
            unit = (dx / length, dy / length, dz / length, 0.0)
        nominal, accel = max(feed_mm_s, _SLOWEST_MM_S if feed_mm_s <= 0 else feed_mm_s), self.accel
        for axis, d in enumerate((dx, dy, dz, de)):
            if d:
                share = abs(d) / length
                if nominal * share > self.max_feed[axis]:
                    nominal = self.max_feed[axis] / share
                if accel * share > self.max_accel[axis]:
                    accel = self.max_accel[axis] / share
        return Block(s, (dx, dy, dz, de), length, unit, nominal, accel)

    def _replan(self) -> None:
        """Raise entry speeds backwards as far as they change, then cap them forwards."""
        blocks = self._blocks
        first_free = 2 if self._started_s != math.inf else 1  # entry of 0 and, while 0 runs, of 1 is fixed
        index = len(blocks) - 1
        exit2 = 0.0
        while index >= first_free:
            block = blocks[index]
            entry2 = min(block.max_entry2, exit2 + 2 * block.accel * block.length)
            if entry2 == block.entry2 and index < len(blocks) - 1:
                break
            block.entry2 = exit2 = entry2
            index -= 1
        for position in range(max(index, first_free - 1), len(blocks) - 1):
            before, after = blocks[position], blocks[position + 1]
            reach2 = before.entry2 + 2 * before.accel * before.length
            if position + 1 >= first_free and after.entry2 > reach2:
                after.entry2 = reach2

    def _schedule_start(self) -> None:
        if len(self._blocks) >= 3:
            if self._event:
                self._event.cancel()
            self._event = self._clock.after(0.0, self._start)
        elif self._event is None:
            self._event = self._clock.after(FIRST_MOVE_DELAY_S, self._start)

    def _start(self) -> None:
        self._run(self._clock.now_s)

    def _run(self, at_s: float) -> None:
        block = self._blocks[0]
        exit2 = self._blocks[1].entry2 if len(self._blocks) > 1 else 0.0
        block.shape(math.sqrt(block.entry2), math.sqrt(exit2))
        self._started_s = at_s
        self._event = self._clock.at(at_s + block.total_s, self._finish)

    def _finish(self) -> None:
        done = self._blocks.popleft()
        self._event = None
        s, d = done.start, done.delta
        self._rest = (s[0] + d[0], s[1] + d[1], s[2] + d[2], s[3] + d[3])
        if self._blocks:
            self._run(self._clock.now_s)
        else:
            self._rest = self.end
            self._started_s = math.inf
        self.on_change()
