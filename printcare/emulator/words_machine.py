"""G-code that heats, reports, pauses and lists settings on the emulated machine."""

from __future__ import annotations

import zlib

from printcare.emulator.build import UUID
from printcare.emulator.heat import HeatedBlock
from printcare.emulator.printer import Handler, Printer, Waiting
from printcare.emulator.words_motion import MOTION
from printcare.protocol.marlin_device import Command

WINDOW_K, HYSTERESIS_K, RESIDENCY_S = 1.0, 3.0, 10.0  # TEMP_WINDOW, TEMP_HYSTERESIS, TEMP_RESIDENCY_TIME
COOLING_CHECK_S, COOLING_STEP_K = 60.0, 1.5  # MIN_COOLING_SLOPE
END_STOP_MM = 0.02  # from home, within which a switch is closed
_CAPS = (
    "SERIAL_XON_XOFF:0 BINARY_FILE_TRANSFER:0 EEPROM:1 VOLUMETRIC:1 AUTOREPORT_POS:1 AUTOREPORT_TEMP:1 PROGRESS:0 "
    "PRINT_JOB:1 AUTOLEVEL:0 RUNOUT:0 Z_PROBE:0 LEVELING_DATA:0 BUILD_PERCENT:0 SOFTWARE_POWER:0 TOGGLE_LIGHTS:0 "
    "CASE_LIGHT_BRIGHTNESS:0 EMERGENCY_PARSER:{ep} HOST_ACTION_COMMANDS:1 PROMPT_SUPPORT:1 SDCARD:0 REPEAT:0 "
    "SD_WRITE:0 AUTOREPORT_SD_STATUS:0 LONG_FILENAME:0 LFN_WRITE:0 CUSTOM_FIRMWARE_UPLOAD:0 EXTENDED_M20:0 "
    "THERMAL_PROTECTION:1 MOTION_MODES:0 ARCS:1 BABYSTEPPING:0 CHAMBER_TEMPERATURE:0 COOLER_TEMPERATURE:0 MEATPACK:0 "
    "CONFIG_EXPORT:0"
)


def identify(printer: Printer, _command: Command) -> None:
    """M115, with the announcement of a simulated machine after the line with the UUID."""
    build, space = printer.build, printer.build.space
    printer.say(
        "FIRMWARE_NAME:Marlin 2.1.2.1 (Jan  1 2000 00:00:00) SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin "
        f"PROTOCOL_VERSION:1.0 MACHINE_TYPE:{build.machine} EXTRUDER_COUNT:{len(printer.jackets)} UUID:{UUID}"
    )
    if build.speed is not None:
        printer.say("Cap:SIMULATED:1")
        printer.say(f"Cap:SPEED:{build.speed:g}")
    for cap in _CAPS.format(ep=int(build.emergency_parser)).split():
        printer.say(f"Cap:{cap}")
    low = f"{{x:{space.min_x_mm:.2f},y:{space.min_y_mm:.2f},z:{space.min_z_mm:.2f}}}"
    high = f"{{x:{space.max_x_mm:.2f},y:{space.max_y_mm:.2f},z:{space.max_z_mm:.2f}}}"
    printer.say(f"area:{{full:{{min:{low},max:{high}}},work:{{min:{low},max:{high}}}}}")


def heat(printer: Printer, command: Command) -> None:
    """M104, of the tool in use or of T."""
    values = command.parameters()
    heater = _named_heater(printer, values)
    if heater and "S" in values:
        heater.set_target(values["S"] or 0.0, printer.clock.now_s)


def heat_and_wait(printer: Printer, command: Command) -> Waiting | None:
    """M109: S waits for heating only, R for cooling too, and may give up."""
    heater = _named_heater(printer, command.parameters())
    return _wait(printer, heater, command) if heater else None


def _named_heater(printer: Printer, values: dict[str, float | None]) -> HeatedBlock | None:
    """Return the heater T names; a tool that is not there is refused in words, and nothing is heated."""
    if "T" not in values:
        return printer.jacket
    number = int(values["T"] or 0)
    if 0 <= number < len(printer.jackets):
        return printer.jackets[number]
    printer.voice.no_tool(printer, number)
    return None


def heat_bed(printer: Printer, command: Command) -> None:
    """M140."""
    values = command.parameters()
    if "S" in values:
        printer.bed.set_target(values["S"] or 0.0, printer.clock.now_s)
        _tell_bed(printer)


def heat_bed_and_wait(printer: Printer, command: Command) -> Waiting | None:
    """M190."""
    waiting = _wait(printer, printer.bed, command)
    if waiting:
        _tell_bed(printer)
    return waiting


def _tell_bed(printer: Printer) -> None:
    verb = "Heating" if printer.bed.target_c > printer.bed.shown_c else "Cooling"
    printer.tell_host(f"notification Bed {verb}...")


def _wait(printer: Printer, heater: HeatedBlock, command: Command) -> Waiting | None:
    values = command.parameters()
    target = values.get("R") or values.get("S")
    if target is None:
        return None
    heater.set_target(target, printer.clock.now_s)
    return _residency(printer, heater, only_heating="S" in values)


def _residency(printer: Printer, heater: HeatedBlock, *, only_heating: bool) -> Waiting:
    """Temperature::wait_for_hotend: a line a second, ok after RESIDENCY_S inside the window."""
    clock = printer.clock
    printer.is_heat_waited = True
    cools = heater.target_c < heater.shown_c
    since_s: float | None = None
    next_line_s = clock.now_s
    next_check_s, last_c = 0.0, 9999.0
    is_first = True
    while printer.is_heat_waited and not (only_heating and cools):
        now_s = clock.now_s
        if now_s >= next_line_s - 1e-9:
            next_line_s = now_s + 1.0
            left = "?" if since_s is None else f"{int(RESIDENCY_S - (now_s - since_s))}"
            line = printer.voice.heating(printer, left)
            if line:
                printer.say(line)
        off_k = abs(heater.target_c - heater.shown_c)
        if since_s is None:
            if off_k < WINDOW_K:
                since_s = now_s + (RESIDENCY_S / 3 if is_first else 0.0)
        elif off_k > HYSTERESIS_K:
            since_s = now_s
        if cools and now_s >= next_check_s:
            if last_c - heater.shown_c < COOLING_STEP_K:
                break
            next_check_s, last_c = now_s + COOLING_CHECK_S, heater.shown_c
        is_first = False
        if since_s is not None and now_s >= since_s + RESIDENCY_S:
            break
        yield 0.1
    printer.is_heat_waited = False


def report_position(printer: Printer, command: Command) -> Waiting | None:
    """M114; D adds detail after motion has ended, R shows the real position."""
    values = command.parameters()
    if "D" not in values:
        printer.say(printer.position_text())
        return None
    return _position_detail(printer)


def _position_detail(printer: Printer) -> Waiting:
    yield printer.is_still
    x, y, z = printer.logical_xyz()
    e = printer.modal.e_mm
    rx, ry, rz, _ = printer.planner.end
    counts = printer.counted_steps()
    per_mm = printer.build.steps_per_mm
    fx, fy, fz = (count / steps for count, steps in zip(counts[:3], per_mm[:3], strict=True))
    printer.say(printer.position_text())
    printer.say("")
    printer.say(f"Logical: X: {x:.3f} Y: {y:.3f} Z: {z:.3f}")
    printer.say(f"Raw:     X: {rx:.3f} Y: {ry:.3f} Z: {rz:.3f}")
    printer.say(f"Stepper: X:{counts[0]} Y:{counts[1]} Z:{counts[2]} E:{round(e * per_mm[3])}")
    printer.say(f"FromStp: X: {fx:.3f} Y: {fy:.3f} Z: {fz:.3f} E: {e:.3f}")
    printer.say(f"Diff:    X: {abs(rx - fx):.3f} Y: {abs(ry - fy):.3f} Z: {abs(rz - fz):.3f} E: 0.000")


def report_temperature_every(printer: Printer, command: Command) -> None:
    """M155 S."""
    values = command.parameters()
    if "S" in values:
        printer.report_every("temperature", float(int(values["S"] or 0)), lambda: f" {printer.temperatures()}")


def report_position_every(printer: Printer, command: Command) -> None:
    """M154 S."""
    values = command.parameters()
    if "S" in values:
        printer.report_every("position", float(int(values["S"] or 0)), printer.position_text)


def busy_interval(printer: Printer, command: Command) -> None:
    """M113."""
    values = command.parameters()
    if "S" in values:
        printer.busy_interval_s = float(int(values["S"] or 0))
    else:
        printer.say(f"echo:M113 S{printer.busy_interval_s:.0f}")


def echo(printer: Printer, command: Command) -> None:
    """M118 [A1] [E1] text."""
    text, prefix = command.arguments, ""
    while text[:2] in ("A1", "E1", "A0", "E0", "P0"):
        prefix += {"A1": "//", "E1": "echo:"}.get(text[:2], "")
        text = text[2:].lstrip()
    printer.say(prefix + text)


def fan(printer: Printer, command: Command) -> None:
    """M106, M107: only fan 0 exists."""
    values = command.parameters()
    if values.get("P"):
        return
    printer.fan = 0 if command.code == 107 else int(values.get("S", 255.0) or 0)
    if printer.voice.reports_fan:
        printer.say(f"M106 P0 S{printer.fan}")


def pause(printer: Printer, command: Command) -> Waiting:
    """M0, M1: a prompt, then wait for M108, M876 S0 or the time-out."""
    timeout_s = 0.0
    text = command.arguments
    word, _, rest = text.partition(" ")
    if word[:1] in ("S", "P") and word[1:].replace(".", "").isdigit():
        timeout_s, text = float(word[1:]) / (1000 if word[0] == "P" else 1), rest
    if text:
        printer.say(f"echo:{text}")
    yield printer.is_still
    for line in ("prompt_end", f"prompt_begin {text}", "prompt_button Continue", "prompt_show"):
        printer.say(f"//action:{line}")
    printer.is_user_waited = True
    if timeout_s:
        yield timeout_s
    else:
        yield lambda: not printer.is_user_waited
    printer.is_user_waited = False


def change_ink(printer: Printer, _command: Command) -> Waiting:
    """M600: park and wait; the recorded build never came back from it, nor does this one without a reset."""
    printer.say("//action:paused")
    for line in ("prompt_end", "prompt_begin Pause", "prompt_button Dismiss", "prompt_show"):
        printer.say(f"//action:{line}")
    yield printer.is_still
    x, y, z, e = printer.planner.end
    printer.modal.e_mm -= 2.0
    printer.add_move((x, y, z, e - 2.0), 60.0)
    printer.add_move((x, y, z + 20.0, e - 2.0), 5.0)
    printer.add_move((10.0, 190.0, z + 20.0, e - 2.0), 100.0)
    yield printer.is_still
    printer.say(printer.position_text())
    yield lambda: False


def set_number(printer: Printer, command: Command) -> None:
    """M110 N."""
    values = command.parameters()
    if values.get("N") is not None:
        printer.renumber(int(values["N"] or 0))


def die(printer: Printer, _command: Command) -> None:
    """M112 from the queue."""
    printer.kill("M112 Shutdown")


def soft_endstops(printer: Printer, _command: Command) -> None:
    """M211."""
    s = printer.build.space
    printer.say("  M211 S1 ; ON")
    printer.say(
        f"  Min:  X{s.min_x_mm:.2f} Y{s.min_y_mm:.2f} Z{s.min_z_mm:.2f}   "
        f"Max:  X{s.max_x_mm:.2f} Y{s.max_y_mm:.2f} Z{s.max_z_mm:.2f}"
    )


def endstops(printer: Printer, _command: Command) -> None:
    """M119: each switch is closed where the carriage really stands, whatever the firmware believes."""
    printer.say("Reporting endstop status")
    for axis, switch in switches(printer):
        printer.say(f"{axis}_min: {switch}")


def switches(printer: Printer) -> list[tuple[str, str]]:
    """Return every axis with its end stop's state: closed at home and beyond it; unhomed, it stands in the open."""
    where_mm = printer.carriage_mm()
    closed = [number in printer.homed and where_mm[number] <= END_STOP_MM for number in range(3)]
    return [(axis, "TRIGGERED" if is_closed else "open") for axis, is_closed in zip("xyz", closed, strict=True)]


def settings(printer: Printer) -> list[tuple[str, str]]:
    """Return the settings listing as pairs of heading and command."""
    b = printer.build
    steps = "M92 X{:.2f} Y{:.2f} Z{:.2f} E{:.2f}".format(*b.steps_per_mm)
    feeds = "M203 X{:.2f} Y{:.2f} Z{:.2f} E{:.2f}".format(*b.max_feed_mm_s)
    accels = "M201 X{:.2f} Y{:.2f} Z{:.2f} E{:.2f}".format(*b.max_accel_mm_s2)
    a = b.accel_mm_s2
    own = [
        (f"Steps per unit of T{tool}:", f"M92 T{tool} E{each.steps_per_mm:.2f}")
        for tool, each in enumerate(b.further, 1)
        if each.steps_per_mm != b.steps_per_mm[3]
    ]
    return [
        ("Linear Units:", "G21 ; (mm)"),
        ("Temperature Units:", "M149 C ; Units in Celsius"),
        ("Filament settings (Disabled):", f"M200 S0 D{b.filament_mm:.2f}"),
        ("Steps per unit:", steps),
        *own,
        ("Max feedrates (units/s):", feeds),
        ("Max Acceleration (units/s2):", accels),
        (
            "Acceleration (units/s2) (P<print-accel> R<retract-accel> T<travel-accel>):",
            f"M204 P{a:.2f} R{a:.2f} T{a:.2f}",
        ),
        (
            "Advanced (B<min_segment_time_us> S<min_feedrate> T<min_travel_feedrate> J<junc_dev>):",
            f"M205 B20000.00 S0.00 T0.00 J{b.junction_deviation_mm:.2f}",
        ),
        ("Home offset:", "M206 X0.00 Y0.00 Z0.00"),
        ("Hotend PID:", "M301 P22.20 I1.08 D114.00"),
        ("Bed PID:", "M304 P10.00 I0.02 D305.40"),
        ("Filament load/unload:", "M603 L0.00 U100.00 ; (mm)"),
    ]


def list_settings(printer: Printer, _command: Command) -> None:
    """M503."""
    for heading, line in settings(printer):
        printer.say(f"echo:; {heading}")
        printer.say(f"echo:  {line}")


def store(printer: Printer, _command: Command) -> None:
    """M500."""
    printer.say(f"echo:Settings Stored (624 bytes; crc {_crc(printer)})")
    printer.say("//action:notification Settings Stored")
    printer.say("//action:notification Settings Stored")


def retrieve(printer: Printer, command: Command) -> None:
    """M501."""
    printer.say(f"echo:V88 stored settings retrieved (624 bytes; crc {_crc(printer)})")
    printer.say("//action:notification Stored settings retrieved")
    list_settings(printer, command)


def restore(printer: Printer, _command: Command) -> None:
    """M502."""
    printer.say("//action:notification Hardcoded Default Settings Loaded")
    printer.say("echo:Hardcoded Default Settings Loaded")


def show_setting(printer: Printer, command: Command) -> None:
    """M92, M201, M203 …: show without parameters; setting them is accepted but not modelled."""
    word = f"{command.letter}{command.code} "
    if not command.arguments:
        printer.say("  " + next(line for _, line in settings(printer) if line.startswith(word)))


def _crc(printer: Printer) -> int:
    return zlib.crc32(repr(settings(printer)).encode()) & 0xFFFF


def saying(*lines: str) -> Handler:
    """Return a handler that only says fixed lines."""

    def handler(printer: Printer, _command: Command) -> None:
        for line in lines:
            printer.say(line)

    return handler


_QUIET = (17, 18, 31, 75, 76, 77, 84, 85, 108, 117, 149, 876)
_SPOKEN: dict[int, tuple[str, ...]] = {
    17: ("//action:notification No Move.",),
    31: ("//action:notification 0s", "echo:Print time: 0s"),
    76: ("//action:pause",),
}
MACHINE: dict[tuple[str, int], Handler] = {
    ("M", 0): pause,
    ("M", 1): pause,
    ("M", 104): heat,
    ("M", 106): fan,
    ("M", 107): fan,
    ("M", 109): heat_and_wait,
    ("M", 110): set_number,
    ("M", 112): die,
    ("M", 113): busy_interval,
    ("M", 114): report_position,
    ("M", 115): identify,
    ("M", 118): echo,
    ("M", 119): endstops,
    ("M", 140): heat_bed,
    ("M", 154): report_position_every,
    ("M", 155): report_temperature_every,
    ("M", 190): heat_bed_and_wait,
    ("M", 211): soft_endstops,
    ("M", 500): store,
    ("M", 501): retrieve,
    ("M", 502): restore,
    ("M", 503): list_settings,
    ("M", 600): change_ink,
}
_SHOWN = (92, 200, 201, 203, 204, 205, 206, 301, 304, 603)
HANDLERS: dict[tuple[str, int], Handler] = {
    **MOTION,
    **MACHINE,
    **{("M", code): saying(*_SPOKEN.get(code, ())) for code in _QUIET},
    **{("M", code): show_setting for code in _SHOWN},
}
