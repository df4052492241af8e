"""By which way a printer is reached, and whether its profile allows that way: some lines travel unprotected."""

from __future__ import annotations

import os
import re

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.protocol.dialects import BY_NAME

# By the address alone. What never leaves this computer is `pty`, a loopback socket included; `usb` is the firmware's
# own USB port, which checks every byte; a USB adapter ends in an unprotected line, as may a name that tells nothing.
_WAYS = (
    ("pty", re.compile(r"(?:socket|rfc2217)://(?:127\.0\.0\.1|localhost|\[::1\]):|/dev/pts/|/dev/ttys\d|loop://")),
    ("tcp", re.compile(r"(?:socket|rfc2217)://")),
    ("usb", re.compile(r"/dev/(?:ttyACM|cu\.usbmodem|tty\.usbmodem)")),
)


def transport_of(url: str) -> str:
    """Return pty, usb, uart or tcp; a link in the file system is followed to what it names."""
    address = url if "://" in url else os.path.realpath(url)
    return next((way for way, pattern in _WAYS if pattern.match(address)), "uart")


def transport_findings(profile: FirmwareProfile, url: str) -> tuple[Finding, ...]:
    """Return why a printer of this profile may not be reached by this address.

    LINK_NOT_LOCAL where the dialect protects nothing and the address is not on this computer; LINK_TRANSPORT where the
    profile does not allow the way.
    """
    way = transport_of(url)
    dialect = BY_NAME.get(profile.dialect)
    if dialect is not None and dialect.is_local_only and way != "pty":
        told = f"{profile.dialect} neither numbers nor checks its lines, and {url} is not on this computer."
        return (error("LINK_NOT_LOCAL", told, "Run printcare beside the firmware and use its pseudo-terminal.", url),)
    if way not in profile.link.transports:
        allowed = ", ".join(profile.link.transports)
        told = f"{url} is reached by {way}, and profile {profile.id} allows {allowed}."
        return (error("LINK_TRANSPORT", told, "Connect the printer as its profile was approved.", url),)
    return ()
