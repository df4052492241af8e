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
