"""One line at a time, at its edges: greetings, doubled and late oks, Resends, refusals, ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.protocol.dialects import KLIPPER, REPRAPFIRMWARE, SMOOTHIEWARE
from printcare.protocol.marlin_events import Accepted, Booted, CommandFailed, Ended, Opened, Resent
from printcare.protocol.marlin_reply import Busy, Remark, Temperatures
from printcare.protocol.single_host import SingleHost
from printcare.protocol.single_patience import REPEATS

LINK = load_profile("marlin-syringe").link
RRF_LINK = replace(LINK, integrity="n_crc16", resend_pattern="(?!)()")
AT_ORIGIN = b"ok\nX:0.000 Y:0.000 Z:0.000 E:0.000 Count 0 0 0\nok\n"


def of(events: list, *kinds: type) -> list:
    return [event for event in events if isinstance(event, kinds)]


def klipper(*lines: str) -> SingleHost:
    host = SingleHost(load_profile("klipper-syringe").link, KLIPPER)
    host.open_at_once(0.0)
    host.queue(lines)
    return host


def rrf(*lines: str) -> SingleHost:
    host = SingleHost(RRF_LINK, REPRAPFIRMWARE)
    host.open_at_once(0.0)
    host.queue(lines)
    return host


def smoothie(*lines: str) -> SingleHost:
    host = SingleHost(replace(LINK, resend_pattern=r"rs N(\d+)"), SMOOTHIEWARE)
    host.open_at_once(0.0)
    host.queue(lines)
    return host


def silent(host: SingleHost) -> tuple[list, float]:
    """Let the current line go unanswered until the printer is asked."""
    due = host.deadline()
    assert due is not None
    return host.tick(due), due


# ---- greeting and end


def test_a_printer_that_does_not_answer_the_greeting_is_given_up() -> None:
    host, sent, now, events = SingleHost(LINK, KLIPPER), [], 0.0, []
    host.open(0.0)
    while not host.ended and now < 3600:
        sent.append(host.outgoing(now))
        now = host.deadline() or now
        events += host.tick(now)
    assert set(sent) == {b"M115\n"}
    assert [end.code for end in of(events, Ended)] == ["PRINTER_NO_ANSWER"]
    assert now == pytest.approx(LINK.boot_timeout_s, abs=1.0)
    assert host.deadline() is None


def test_the_second_ok_of_a_greeting_sent_twice_is_not_that_of_the_first_line() -> None:
    host = SingleHost(LINK, KLIPPER)
    host.open(0.0)
    host.queue(["G90"])
    assert host.outgoing(0.0) == b"M115\n"
    assert host.outgoing(0.5) == b""
    assert host.outgoing(1.0) == b"M115\n"
    host.receive(b"ok\n", 1.1)
    assert host.outgoing(1.1) == b""
    host.receive(b"ok\n", 1.2)
    assert host.outgoing(2.0) != b""
    assert of(host.tick(2.0), Opened)
    assert not host.idle


def test_nothing_is_queued_after_the_end() -> None:
    host = klipper("G90")
    host.emergency()
    with pytest.raises(PrintcareError) as caught:
        host.queue(["G91"])
    assert caught.value.code == "LINK_ENDED"


def test_a_link_ends_once_and_keeps_its_first_reason() -> None:
    host = klipper("G90")
    host.emergency()
    events = host.receive(b"// Klipper state: Shutdown\nok\n", 1.0)
    assert host.ended is not None
    assert (host.ended.code, of(events, Ended)) == ("STOP_SENT", [])


def test_a_printer_that_restarts_has_lost_its_position_and_ends_the_link() -> None:
    host = smoothie("G1 X5 E1")
    host.outgoing(0.0)
    events = host.receive(b"start\n", 0.1)
    assert [type(event) for event in events] == [Booted, Ended]
    assert host.ended is not None
    assert host.ended.code == "PRINTER_RESTARTED"


def test_a_restart_before_the_link_is_open_is_only_the_board_waking_up() -> None:
    host = SingleHost(LINK, SMOOTHIEWARE)
    host.open(0.0)
    assert host.receive(b"start\n", 0.1) == []
    assert host.ended is None


# ---- beside the queue


def test_the_ok_of_a_line_beside_the_queue_does_not_release_the_next() -> None:
    host = klipper("G1 X5 E1", "G1 X6 E2")
    host.outgoing(0.0)
    assert host.interrupt("M108") == b"M108\n"
    assert of(host.receive(b"ok\n", 0.1), Accepted) == []
    assert host.outgoing(0.2) == b""
    assert [event.line for event in of(host.receive(b"ok\n", 0.3), Accepted)] == ["G1 X5 E1"]


def test_an_ok_nobody_waits_for_accepts_nothing() -> None:
    host = klipper()
    assert host.receive(b"ok\n", 0.1) == []
    assert (host.count.ignored, host.count.lines) == (1, 0)


def test_a_line_that_is_no_answer_is_passed_on() -> None:
    assert of(klipper().receive(b"// probe at 1.0\n", 0.1), Remark)


def test_a_refusal_names_the_line_it_belongs_to() -> None:
    host = klipper("G1 X999")
    host.outgoing(0.0)
    (failed,) = of(host.receive(b"!! Move out of range\n", 0.1), CommandFailed)
    assert (failed.number, failed.line) == (1, "G1 X999")


def test_a_refusal_while_nothing_is_on_its_way_names_no_line() -> None:
    (failed,) = of(klipper().receive(b"!! Move out of range\n", 0.1), CommandFailed)
    assert (failed.number, failed.line) == (None, "")


# ---- patience


def test_a_busy_printer_is_given_its_time_again() -> None:
    host = smoothie("G28")
    host.outgoing(0.0)
    due = host.deadline()
    assert due is not None
    assert of(host.receive(b"echo:busy: processing\n", 5.0), Busy)
    assert host.deadline() == due + 5.0


def test_temperatures_told_while_heating_are_signs_of_life() -> None:
    host = klipper("M109 S40")
    host.outgoing(0.0)
    due = host.deadline()
    assert due is not None
    assert of(host.receive(b"B:21.9 /0.0 T0:38.4 /40.0\n", 5.0), Temperatures)
    assert host.deadline() == due + 5.0


def test_temperatures_told_during_a_move_do_not_excuse_its_silence() -> None:
    host = klipper("G1 X5 E1")
    host.outgoing(0.0)
    due = host.deadline()
    host.receive(b"B:21.9 /0.0 T0:38.4 /40.0\n", 5.0)
    assert host.deadline() == due


# ---- RepRapFirmware: silence


def test_a_harmless_line_is_sent_a_few_times_and_then_given_up() -> None:
    host, now, sent = rrf("M104 S40"), 0.0, []
    while not host.ended and now < 3600:
        out = host.outgoing(now)
        sent.append(out)
        if b"M114" in out:
            now += 0.1
            host.receive(AT_ORIGIN, now)
        elif b"M105" in out:
            host.receive(b"ok T:20.0 /0.0\n", now)
        else:
            _, now = silent(host)
    assert host.ended is not None
    assert host.ended.code == "LINK_SILENT"
    assert sum(b"M104 S40" in out for out in sent) == REPEATS


def test_a_position_whose_ok_was_lost_decides_after_its_time() -> None:
    host = rrf("G1 X5 E1.5")
    host.outgoing(0.0)
    _, now = silent(host)
    host.outgoing(now)
    host.receive(b"ok\nX:5.000 Y:0.000 Z:0.000 E:1.500 Count 0 0 0\n", now + 0.1)
    due = host.deadline()
    assert due is not None
    assert due == pytest.approx(now + 0.6)  # the ok of a position follows it at once, or never
    assert [event.line for event in of(host.tick(due), Accepted)] == ["G1 X5 E1.5"]


def test_a_doubled_ok_is_not_the_answer_to_a_question_for_temperatures() -> None:
    host = rrf("G1 X5 E1")
    host.outgoing(0.0)
    host.receive(b"ok\n", 0.1)
    assert b"M105" in host.outgoing(0.2)
    host.receive(b"ok\n", 0.3)
    assert (host.count.ignored, host.idle) == (1, False)
    host.receive(b"ok T:20.0 /0.0 B:20.0 /0.0\n", 0.4)
    assert host.idle


# ---- Smoothieware: Resends


def test_a_damaged_line_is_sent_again_under_its_number_and_its_resends_ok_is_not_counted() -> None:
    host = smoothie("G1 X5 E1")
    first = host.outgoing(0.0)
    assert of(host.receive(b"rs N1\nok\n", 0.1), Resent)
    assert host.outgoing(0.2) == first
    assert [event.line for event in of(host.receive(b"ok\n", 0.3), Accepted)] == ["G1 X5 E1"]


def test_a_resend_told_twice_sends_the_line_once() -> None:
    host = smoothie("G1 X5 E1")
    host.outgoing(0.0)
    host.receive(b"rs N1\n", 0.1)
    host.receive(b"rs N1\n", 0.1)
    assert host.count.ignored == 1
    assert host.outgoing(0.2) != b""
    assert host.outgoing(0.3) == b""


def test_a_printer_that_does_not_count_cannot_have_a_line_extruded_again() -> None:
    host = SingleHost(replace(LINK, resend_pattern=r"rs N(\d+)"), KLIPPER)
    host.open_at_once(0.0)
    host.queue(["G1 X5 E1"])
    host.outgoing(0.0)
    assert host.receive(b"rs N1\n", 0.1) == []
    assert (host.count.ignored, host.outgoing(0.2)) == (1, b"")


def test_a_resend_of_a_line_nobody_has_sent_is_not_obeyed() -> None:
    host = smoothie("G1 X5 E1")
    host.outgoing(0.0)
    assert host.receive(b"rs N9\n", 0.1) == []
    assert (host.count.ignored, host.outgoing(0.2)) == (1, b"")


def test_a_resend_of_an_executed_line_ends_the_link_rather_than_extrude_again() -> None:
    host = smoothie("G1 X5 E1", "G1 X6 E2")
    host.outgoing(0.0)
    host.receive(b"ok\n", 0.1)
    host.outgoing(0.2)
    (end,) = of(host.receive(b"rs N1\n", 0.3), Ended)
    assert end.code == "LINE_COUNT_LOST"
    assert host.outgoing(0.4) == b""


def test_a_resend_of_the_question_says_that_the_line_before_it_was_counted() -> None:
    host = smoothie("G1 X5 E1", "G1 X6 E2")
    host.outgoing(0.0)
    _, now = silent(host)
    assert b"N02 M105" in host.outgoing(now)
    events = host.receive(b"rs N2\nok\n", now + 0.1)
    assert [event.line for event in of(events, Accepted)] == ["G1 X5 E1"]
    assert b"N2 G1 X6 E2*" in host.outgoing(now + 0.2)


def test_a_printer_that_asks_for_one_line_without_end_is_given_up() -> None:
    host, now = smoothie("G1 X5 E1"), 0.0
    while not host.ended and now < 1000:
        host.outgoing(now)
        host.receive(b"rs N1\nok\n", now + 0.1)
        now += 1.0
    assert host.ended is not None
    assert host.ended.code == "RESEND_LOOP"
