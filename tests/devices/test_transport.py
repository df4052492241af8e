"""By which way a printer may be reached is the profile's to say; what nothing protects stays on this computer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dialect_profiles import KLIPPER, MARLIN, RRF

from printcare.devices.transport import transport_findings, transport_of


@pytest.mark.parametrize(
    ("url", "way"),
    [
        ("socket://127.0.0.1:7001", "pty"), ("rfc2217://localhost:7001", "pty"), ("socket://[::1]:1", "pty"),
        ("/dev/pts/3", "pty"), ("socket://10.0.0.7:3000", "tcp"), ("rfc2217://printer.local:23", "tcp"),
        ("socket://127.0.0.1.example.org:1", "tcp"), ("/dev/ttyACM0", "usb"), ("/dev/cu.usbmodem11", "usb"),
        ("/dev/ttyUSB0", "uart"), ("COM5", "uart"), ("/dev/ttyS0", "uart"),
    ],
)  # fmt: skip
def test_an_address_tells_its_way(url: str, way: str) -> None:
    assert transport_of(url) == way


def test_a_link_is_followed_to_what_it_names(tmp_path: Path) -> None:
    link = tmp_path / "printer"
    link.symlink_to("/dev/pts/0")
    assert transport_of(str(link)) == "pty"


def test_klipper_is_refused_on_a_socket_of_another_host() -> None:
    assert [each.code for each in transport_findings(KLIPPER, "socket://10.0.0.7:3000")] == ["LINK_NOT_LOCAL"]
    assert [each.code for each in transport_findings(KLIPPER, "/dev/ttyACM0")] == ["LINK_NOT_LOCAL"]
    assert transport_findings(KLIPPER, "socket://127.0.0.1:3000") == ()


def test_a_way_the_profile_does_not_name_is_refused() -> None:
    usb_only = replace(MARLIN, link=replace(MARLIN.link, transports=("usb", "pty")))
    (finding,) = transport_findings(usb_only, "socket://10.0.0.7:3000")
    assert (finding.code, finding.blocks) == ("LINK_TRANSPORT", True)
    assert transport_findings(usb_only, "/dev/ttyACM0") == ()
    assert transport_findings(RRF, "socket://10.0.0.7:3000") == ()
