"""A printer's settings are compared with its profile, and what it asserts is asked for by name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from dialect_profiles import KLIPPER, MARLIN, RRF, SMOOTHIE
from marlin_on_pty import SETTINGS

from printcare.control.instruments import Instruments
from printcare.devices.printer import Printer
from printcare.devices.settings import settings_findings
from printcare.domain.policy import LOCKED, RESEARCH
from printcare.emulator.bench import Bench
from printcare.emulator.build import build_for
from printcare.emulator.virtual import VirtualPorts
from printcare.protocol.settings import digest_of, settings_in

BARE = replace(MARLIN, asserted=())
TOLD = {name: value for line in SETTINGS.splitlines() for name, value in settings_in(line).items()}


def codes(profile, told) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in settings_findings(profile, told)]


def test_settings_as_approved_are_no_finding() -> None:
    assert codes(BARE, TOLD) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("M92 E", "799.99"), ("M203 Z", "19.9"), ("M203 E", "4.9"), ("M201 Y", "999"), ("M204 P", "1001"),
        ("M205 J", "0.02"), ("M206 X", "0.1"), ("M211 S", "0"), ("M900 K", "0.01"),
    ],
)  # fmt: skip
def test_a_setting_that_changes_a_dose_or_a_path_is_named(name: str, value: str) -> None:
    assert codes(BARE, TOLD | {name: Decimal(value)}) == [("PRINTER_SETTING", name)]


def test_volumetric_firmware_must_leave_e_as_it_is() -> None:
    on = TOLD | {"M200 S": Decimal(1), "M200 D": Decimal("1.13")}
    assert codes(BARE, on) == [("PRINTER_SETTING", "M200 D")]
    assert codes(replace(BARE, volumetric_e=True), on) == []


def test_each_tool_is_compared_by_its_own_value_or_by_the_one_of_all() -> None:
    two = replace(BARE, further_tools=(replace(MARLIN.tool, steps_per_mm=400.0),))
    assert codes(two, TOLD) == [("PRINTER_SETTING", "M92 E")]
    assert codes(two, TOLD | {"M92 T1 E": Decimal(400)}) == []
    assert codes(two, TOLD | {"M92 T1 E": Decimal(400), "M900 T1 K": Decimal(1)}) == [("PRINTER_SETTING", "M900 T1 K")]


def test_what_the_profile_asserts_is_compared_as_a_number_or_as_it_stands() -> None:
    digest = digest_of(TOLD)
    good = replace(BARE, asserted=(("M92 E", "800.0"), ("digest", digest)))
    assert codes(good, TOLD) == []
    assert codes(replace(BARE, asserted=(("M92 E", "800.1"),)), TOLD) == [("PRINTER_SETTING", "M92 E")]
    assert codes(replace(BARE, asserted=(("digest", "0" * 63 + "x"),)), TOLD) == [("PRINTER_SETTING", "digest")]
    assert codes(replace(BARE, asserted=(("M412 S", "1"),)), TOLD) == [("PRINTER_SETTING_UNKNOWN", "M412 S")]


@pytest.mark.parametrize(("profile", "blocks"), [(BARE, True), (RRF, False), (SMOOTHIE, False), (KLIPPER, False)])
def test_what_is_not_told_blocks_only_where_the_dialect_is_known_to_tell_it(profile, blocks: bool) -> None:
    (finding,) = settings_findings(profile, {})
    assert (finding.code, finding.blocks) == ("PRINTER_SETTING_UNKNOWN", blocks)


@pytest.mark.parametrize(("policy", "blocks"), [(LOCKED, True), (RESEARCH, False)])
def test_locked_mode_refuses_another_setting_and_research_is_warned(policy, blocks: bool) -> None:
    build = build_for(BARE, 1.0)
    other = replace(build, steps_per_mm=(*build.steps_per_mm[:3], 790.0))
    _, findings = Instruments(VirtualPorts(Bench(BARE, build=other)), BARE).connect(policy)
    assert [(finding.code, finding.blocks) for finding in findings] == [("PRINTER_SETTING", blocks)]


def test_answers_lost_on_a_noisy_wire_are_asked_for_again() -> None:
    printer = Printer(VirtualPorts(Bench(BARE)), MARLIN)
    assert printer.unanswered() == ("M115", "M220", "M221", "M503")
    printer.settings |= TOLD
    printer.feed_percent = printer.flow_percent = 100
    assert printer.unanswered() == ("M115",)
