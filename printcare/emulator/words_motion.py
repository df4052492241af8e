"""G-code that moves the emulated machine: G0–G4, G28, G90–G92, M400, M410 and the extrusion settings."""

from __future__ import annotations

import math
from collections.abc import Callable

from printcare.emulator.planner import Four
from printcare.emulator.printer import Handler, Printer, Waiting
from printcare.protocol.marlin_device import Command

Parameters = dict[str, float | None]
LONGEST_EXTRUSION_MM = 200.0
ARC_SEGMENT_MM = 1.0  # Marlin's MAX_ARC_SEGMENT_MM, Klipper's resolution in [gcode_arcs]
CIRCLE_SEGMENTS = 72  # Marlin's MIN_CIRCLE_SEGMENTS
_RRF_DEVIATION_MM, _RRF_SHORTEST_MM, _RRF_LONGEST_MM = 0.005, 0.1, 2.0  # RepRapFirmware's Configuration.h
_SMOOTHIE_ERROR_MM = 0.01  # mm_max_arc_error
HOMING_FEEDS_MM_S = (50.0, 50.0, 4.0)


def move(printer: Printer, command: Command) -> Waiting | None:
    """G0, G1: ok when the block has entered the planner."""
    target, feed = _target(printer, command.parameters())
    if target is None:
        return None
    if printer.planner.has_room():
        printer.add_move(target, feed)
        return None
    return _move_later(printer, [target], feed)


def arc(printer: Printer, command: Command) -> Waiting | None:
    """G2, G3 by I J or R: cut into segments as each firmware does, each taking a planner slot."""
    values = command.parameters()
    start = printer.planner.end
    target, feed = _target(printer, values)
    if target is None:
        return None
    centre = _centre(printer, values, start, target, clockwise=command.code == 2)
    if centre is None:
        printer.say("echo:G2/G3 bad parameters")
        return None
    points = _arc_points(start, target, centre, PIECES[printer.build.dialect], clockwise=command.code == 2)
    return _move_later(printer, points, feed)


def dwell(printer: Printer, command: Command) -> Waiting:
    """G4 P milliseconds or S seconds, after motion has ended."""
    values = command.parameters()
    wait_s = _of(values, "S") or _of(values, "P") / 1000
    yield printer.is_still
    printer.tell_host("notification Sleep...")
    yield wait_s


def home(printer: Printer, command: Command) -> Waiting:
    """G28: travel to the end stops, bumps, then position zero."""
    named = command.parameters()
    axes = [i for i, letter in enumerate("XYZ") if letter in named] or [0, 1, 2]
    yield printer.is_still
    if not printer.endstops_work:
        yield 5.0
        printer.say("Error:Homing Failed")
        printer.kill("Homing Failed")
        return
    for axis in axes:
        target = list(printer.planner.end)
        target[axis] = 0.0
        feed = min(HOMING_FEEDS_MM_S[axis], printer.build.max_feed_mm_s[axis])
        printer.planner.add((target[0], target[1], target[2], target[3]), feed)
        yield printer.is_still
        yield printer.build.homing_extra_s * (2 if axis == 2 else 1) / 2
    shift = list(printer.modal.shift_mm)
    for axis in axes:
        printer.homed.add(axis)
        shift[axis] = 0.0
    printer.modal.shift_mm = (shift[0], shift[1], shift[2])
    printer.on_home()
    if printer.voice.reports_home:
        printer.say(printer.position_text())


def set_position(printer: Printer, command: Command) -> None:
    """G92: rename the position; without axes everything becomes zero."""
    values = command.parameters() or dict.fromkeys("XYZE", 0.0)
    shift = list(printer.modal.shift_mm)
    for axis, letter in enumerate("XYZ"):
        if letter in values:
            shift[axis] = _of(values, letter) * printer.modal.unit_mm - printer.planner.end[axis]
    printer.modal.shift_mm = (shift[0], shift[1], shift[2])
    if "E" in values:
        printer.modal.e_mm = _of(values, "E") * printer.modal.unit_mm


def wait_for_moves(printer: Printer, _command: Command) -> Waiting:
    """M400."""
    yield printer.is_still


def quick_stop(printer: Printer, _command: Command) -> Waiting:
    """M410: the planner emptied, ok about a second later."""
    if not printer.is_cleaning():
        printer.quick_stop()
    yield printer.is_still


def relative(*, is_relative: bool) -> Handler:
    """G90, G91: all axes, E among them, as Marlin does it."""

    def handler(printer: Printer, _command: Command) -> None:
        printer.modal.relative_xyz = printer.modal.relative_e = is_relative

    return handler


def relative_e(*, is_relative: bool) -> Handler:
    """M82, M83."""

    def handler(printer: Printer, _command: Command) -> None:
        printer.modal.relative_e = is_relative

    return handler


def unit(unit_mm: float) -> Handler:
    """G20, G21."""

    def handler(printer: Printer, _command: Command) -> None:
        printer.modal.unit_mm = unit_mm

    return handler


def feed_percent(printer: Printer, command: Command) -> None:
    """M220."""
    values = command.parameters()
    if "S" in values:
        printer.modal.feed_percent = int(_of(values, "S"))
    elif not values:
        printer.say(f"FR:{printer.modal.feed_percent}%")


def flow_percent(printer: Printer, command: Command) -> None:
    """M221: whole percent, later moves only."""
    values = command.parameters()
    if "S" in values:
        printer.modal.flow_percent = int(_of(values, "S"))
    else:
        printer.say(f"echo:E0 Flow: {printer.modal.flow_percent}%")


def cold_extrusion(printer: Printer, command: Command) -> None:
    """M302: show, allow (P1), forbid (P0) or set the limit (S)."""
    values = command.parameters()
    modal = printer.modal
    if "S" in values:
        modal.min_extrude_c = _of(values, "S")
        modal.allow_cold = modal.min_extrude_c == 0
    if "P" in values:
        modal.allow_cold = bool(_of(values, "P"))
    elif not values:
        state = "enabled" if modal.allow_cold else "disabled"
        printer.say(f"echo:Cold extrudes are {state} (min temp {modal.min_extrude_c:.0f}C)")


def _of(values: Parameters, letter: str) -> float:
    return values.get(letter) or 0.0


def _target(printer: Printer, values: Parameters) -> tuple[Four | None, float]:
    """Return the machine target and feed of a move after modes, limits and the cold-extrusion guard."""
    modal, end = printer.modal, printer.planner.end
    unit_mm = modal.unit_mm
    if values.get("F"):
        modal.feed_mm_s = _of(values, "F") * unit_mm / 60.0
    xyz = [end[0], end[1], end[2]]
    for axis, letter in enumerate("XYZ"):
        value = values.get(letter)
        if value is None:
            continue
        wanted = value * unit_mm
        xyz[axis] = end[axis] + wanted if modal.relative_xyz else wanted - modal.shift_mm[axis]
    _clip(printer, xyz)
    e_machine = end[3]
    value = values.get("E")
    if value is not None:
        e_machine += _e_advance(printer, value * unit_mm)
    target = (xyz[0], xyz[1], xyz[2], e_machine)
    if target == end:
        return None, 0.0
    return target, modal.feed_mm_s * modal.feed_percent / 100.0


def _e_advance(printer: Printer, wanted_mm: float) -> float:
    modal = printer.modal
    delta = wanted_mm if modal.relative_e else wanted_mm - modal.e_mm
    modal.e_mm += delta
    cold = printer.voice.cold
    if delta and cold and not modal.allow_cold and printer.jacket.shown_c < modal.min_extrude_c:
        printer.say(cold.format(tool=printer.tool))
        return 0.0
    if abs(delta) > LONGEST_EXTRUSION_MM:
        printer.say("echo: too long extrusion prevented")
        return 0.0
    return delta * modal.flow_percent / 100.0


def _clip(printer: Printer, xyz: list[float]) -> None:
    """Clip to the soft end stops without a word, as recorded; only axes that were homed."""
    space = printer.build.space
    lows = (space.min_x_mm, space.min_y_mm, space.min_z_mm)
    highs = (space.max_x_mm, space.max_y_mm, space.max_z_mm)
    for axis in printer.homed:
        xyz[axis] = min(highs[axis], max(lows[axis], xyz[axis]))


def _move_later(printer: Printer, targets: list[Four], feed_mm_s: float) -> Waiting:
    for target in targets:
        yield printer.planner.has_room
        printer.add_move(target, feed_mm_s)


def _centre(
    printer: Printer, values: Parameters, start: Four, target: Four, *, clockwise: bool
) -> tuple[float, float] | None:
    unit_mm = printer.modal.unit_mm
    if "R" not in values:
        if not values.get("I") and not values.get("J"):
            return None
        return start[0] + _of(values, "I") * unit_mm, start[1] + _of(values, "J") * unit_mm
    radius = _of(values, "R") * unit_mm
    dx, dy = target[0] - start[0], target[1] - start[1]
    chord = math.hypot(dx, dy)
    if chord == 0 or abs(radius) < chord / 2:
        return None
    height = math.sqrt(radius * radius - chord * chord / 4) * (-1 if clockwise ^ (radius < 0) else 1)
    return (start[0] + dx / 2 - height * dy / chord, start[1] + dy / 2 + height * dx / chord)


def _marlin_pieces(radius_mm: float, angle: float) -> int:
    fewest = CIRCLE_SEGMENTS * angle / (2 * math.pi)
    return max(1, math.ceil(max(fewest, angle * radius_mm / ARC_SEGMENT_MM)))


def _klipper_pieces(radius_mm: float, angle: float) -> int:
    return max(1, math.floor(angle * radius_mm / ARC_SEGMENT_MM))


def _rrf_pieces(radius_mm: float, angle: float) -> int:
    ideal_mm = math.sqrt(8 * radius_mm * _RRF_DEVIATION_MM)
    return max(1, math.ceil(angle * radius_mm / min(_RRF_LONGEST_MM, max(_RRF_SHORTEST_MM, ideal_mm))))


def _smoothie_pieces(radius_mm: float, angle: float) -> int:
    chord_mm = 2 * math.sqrt(max(0.0, 2 * _SMOOTHIE_ERROR_MM * radius_mm - _SMOOTHIE_ERROR_MM**2))
    return max(1, math.floor(angle * radius_mm / chord_mm)) if chord_mm else 1


# How many straight pieces each firmware makes of an arc, by radius and angle.
PIECES: dict[str, Callable[[float, float], int]] = {
    "marlin": _marlin_pieces,
    "klipper": _klipper_pieces,
    "reprapfirmware": _rrf_pieces,
    "smoothieware": _smoothie_pieces,
}


def _arc_points(
    start: Four,
    target: Four,
    centre: tuple[float, float],
    pieces: Callable[[float, float], int],
    *,
    clockwise: bool,
) -> list[Four]:
    ax, ay = start[0] - centre[0], start[1] - centre[1]
    bx, by = target[0] - centre[0], target[1] - centre[1]
    angle = math.atan2(ax * by - ay * bx, ax * bx + ay * by)
    if clockwise and angle >= 0:
        angle -= 2 * math.pi
    elif not clockwise and angle <= 0:
        angle += 2 * math.pi
    count = pieces(math.hypot(ax, ay), abs(angle))
    points: list[Four] = []
    for i in range(1, count):
        f = i / count
        turn = angle * f
        x = centre[0] + ax * math.cos(turn) - ay * math.sin(turn)
        y = centre[1] + ax * math.sin(turn) + ay * math.cos(turn)
        points.append((x, y, start[2] + (target[2] - start[2]) * f, start[3] + (target[3] - start[3]) * f))
    return [*points, target]


MOTION: dict[tuple[str, int], Handler] = {
    ("G", 0): move,
    ("G", 1): move,
    ("G", 2): arc,
    ("G", 3): arc,
    ("G", 4): dwell,
    ("G", 20): unit(25.4),
    ("G", 21): unit(1.0),
    ("G", 28): home,
    ("G", 90): relative(is_relative=False),
    ("G", 91): relative(is_relative=True),
    ("G", 92): set_position,
    ("M", 82): relative_e(is_relative=False),
    ("M", 83): relative_e(is_relative=True),
    ("M", 220): feed_percent,
    ("M", 221): flow_percent,
    ("M", 302): cold_extrusion,
    ("M", 400): wait_for_moves,
    ("M", 410): quick_stop,
}
