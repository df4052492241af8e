"""Files with spirals, hops, lattices and fills, line by line in the emulated firmware: nothing unknown or lost."""

from dataclasses import replace
from decimal import Decimal
from functools import reduce
from operator import xor

import pytest

from printcare.domain.recipe import Shape, Vessel
from printcare.emulator.bench import Bench
from printcare.gcode.compose import compose
from printcare.gcode.program import Header

VOLUME_MM3 = 150.0
LIMITS = (Decimal("0.9"), Decimal("1.4"))
SIZES = ((Decimal(5), Decimal(24)), (Decimal(2), Decimal(8)), Decimal("0.4"), LIMITS)
BLISTER = Vessel("blister", Decimal(9), Decimal(5), Decimal("0.9"))
SHAPES = {
    "spiral": Shape("cylinder", "spiral", *SIZES),
    "caplet": Shape("caplet", "concentric", *SIZES, width_to_length=Decimal("0.5")),
    "star": Shape("star", "concentric", *SIZES),
    "lattice": Shape("cylinder", "honeycomb", *SIZES, cell_mm=Decimal(4)),
    "blister": Shape("fill", "spiral", *SIZES, vessel=BLISTER),
    "dot": Shape("fill", "dot", *SIZES, vessel=BLISTER),
}
EXPECTED = ("ok", "echo:busy", " T:", "T:", "X:", "//action:notification")


class Sender:
    """A host that waits for every ok in virtual time."""

    def __init__(self, bench):
        self.bench = bench
        self.number = 0
        self.foreign = []
        bench.advance(2.0)
        bench.receive("printer", b"M110 N0\n")
        bench.advance(2.1)

    def say(self, text):
        """Send one line and wait for its ok; keep every reply that is not an ordinary one."""
        self.number += 1
        line = f"N{self.number} {text}".encode()
        self.bench.receive("printer", b"%s*%d\n" % (line, reduce(xor, line)))
        heard = b""
        while not any(part.startswith(b"ok") for part in heard.split(b"\n")[:-1]):
            said = self.bench.advance(self.bench.now_s + 900.0, stop_at_output=True)
            assert said, f"no answer to {text}"
            heard += b"".join(data for source, data in said if source == "printer")
        self.foreign += [(text, part) for part in heard.decode().split("\n") if part and not part.startswith(EXPECTED)]


@pytest.mark.parametrize("name", list(SHAPES))
def test_the_firmware_takes_every_line_and_the_plunger_gives_the_dose(recipe, profile, name):
    shaped = replace(recipe, shape=SHAPES[name])
    program = compose(shaped, profile, VOLUME_MM3, 1, Header("t", "n", "6.6", for_patients=False)).program
    sender = Sender(Bench(profile, 1, [], 1.0, frozenset()))
    unit = program.unit(1)
    pushed = {}
    for number, line in enumerate(program.lines, 1):
        code = line.partition(";")[0].strip()
        if code:
            sender.say(code)
        if number in (unit.first_line - 1, unit.last_line):
            sender.say("M400")
            pushed[number] = sender.bench.truth()["ledger_mm3"]["pushed"]
    assert sender.foreign == []
    given = pushed[unit.last_line] - pushed[unit.first_line - 1]
    assert given == pytest.approx(VOLUME_MM3, abs=profile.tool.step_volume_mm3 / 2)


def soaked(bench, celsius=38.0):
    """Put jacket and ink at the print's temperature, as after the recipe's soak, and let the ink be even.

    Unevenness moves a unit's mass by half a percent either way, whatever the file says.
    """
    bench.ink.truth = replace(bench.ink.truth, inhomogeneity=0.0, porosity=0.0)
    bench.jacket.block_c = bench.jacket.sensor_c = bench.jacket.shown_c = celsius
    bench.core._modes_c[:] = [celsius] * 3
    bench.ink.settle_slow(celsius)
    return bench


FORMS = SHAPES | {
    "nested": Shape("cylinder", "concentric", *SIZES),
    "rectilinear": Shape("cylinder", "rectilinear", *SIZES),
    "ring": Shape("ring", "concentric", *SIZES, hole_to_diameter=Decimal("0.4")),
    "torus": Shape("torus", "concentric", *SIZES, hole_to_diameter=Decimal("0.4")),
    "dome": Shape("dome", "concentric", *SIZES),
    "biconvex": Shape("biconvex", "concentric", *SIZES, band_to_height=Decimal("0.5")),
    "capsule": Shape("capsule", "concentric", *SIZES, width_to_length=Decimal("0.5")),
    "film": Shape(
        "film", "rectilinear", SIZES[0], (Decimal("0.4"), Decimal(2)), Decimal("0.05"), LIMITS, Decimal("0.7")
    ),
    "heart": Shape("heart", "concentric", *SIZES),
    "hollow": Shape("hollow", "concentric", *SIZES, hole_to_diameter=Decimal("0.5")),
    "gyroid": Shape("cylinder", "gyroid", *SIZES, cell_mm=Decimal(5)),
}


@pytest.mark.parametrize("name", list(FORMS))
def test_the_first_unit_holds_its_dose_although_pressure_lags(recipe, profile, name):
    shaped = replace(recipe, shape=FORMS[name])
    program = compose(shaped, profile, VOLUME_MM3, 1, Header("t", "n", "6.6", for_patients=False)).program
    sender = Sender(soaked(Bench(profile, 1, [], 1.0, frozenset())))
    for line in program.lines:
        if code := line.partition(";")[0].strip():
            sender.say(code)
    (laid,) = sender.bench.truth()["volumes_mm3"].values()
    assert laid == pytest.approx(VOLUME_MM3, rel=0.005)


def test_later_units_hold_their_dose_as_the_first_does(recipe, profile):
    shaped = replace(recipe, shape=FORMS["star"])
    program = compose(shaped, profile, VOLUME_MM3, 3, Header("t", "n", "6.6", for_patients=False)).program
    sender = Sender(soaked(Bench(profile, 1, [], 1.0, frozenset())))
    for line in program.lines:
        if code := line.partition(";")[0].strip():
            sender.say(code)
    assert list(sender.bench.truth()["volumes_mm3"].values()) == pytest.approx([VOLUME_MM3] * 3, rel=0.005)


def test_fractions_of_a_motor_step_never_add_up_over_the_units_of_a_batch(recipe, profile):
    step_mm3 = profile.tool.step_volume_mm3
    volume_mm3 = (round(VOLUME_MM3 / step_mm3) + 0.4) * step_mm3
    shaped = replace(recipe, shape=SHAPES["dot"])
    program = compose(shaped, profile, volume_mm3, 6, Header("t", "n", "6.6", for_patients=False)).program
    sender = Sender(Bench(profile, 1, [], 1.0, frozenset()))
    begins, ends = {unit.first_line - 1 for unit in program.units}, {unit.last_line for unit in program.units}
    steps = {}
    for number, line in enumerate(program.lines, 1):
        if code := line.partition(";")[0].strip():
            sender.say(code)
        if number in begins | ends:
            sender.say("M400")
            driven_mm = sender.bench.printer.planner.position(sender.bench.now_s)[3]
            steps[number] = round(driven_mm * profile.tool.steps_per_mm)
    wanted = volume_mm3 / step_mm3
    off = [steps[unit.last_line] - steps[unit.first_line - 1] - wanted for unit in program.units]
    digits = 0.02  # of a step, what the last digits of E leave
    assert abs(off[0]) <= 0.5 + digits
    assert max(map(abs, off)) < 1
    assert max(abs(sum(off[: count + 1])) for count in range(len(off))) <= 0.5 + digits * len(off)
    assert max(map(abs, off)) > 0.5  # the emulated firmware does carry fractions on
