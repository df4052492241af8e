"""A printer's own settings against its approved profile: what changes a dose or a path is objected to, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from printcare.domain.checks import Finding, error, warning
from printcare.domain.machine import FirmwareProfile
from printcare.protocol.settings import digest_of

Settings = Mapping[str, Decimal]
DIGEST = "digest"  # the name under which a profile may assert all settings at once
STEPS_EXACT = 0.006  # firmware tells steps with two decimals
UNIT_AREA_MM = 1.128379  # the diameter of 1 mm²: volumetric E leaves E as it is
_TOLD_BY = {
    "marlin": ("M92 E", "M203 X", "M203 Y", "M203 Z", "M203 E", "M201 X", "M201 Y", "M204 P"),
    "reprapfirmware": ("M92 E", "M203 X", "M203 Y", "M203 Z", "M203 E", "M201 X", "M201 Y", "M204 P"),
    "smoothieware": ("M92 E", "M203 X", "M203 Y", "M203 Z"),
    "klipper": (),
}
_REMEDY = "Set the firmware as the profile was approved, or have the profile approved anew."


def settings_findings(profile: FirmwareProfile, told: Settings) -> tuple[Finding, ...]:
    """Return every difference between what a printer tells of itself and its profile, and what it does not tell.

    PRINTER_SETTING for a difference. PRINTER_SETTING_UNKNOWN for what is not told: it blocks where the dialect is known
    to tell it or the profile asserts it; dialects known from source alone are only warned about.
    """
    return (*_differences(profile, told), *_asserted(profile, told), *_unknown(profile, told))


def _differences(profile: FirmwareProfile, told: Settings) -> Iterator[Finding]:
    asserted = {name for name, _ in profile.asserted}
    for name, is_good, wanted in _rules(profile, told):
        value = told.get(name)
        if name not in asserted and value is not None and not is_good(float(value)):
            reason = f"The printer's {name} is {value:f}; profile {profile.id} needs {wanted}."
            yield error("PRINTER_SETTING", reason, _REMEDY, name)


def _rules(profile: FirmwareProfile, told: Settings) -> list[tuple[str, Callable[[float], bool], str]]:
    motion, tool = profile.motion, profile.tool
    rules = [
        _least("M203 X", motion.max_feed_xy_mm_s), _least("M203 Y", motion.max_feed_xy_mm_s),
        _least("M203 Z", motion.max_feed_z_mm_s), _least("M203 E", tool.max_feed_mm_s),
        _least("M201 X", motion.max_accel_mm_s2), _least("M201 Y", motion.max_accel_mm_s2),
        _close("M204 P", motion.max_accel_mm_s2, 0.5), _close("M205 J", motion.junction_deviation_mm, 0.0051),
        *(_close(f"M206 {axis}", 0, 0.0) for axis in "XYZ"),  # an offset moves every keep-out
        _close("M211 S", 1, 0.0),  # the firmware's own end stops: the last to notice a path outside
    ]  # fmt: skip
    for number, each in enumerate(profile.tools):
        # Firmware that tells one value for all tools moves all of them by it.
        own = f"M92 T{number} E" if number and f"M92 T{number} E" in told else "M92 E"
        rules.append(_close(own, each.steps_per_mm, STEPS_EXACT))
        rules.append(_close(f"M900 T{number} K" if number else "M900 K", 0, 0.0))  # linear advance is wrong for inks
    if told.get("M200 S", Decimal(0)) == 1:  # E is taken as a volume and divided by the area of D
        rules.append(_close("M200 D", UNIT_AREA_MM if profile.volumetric_e else 0, 0.006))
    return rules


def _least(name: str, least: float) -> tuple[str, Callable[[float], bool], str]:
    return name, lambda value: value >= least, f"{least:g} or more"


def _close(name: str, wanted: float, within: float) -> tuple[str, Callable[[float], bool], str]:
    return name, lambda value: abs(value - wanted) <= within, f"{wanted:g}"


def _asserted(profile: FirmwareProfile, told: Settings) -> Iterator[Finding]:
    texts = {name: f"{value:f}" for name, value in told.items()} | ({DIGEST: digest_of(told)} if told else {})
    for name, wanted in profile.asserted:
        if name not in texts:
            reason = f"The printer does not tell {name}, which profile {profile.id} asserts as {wanted}."
            yield error("PRINTER_SETTING_UNKNOWN", reason, _REMEDY, name)
        elif not _same(texts[name], wanted):
            reason = f"The printer's {name} is {texts[name]}; profile {profile.id} asserts {wanted}."
            yield error("PRINTER_SETTING", reason, _REMEDY, name)


def _same(told: str, wanted: str) -> bool:
    try:
        return Decimal(told) == Decimal(wanted)
    except InvalidOperation:
        return told == wanted


def _unknown(profile: FirmwareProfile, told: Settings) -> Iterator[Finding]:
    names = _TOLD_BY[profile.dialect]
    silent = [name for name in names if name not in told]
    if names and not silent:
        return
    what = f"does not tell {', '.join(silent)}" if names else "tells none of its settings"
    reason = f"The printer {what}, so nobody has compared it with profile {profile.id}."
    remedy = "Compare the firmware's own configuration with the profile by hand."
    is_known = profile.dialect == "marlin"
    yield (error if is_known else warning)("PRINTER_SETTING_UNKNOWN", reason, remedy, "settings")
