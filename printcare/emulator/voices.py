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
    boot: Callable[[str], tuple[str, ...]]
    halted: tuple[str, ...]  # what follows the cause when the firmware stops itself
    has_busy: bool = False
    has_actions: bool = False
    reports_home: bool = False
    in_ok: Mapping[int, Callable[[Printer], str]] = field(default_factory=dict)  # M codes answered behind the ok
    halt_reply: str = ""  # instead of every ok while halted
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
    jacket, bed = printer.jacket, printer.bed
    return (
        f"T:{jacket.shown_c:.2f} /{jacket.target_c:.2f} B:{bed.shown_c:.2f} /{bed.target_c:.2f} "
        f"@:{jacket.pwm()} B@:{bed.pwm()}"
    )


def _marlin_position(printer: Printer) -> str:
    x, y, z = printer.logical_xyz()
    counts = printer.counted_steps()
    e = printer.modal.e_mm
    return f"X:{x:.2f} Y:{y:.2f} Z:{z:.2f} E:{e:.2f} Count X:{counts[0]} Y:{counts[1]} Z:{counts[2]}"


def _marlin_unknown(printer: Printer, command: Command) -> None:
    if command.letter != "T":
        printer.say(f'echo:Unknown command: "{command.text}"')
    elif command.code:
        printer.say(f"echo:T{command.code} Invalid extruder")


def _plain_ok(_printer: Printer, _number: int | None) -> str:
    return "ok"


def _short_position(printer: Printer) -> str:
    x, y, z = printer.logical_xyz()
    return f"X:{x:.3f} Y:{y:.3f} Z:{z:.3f} E:{printer.modal.e_mm:.3f}"


def _klipper_temperatures(printer: Printer) -> str:
    jacket, bed = printer.jacket, printer.bed
    return f"B:{bed.shown_c:.1f} /{bed.target_c:.1f} T0:{jacket.shown_c:.1f} /{jacket.target_c:.1f}"


def _klipper_unknown(printer: Printer, command: Command) -> None:
    if command.text:
        printer.say(f'// Unknown command:"{command.text.split()[0]}"')


def _rrf_temperatures(printer: Printer) -> str:
    jacket, bed = printer.jacket, printer.bed
    told = f"{jacket.shown_c:.1f} /{jacket.target_c:.1f}"
    return f"T:{told} T0:{told} B:{bed.shown_c:.1f} /{bed.target_c:.1f}"


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
    jacket, bed = printer.jacket, printer.bed
    return (
        f"T:{jacket.shown_c:.1f} /{jacket.target_c:.1f} @{jacket.pwm()} "
        f"B:{bed.shown_c:.1f} /{bed.target_c:.1f} @{bed.pwm()} "
    )


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
        boot=lambda reason: ("start", reason, *BOOT_TEXT),
        halted=("Error:Printer halted. kill() called!", "//action:poweroff"),
        has_busy=True,
        has_actions=True,
        reports_home=True,
    ),
    "klipper": Voice(
        receiver=lambda _build: KlipperReceiver(),
        read=read_klipper,
        ok=_plain_ok,
        temperatures=_klipper_temperatures,
        position=_short_position,
        heating=lambda printer, _left: printer.temperatures(),
        unknown=_klipper_unknown,
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
        boot=lambda _reason: (),
        halted=("Error: Emergency stop",),
    ),
    "smoothieware": Voice(
        receiver=lambda build: SmoothieReceiver(build.rx_bytes, build.command_queue),
        read=read_command,
        ok=_plain_ok,
        temperatures=_smoothie_temperatures,
        position=_smoothie_position,
        heating=lambda printer, _left: printer.temperatures(),
        unknown=_nothing,
        boot=lambda _reason: ("Smoothie", "ok"),
        halted=("ok Emergency Stop Requested - reset or M999 required to exit HALT state",),
        in_ok={114: _smoothie_position},
        halt_reply="!!",
        dies_silent=False,
    ),
}
