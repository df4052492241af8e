"""The pressure sensor's side of PS1 against the lines of devices.md §13.1."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from printcare.protocol import ps1_device as ps1


def test_readings_are_the_reference_lines():
    assert ps1.reading_line(123456, 101.32, "OK") == b"P 123456 101.32 OK 6C\n"
    assert ps1.reading_line(123506, 101.40, "OK") == b"P 123506 101.40 OK 6D\n"
    assert ps1.reading_line(123556, 1000.0, "SAT") == b"P 123556 1000.00 SAT 1F\n"


def test_the_identity_and_acknowledgements_are_the_reference_lines():
    assert ps1.identity_line(1000.0, "PS0001", "") == b"#PS1 v1 kPa 0-1000 sn=PS0001\n"
    announced = ps1.identity_line(1000.0, "PS0001", "simulated:1 speed:50")
    assert announced == b"#PS1 v1 kPa 0-1000 sn=PS0001 simulated:1 speed:50\n"
    assert ps1.rate_line(20) == b"#R 20\n"
    assert ps1.zero_line(0.42) == b"#Z offset=0.42\n"
    assert ps1.error_line("03 adc") == b"E 03 adc\n"


def test_device_milliseconds_wrap():
    assert ps1.reading_line(2**32 + 5, 1.0, "OK").startswith(b"P 5 ")


def test_only_rates_from_1_to_80_are_taken():
    port = ps1.Ps1Receiver()
    requests = port.receive(b"R 20\r\nR 0\nR 81\nR x\n?\nZ\nQ\n")
    assert [request.word for request in requests] == ["R", "E", "E", "E", "?", "Z", "E"]
    assert requests[0].rate_hz == 20


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_arbitrary_bytes_never_raise(chunks):
    port = ps1.Ps1Receiver()
    for chunk in chunks:
        assert all(request.word in ("?", "R", "Z", "E") for request in port.receive(chunk))
