"""A printer's profile file becomes a FirmwareProfile, or a list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from printcare.domain.checks import Finding
from printcare.domain.machine import (
    LOCAL_TRANSPORTS,
    TRANSPORTS,
    Box,
    FirmwareProfile,
    LinkSettings,
    MotionLimits,
    Toolhead,
    Tray,
)
from printcare.formats.find import data_file
from printcare.formats.tables import Table, parse, refuse

DIALECTS = ("marlin", "reprapfirmware", "klipper", "smoothieware")
TOOLS = ("syringe", "filament", "pneumatic")
TOOLS_MOST = 8
USUAL_ARC_MM = (0.1, 1.0)  # MIN_ARC_SEGMENT_MM and MAX_ARC_SEGMENT_MM as Marlin ships them
CODE_MOST = 40  # lines of start, park or end code


def load_profile(id_or_path: str) -> FirmwareProfile:
    """Return a profile by id (`marlin-syringe`) or path; raises PrintcareError or FileProblems."""
    name, data = data_file("firmware_profiles", id_or_path)
    return read_profile(data, name)


def read_profile(data: bytes, name: str) -> FirmwareProfile:
    """Return the profile a file holds; all problems are reported at once."""
    problems: list[Finding] = []
    values = parse(data, name)
    root = Table(values, "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("profile",))
    firmware, motion = root.table("firmware"), root.table("motion")
    tray_table, program = root.table("tray"), root.table("program")
    profile = FirmwareProfile(
        id=root.text("id"),
        title=root.text("title"),
        printer_class=root.text("printer_class"),
        dialect=firmware.one_of("dialect", DIALECTS),
        identity_pattern=_pattern(firmware, "match_m115"),
        required_caps=firmware.texts("required_caps"),
        link=_link(root.table("link")),
        motion=MotionLimits(
            motion.number("max_feed_xy_mm_s", above=0),
            motion.number("max_feed_z_mm_s", above=0),
            motion.number("max_accel_mm_s2", above=0),
            motion.number("junction_deviation_mm", above=0),
        ),
        build=_build(root.table("build_volume")),
        tool=_tool(root.table("tool")),
        tray=_tray(tray_table),
        park_mm=tray_table.numbers3("park_mm"),
        purge_mm=tray_table.numbers3("purge_mm"),
        travel_z_mm=tray_table.number("travel_z_mm", above=0),
        travel_feed_mm_s=tray_table.number("travel_feed_mm_s", above=0),
        has_arcs=firmware.boolean("arcs"),
        volumetric_e=firmware.boolean("volumetric_e"),
        allowed_words=program.texts("allowed"),
        digest=hashlib.sha256(data).hexdigest(),
        further_tools=_further_tools(root),
        arc_segment_mm=_arc_segment(firmware),
        takes_arc_radius=firmware.has("arc_radius") and firmware.boolean("arc_radius"),
        start_code=_code(program, "start"),
        park_code=_code(program, "park"),
        end_code=_code(program, "end"),
        asserted=_asserted(root, values.get("assert")),
        bed_max_c=_bed(root),
    )
    for table in (firmware, motion, tray_table, program, root):
        table.close()
    _fits_build(profile, tray_table)
    _fits_tools(profile, root, program)
    refuse(problems, name)
    return profile


def _further_tools(root: Table) -> tuple[Toolhead, ...]:
    if not root.has("further_tool"):
        return ()
    tables = root.tables("further_tool")
    if len(tables) >= TOOLS_MOST:
        root.object("further_tool", "F_KEY_RANGE", f"are {len(tables)}", f"At most {TOOLS_MOST} tools are known.")
    return tuple(_tool(table) for table in tables)


def _arc_segment(firmware: Table) -> tuple[float, float]:
    if not firmware.has("arc_segment_mm"):
        return USUAL_ARC_MM
    low, high = firmware.interval("arc_segment_mm")
    if low <= 0:
        firmware.object("arc_segment_mm", "F_KEY_RANGE", f"begins at {low}", "Use lengths above 0.")
        return USUAL_ARC_MM
    return float(low), float(high)


def _code(program: Table, key: str) -> tuple[str, ...]:
    """Return lines to be written as they stand; the gate judges them with the rest of the file."""
    lines = program.texts(key) if program.has(key) else ()
    for line in lines:
        if not (line.strip() and line.isascii() and line.isprintable()):
            program.object(key, "F_CODE", f"holds {line!r}", "Write one command per text, in plain characters.")
    if len(lines) > CODE_MOST:
        program.object(key, "F_KEY_RANGE", f"has {len(lines)} lines", f"Use at most {CODE_MOST}.")
    return lines


def _bed(root: Table) -> float | None:
    """Return how hot the heated bed may get; None for a profile without one."""
    if not root.has("bed"):
        return None
    table = root.table("bed")
    most_c = table.number("max_c", above=0)
    table.close()
    return most_c


def _asserted(root: Table, values: object) -> tuple[tuple[str, str], ...]:
    """Return what the printer has to report before a print, such as `"M92 E" = "800.00"`, in the file's order."""
    if not root.has("assert"):
        return ()
    table = root.table("assert")
    settings = tuple((key, table.text(key)) for key in (values if isinstance(values, dict) else ()))
    table.close()
    return settings


def _pattern(table: Table, key: str) -> str:
    text = table.text(key)
    try:
        re.compile(text)
    except re.error as fault:
        table.object(key, "F_PATTERN", f"is not a regular expression: {fault}", "Correct the pattern.")
    return text


def _patterns(table: Table, key: str) -> tuple[str, ...]:
    texts = table.texts(key)
    for text in texts:
        try:
            re.compile(text)
        except re.error as fault:
            table.object(key, "F_PATTERN", f"{text!r} is not a regular expression: {fault}", "Correct the pattern.")
    return texts


def _link(table: Table) -> LinkSettings:
    settings = LinkSettings(
        bauds=tuple(int(value) for value in _whole(table, "baud")),
        payload_limit=table.integer("payload_limit", least=40),
        line_limit=table.integer("line_limit", least=40),
        integrity=table.one_of("integrity", ("n_xor", "n_crc16", "none")),
        rx_bytes=table.integer("rx_bytes", least=64),
        command_queue=table.integer("command_queue", least=1),
        keep_free_slots=table.integer("keep_free_slots"),
        planner_blocks=table.integer("planner_blocks", least=1),
        max_horizon_s=table.number("max_horizon_s", above=0),
        silence_probe_s=table.number("silence_probe_s", above=0),
        busy_timeout_s=table.number("busy_timeout_s", above=0),
        boot_timeout_s=table.number("boot_timeout_s", above=0),
        boot_pattern=_pattern(table, "boot"),
        resend_pattern=_pattern(table, "resend"),
        busy_pattern=_pattern(table, "busy"),
        fatal_patterns=_patterns(table, "fatal"),
        failed_patterns=_patterns(table, "failed"),
        transports=_transports(table),
    )
    if settings.integrity == "none" and not set(settings.transports) <= set(LOCAL_TRANSPORTS):
        table.object(
            "transports",
            "F_TRANSPORT",
            f"are {', '.join(settings.transports)}, and lines travel without number and checksum",
            f"State transports = {list(LOCAL_TRANSPORTS)}, which check every byte themselves.",
        )
    if settings.max_horizon_s > 1:
        table.object(
            "max_horizon_s", "F_KEY_RANGE", f"is {settings.max_horizon_s}", "Keep motion in flight at 1 s or less."
        )
    table.close()
    return settings


def _transports(table: Table) -> tuple[str, ...]:
    if not table.has("transports"):
        return TRANSPORTS
    chosen = table.texts("transports")
    if not chosen or not set(chosen) <= set(TRANSPORTS):
        table.object("transports", "F_KEY_CHOICE", f"are {list(chosen)}", f"Use some of: {', '.join(TRANSPORTS)}.")
    return chosen


def _whole(table: Table, key: str) -> tuple[int, ...]:
    if not table.has(key):
        table.object(key, "F_KEY_MISSING", "is missing", "Add a list of baud rates.")
        return ()
    values = table.raw_list(key)
    if not values or not all(isinstance(value, int) and value > 0 for value in values):
        table.object(key, "F_KEY_TYPE", "is not a list of baud rates", "Write whole numbers, the preferred rate first.")
        return ()
    return tuple(values)


def _build(table: Table) -> Box:
    low, high = table.numbers3("min_mm"), table.numbers3("max_mm")
    table.close()
    return Box(*low, *high)


def _tool(table: Table) -> Toolhead:
    tool = Toolhead(
        kind=table.one_of("kind", TOOLS),
        feedstock_diameter_mm=table.number("feedstock_diameter_mm", above=0),
        steps_per_mm=table.number("steps_per_mm", above=0),
        max_feed_mm_s=table.number("max_feed_mm_s", above=0),
        capacity_mm3=table.number("capacity_mm3", above=0),
        compliance_mm3_kpa=table.number("compliance_mm3_kpa"),
        friction_n=table.number("friction_n"),
        max_pressure_kpa=table.number("max_pressure_kpa", above=0),
        min_extrude_c=table.number("min_extrude_c"),
        offset_mm=table.numbers3("offset_mm") if table.has("offset_mm") else (0.0, 0.0, 0.0),
        flow_mm3_s=_flow(table),
    )
    if tool.kind == "filament" and table.has("force_sensor"):
        tool = replace(tool, has_force_sensor=table.boolean("force_sensor"))
    if tool.kind == "pneumatic" and tool.flow_mm3_s is None:
        told = "is missing: a pneumatic head gives what it was calibrated at"
        table.object("flow_mm3_s", "F_KEY_MISSING", told, "Add [least, most], mm³/s, as calibrated.")
    table.close()
    return tool


def _flow(table: Table) -> tuple[float, float] | None:
    if not table.has("flow_mm3_s"):
        return None
    low, high = table.interval("flow_mm3_s")
    if low <= 0:
        table.object("flow_mm3_s", "F_KEY_RANGE", f"begins at {low}", "Use flows above 0.")
    return float(low), float(high)


def _tray(table: Table) -> Tray:
    first_x_mm, first_y_mm = table.decimals("first_position_mm", 2)
    corners = [tuple(float(value) for value in box) for box in _boxes(table)]
    return Tray(
        rows=table.integer("rows", least=1),
        columns=table.integer("columns", least=1),
        pitch_mm=table.number("pitch_mm", above=0),
        first_x_mm=float(first_x_mm),
        first_y_mm=float(first_y_mm),
        unit_space_mm=table.number("unit_space_mm", above=0),
        keep_outs=tuple(Box(*corner) for corner in corners),
    )


def _boxes(table: Table) -> list[list[float]]:
    boxes = table.raw_list("keep_outs_mm")
    if all(isinstance(box, list) and len(box) == 6 for box in boxes):
        return boxes
    table.object(
        "keep_outs_mm",
        "F_KEY_TYPE",
        "holds something else than boxes of six numbers",
        "Write [x0, y0, z0, x1, y1, z1] each.",
    )
    return []


def _fits_build(profile: FirmwareProfile, table: Table) -> None:
    corners = [(*profile.tray.centre(index), 0.0) for index in (0, profile.tray.size - 1)]
    for name, point in [
        ("park_mm", profile.park_mm),
        ("purge_mm", profile.purge_mm),
        *[("first_position_mm", corner) for corner in corners],
    ]:
        if not profile.build.holds(*point):
            table.object(name, "F_OUTSIDE_BUILD", f"reaches {point}, outside the build volume", "Move it inside.")
    if profile.tray.unit_space_mm > profile.tray.pitch_mm:
        table.object(
            "unit_space_mm", "F_KEY_RANGE", "is wider than the pitch", "Neighbouring units would touch; reduce it."
        )


def _fits_tools(profile: FirmwareProfile, root: Table, program: Table) -> None:
    """Report tools nobody may choose, and an offset of the first, which is what the others are measured from."""
    if any(profile.tool.offset_mm):
        root.object("tool.offset_mm", "F_KEY_RANGE", "is not zero", "Offsets are measured from the first tool.")
    missing = [f"T{n}" for n in range(len(profile.tools)) if f"T{n}" not in profile.allowed_words]
    if profile.further_tools and missing:
        program.object("allowed", "F_TOOL", f"lacks {', '.join(missing)}", "Allow every tool's own command.")
