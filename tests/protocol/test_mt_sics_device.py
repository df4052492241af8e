"""The balance's side of MT-SICS against the reference lines of devices.md §12.1."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from printcare.protocol import mt_sics_device as sics


def test_replies_are_the_reference_lines():
    assert sics.weight_line("S", "S", 100.0, "g", 2) == b"S S     100.00 g\r\n"
    assert sics.weight_line("S", "D", 99.98, "g", 2) == b"S D      99.98 g\r\n"
    assert sics.weight_line("S", "S", 312.4, "mg", 1) == b"S S      312.4 mg\r\n"
    assert sics.weight_line("TA", "A", 12.34, "g", 2) == b"TA A      12.34 g\r\n"
    assert sics.status_line("S", "+") == b"S +\r\n"
    assert sics.status_line("Z", "A") == b"Z A\r\n"
    assert sics.text_line("I4", "0123456789") == b'I4 A "0123456789"\r\n'
    assert sics.text_line("I1", "0123", "2.30") == b'I1 A "0123" "2.30"\r\n'
    assert sics.error_line("ES") == b"ES\r\n"


def test_the_command_list_begins_with_b_and_ends_with_a():
    lines = sics.command_list().split(b"\r\n")
    assert lines[0] == b'I0 B 0 "I0"'
    assert lines[-2].startswith(b"I0 A ")


def test_commands_are_read_with_their_argument_and_others_marked():
    port = sics.MtSicsReceiver()
    assert port.receive(b"SI\r\nTA 12.34 g\r\nsi\r\nXYZ\r\n") == [
        sics.Request("SI", ""),
        sics.Request("TA", "12.34 g"),
        sics.Request("", ""),
        sics.Request("", ""),
    ]


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_arbitrary_bytes_never_raise(chunks):
    port = sics.MtSicsReceiver()
    for chunk in chunks:
        assert all(request.word in (*sics.COMMANDS, "") for request in port.receive(chunk))
