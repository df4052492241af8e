"""A file for every shipped profile in the emulated firmware of its dialect: nothing unknown, cut or lost."""

from dataclasses import replace

import pytest
from test_profiles_in_files import fitted

from printcare.emulator.bench import Bench
from printcare.formats.find import ids
from printcare.formats.profile import load_profile
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header
from printcare.gcode.writer import write_parts

PROFILES = ids("firmware_profiles")
VOLUME_MM3 = 120.0
HEADER = Header("t", "n", "", for_patients=False)
EXPECTED = ("ok", "echo:busy", " T:", "T:", "B:", "X:", "//action:notification", "echo:Active Extruder", "M106 P0")


class Bare:
    """A host that sends lines as they stand and waits for every ok, in virtual time."""

    def __init__(self, profile):
        self.bench = Bench(profile, 1, [], 1.0, frozenset())
        self.foreign = []
        self.bench.advance(4.0)

    def say(self, text):
        """Send one line and wait for its ok; keep every reply that is not an ordinary one."""
        self.bench.receive("printer", text.encode("ascii") + b"\n")
        heard = b""
        while not any(part.startswith(b"ok") for part in heard.split(b"\n")[:-1]):
            said = self.bench.advance(self.bench.now_s + 900.0, stop_at_output=True)
            assert said, f"no answer to {text}"
            heard += b"".join(data for source, data in said if source == "printer")
        self.foreign += [(text, part) for part in heard.decode().split("\n") if part and not part.startswith(EXPECTED)]

    def print(self, program):
        """Send a program and return what each tool was pushed in each unit segment, mm³, and where it ended."""
        given, ended = {}, {}
        ends = {unit.last_line: unit for unit in program.units}
        begins = {unit.first_line for unit in program.units}
        before = []
        for number, line in enumerate(program.lines, 1):
            if number in begins:
                before = self.pushed()
            if code := line.partition(";")[0].strip():
                self.say(code)
            if number in ends:
                unit = ends[number]
                self.say("M400")
                given[unit.index, unit.part] = [
                    after - start for after, start in zip(self.pushed(), before, strict=True)
                ]
                ended[unit.index, unit.part] = self.bench.printer.planner.position(self.bench.now_s)[:3]
        return given, ended

    def pushed(self):
        """Return what every tool's motor was driven since power-up, mm³.

        What a valve or a melt gives of it is their physics, and tested as such; a plunger gives exactly that.
        """
        bench, tool = self.bench, self.bench.profile.tool
        if tool.kind == "syringe":
            return [head["pushed_mm3"] for head in bench.truth()["tools"]]
        driven_mm = bench.printer.planner.position(bench.now_s)[3]
        return [round(driven_mm * tool.steps_per_mm) * tool.step_volume_mm3]


def made(recipe, profile):
    composed = compose(fitted(recipe, profile), profile, VOLUME_MM3, 1, HEADER)
    assert isinstance(composed, Composed)
    if len(profile.tools) == 1:
        return composed.program
    path = composed.toolpath
    points = path.points_mm.copy()
    points[:, 2] += points[:, 2].max()
    return write_parts((path, replace(path, points_mm=points)), profile, HEADER)


@pytest.mark.parametrize("name", PROFILES)
def test_the_firmware_takes_every_line_and_gives_the_dose(recipe, name):
    profile = load_profile(name)
    program = made(recipe, profile)
    longest = max(len(line.partition(";")[0].strip()) for line in program.lines) + len("N123456 *123")
    assert longest <= profile.link.line_limit
    host = Bare(profile)
    given, ended = host.print(program)
    assert host.foreign == []
    for (unit, part), tools in given.items():
        tool = program.tools[part - 1]
        step_mm3 = profile.tools[tool].step_volume_mm3
        expected = [VOLUME_MM3 if number == tool else 0.0 for number in range(len(tools))]
        assert tools == pytest.approx(expected, abs=step_mm3 / 2)
        assert ended[unit, part] == pytest.approx(program.unit(unit, part).end_mm, abs=1e-3)
