"""Printer profiles, ink lots and the reader that tells the kinds apart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.errors import PrintcareError
from printcare.formats.find import ids, shipped
from printcare.formats.ink_lot import load_ink_lot
from printcare.formats.kinds import read_any
from printcare.formats.profile import load_profile, read_profile
from printcare.formats.tables import FileProblems

TEXT = (shipped("firmware_profiles") / "marlin-syringe.toml").read_text("utf-8")

SECOND_TOOL = "[[further_tool]]" + TEXT[TEXT.index("[tool]") + 6 : TEXT.index("[tray]")]


def test_the_reserved_profile_keeps_a_slot_free_for_the_stop() -> None:
    profile = load_profile("marlin-syringe")
    assert profile.link.window == profile.link.command_queue - 1
    assert profile.tray.size >= 12
    assert "EMERGENCY_PARSER" in profile.required_caps


def test_every_shipped_profile_reads() -> None:
    assert "marlin-syringe" in ids("firmware_profiles")
    for name in ids("firmware_profiles"):
        assert load_profile(name).id == name


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("max_horizon_s = 1.0", "max_horizon_s = 1.5", "F_KEY_RANGE"),
        ('boot = "^start$"', 'boot = "("', "F_PATTERN"),
        ("baud = [250000, 115200]", 'baud = ["fast"]', "F_KEY_TYPE"),
        ("baud = [250000, 115200]", "", "F_KEY_MISSING"),
        ("park_mm = [10.0, 190.0, 60.0]", "park_mm = [10.0, 290.0, 60.0]", "F_OUTSIDE_BUILD"),
        ("unit_space_mm = 22.0", "unit_space_mm = 30.0", "F_KEY_RANGE"),
        ("max_mm = [200.0, 200.0, 200.0]", "max_mm = [200.0, 200.0]", "F_KEY_TYPE"),
        ("arc_segment_mm = [0.1, 1.0]", "arc_segment_mm = [1.0, 0.1]", "F_RANGE_ORDER"),
        ("arc_segment_mm = [0.1, 1.0]", "arc_segment_mm = [0.0, 1.0]", "F_KEY_RANGE"),
        ("arcs = true", 'arcs = "yes"', "F_KEY_TYPE"),
        ('kind = "syringe"', 'kind = "pneumatic"', "F_KEY_MISSING"),
        ('kind = "syringe"', 'kind = "laser"', "F_KEY_CHOICE"),
        ('"^!!"]', '"("]', "F_PATTERN"),
        ("keep_outs_mm = [[150.0,", "keep_outs_mm = [[", "F_KEY_TYPE"),
        ("friction_n = 6.0", "friction_n = 6.0\nflow_mm3_s = [0.0, 2.0]", "F_KEY_RANGE"),
        ("friction_n = 6.0", "friction_n = 6.0\noffset_mm = [1.0, 0.0, 0.0]", "F_KEY_RANGE"),
        ("friction_n = 6.0", "friction_n = 6.0\nfrction_n = 6.0", "F_KEY_UNKNOWN"),
        ('integrity = "n_xor"', 'integrity = "none"', "F_TRANSPORT"),
        ('integrity = "n_xor"', 'integrity = "n_xor"\ntransports = ["pigeon"]', "F_KEY_CHOICE"),
        ('integrity = "n_xor"', 'integrity = "n_xor"\ntransports = []', "F_KEY_CHOICE"),
        ("[program]", '[program]\nstart = ["M107\\nM302"]', "F_CODE"),
        ("[program]", '[program]\nend = [""]', "F_CODE"),
        ("[program]", f"[program]\npark = {['M107'] * 41}", "F_KEY_RANGE"),
        ("[assert]", "[assert]\n'M92 A' = 80", "F_KEY_TYPE"),
        ("[assert]", SECOND_TOOL + "[assert]", "F_TOOL"),
        ("[assert]", SECOND_TOOL * 8 + "[assert]", "F_KEY_RANGE"),
    ],
)
def test_a_wrong_profile_is_refused(old: str, new: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(FileProblems) as caught:
        read_profile(TEXT.replace(old, new, 1).encode(), "x")
    assert code in [finding.code for finding in caught.value.findings]


def test_the_demonstration_lot_and_its_cartridge_read() -> None:
    lot, cartridges = load_ink_lot("CP-2601-A")
    assert lot.strength_mg_per_g == Decimal(40)
    assert [cartridge.lot_id for cartridge in cartridges] == [lot.id]


def test_a_file_that_does_not_say_what_it_is_is_refused() -> None:
    with pytest.raises(PrintcareError, match="FILE_KIND"):
        read_any(b'kind = "poem"', "x.toml")


def test_every_shipped_file_is_of_a_known_kind() -> None:
    for folder in ("recipes", "recipes/dosing_rules", "recipes/demonstration", "firmware_profiles"):
        for entry in shipped(folder).iterdir():
            if entry.name.endswith(".toml"):
                assert read_any(entry.read_bytes(), entry.name)


def test_all_problems_of_a_profile_are_told_at_once() -> None:
    wrong = TEXT.replace("rows = 3", "rows = 0").replace('"marlin"', '"fluent"').replace("[motion]", "[motion]\nz = 1")
    with pytest.raises(FileProblems) as caught:
        read_profile(wrong.encode(), "x")
    where = [(finding.code, finding.where) for finding in caught.value.findings]
    assert {("F_KEY_RANGE", "tray.rows"), ("F_KEY_CHOICE", "firmware.dialect"), ("F_KEY_UNKNOWN", "motion.z")} <= set(
        where
    )


def test_what_a_profile_leaves_out_has_the_narrow_meaning() -> None:
    bare = TEXT[: TEXT.index("[assert]")].replace("arc_segment_mm = [0.1, 1.0]\n", "")
    profile = read_profile(bare.encode(), "x")
    assert profile.asserted == ()
    assert profile.takes_arc_radius is False
    assert profile.arc_segment_mm == (0.1, 1.0)
    assert (profile.start_code, profile.park_code, profile.end_code) == ((), (), ())


def test_lines_without_checksum_stay_on_transports_that_check_for_themselves() -> None:
    assert set(load_profile("klipper-syringe").link.transports) == {"usb", "pty"}
    assert "tcp" in load_profile("marlin-syringe").link.transports


def test_two_syringes_are_two_tools_with_one_offset() -> None:
    profile = load_profile("marlin-two-syringes")
    assert profile.printer_class == "sse-two-plungers-10ml"
    assert [tool.offset_mm for tool in profile.tools] == [(0.0, 0.0, 0.0), (60.0, 0.0, 0.0)]
    assert {"T0", "T1"} <= set(profile.allowed_words)


def test_an_arc_takes_a_place_in_the_planner_for_each_of_its_pieces() -> None:
    profile = load_profile("marlin-syringe")
    assert [profile.arc_pieces(length_mm) for length_mm in (0.0, 1.0, 1.01, 9.5)] == [1, 1, 2, 10]


def test_a_force_sensor_stands_on_a_filament_drive_alone() -> None:
    filament = (shipped("firmware_profiles") / "marlin-filament.toml").read_text("utf-8")
    with_one = read_profile(filament.replace("[tray]", "force_sensor = true\n\n[tray]").encode(), "x")
    assert (load_profile("marlin-filament").tool.has_transmitter, with_one.tool.has_transmitter) == (False, True)
    with pytest.raises(FileProblems, match="force_sensor"):
        read_profile(TEXT.replace("[tray]", "force_sensor = true\n\n[tray]").encode(), "x")
