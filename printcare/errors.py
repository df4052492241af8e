"""The one exception of the project: what happened, what was expected, what to do."""

from __future__ import annotations


class PrintcareError(Exception):
    """A broken assumption, told in words a user can act on.

    Args:
        code: stable upper-case name, listed in docs/errors.md.
        message: what happened and what was expected instead.
        remedy: what the reader of the message should do now.
    """

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(f"{code}: {message} {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy


class LinkLost(PrintcareError):  # noqa: N818 - an event of the wire, named as the alarm table names it
    """A device cannot be reached any more: the cable is out, the port is gone or nothing can be written."""

    def __init__(self, source: str, message: str) -> None:
        remedy = "Check cable and power, and that no other program holds it."
        super().__init__("LINK_LOST", f"The {source} cannot be reached: {message}", remedy)
        self.source = source


class RemoteProtocolError(PrintcareError):
    """A device said something its protocol does not allow, and no safe reading of it exists."""

    def __init__(self, source: str, message: str) -> None:
        super().__init__(
            "REMOTE_PROTOCOL",
            f"The {source} answered outside its protocol: {message}",
            "Check that the profile fits the device.",
        )
        self.source = source
