"""Programs written for every shipped printer, in its emulated firmware: understood, and of the right mass."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from emulated_work import hot

from printcare.emulator.bench import Bench
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.compose import Composed, compose, compose_parts
from printcare.gcode.program import Header, Program

VOLUME_MM3 = 120.0
ORDINARY = ("ok", "echo:busy", " T:", "T:", "X:", "B:", "//action:notification", "echo:Active Extruder", "M106 P0")
# profile, recipe, what the ink is soaked at, how far the mass may be from its target with the shipped scatter
PRINTERS = [
    ("marlin-syringe", "cyclophosphamide-sse", 38.0, 0.02),
    ("klipper-syringe", "cyclophosphamide-sse", 38.0, 0.02),
    ("rrf-syringe", "cyclophosphamide-sse", 38.0, 0.02),
    ("smoothie-syringe", "cyclophosphamide-sse", 38.0, 0.02),
    ("marlin-filament", "hydrocortisone-fdm", 180.0, 0.03),
    ("klipper-filament", "hydrocortisone-fdm", 180.0, 0.03),
    ("marlin-pneumatic", "melatonin-blister", 38.0, 0.15),
    ("rrf-pneumatic", "melatonin-blister", 38.0, 0.15),
]


class Sender:
    """A host that waits for every ok in virtual time; it numbers its lines where the firmware looks at numbers."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.number = bench, 0
        self.foreign: list[tuple[str, str]] = []
        bench.advance(2.0)
        self.say("M110 N0")

    def say(self, text: str) -> None:
        """Send one line and wait for its ok; keep every reply that is not an ordinary one."""
        line = text.encode()
        if self.bench.profile.link.integrity != "none" and text != "M110 N0":
            self.number += 1
            line = b"N%d %s" % (self.number, line)
            line = b"%s*%d" % (line, reduce(xor, line))
        self.bench.receive("printer", line + b"\n")
        heard = b""
        while not any(part.startswith(b"ok") for part in heard.split(b"\n")[:-1]):
            said = self.bench.advance(self.bench.now_s + 1800.0, stop_at_output=True)
            assert said, f"no answer to {text}"
            heard += b"".join(data for source, data in said if source == "printer")
        self.foreign += [(text, part) for part in heard.decode().split("\n") if part and not part.startswith(ORDINARY)]


def printed(program: Program, bench: Bench) -> Sender:
    """Send the program of a bench whose ink is soaked through."""
    sender = Sender(bench)
    for line in program.lines:
        if code := line.partition(";")[0].strip():
            sender.say(code)
    bench.advance(bench.now_s + 5.0)
    return sender


@pytest.mark.parametrize(("profile_id", "recipe_id", "soaked_c", "within"), PRINTERS)
def test_the_firmware_takes_every_line_and_the_unit_weighs_what_it_should(profile_id, recipe_id, soaked_c, within):
    profile, recipe = load_profile(profile_id), load_recipe(recipe_id)
    made = compose(recipe, profile, VOLUME_MM3, 2, Header("t", "n", "5", for_patients=False))
    assert isinstance(made, Composed), made
    bench = hot(Bench(profile), soaked_c)
    for head in bench.heads:
        head.jacket.ambient_c = 22.0
    sender = printed(made.program, bench)
    assert sender.foreign == []
    truth = bench.truth()
    assert list(truth["volumes_mm3"]) == ["A1", "A2"]
    for volume_mm3 in truth["volumes_mm3"].values():
        assert volume_mm3 == pytest.approx(VOLUME_MM3, rel=within)


def test_a_unit_of_two_inks_has_both_parts_on_every_position():
    profile, recipe = load_profile("marlin-two-syringes"), load_recipe("spironolactone-hydrochlorothiazide-sse")
    volumes = [80.0, 60.0]
    made = compose_parts(recipe, profile, volumes, 2, Header("t", "n", "5", for_patients=False))
    assert isinstance(made, Composed), made
    bench = hot(Bench(profile))
    sender = printed(made.program, bench)
    assert sender.foreign == []
    for parts in bench.truth()["parts_mm3"].values():
        assert parts == pytest.approx(volumes, rel=0.05)
