"""How each firmware says things: one row a dialect, from which the emulated printer takes its words.

Marlin and Klipper as recorded; RepRapFirmware and Smoothieware from source (devices.md §6), never run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from printcare.protocol.marlin_device import Command, MarlinReceiver, ok_line, read_command
from printcare.protocol.other_devices import KlipperReceiver, LineReceiver, RrfReceiver, SmoothieReceiver, read_klipper

if TYPE_CHECKING:
    from printcare.emulator.build import Build
    from printcare.emulator.heat import HeatedBlock
    from printcare.emulator.printer import Printer

Receiver = MarlinReceiver | LineReceiver


@dataclass(frozen=True, slots=True)
class Voice:
    """What one firmware says where; `unknown` answers a command without a handler."""

    receiver: Callable[[Build], Receiver]
    read: Callable[[str], Command]
    ok: Callable[[Printer, int | None], str]
    temperatures: Callable[[Printer], str]
    position: Callable[[Printer], str]
    heating: Callable[[Printer, str], str]  # the line of a waiting M109, empty for none
    unknown: Callable[[Printer, Command], None]
    no_tool: Callable[[Printer, int], None]  # a T the machine does not have
    cold: str  # what follows a refused extrusion, {tool} in it; empty where the firmware does not refuse
    boot: Callable[[str], tuple[str, ...]]
    halted: tuple[str, ...]  # what follows the cause when the firmware stops itself
    has_busy: bool = False
    has_actions: bool = False
    reports_home: bool = False
    reports_fan: bool = False
    in_ok: Mapping[int, Callable[[Printer], str]] = field(default_factory=dict)  # M codes answered behind the ok
    halt_reply: str = ""  # instead of every ok while halted
    tool_taken: Callable[[Printer], None] = lambda _printer: None
    ok_first: bool = False  # a move is answered before it is planned
    wakes: bytes = b""  # the word that brings a silent board back
    dies_silent: bool = True  # after a stop nothing is answered; otherwise the handlers answer


BOOT_TEXT = (
    "Marlin 2.1.2.1",
    "echo: Last Updated: 2000-01-01 | Author: (none, default config)",
    "echo: Compiled: Jan  1 2000",
    "echo: Free Memory: 0  PlannerBufferBytes: 1280",
    "echo:V88 stored settings retrieved (624 bytes; crc 45023)",
    "//action:notification Stored settings retrieved",
    "//action:prompt_end",
)


def _marlin_receiver(build: Build) -> MarlinReceiver:
    return MarlinReceiver(
        build.rx_bytes, build.command_queue, build.line_limit, emergency_parser=build.emergency_parser
    )


def _marlin_ok(printer: Printer, number: int | None) -> str:
    return ok_line(number, printer.planner.free(), printer.free_slots(), advanced=printer.build.advanced_ok)


def _marlin_temperatures(printer: Printer) -> str:
    jacket, bed, all_of_them = printer.jacket, printer.bed, list(enumerate(printer.jackets))
    text = f"T:{_degrees(jacket)} B:{_degrees(bed)}"
    if len(all_of_them) == 1:
        return f"{text} @:{jacket.pwm()} B@:{bed.pwm()}"
    text += "".join(f" T{number}:{_degrees(each)}" for number, each in all_of_them)
    return f"{text} @:{jacket.pwm()} B@:{bed.pwm()}" + "".join(
        f" @{number}:{each.pwm()}" for number, each in all_of_them
    )


def _degrees(heater: HeatedBlock, digits: int = 2) -> str:
    return f"{heater.shown_c:.{digits}f} /{heater.target_c:.{digits}f}"


def _marlin_position(printer: Printer) -> str:
    x, y, z = printer.logical_xyz()
    counts = printer.counted_steps()
    e = printer.modal.e_mm
    return f"X:{x:.2f} Y:{y:.2f} Z:{z:.2f} E:{e:.2f} Count X:{counts[0]} Y:{counts[1]} Z:{counts[2]}"


def _marlin_unknown(printer: Printer, command: Command) -> None:
    printer.say(f'echo:Unknown command: "{command.text}"')


def _marlin_no_tool(printer: Printer, number: int) -> None:
    printer.say(f"echo:T{number} Invalid extruder")


def _marlin_tool(printer: Printer) -> None:
    printer.say(f"echo:Active Extruder: {printer.tool}")


def _plain_ok(_printer: Printer, _number: int | None) -> str:
    return "ok"


def _short_position(printer: Printer) -> str:
    x, y, z = printer.logical_xyz()
    return f"X:{x:.3f} Y:{y:.3f} Z:{z:.3f} E:{printer.modal.e_mm:.3f}"


def _klipper_temperatures(printer: Printer) -> str:
    return f"B:{_degrees(printer.bed, 1)} {_tools(printer)}"


def _tools(printer: Printer) -> str:
    return " ".join(f"T{number}:{_degrees(each, 1)}" for number, each in enumerate(printer.jackets))


def _klipper_no_tool(printer: Printer, number: int) -> None:
    printer.say(f'// Unknown command:"T{number}"')


def _klipper_tool(printer: Printer) -> None:
    """ACTIVATE_EXTRUDER lets E begin at zero again (gcode_move._handle_activate_extruder), and says nothing."""
    printer.modal.e_mm = 0.0


def _klipper_unknown(printer: Printer, command: Command) -> None:
    if command.text:
        printer.say(f'// Unknown command:"{command.text.split()[0]}"')


def _rrf_temperatures(printer: Printer) -> str:
    return f"T:{_degrees(printer.jacket, 1)} {_tools(printer)} B:{_degrees(printer.bed, 1)}"


def _rrf_no_tool(_printer: Printer, _number: int) -> None:
    """Say nothing: a tool that is not there only leaves no tool in use, which this bench does not model."""


def _rrf_position(printer: Printer) -> str:
    x, y, z = printer.logical_xyz()
    counts = printer.counted_steps()
    e = printer.modal.e_mm
    return (
        f"X:{x:.3f} Y:{y:.3f} Z:{z:.3f} E:{e:.3f} E0:{e:.1f} Count {counts[0]} {counts[1]} {counts[2]} "
        f"Machine {x:.3f} {y:.3f} {z:.3f} Bed comp 0.000"
    )


def _rrf_unknown(printer: Printer, command: Command) -> None:
    printer.say(f"Error: Bad command: {command.text}")


def _smoothie_temperatures(printer: Printer) -> str:
    heaters = [(f"T{number or ''}", each) for number, each in enumerate(printer.jackets)] + [("B", printer.bed)]
    return "".join(f"{name}:{_degrees(each, 1)} @{each.pwm()} " for name, each in heaters)


def _smoothie_no_tool(printer: Printer, number: int) -> None:
    printer.say(f"T{number} invalid tool ")


def _smoothie_position(printer: Printer) -> str:
    return "C: " + _short_position(printer)


def _klipper_identity(printer: Printer) -> str:
    return f"FIRMWARE_NAME:Klipper FIRMWARE_VERSION:?{printer.announcement()}"


def _nothing(_printer: Printer, _command: Command) -> None:
    """Say nothing: the ok follows."""


VOICES: dict[str, Voice] = {
    "marlin": Voice(
        receiver=_marlin_receiver,
        read=read_command,
        ok=_marlin_ok,
        temperatures=_marlin_temperatures,
        position=_marlin_position,
        heating=lambda printer, left: f" {printer.temperatures()} W:{left}",
        unknown=_marlin_unknown,
        no_tool=_marlin_no_tool,
        tool_taken=_marlin_tool,
        cold="echo: cold extrusion prevented",
        boot=lambda reason: ("start", reason, *BOOT_TEXT),
        halted=("Error:Printer halted. kill() called!", "//action:poweroff"),
        has_busy=True,
        has_actions=True,
        reports_home=True,
        reports_fan=True,
    ),
    "klipper": Voice(
        receiver=lambda _build: KlipperReceiver(),
        read=read_klipper,
        ok=_plain_ok,
        temperatures=_klipper_temperatures,
        position=_short_position,
        heating=lambda printer, _left: printer.temperatures(),
        unknown=_klipper_unknown,
        no_tool=_klipper_no_tool,
        tool_taken=_klipper_tool,
        cold="!! Extrude below minimum temp",
        boot=lambda _reason: ("// Klipper state: Ready",),
        halted=("// Klipper state: Shutdown",),
        in_ok={115: _klipper_identity},
        dies_silent=False,
    ),
    "reprapfirmware": Voice(
        receiver=lambda build: RrfReceiver(build.rx_bytes, build.command_queue),
        read=read_command,
        ok=_plain_ok,
        temperatures=_rrf_temperatures,
        position=_rrf_position,
        heating=lambda _printer, _left: "",
        unknown=_rrf_unknown,
        no_tool=_rrf_no_tool,
        cold="Warning: Tool {tool} was not driven because its heater temperatures were not high enough or it has a "
        "heater fault",
        boot=lambda _reason: (),
        halted=("Emergency Stop! Reset the controller to continue.",),
        wakes=b"M999",
    ),
    "smoothieware": Voice(
        receiver=lambda build: SmoothieReceiver(build.rx_bytes, build.command_queue),
        read=read_command,
        ok=_plain_ok,
        temperatures=_smoothie_temperatures,
        position=_smoothie_position,
        heating=lambda printer, _left: printer.temperatures(),
        unknown=_nothing,
        no_tool=_smoothie_no_tool,
        cold="",
        boot=lambda _reason: ("Smoothie", "ok"),
        halted=("ok Emergency Stop Requested - reset or M999 required to exit HALT state",),
        in_ok={114: _smoothie_position},
        halt_reply="!!",
        ok_first=True,
        dies_silent=False,
    ),
}
