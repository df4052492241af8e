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
