"""Marlin's side of the line: what is recorded of numbers, checksums, Resend and the receive buffer."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.protocol.marlin_device import Intake, MarlinReceiver, line_number, ok_line, read_command

# Checksums computed by others: process-vectors.json, gcode_checksum_xor.
CHECKSUMS = {"N3 T0": 57, "N4 G92 E0": 67, "N5 G28": 22, "N1 M105": 38, "N2 G1 X10.000 Y5.500 E0.01234 F600": 5}


def receiver(**changes) -> MarlinReceiver:
    built = {"rx_bytes": 128, "queue_size": 4, "line_limit": 95, "emergency_parser": True, **changes}
    return MarlinReceiver(
        built["rx_bytes"], built["queue_size"], built["line_limit"], emergency_parser=built["emergency_parser"]
    )


def framed(number: int, text: str) -> bytes:
    line = f"N{number} {text}".encode()
    return b"%s*%d\n" % (line, reduce(xor, line))


@pytest.mark.parametrize(("line", "checksum"), CHECKSUMS.items())
def test_a_line_with_its_reference_checksum_is_queued(line, checksum):
    port = receiver()
    port.last_number = int(line[1]) - 1
    assert port.receive(f"{line}*{checksum}\n".encode()).replies == []
    assert list(port.queue) == [f"{line}*{checksum}"]


def test_a_bad_line_throws_away_what_came_with_it_and_asks_from_there():
    # devices.md §4.4, recorded: line 2 of 5 corrupted
    port = receiver()
    burst = b"N1 G91*16\nN2 G1 X1*1\nN3 G1 X1 F6000*2\nN4 G1 X2*102\nN5 G1 X3*102\n"
    assert port.receive(burst).replies == ["Error:checksum mismatch, Last Line: 1", "Resend: 2", "ok"]
    assert list(port.queue) == ["N1 G91*16"]


@pytest.mark.parametrize("number", [4, 5])
def test_the_last_number_or_the_one_before_again_is_swallowed(number):
    port = receiver()
    port.last_number = 5
    assert port.receive(framed(number, "G1 X1")).replies == []
    assert not port.queue


@pytest.mark.parametrize("number", [3, 7, 100])
def test_any_other_wrong_number_is_asked_for_again(number):
    port = receiver()
    port.last_number = 5
    replies = port.receive(framed(number, "G1 X1")).replies
    assert replies == ["Error:Line Number is not Last Line Number+1, Last Line: 5", "Resend: 6", "ok"]


def test_a_line_without_number_is_taken_whatever_its_checksum():
    port = receiver()
    assert port.receive(b"G90*77\nG91\n").replies == []
    assert [read_command(line).text for line in port.queue] == ["G90", "G91"]


def test_comments_and_empty_lines_leave_nothing():
    port = receiver()
    port.receive(b";only comment\n\n\r\n")
    assert not port.queue


def test_a_line_is_cut_at_95_characters():
    port = receiver()
    port.receive(b"M117 " + b"x" * 200 + b"\n")
    assert len(port.queue[0]) == 95


def test_a_full_queue_leaves_bytes_in_the_buffer_and_loses_the_rest():
    port = receiver()
    for _ in range(4):
        port.receive(b"G1 X1\n")
    intake = port.receive(b"G1 X2\n" * 30)
    assert intake.lost_bytes == 30 * 6 - 128
    port.queue.clear()
    later = Intake([], [])
    port.fill(later)
    assert list(port.queue) == ["G1 X2"] * 4


def test_the_emergency_parser_reads_past_a_full_queue():
    port = receiver()
    for _ in range(4):
        port.receive(b"G1 X1\n")
    assert port.receive(b"\nM112\n").urgent == [("M112", "")]
    assert port.receive(b"N7 M410*33\n").urgent == [("M410", "*33")]
    assert port.receive(b"G1 X M112\n").urgent == []


def test_the_emergency_parser_reads_a_word_that_comes_in_pieces():
    port = receiver()
    assert port.receive(b"M1").urgent == []
    assert port.receive(b"12\n").urgent == [("M112", "")]


def test_without_the_parser_a_stop_waits_for_a_free_slot():
    port = receiver(emergency_parser=False)
    for _ in range(4):
        port.receive(b"G1 X1\n")
    assert port.receive(b"M112\n").urgent == []
    port.queue.popleft()
    late = Intake([], [])
    port.fill(late)
    assert late.urgent == [("M112", "")]


def test_an_advanced_ok_carries_number_and_slots():
    assert ok_line(12, 15, 3, advanced=True) == "ok N12 P15 B3"
    assert ok_line(line_number("N-1 M110*15"), 15, 3, advanced=True) == "ok N-1 P15 B3"
    assert ok_line(line_number("G1 X1"), 14, 3, advanced=True) == "ok P14 B3"
    assert ok_line(12, 15, 3, advanced=False) == "ok"


def test_a_command_is_split_as_the_firmware_does():
    command = read_command("N3 G1 X1.5 Y-2 E F6000*2")
    assert (command.letter, command.code) == ("G", 1)
    assert command.parameters() == {"X": 1.5, "Y": -2.0, "E": None, "F": 6000.0}
    assert read_command("G 1 X7").parameters() == {"X": 7.0}
    assert read_command("m105").letter == "?"
    assert read_command("N2 M117 a*b*12").text == "M117 a*b"
    assert line_number("G1 N5") is None


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_arbitrary_bytes_never_raise_and_keep_the_bounds(chunks):
    port = receiver()
    for chunk in chunks:
        port.receive(chunk)
        assert len(port.queue) <= 4
        assert all(len(line) <= 95 for line in port.queue)
        for line in port.queue:
            read_command(line).parameters()


@given(st.lists(st.integers(0, 200), min_size=1, max_size=40), st.integers(1, 30))
def test_lines_cut_anywhere_arrive_whole(values, size):
    port = receiver()
    stream = b"".join(framed(i, f"G1 X{value}") for i, value in enumerate(values, start=1))
    arrived = []
    for start in range(0, len(stream), size):
        assert port.receive(stream[start : start + size]).replies == []
        while port.queue:
            arrived.append(read_command(port.queue.popleft()).parameters()["X"])
            port.fill(Intake([], []))
    assert arrived == values
