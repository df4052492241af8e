"""What Klipper, RepRapFirmware and Smoothieware do differently with the same words; unknown ones fall to the voice.

Klipper as recorded from v0.13; the other two from source (devices.md §2, §6).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from printcare.emulator.build import Build
from printcare.emulator.printer import Handler, Printer, Waiting
from printcare.emulator.words_machine import HANDLERS as MARLIN
from printcare.emulator.words_machine import heat, heat_and_wait, heat_bed, heat_bed_and_wait, switches
from printcare.emulator.words_motion import home, move
from printcare.emulator.words_tools import select_tool
from printcare.protocol.marlin_device import Command

KLIPPER_MAX_C = 250.0
KLIPPER_NOZZLE_MM = 0.4
KLIPPER_LONGEST_E_MM = 50.0  # max_extrude_only_distance
KLIPPER_AHEAD_S = 0.75  # how much earlier than its end a dwell is answered: recorded 1.755 s for 2.5
RESTART_S = 1.452
_SHUT_DOWN = (
    "// Shutdown due to M112 command",
    "// Once the underlying issue is corrected, use the",
    '// "FIRMWARE_RESTART" command to reset the firmware, reload the',
    "// config, and restart the host software.",
    "// Printer is shutdown",
    "!! Shutdown due to M112 command",
)
Table = dict[tuple[str, int], Handler]


# ---- Klipper


def _guarded(handler: Handler) -> Handler:
    def guarded(printer: Printer, command: Command) -> Waiting | None:
        if not printer.is_killed:
            return handler(printer, command)
        for line in _SHUT_DOWN:
            printer.say(line)
        return None

    return guarded


def _klipper_move(printer: Printer, command: Command) -> Waiting | None:
    values, modal, space = command.parameters(), printer.modal, printer.build.space
    at = [*printer.logical_xyz()]
    for axis, letter in enumerate("XYZ"):
        value = values.get(letter)
        if value is not None:
            at[axis] = at[axis] + value if modal.relative_xyz else value
    e = values.get("E") or 0.0
    told = f"{at[0]:.3f} {at[1]:.3f} {at[2]:.3f} [{e:.3f}]"
    moved = [axis for axis, letter in enumerate("XYZ") if values.get(letter) is not None]
    lows = (space.min_x_mm, space.min_y_mm, space.min_z_mm)
    highs = (space.max_x_mm, space.max_y_mm, space.max_z_mm)
    if any(axis not in printer.homed for axis in moved):
        printer.say(f"!! Must home axis first: {told}")
    elif any(not lows[axis] <= at[axis] <= highs[axis] for axis in moved):
        printer.say(f"!! Move out of range: {told}")
    elif "E" in values and printer.jacket.shown_c < modal.min_extrude_c:
        printer.say("!! Extrude below minimum temp")
    else:
        refusal = _klipper_refuses(printer, values, at)
        if not refusal:
            return move(printer, command)
        printer.say(refusal[0])
        printer.say(refusal[1])
    return None


def _klipper_refuses(printer: Printer, values: dict[str, float | None], at: list[float]) -> tuple[str, str] | None:
    """Return why kinematics/extruder.py, check_move, takes no such extrusion, or None."""
    modal, e = printer.modal, values.get("E")
    if e is None:
        return None
    drawn_mm = e if modal.relative_e else e - modal.e_mm
    way_mm = math.dist(at, printer.logical_xyz())
    if not way_mm:
        if abs(drawn_mm) <= KLIPPER_LONGEST_E_MM:
            return None
        told = f"!! Extrude only move too long ({abs(drawn_mm):.3f}mm vs {KLIPPER_LONGEST_E_MM:.3f}mm)"
        return told, "!! See the 'max_extrude_only_distance' config option for details"
    most, area = printer.build.max_cross_mm2, math.pi * printer.build.filament_mm**2 / 4
    cross = drawn_mm * area / way_mm
    if most is None or cross <= most or drawn_mm <= KLIPPER_NOZZLE_MM * most / area:
        return None
    told = f"!! Move exceeds maximum extrusion ({cross:.3f}mm^2 vs {most:.3f}mm^2)"
    return told, "!! See the 'max_extrude_cross_section' config option for details"


def _klipper_heat(printer: Printer, command: Command) -> None:
    if (command.parameters().get("S") or 0.0) > KLIPPER_MAX_C:
        wanted_c = command.parameters()["S"] or 0.0
        printer.say(f"!! Requested temperature ({wanted_c:.1f}) out of range (0.0:{KLIPPER_MAX_C:.1f})")
        return
    heat(printer, command)


def _klipper_dwell(_printer: Printer, command: Command) -> Waiting:
    yield max(0.0, (command.parameters().get("P") or 0.0) / 1000 - KLIPPER_AHEAD_S)


def _klipper_inches(printer: Printer, _command: Command) -> None:
    printer.say("!! Machine does not support G20 (inches) command")


def _klipper_echo(printer: Printer, command: Command) -> None:
    printer.say(f"echo: {command.arguments.lower()}")


def _klipper_endstops(printer: Printer, _command: Command) -> None:
    printer.say(" ".join(f"stepper_{axis}:{switch}" for axis, switch in switches(printer)))


def _klipper_stop(_printer: Printer, _command: Command) -> None:
    """M112 was obeyed out of order; in its turn it is answered only."""


_KLIPPER_WORDS: dict[str, tuple[str, ...]] = {
    "PAUSE": ("// action:paused",),
    "RESUME": ("// action:resumed",),
    "CLEAR_PAUSE": (),
}


def klipper_word(printer: Printer, command: Command) -> Waiting | None:
    """Answer a word that is no G or M code: STATUS, FIRMWARE_RESTART, ACTIVATE_EXTRUDER, macros."""
    word = command.text.split()[0] if command.text else ""
    if word == "STATUS":
        printer.say(f"// Klipper state: {'Shutdown' if printer.is_killed else 'Ready'}")
    elif word == "FIRMWARE_RESTART":
        printer.clock.after(0.0, lambda: printer.say("// Klipper state: Disconnect"))
        printer.clock.after(RESTART_S, lambda: _klipper_ready(printer))
    elif word == "ACTIVATE_EXTRUDER":
        return _klipper_extruder(printer, command)
    elif word in _KLIPPER_WORDS:
        for line in _KLIPPER_WORDS[word]:
            printer.say(line)
    else:
        printer.voice.unknown(printer, command)
    return None


def _klipper_extruder(printer: Printer, command: Command) -> Waiting | None:
    """ACTIVATE_EXTRUDER EXTRUDER=extruder1; T0 and T1 are the macros for it that such a printer's file defines."""
    name = command.text.partition("EXTRUDER=")[2].strip().removeprefix("EXTRUDER") or "0"
    number = int(name) if name.isdecimal() else len(printer.jackets)
    if number >= len(printer.jackets):
        printer.say("!! Option 'EXTRUDER' in command 'ACTIVATE_EXTRUDER' is not valid")
        return None
    return select_tool(printer, Command("T", number, "", f"T{number}"))


def _klipper_ready(printer: Printer) -> None:
    printer.is_killed = False
    printer.homed.clear()
    printer.say("// Klipper state: Ready")


_KLIPPER_KEPT = [
    *(("G", code) for code in (2, 3, 21, 90, 91, 92)),
    *(("M", code) for code in (82, 83, 106, 107, 110, 114, 204, 220, 221, 400)),
]
_KLIPPER: Table = {
    **{word: _guarded(MARLIN[word]) for word in _KLIPPER_KEPT},
    ("G", 0): _guarded(_klipper_move),
    ("G", 1): _guarded(_klipper_move),
    ("G", 4): _guarded(_klipper_dwell),
    ("G", 20): _guarded(_klipper_inches),
    ("G", 28): _guarded(home),
    ("M", 104): _guarded(_klipper_heat),
    ("M", 109): _guarded(heat_and_wait),
    ("M", 112): _klipper_stop,
    ("M", 118): _klipper_echo,
    ("M", 119): _klipper_endstops,
    ("M", 140): _guarded(heat_bed),
    ("M", 190): _guarded(heat_bed_and_wait),
    ("M", 999): _guarded(_klipper_stop),
    ("?", 0): klipper_word,
}

# ---- RepRapFirmware and Smoothieware


def _sentence(begins: str, by_axis: Callable[[Build], tuple[float, ...]], digits: int) -> Handler:
    """Return the handler of a setting RepRapFirmware tells in a sentence, E by extruder behind colons (GCodes2.cpp)."""

    def told(printer: Printer, command: Command) -> None:
        if command.arguments:
            return  # accepted; changing it is not modelled
        *axes, e = by_axis(printer.build)
        text = "".join(f"{axis}: {value:.{digits}f}, " for axis, value in zip("XYZ", axes, strict=True))
        printer.say(f"{begins}: {text}E: " + ":".join([f"{e:.{digits}f}"] * len(printer.jackets)))

    return told


def _rrf_acceleration(printer: Printer, command: Command) -> None:
    if not command.arguments:
        a = printer.build.accel_mm_s2
        printer.say(f"Maximum printing acceleration {a:.1f}, maximum travel acceleration {a:.1f}")


def _rrf_identity(printer: Printer, _command: Command) -> None:
    printer.say(
        "FIRMWARE_NAME: RepRapFirmware for Duet 3 MB6HC FIRMWARE_VERSION: 3.5.1 ELECTRONICS: Duet 3 MB6HC v1.01 "
        f"FIRMWARE_DATE: 2000-01-01 00:00:00{printer.announcement()}"
    )


def _rrf_object(printer: Printer, command: Command) -> None:
    """M409: one key of the object model, as `GetModelResponse` answers (ObjectModel.cpp)."""
    if command.arguments == 'K"state.upTime"':
        up_s = int(printer.clock.now_s - printer.started_s)
        printer.say(f'{{"key":"state.upTime","flags":"","result":{up_s}}}')
    else:
        printer.say('{"key":"","flags":"","result":null}')


def _smoothie_identity(printer: Printer, _command: Command) -> None:
    printer.say(
        "FIRMWARE_NAME:Smoothieware, FIRMWARE_URL:http%3A//smoothieware.org, X-SOURCE_CODE_URL:https://github.com/"
        "Smoothieware/Smoothieware, FIRMWARE_VERSION:edge-0000000, X-FIRMWARE_BUILD_DATE:Jan 1 2000, "
        f"X-SYSTEM_CLOCK:120MHz, X-AXES:4{printer.announcement()}"
    )


def _smoothie_settings(printer: Printer, _command: Command) -> None:
    """M503: comments and words, as `on_gcode_received` of Robot and its peers add them to the stream."""
    b = printer.build
    printer.say("; No config override")
    printer.say(";Steps per unit:")
    printer.say("M92 X{:1.5f} Y{:1.5f} Z{:1.5f} ".format(*b.steps_per_mm[:3]).rstrip())
    for tool, each in enumerate(map(b.extruder, range(len(printer.jackets)))):
        printer.say(f";E Steps per mm:\nM92 E{each.steps_per_mm:1.4f}" + (f" P{tool}" if tool else ""))
    printer.say(f";Acceleration mm/sec^2:\nM204 S{b.accel_mm_s2:1.5f}")
    printer.say("M203 X{:1.5f} Y{:1.5f} Z{:1.5f}".format(*b.max_feed_mm_s[:3]))
    printer.say(f";E max feed rate mm/sec:\nM203 E{b.max_feed_mm_s[3]:1.4f}")


def _rrf_endstops(printer: Printer, _command: Command) -> None:
    said = {"TRIGGERED": "at min stop", "open": "not stopped"}
    told = ", ".join(f"{axis.upper()}: {said[switch]}" for axis, switch in switches(printer))
    printer.say(f"Endstops - {told}")


def _smoothie_endstops(printer: Printer, _command: Command) -> None:
    printer.say(" ".join(f"{axis.upper()}_min:{int(switch == 'TRIGGERED')}" for axis, switch in switches(printer)))


def _smoothie_wakes(printer: Printer, _command: Command) -> None:
    printer.is_killed = False


_OTHER = [*(("G", code) for code in (0, 1, 2, 3, 4, 20, 21, 28, 90, 91, 92))]
_OTHER += [("M", code) for code in (82, 83, 104, 106, 107, 109, 110, 112, 114, 140, 190, 220, 221, 400)]
_RRF: Table = {
    **{word: MARLIN[word] for word in [*_OTHER, ("M", 302)]},
    ("M", 108): MARLIN[("M", 108)],
    ("M", 92): _sentence("Steps/mm", lambda build: build.steps_per_mm, 3),
    ("M", 201): _sentence("Accelerations (mm/sec^2)", lambda build: build.max_accel_mm_s2, 1),
    ("M", 203): _sentence("Max speeds (mm/min)", lambda build: tuple(v * 60 for v in build.max_feed_mm_s), 1),
    ("M", 204): _rrf_acceleration,
    ("M", 115): _rrf_identity,
    ("M", 119): _rrf_endstops,
    ("M", 409): _rrf_object,
}
_SMOOTHIE: Table = {
    **{word: MARLIN[word] for word in _OTHER},
    ("M", 115): _smoothie_identity,
    ("M", 119): _smoothie_endstops,
    ("M", 503): _smoothie_settings,
    ("M", 999): _smoothie_wakes,
}
HANDLERS: dict[str, Table] = {
    "marlin": MARLIN,
    "klipper": _KLIPPER,
    "reprapfirmware": _RRF,
    "smoothieware": _SMOOTHIE,
}
