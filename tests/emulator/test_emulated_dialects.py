"""RepRapFirmware and Smoothieware as their source says, arcs as each firmware cuts them, Klipper's limits."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from emulated_work import hot

from printcare.emulator.bench import Bench
from printcare.emulator.build import build_for
from printcare.emulator.words_motion import PIECES
from printcare.formats.profile import load_profile

CONVERSATIONS = sorted((Path(__file__).parent / "from_source").glob("*.txt"))
PROFILES = {"rrf": "rrf-syringe", "smoothie": "smoothie-syringe"}
PATIENCE_S = 120.0


class Dialogue:
    """Speaks lines to a bench without numbers and hears its lines."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._part = b""
        bench.advance(2.0)

    def hear(self, for_s: float) -> list[str]:
        """Return the lines said within a time."""
        data = b"".join(data for source, data in self.bench.advance(self.bench.now_s + for_s) if source == "printer")
        *lines, self._part = (self._part + data).split(b"\n")
        return [line.decode("latin-1") for line in lines]

    def say(self, text: str, for_s: float = PATIENCE_S) -> list[str]:
        """Send a line and return what is said within a time."""
        self.bench.receive("printer", text.encode() + b"\n")
        return self.hear(for_s)


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_the_firmware_answers_as_its_source_says(path):
    first, *lines = path.read_text(encoding="ascii").splitlines()
    assert "known from source only" in first
    profile = load_profile(PROFILES[path.stem.partition("-")[0]])
    talk = Dialogue(Bench(profile, build=replace(build_for(profile, 1.0), speed=None)))
    heard: list[str] = []
    for line in lines:
        tag, _, text = line.partition(": ")
        if tag == "Recv":
            assert heard
            assert heard.pop(0) == text
            continue
        assert heard == []
        heard = talk.say(text) if tag == "Send" else talk.hear(float(text))
    assert heard == []


def test_smoothieware_tells_its_settings_in_words():
    told = Dialogue(Bench(load_profile("smoothie-syringe"))).say("M503")
    assert "M92 E800.0000" in told
    assert told[-1] == "ok"


def test_smoothieware_answers_a_move_while_its_planner_is_full():
    talk = Dialogue(hot(Bench(load_profile("smoothie-syringe"))))
    talk.say("G28")
    talk.say("G91")
    answered = [talk.say("G0 X0.5 F30", 0.01) for _ in range(32)]
    assert answered == [["ok"]] * 32  # 31 in the planner, and one that waits for a place
    assert talk.say("M105", 0.01) == []  # the next one waits with the move
    assert talk.bench.printer.planner.free() == 0


@pytest.mark.parametrize("dialect", list(PIECES))
def test_an_arc_is_cut_into_pieces_near_the_circle(dialect):
    for radius_mm in (0.5, 2.0, 5.0, 20.0):
        count = PIECES[dialect](radius_mm, 2 * math.pi)
        chord_mm = 2 * math.pi * radius_mm / count
        sagitta_mm = radius_mm * (1 - math.cos(math.pi / count))
        assert chord_mm <= 2.001
        assert sagitta_mm < 0.27  # Klipper's millimetre on half a millimetre of radius; the others stay below 0.011
        assert dialect == "klipper" or sagitta_mm < 0.027


@pytest.mark.parametrize("profile_id", ["marlin-syringe", "rrf-syringe", "smoothie-syringe", "klipper-syringe"])
def test_an_arc_lays_its_e_evenly_and_ends_where_it_should(profile_id):
    talk = Dialogue(hot(Bench(load_profile(profile_id))))
    for line in ("G28", "G90", "M82", "G92 E0", "G0 X100 Y100 F4800", "G3 X100 Y100 I10 J0 E0.2 F600", "M400"):
        assert talk.say(line)[-1].startswith("ok")
    assert talk.bench.nozzle_mm()[:2] == pytest.approx((100.0, 100.0))
    area = talk.bench.profile.tool.feedstock_area_mm2
    step_mm3 = talk.bench.profile.tool.step_volume_mm3
    assert talk.bench.ink.pushed_mm3 / talk.bench.ink.delivery == pytest.approx(0.2 * area, abs=step_mm3)


def test_klipper_refuses_what_its_extruder_limits_forbid():
    talk = Dialogue(hot(Bench(load_profile("klipper-filament")), 180.0))
    for line in ("G28", "G90", "M83"):
        talk.say(line)
    assert talk.say("G1 E60 F600")[0] == "!! Extrude only move too long (60.000mm vs 50.000mm)"
    assert talk.say("G1 X1 E5 F600")[0].startswith("!! Move exceeds maximum extrusion (12.026mm^2 vs 0.640mm^2)")
    assert talk.say("G1 X2 E0.2 F600") == ["ok"]
    assert talk.bench.printer.modal.e_mm == pytest.approx(0.2)


def test_klipper_takes_the_other_extruder_by_its_own_word():
    profile = load_profile("klipper-syringe")
    talk = Dialogue(Bench(replace(profile, further_tools=(profile.tool,))))
    assert talk.say("ACTIVATE_EXTRUDER EXTRUDER=extruder1") == ["ok"]
    assert talk.bench.active.number == 1
    assert talk.say("T5")[0] == '// Unknown command:"T5"'
    assert talk.say("ACTIVATE_EXTRUDER EXTRUDER=extruder7")[0].startswith("!! ")
    assert talk.say("ACTIVATE_EXTRUDER EXTRUDER=extruder") == ["ok"]
    assert talk.bench.active.number == 0


@pytest.mark.parametrize(("profile_id", "told"), [("rrf-syringe", "T0:"), ("smoothie-syringe", "T1:")])
def test_every_dialect_reports_both_heaters_and_takes_the_second_tool(profile_id, told):
    profile = load_profile(profile_id)
    talk = Dialogue(Bench(replace(profile, further_tools=(profile.tool,))))
    assert talk.say("T1") == ["ok"]
    assert talk.bench.active.number == 1
    assert told in talk.say("M105")[0]
