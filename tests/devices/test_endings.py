"""A reset, a pulled cable and a silent printer end the job within their stated times, the last certain line known."""

from __future__ import annotations

import pytest
from dialect_profiles import PROFILES
from test_printer_contract import Desk

from printcare.errors import LinkLost, PrintcareError
from printcare.protocol.marlin_events import Accepted, Booted

PROGRAM = ["G28", "M82", "G92 E0", *[f"G1 X{10 + n} Y20 F1200" for n in range(150)]]
# Seconds after the fault, per dialect: Marlin says busy every 2 s and is asked; the others are given a move's patience.
SILENT_S = {"marlin": 15.0, "klipper": 45.0, "reprapfirmware": 300.0, "smoothieware": 90.0}


@pytest.fixture(params=list(SILENT_S))
def desk(request) -> Desk:
    """Return a printer a third into a program."""
    made = Desk(request.param)
    made.greet()
    made.printer.queue(PROGRAM)
    while len(made.of(Accepted)) < 50:
        made.wait(0.1)
    return made


def last_certain(desk: Desk) -> str:
    return desk.of(Accepted)[-1].line


def test_a_silent_printer_ends_the_job_in_its_time(desk: Desk) -> None:
    dialect = desk.profile.dialect
    began_s = desk.ports.now()
    desk.bench.mute(1e9)
    desk.wait(1000.0)
    assert desk.printer.ended
    assert desk.printer.ended.code in ("LINK_SILENT", "LINE_UNCERTAIN")
    assert desk.ports.now() - began_s <= SILENT_S[dialect]
    assert last_certain(desk) in PROGRAM


def test_a_pulled_cable_ends_the_job_at_once_and_nothing_is_resumed(desk: Desk) -> None:
    began_s = desk.ports.now()
    desk.bench.unplug(5.0)
    with pytest.raises(LinkLost):
        desk.wait(60.0)
    assert desk.ports.now() - began_s <= 1.0
    taken = [event.line for event in desk.of(Accepted)]
    assert taken == PROGRAM[: len(taken)]


@pytest.mark.parametrize("name", ["marlin", "klipper", "smoothieware"])
def test_a_reset_ends_the_job_when_its_boot_text_is_heard(name: str) -> None:
    made = Desk(name)
    made.greet()
    made.printer.queue(PROGRAM)
    while len(made.of(Accepted)) < 50:
        made.wait(0.1)
    began_s = made.ports.now()
    made.bench.printer.power_up("External Reset")
    made.wait(100.0)
    assert made.printer.ended
    assert made.printer.ended.code == "PRINTER_RESTARTED"
    assert made.of(Booted)
    assert made.ports.now() - began_s <= 2.0
    with pytest.raises(PrintcareError, match="LINK_ENDED"):
        made.printer.queue(["G1 X1"])


def test_reprap_tells_no_reset_so_its_silence_and_position_end_the_job() -> None:
    made = Desk("reprapfirmware")
    made.greet()
    made.printer.queue([*PROGRAM[:3], *[f"G1 X{10 + n} E{n * 0.01:.2f} F1200" for n in range(100)]])
    while len(made.of(Accepted)) < 30:
        made.wait(0.1)
    before = len(made.of(Accepted))
    made.bench.printer.power_up("")
    made.wait(1000.0)
    assert made.printer.ended
    assert len(made.of(Accepted)) <= before + 1
    assert PROFILES["reprapfirmware"].link.boot_pattern == "^(?!)"


def test_reprap_that_restarted_while_nothing_moved_is_known_by_its_uptime() -> None:
    made = Desk("reprapfirmware")
    made.greet()
    made.run("G28", "G92 E0")
    assert made.printer.idle
    made.bench.printer.power_up("")
    made.ports.receive(60.0)
    made.run("M104 S38")
    assert made.printer.ended
    assert made.printer.ended.code == "PRINTER_RESTARTED"
    assert not made.printer.idle
