"""Every line a real printer was heard to say is read, and noise never becomes an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marlin_files import FILES, replies

from printcare.formats.profile import load_profile
from printcare.protocol import marlin_reply as said
from printcare.protocol.marlin_reply import ReplyParser

PARSER = ReplyParser(load_profile("marlin-syringe").link)

# Counted with grep -c 'Recv: ok' over the recordings.
OKS = {
    "01-m115": 1,
    "02-checksum-ok": 5,
    "03-checksum-bad": 5,
    "04-lineno-bad": 5,
    "05-checksum-missing": 5,
    "07-dup-line": 5,
    "08-busy": 4,
    "09-m155": 6,
    "10-m109": 5,
    "11-m109-m108": 4,
    "13-m112-moving": 3,
    "15-m410": 7,
    "16-cold-extrude": 6,
    "17-unknown": 12,
    "20-m0": 5,
    "21-m600": 2,
    "22-actions": 8,
    "23-bounds": 8,
    "24-longline": 6,
    "25-nosave": 8,
    "26-fan": 5,
    "30-m110": 9,
    "31-quiet-rest": 24,
    "40-bed-maxtemp": 3,
    "40-maxtemp": 3,
    "40-mintemp": 3,
    "41-heating-failed": 2,
}

SAMPLES = [  # beyond the reference vectors
    ("X:0.000 Y:10.500 Z:1.200 E:0.000 E0:0.0 Count 0 840 480 Machine 0.000 10.500 1.200", said.Position),
    ("echo: cold extrusion prevented", said.Failed),
    ('echo:Unknown command: "O2 G1 X5"', said.Unknown),
    ("//action:poweroff", said.Action),
    ("Cap:EMERGENCY_PARSER:1", said.Capability),
    ("FIRMWARE_NAME:Marlin 2.1.2.1", said.Firmware),
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_every_recorded_line_is_classified_and_its_oks_are_counted(name: str) -> None:
    oks = [reply for reply in map(PARSER.classify, replies(name)) if isinstance(reply, said.Ok)]
    assert len(oks) == OKS[name]


KINDS = {  # by the vectors' word; a line of Marlin's that reports temperatures or a position may bring an ok along
    "temp": said.Ok,
    "temp_autoreport": said.Temperatures,
    "advanced_ok": said.Ok,
    "busy": said.Busy,
    "pos": said.Position,
    "line_error": said.LineError,
    "resend": said.Resend,
    "fatal": said.Fatal,
    "halted": said.Fatal,
    "boot": said.Boot,
    "wait": said.Wait,
    "error": (said.Failed, said.Fatal),  # Klipper's `!!` stops it
    "info_shutdown": said.Remark,
}
NUMBERS = {
    "N": "number",
    "planner_free": "planner_free",
    "cmdbuf_free": "queue_free",
    "last": "last",
    "reason": "reason",
}
PLACES = {"X": "x_mm", "Y": "y_mm", "Z": "z_mm", "E": "e_mm"}


def test_replies_of_all_firmwares_are_read_as_the_vectors_say(vectors: dict) -> None:
    for row in vectors["firmware_reply_samples"]:
        reply = PARSER.classify(row["line"].encode())
        assert isinstance(reply, said.Ok if row.get("ok") else KINDS[row["kind"]]), row
        told = {name: getattr(reply, field) for name, field in NUMBERS.items() if name in row}
        place = reply.position if isinstance(reply, said.Ok) else reply
        told |= {axis: getattr(place, field) for axis, field in PLACES.items() if axis in row}
        heat = reply.temperatures if isinstance(reply, said.Ok) else reply
        for heater in ("T", "B"):
            if heater in row:
                told |= {heater: heat.actual_c(heater), f"{heater}set": heat.target_c(heater)}
        assert told == {name: row[name] for name in told}


@pytest.mark.parametrize(("line", "kind"), SAMPLES)
def test_sample_lines_of_all_firmwares_are_what_they_are(line: str, kind: type) -> None:
    assert type(PARSER.classify(line.encode())) is kind


def test_numbers_of_an_ok_are_read() -> None:
    assert PARSER.classify(b"ok N123 P15 B3") == said.Ok(123, 15, 3)
    assert PARSER.classify(b"ok P14 B3") == said.Ok(None, 14, 3)
    assert PARSER.classify(b"ok N-1 P15 B3") == said.Ok(-1, 15, 3)


def test_temperatures_are_read_with_their_targets() -> None:
    report = PARSER.classify(b"ok T:201.00 /200.00 B:60.10 /60.00 @:64 B@:32")
    assert isinstance(report, said.Ok)
    assert report.temperatures is not None
    assert (report.temperatures.actual_c(), report.temperatures.target_c()) == (201.0, 200.0)
    assert (report.temperatures.actual_c("B"), report.temperatures.target_c("C")) == (60.1, None)
    assert report.temperatures.powers == (("@", 64.0), ("B@", 32.0))


def test_the_lines_of_a_heating_wait_are_told_from_auto_reports() -> None:
    waiting = PARSER.classify(b" T:19.37 /35.00 B:19.37 /0.00 @:0 B@:0 W:?")
    report = PARSER.classify(b" T:19.37 /35.00 B:19.37 /0.00 @:0 B@:0")
    assert isinstance(waiting, said.Temperatures)
    assert isinstance(report, said.Temperatures)
    assert (waiting.waiting, report.waiting) == (True, False)


def test_positions_and_counted_steps_are_read() -> None:
    line = b"X:200.00 Y:0.00 Z:5.00 E:-2.00 Count X:16000 Y:0 Z:2000"
    assert PARSER.classify(line) == said.Position(200.0, 0.0, 5.0, -2.0, (16000, 0, 2000))
    assert PARSER.classify(b"ok C: X:0.0 Y:10.5 Z:1.2 E:0.0") == said.Ok(position=said.Position(0.0, 10.5, 1.2, 0.0))


@pytest.mark.parametrize(
    "line", [b"o3", b"1k", b"ok N1x P15 B3", b"okok", b"ok N5 P15 B3ok", b"ok C: X:1", b"ok T:", b"ok !"]
)
def test_a_garbled_ok_is_a_lost_ok(line: bytes) -> None:
    assert isinstance(PARSER.classify(line), said.Remark)


def test_a_damaged_resend_is_not_obeyed() -> None:
    assert isinstance(PARSER.classify(b"Resend: 12x"), said.Remark)


def test_a_temperature_of_a_thousand_digits_is_noise() -> None:
    assert isinstance(PARSER.classify(b"ok T:" + b"9" * 1000 + b" /0.0"), said.Remark)


def test_a_profile_without_patterns_finds_nothing_fatal() -> None:
    from dataclasses import replace

    link = replace(load_profile("marlin-syringe").link, fatal_patterns=(), failed_patterns=())
    assert isinstance(ReplyParser(link).classify(b"!!"), said.Remark)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_classified_without_an_exception(line: bytes) -> None:
    reply = PARSER.classify(line)
    assert isinstance(reply, said.Ok) <= line.startswith(b"ok")
