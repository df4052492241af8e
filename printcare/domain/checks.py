"""One objection of the world to what was asked: a value, with its reason and its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How far an objection goes."""

    ERROR = "error"  # blocks: nothing downstream exists
    WARNING = "warning"  # the result stands, and is shown and recorded
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection, with why it was raised and what to do about it.

    `code` is stable and listed in docs/errors.md; `where` is a key path, a line number or a field, or empty.
    """

    code: str
    severity: Severity
    reason: str
    remedy: str
    where: str = ""

    @property
    def blocks(self) -> bool:
        """Whether nothing may go on while this stands."""
        return self.severity is Severity.ERROR

    def as_dict(self) -> dict[str, str]:
        """Return the finding as the command line prints it."""
        fields = {"code": self.code, "severity": self.severity.value, "reason": self.reason, "remedy": self.remedy}
        return fields | ({"where": self.where} if self.where else {})


def error(code: str, reason: str, remedy: str, where: str = "") -> Finding:
    """Return a blocking finding."""
    return Finding(code, Severity.ERROR, reason, remedy, where)


def warning(code: str, reason: str, remedy: str, where: str = "") -> Finding:
    """Return a finding that is shown and recorded and does not block."""
    return Finding(code, Severity.WARNING, reason, remedy, where)


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those findings that forbid going on, in their order."""
    return tuple(finding for finding in findings if finding.blocks)
