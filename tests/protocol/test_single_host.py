"""Firmware that does not count lines: one line at a time, silence judged, never an extrusion sent twice."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from fake_firmware import Noise, converse
from hypothesis import given
from hypothesis import strategies as st
from receiver_firmware import ReceiverFirmware

from printcare.formats.profile import load_profile
from printcare.protocol.dialects import KLIPPER, REPRAPFIRMWARE, SMOOTHIEWARE, framed
from printcare.protocol.marlin_events import (
    Accepted,
    CommandFailed,
    Ended,
    ForeignLine,
    Resent,
    Silent,
    UnsafeForeignLine,
)
from printcare.protocol.marlin_reply import Position, Temperatures
from printcare.protocol.other_devices import KlipperReceiver, RrfReceiver, SmoothieReceiver
from printcare.protocol.single_host import SingleHost

LINK = load_profile("marlin-syringe").link
KLIPPER_LINK = load_profile("klipper-syringe").link
RRF_LINK = replace(LINK, integrity="n_crc16", resend_pattern="(?!)()")
FOLDER = Path(__file__).parents[1] / "wire" / "klipper"
SENT_OUT_OF_TURN = ("M112",)


def of(events: list, *kinds: type) -> list:
    return [event for event in events if isinstance(event, kinds)]


def conversation(name: str) -> list[tuple[float, str, str]]:
    lines = (FOLDER / f"{name}.txt").read_text(encoding="ascii").splitlines()
    return [(float(line[:8]), *line[9:].partition(" ")[::2]) for line in lines]


def klipper(*lines: str) -> SingleHost:
    host = SingleHost(KLIPPER_LINK, KLIPPER)
    host.open_at_once(0.0)
    host.queue(lines)
    return host


def rrf(*lines: str) -> SingleHost:
    host = SingleHost(RRF_LINK, REPRAPFIRMWARE)
    host.open_at_once(0.0)
    host.queue(lines)
    return host


def test_lines_taken_back_are_those_never_written() -> None:
    host = rrf("G1 X1", "G1 X2", "G1 X3")
    assert b"G1 X1" in host.outgoing(0.0)
    host.withdraw()
    host.queue(["G0 Z60"])
    host.receive(b"ok\n", 0.1)
    assert b"G0 Z60" in host.outgoing(0.2)


# ---- Klipper


@pytest.mark.parametrize("name", ["01-info", "06-heat", "07-pause"])
def test_a_recorded_klipper_conversation_replays_whole(name: str) -> None:
    host, found = klipper(), []
    for at_s, tag, text in conversation(name):
        found += host.tick(at_s)
        if tag == "Send:":
            assert host.idle, f"{text} was sent before everything before it was answered"
            host.queue([text])
            assert host.outgoing(at_s) == text.encode() + b"\n"
        else:
            found += host.receive(text.encode() + b"\n", at_s)
        assert host.outgoing(at_s) == b""
    assert [event.line for event in of(found, Accepted)] == [t for _, tag, t in conversation(name) if tag == "Send:"]
    assert host.ended is None


def test_a_recorded_klipper_shutdown_is_the_end_although_ok_follows() -> None:
    host, found = klipper(), []
    for at_s, tag, text in conversation("08-m112"):
        if tag == "Send:" and text in SENT_OUT_OF_TURN:
            continue
        if tag == "Send:":
            host.queue([text])
            host.outgoing(at_s)
        else:
            found += host.receive(text.encode() + b"\n", at_s)
        if host.ended:
            break
    assert of(found, Ended)[0].code == "PRINTER_HALTED"
    assert at_s == pytest.approx(6.053)


def test_the_tool_temperature_is_read_from_t0() -> None:
    host = klipper("M105")
    host.outgoing(1.0)
    told = of(host.receive(b"ok B:21.9 /0.0 T0:38.4 /40.0\n", 1.1), Temperatures)
    assert (told[0].actual_c(), told[0].target_c()) == (38.4, 40.0)


def test_an_error_before_its_ok_is_a_failed_command() -> None:
    host = klipper("G1 X500")
    host.outgoing(1.0)
    events = host.receive(b"!! Move out of range: 500.000 10.000 0.000 [0.000]\nok\n", 1.1)
    assert [type(event) for event in events] == [CommandFailed, Accepted]


def test_a_lost_ok_ends_the_job_and_sends_nothing_again() -> None:
    host = klipper("G90", "G1 X5 E1")
    assert host.outgoing(0.0) == b"G90\n"
    assert host.tick(9.9) == []
    events = host.tick(10.1)
    assert of(events, Ended)[0].code == "LINK_SILENT"
    assert host.outgoing(10.2) == b""


def test_m155_becomes_a_question_every_second() -> None:
    host = klipper("M155 S1")
    sent, now = [], 0.0
    while now < 5:
        sent.append(host.outgoing(now))
        host.tick(now)
        host.receive(b"ok B:21.9 /0.0 T0:38.4 /40.0\n" if sent[-1] else b"", now + 0.02)
        now += 0.25
    assert sent.count(b"M105\n") == 5
    assert b"M155 S1\n" not in sent


def test_klipper_has_no_quick_stop_so_the_stop_is_m112() -> None:
    assert klipper("G1 X5").emergency("M410") == b"\nM112\n"


# ---- RepRapFirmware


def silent(host: SingleHost, since_s: float) -> tuple[list, float]:
    """Let the current line go unanswered until the printer is asked."""
    due = host.deadline()
    assert due is not None
    assert due > since_s
    return host.tick(due), due


def test_lines_travel_with_five_digits_of_crc() -> None:
    assert framed(RRF_LINK, 3, "T0") == b"N3 T0*06939\n"
    assert framed(RRF_LINK, 1, "M105") == b"N1 M105*19216\n"


def test_silence_is_answered_by_asking_where_the_printer_stands() -> None:
    host = rrf("G1 X5 E1.5")
    host.outgoing(0.0)
    events, now = silent(host, 0.0)
    assert of(events, Silent)
    asked = host.outgoing(now)
    assert [b"M400" in asked, b"M114" in asked, b"G1" in asked] == [True, True, False]


def test_an_extrusion_whose_end_is_reached_was_executed() -> None:
    host = rrf("G1 X5 E1.5")
    host.outgoing(0.0)
    _, now = silent(host, 0.0)
    host.outgoing(now)
    events = host.receive(b"ok\nX:5.000 Y:0.000 Z:0.000 E:1.500 E0:1.5 Count 0 0 0\nok\n", now + 0.1)
    assert [event.line for event in of(events, Accepted)] == ["G1 X5 E1.5"]
    assert of(events, Position)


def test_an_extrusion_that_did_not_arrive_ends_the_job_and_is_not_sent_again() -> None:
    host = rrf("G1 X5 E1.5")
    host.outgoing(0.0)
    _, now = silent(host, 0.0)
    host.outgoing(now)
    events = host.receive(b"ok\nX:0.000 Y:0.000 Z:0.000 E:0.000 E0:0.0 Count 0 0 0\nok\n", now + 0.1)
    assert of(events, Ended)[0].code == "LINE_UNCERTAIN"
    assert host.outgoing(now + 1) == b""


def test_a_relative_extrusion_cannot_be_judged_by_the_position() -> None:
    host, now = rrf("M83", "G1 X5 E1.5"), 0.0
    host.outgoing(now)
    host.receive(b"ok\n", 0.1)
    host.outgoing(0.2)
    _, now = silent(host, 0.2)
    host.outgoing(now)
    events = host.receive(b"ok\nX:5.000 Y:0.000 Z:0.000 E:1.500 E0:1.5 Count 0 0 0\nok\n", now + 0.1)
    assert of(events, Ended)[0].code == "LINE_UNCERTAIN"


def test_a_harmless_line_goes_out_again_under_a_new_number() -> None:
    host = rrf("M104 S40")
    assert host.outgoing(0.0).startswith(b"N1 M104")
    _, now = silent(host, 0.0)
    host.outgoing(now)
    events = host.receive(b"ok\nX:0.000 Y:0.000 Z:0.000 E:0.000 Count 0 0 0\nok\n", now + 0.1)
    assert of(events, Resent)
    assert host.outgoing(now + 0.2).startswith(b"N4 M105*")  # its `ok T:` comes after whatever may still come
    host.receive(b"ok\nok T:20.0 /0.0\n", now + 0.3)
    assert host.outgoing(now + 0.4).startswith(b"N5 M104 S40*")


def test_an_extrusion_goes_out_again_where_the_position_shows_that_it_never_arrived() -> None:
    host = rrf("G1 X5 E1", "G1 X9 E2")
    host.outgoing(0.0)
    host.receive(b"ok\n", 0.1)
    host.outgoing(0.2)
    _, now = silent(host, 0.2)
    host.outgoing(now)
    stands_at_the_first = b"ok\nX:5.000 Y:0.000 Z:0.000 E:1.000 Count 0 0 0\nok\n"
    assert of(host.receive(stands_at_the_first, now + 0.1), Resent, Ended) == [Resent(2)]
    host.outgoing(now + 0.2)
    host.receive(b"ok T:20.0 /0.0\n", now + 0.3)
    assert host.outgoing(now + 0.4).startswith(b"N6 G1 X9 E2*")


def test_a_printer_that_answers_no_question_is_given_up() -> None:
    host, now = rrf("G28"), 0.0
    while not host.ended and now < 3600:
        host.outgoing(now)
        now = host.deadline() or now
        host.tick(now)
    assert host.ended
    assert host.ended.code == "LINK_SILENT"


class Rrf(ReceiverFirmware):
    """RepRapFirmware's silent drops, with a position that follows the lines executed."""

    def __init__(self, rng: random.Random, noise: Noise) -> None:
        super().__init__(rng, noise, False, receiver=RrfReceiver(256, 4))
        self.lines: list[str] = []
        self._at = dict.fromkeys("XYZE", 0.0)

    def _note(self, number: int | None, payload: str, *, is_known: bool) -> None:
        if not is_known:
            self._reply(f"Error: Bad command: {payload}", self._free_at)
        if payload.startswith("G1"):
            self.lines.append(payload)
            self._at |= {word[0]: float(word[1:]) for word in payload.split()[1:]}
        if payload == "M114":
            self._reply("X:{X:.3f} Y:{Y:.3f} Z:{Z:.3f} E:{E:.3f} Count 0 0 0".format(**self._at), self._free_at)


@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(["corrupt", "drop", "lost_ok", "burst"]),
    rate=st.sampled_from([0.002, 0.02, 0.1]),
)
def test_over_a_noisy_wire_no_extrusion_is_executed_twice_and_nothing_hangs(seed: int, kind: str, rate: float) -> None:
    firmware = Rrf(random.Random(seed), Noise(**{kind: rate}))
    program = [f"G1 X{index} E{index / 10}" for index in range(1, 60)]
    host = rrf(*program)
    events, _ = converse(host, firmware, limit_s=10**5)
    assert firmware.lines == [line for line in program if line in firmware.lines]
    assert host.ended or firmware.lines == program or of(events, CommandFailed)  # a lost N: the job ends the unit


# ---- Smoothieware


class Smoothie(ReceiverFirmware):
    """Smoothieware's counting of lines."""

    def __init__(self, rng: random.Random, noise: Noise) -> None:
        super().__init__(rng, noise, False, receiver=SmoothieReceiver(256, 4))

    def _note(self, number: int | None, payload: str, *, is_known: bool) -> None:
        if payload.startswith("G1"):
            self.executed.append(payload)


@pytest.mark.parametrize("kind", ["corrupt", "drop", "lost_ok", "double_ok", "resend_no_ok"])
def test_smoothieware_executes_every_line_once_and_in_order(kind: str) -> None:
    firmware = Smoothie(random.Random(kind), Noise(**{kind: 0.02}))
    host = SingleHost(LINK, SMOOTHIEWARE)
    program = [f"G1 X{index} E{index}" for index in range(500)]
    host.open(0.0)
    host.queue(program)
    converse(host, firmware, limit_s=10**5)
    assert firmware.executed == program[: len(firmware.executed)]
    if kind == "corrupt" and host.ended:  # a damaged N earns an ok that is taken for the line's: the count tells
        assert host.ended.code == "LINE_COUNT_LOST"
    else:
        assert firmware.executed == program


@given(st.lists(st.binary(max_size=60)))
def test_arbitrary_bytes_never_raise(noise: list[bytes]) -> None:
    for host in (klipper("G1 X1"), rrf("G1 X1")):
        host.outgoing(0.0)
        for index, data in enumerate(noise):
            assert isinstance(host.receive(data, 0.1 * index), list)


@pytest.mark.parametrize("receiver", [KlipperReceiver(), RrfReceiver(256, 4), SmoothieReceiver(256, 4)])
def test_a_number_of_thousands_of_digits_is_only_noise(receiver) -> None:
    receiver.receive(b"M" + b"9" * 5000 + b"\nN" + b"9" * 5000 + b" G1*1\n")
    assert all(len(line) <= 1024 for line in receiver.queue)


# ---- Smoothieware's own counter


def proven_smoothie(*lines: str) -> SingleHost:
    """Return a host that knows by `rs N2` that its first question was taken."""
    host = SingleHost(LINK, SMOOTHIEWARE)
    host.open(0.0)
    host.queue(lines)
    host.outgoing(0.0)
    host.receive(b"ok\n", 0.01)
    assert host.outgoing(0.02) == b"N0 M110 N0*125\n"
    host.receive(b"ok\n", 0.03)
    assert host.outgoing(0.04).startswith(b"N1 M105*")
    host.receive(b"ok T:20.0 /0.0\n", 0.05)
    assert host.outgoing(0.06).startswith(b"N3 M105*")  # a number too high: the refusal tells the counter
    host.receive(b"rs N2\nok\n", 0.07)
    return host


def test_a_line_whose_ok_was_another_s_goes_out_again_in_its_turn_and_is_told_once() -> None:
    host = proven_smoothie("G1 X1 E1", "G1 X2 E2")
    host.outgoing(0.1)  # N2, lost
    found = host.receive(b"ok\n", 0.2)
    assert b" G1 X2 E2*" in host.outgoing(0.2)
    found += host.receive(b"rs N2\nok\n", 0.3)
    sent = [host.outgoing(0.4)]
    found += host.receive(b"ok\n", 0.5)
    sent.append(host.outgoing(0.5))
    found += host.receive(b"ok\n", 0.6)
    assert [line.split(b"*")[0].partition(b" ")[2] for line in sent] == [b"G1 X1 E1", b"G1 X2 E2"]
    assert [event.line for event in of(found, Accepted)] == ["G1 X1 E1", "G1 X2 E2"]
    assert not host.idle
    assert host.outgoing(0.7).startswith(b"N5 M105*")
    host.receive(b"rs N4\nok\n", 0.8)
    assert host.idle


def test_the_last_line_is_not_taken_as_arrived_before_the_counter_says_so() -> None:
    host = proven_smoothie("G1 X1 E1")
    host.outgoing(0.1)
    host.receive(b"ok\n", 0.2)
    host.outgoing(0.3)
    assert of(host.receive(b"rs N2\nok\n", 0.4), Resent)
    assert host.outgoing(0.5).startswith(b"N2 G1 X1 E1*")
    assert not host.idle


def test_a_counter_that_fell_back_to_its_start_ends_the_job() -> None:
    host = proven_smoothie("G1 X1 E1")
    host.outgoing(0.1)
    (end,) = of(host.receive(b"rs N1\nok\n", 0.2), Ended)
    assert end.code == "LINE_COUNT_LOST"


def test_a_counter_that_is_not_told_is_asked_again_and_then_given_up() -> None:
    host, now, asked = proven_smoothie("G1 X1 E1"), 0.1, 0
    host.outgoing(now)
    host.receive(b"ok\n", 0.2)
    while not host.ended and now < 600:
        asked += host.outgoing(now).startswith(b"N4 M105*")
        now = host.deadline() or now
        host.receive(b"ok T:20.0 /0.0\n", now)  # without its number it is run, and proves nothing
        host.tick(now)
    assert host.ended is not None
    assert host.ended.code == "LINK_SILENT"
    assert asked > 3


def test_a_foreign_line_is_recorded_and_its_ok_is_not_the_line_s() -> None:
    host = rrf("G1 X1 E1")
    host.outgoing(0.0)
    events = host.receive(b'echo:Unknown command: "O1 G1 X1 E1"\nok\n', 0.1)
    assert of(events, ForeignLine, Accepted) == [ForeignLine("O1 G1 X1 E1")]
    assert host.foreign_lines == 1
    unsafe = host.receive(b'echo:Unknown command: "M1 G1 X1 E1"\nok\n', 0.2)
    assert of(unsafe, UnsafeForeignLine) == [UnsafeForeignLine("M1 G1 X1 E1")]


def test_a_doubled_ok_of_a_foreign_line_is_not_taken_for_that_of_the_line_it_was() -> None:
    host = rrf("G1 X1 E1")
    host.outgoing(0.0)
    events = host.receive(b'echo:Unknown command: "O1 G1 X1 E1"\nok\nok\n', 0.1)
    assert not of(events, Accepted)
    asked = host.outgoing(0.1)  # where it stands decides
    assert [b"M400" in asked, b"M114" in asked, b"G1" in asked] == [True, True, False]


def test_a_printer_that_asks_for_the_same_line_without_end_ends_the_job() -> None:
    host, now = proven_smoothie("G1 X1 E1", "G1 X2 E2"), 0.1
    while not host.ended and now < 100:
        now += 0.1
        said = b"rs N2\nok\n" if b" G1 X2 E2*" in host.outgoing(now) else b"ok\n"
        host.receive(said, now)
    assert host.ended is not None
    assert host.ended.code == "RESEND_LOOP"
