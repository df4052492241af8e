"""Toolpath to program: absolute E with cumulative rounding, one segment per unit, nothing a profile does not allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from printcare.domain.machine import FirmwareProfile
from printcare.errors import PrintcareError
from printcare.gcode.beads import Beads
from printcare.gcode.program import Header, Program, digest_of, with_unit
from printcare.gcode.sheet import E_DIGITS, Sheet, feed_mm_min, whole_steps_mm
from printcare.geometry.layout import LIFT_MM, Toolpath

PRIME_SHARE = 0.9  # of the motion in flight one prime chunk takes, so that priming stops between chunks
SLOW_SHARE = 0.5  # of the prime goes at the slower speed of the signature, where the recipe asks for one
COMMENT_MAX = 78


def write(toolpath: Toolpath, profile: FirmwareProfile, header: Header) -> Program:
    """Return the program of a toolpath: prologue, prime chunks, prime end, units, epilogue.

    Raises PrintcareError where the feed would be beyond the plunger's own limit.
    """
    return _written((toolpath,), (0,), (toolpath,), profile, header)


def write_parts(
    toolpaths: Sequence[Toolpath], profile: FirmwareProfile, header: Header, tools: Sequence[int] | None = None
) -> Program:
    """Return the program of units of several inks, one toolpath each, over the same positions.

    Each ink has its own heat and prime; then every unit is printed ink by ink, and parked after each so that it can be
    weighed. `tools` says which tool holds which ink, T0, T1 … without. Raises PrintcareError where the toolpaths do
    not stand on the same positions, a tool is missing or a feed is beyond its tool's limit.
    """
    if len({toolpath.centres_mm.tobytes() for toolpath in toolpaths}) != 1:
        raise PrintcareError(
            "WRITER_PARTS", "The inks of a unit do not stand on the same positions.", "Lay them out for the same units."
        )
    chosen = tuple(range(len(toolpaths))) if tools is None else tuple(tools)
    if len(set(chosen)) != len(toolpaths):
        raise PrintcareError("WRITER_TOOL", "The inks of a unit have not a tool each.", "Give each ink its own tool.")
    return _written(tuple(toolpaths), chosen, (toolpaths[0],), profile, header)


def write_zones(toolpaths: Sequence[Toolpath], profile: FirmwareProfile, header: Header) -> Program:
    """Return the program of several strengths of one ink, each toolpath with positions of its own, units in order.

    The ink is primed once, as much as the zone that wants most. Raises PrintcareError where two zones share a position
    or want another temperature, or where a feed is beyond the tool's limit.
    """
    centres = [tuple(centre) for toolpath in toolpaths for centre in toolpath.centres_mm.tolist()]
    if len(set(centres)) != len(centres) or not centres:
        raise PrintcareError("WRITER_ZONES", "Two zones share a tray position.", "Lay the zones side by side.")
    if len({toolpath.temperature_c for toolpath in toolpaths}) != 1:
        raise PrintcareError("WRITER_ZONES", "The zones want one ink at two temperatures.", "Use the ink's own recipe.")
    primes = max(toolpaths, key=lambda toolpath: toolpath.prime_mm3)
    return _written((primes,), (0,), tuple(toolpaths), profile, header)


def zone_of(toolpaths: Sequence[Toolpath], index: int) -> tuple[Toolpath, int]:
    """Return the toolpath unit `index` (1-based) of a file in zones lies on, and its 0-based place on it.

    Raises PrintcareError where no zone reaches that far.
    """
    place = index - 1
    for toolpath in toolpaths:
        if 0 <= place < toolpath.units:
            return toolpath, place
        place -= toolpath.units
    raise PrintcareError("PROGRAM_UNIT", f"The zones have no unit {index}.", "Ask for one of their units.")


def write_unit(
    toolpath: Toolpath,
    profile: FirmwareProfile,
    program: Program,
    index: int,
    multiplier: float,
    part: int = 1,
    place: int | None = None,
) -> Program:
    """Return the program with unit `index` (1-based) re-written at `multiplier` of its target.

    `toolpath` is the part's own; of a file in zones it is the zone's, and `place` the unit's place on it (`zone_of`).
    The gate has to see it again before it is sent (process.md §8.3).
    """
    segment = program.unit(index, part)
    before = next(each for each in program.segments if each.last_line == segment.first_line - 1)
    sheet = Sheet(profile, program.tools[part - 1])
    sheet.x_mm, sheet.y_mm, sheet.z_mm = before.end_mm
    beads = Beads(_paced(toolpath, profile, sheet.tool, multiplier), profile, multiplier, sheet.tool)
    _unit(sheet, beads, index - 1 if place is None else place, index, part)
    return with_unit(program, sheet.segments[0])


def _paced(toolpath: Toolpath, profile: FirmwareProfile, tool: int, multiplier: float) -> Toolpath:
    """Return the path at the pace that gives `multiplier` of its mass.

    Behind a regulator the flow is what the ink makes of the pressure, whatever E says: only time gives more of it.
    """
    if profile.tools[tool].kind != "pneumatic":
        return toolpath
    return replace(toolpath, feed_mm_s=toolpath.feed_mm_s / multiplier)


def _written(
    inks: tuple[Toolpath, ...],
    tools: tuple[int, ...],
    zones: tuple[Toolpath, ...],
    profile: FirmwareProfile,
    header: Header,
) -> Program:
    """Return the program of inks by tool, one toolpath each, or of one ink in zones."""
    paths = inks if len(inks) > 1 else zones
    sheet = Sheet(profile)
    _prologue(sheet, inks, tools, _comments(profile, paths, header, is_zoned=len(zones) > 1))
    for part, (toolpath, tool) in enumerate(zip(inks, tools, strict=True), 1):
        _prime(sheet, toolpath, tool, part)
    beads = [
        Beads(toolpath, profile, 1.0, tool)
        for toolpath, tool in zip(paths, tools if len(inks) > 1 else tools * len(zones), strict=True)
    ]
    for each in beads:
        _drivable(each, profile)
    targets: list[float] = []
    index = 0
    for zone in [beads] if len(inks) > 1 else [[each] for each in beads]:
        for place in range(zone[0].toolpath.units):
            index += 1
            for part, each in enumerate(zone, 1):
                _unit(sheet, each, place, index, part)
                targets.append(each.toolpath.form.volume_mm3)
    _epilogue(sheet, tools)
    diameter_mm = math.sqrt(4 * profile.feed_area_mm2(tools[0]) / math.pi)
    return Program(
        tuple(sheet.segments),
        profile.id,
        diameter_mm,
        targets[0],
        header,
        digest_of(sheet.lines),
        tools,
        tuple(targets),
    )


def _drivable(beads: Beads, profile: FirmwareProfile) -> None:
    flow_mm3_s = beads.toolpath.flow_mm3_s
    if flow_mm3_s / profile.feed_area_mm2(beads.tool) > profile.tools[beads.tool].max_feed_mm_s:
        raise PrintcareError(
            "WRITER_FEED",
            f"A flow of {flow_mm3_s:.3f} mm³/s is faster than the feedstock can be driven.",
            "Print slower, or use a feedstock of larger diameter.",
        )


def _prologue(sheet: Sheet, inks: tuple[Toolpath, ...], tools: tuple[int, ...], comments: list[str]) -> None:
    profile = sheet.profile
    sheet.lines += ["; " + "".join(c for c in text if " " <= c <= "~")[:COMMENT_MAX] for text in comments]
    sheet.lines += ["G21", "G90", "M82", "M220 S100", "M221 S100", *profile.start_code]
    heats = [
        f"T{tool} S{toolpath.temperature_c:g}" if profile.further_tools else f"S{toolpath.temperature_c:g}"
        for toolpath, tool in zip(inks, tools, strict=True)
    ]
    beds = [f"{toolpath.bed_c:g}" for toolpath in inks if toolpath.bed_c is not None][:1]
    sheet.lines += [*(f"M104 {heat}" for heat in heats), *(f"M140 S{bed}" for bed in beds), "G28"]
    sheet.lines += [*(f"M109 {heat}" for heat in heats), *(f"M190 S{bed}" for bed in beds)]
    sheet.rise_to(profile.travel_z_mm)
    sheet.travel(*profile.purge_mm[:2])
    if profile.further_tools:
        sheet.change(tools[0])
        sheet.travel(*profile.purge_mm[:2])
    sheet.rise_to(profile.purge_mm[2])
    sheet.close("prologue", 1)


def _comments(profile: FirmwareProfile, paths: tuple[Toolpath, ...], header: Header, *, is_zoned: bool) -> list[str]:
    forms = [
        f"{path.form.kind} {path.form.diameter_mm:.3f} x {path.form.height_mm:.3f} mm, {path.form.layers} layers"
        for path in paths
    ]
    units = sum(path.units for path in paths) if is_zoned else paths[0].units
    holds = f"dose {header.dose_mg} mg" if header.dose_mg else f"volume {paths[0].form.volume_mm3:.4f} mm3"
    if len(paths) > 1:
        word = "zone" if is_zoned else "part"
        holds = f"dose {header.dose_mg} mg" if header.dose_mg else f"{len(paths)} {word}s"
        forms = [
            f"{word} {number}: volume {path.form.volume_mm3:.4f} mm3, {path.units} units, {form}"
            for number, (path, form) in enumerate(zip(paths, forms, strict=True), 1)
        ]
    return [
        "printcare" if header.for_patients else "NOT FOR PATIENTS",
        f"profile {profile.id}",
        f"recipe {header.recipe}",
        f"ink {header.basis}",
        f"{holds} per unit, {units} units",
        *forms,
    ]


def _prime(sheet: Sheet, toolpath: Toolpath, tool: int, part: int) -> None:
    """Write the prime in chunks, the job leaving out of each speed those it no longer needs (process.md §1.4).

    First the slower speed of the signature, where there is one, then the print's own: both stand in the file, so that
    what is sent is what the gate has seen.
    """
    if part > 1:
        sheet.change(tool)
        sheet.travel(*sheet.profile.purge_mm[:2])
        sheet.rise_to(sheet.profile.purge_mm[2])
    primed_mm3 = primed_mm = 0.0
    for number, (chunk_mm3, flow_mm3_s) in enumerate(_prime_chunks(sheet.profile, toolpath), 1):
        primed_mm3 += chunk_mm3
        until_mm = whole_steps_mm(sheet.profile, tool, primed_mm3)
        sheet.reset()
        sheet.push(until_mm - primed_mm, flow_mm3_s / sheet.area_mm2)
        primed_mm = until_mm
        sheet.close("prime", number, 0.0, part, flow_mm3_s)
    sheet.reset()
    relief_mm3 = toolpath.compensation_mm3 if toolpath.relief_mm3 is None else toolpath.relief_mm3
    relief_mm = whole_steps_mm(sheet.profile, tool, relief_mm3)
    if relief_mm:
        sheet.push(-relief_mm, sheet.retract_mm_s)
    sheet.rise_to(sheet.profile.travel_z_mm)
    sheet.close("prime_end", 1, relief_mm * sheet.area_mm2, part)


def _prime_chunks(profile: FirmwareProfile, toolpath: Toolpath) -> list[tuple[float, float]]:
    """Return volume and flow of each chunk; none holds more motion than may be in flight at its own speed."""
    slow_mm3_s, fast_mm3_s = toolpath.prime_slow_mm3_s, toolpath.flow_mm3_s
    speeds = [(toolpath.prime_mm3, fast_mm3_s)]
    if slow_mm3_s is not None and slow_mm3_s < fast_mm3_s:
        slow_mm3 = SLOW_SHARE * toolpath.prime_mm3
        speeds = [(slow_mm3, slow_mm3_s), (toolpath.prime_mm3 - slow_mm3, fast_mm3_s)]
    chunks: list[tuple[float, float]] = []
    for volume_mm3, flow_mm3_s in speeds:
        many = max(1, math.ceil(volume_mm3 / (flow_mm3_s * PRIME_SHARE * profile.link.max_horizon_s)))
        chunks += [(volume_mm3 / many, flow_mm3_s)] * many
    return chunks


def _unit(sheet: Sheet, beads: Beads, place: int, index: int, part: int) -> None:
    """Write one unit: from the retracted state and back to it, so that net E is its volume and nothing else."""
    profile, toolpath = sheet.profile, beads.toolpath
    points = toolpath.points(place)
    sheet.change(beads.tool)
    sheet.reset()
    sheet.rise_to(max(sheet.z_mm, profile.travel_z_mm))
    sheet.travel(float(points[0, 0]), float(points[0, 1]))
    sheet.rise_to(float(points[0, 2]))
    if beads.stored_mm:
        sheet.push(beads.stored_mm, sheet.retract_mm_s)
    sheet.lines.append(f"G1 F{feed_mm_min(toolpath.feed_mm_s)}")
    sheet.lines += beads.lines(place, points)
    sheet.e_mm = beads.end_e_mm
    sheet.x_mm, sheet.y_mm, sheet.z_mm = (float(value) for value in points[-1])
    if beads.stored_mm:
        sheet.push(round(sheet.e_mm - beads.stored_mm, E_DIGITS), sheet.retract_mm_s)
    sheet.rise_to(max(sheet.z_mm + LIFT_MM, profile.travel_z_mm))
    sheet.travel(*profile.park_mm[:2])
    sheet.rise_to(profile.park_mm[2])
    sheet.lines += [*profile.park_code, "M400"]
    sheet.close("unit", index, beads.stored_mm * sheet.area_mm2, part)


def _epilogue(sheet: Sheet, tools: tuple[int, ...]) -> None:
    """Write the end: the plunger is already retracted and the tool parked; a new origin ends the last unit."""
    profile = sheet.profile
    sheet.reset()
    sheet.rise_to(max(sheet.z_mm, profile.park_mm[2]))
    sheet.travel(*profile.park_mm[:2])
    sheet.lines += [f"M104 T{tool} S0" for tool in tools] if profile.further_tools else ["M104 S0"]
    sheet.lines += ["M140 S0", *profile.end_code]
    sheet.close("epilogue", 1)
