"""What an import gives back: a prescription or none, every finding, and what was and was not understood."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.prescription import Prescription


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The outcome of reading one message; there is no partial patient: a blocking finding leaves no prescription.

    `understood` pairs a path of the message with what it was taken to mean; `ignored` lists paths that were seen, are
    allowed and play no part in the prescription.
    """

    prescription: Prescription | None
    findings: tuple[Finding, ...]
    understood: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]


@dataclass(slots=True)
class Notes:
    """What a reader notes on its way through a message."""

    findings: list[Finding] = field(default_factory=list)
    understood: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def stop(self, code: str, reason: str, remedy: str, where: str) -> None:
        """Note an objection that leaves no prescription."""
        self.findings.append(error(code, reason, remedy, where))

    def warn(self, code: str, reason: str, remedy: str, where: str) -> None:
        """Note an objection that is shown and recorded."""
        self.findings.append(warning(code, reason, remedy, where))

    def mean(self, where: str, meaning: str) -> None:
        """Note what a path of the message was taken to mean."""
        self.understood.append((where, meaning))

    @property
    def may_go_on(self) -> bool:
        """Whether nothing so far forbids a prescription."""
        return not blocking(self.findings)

    def result(self, prescription: Prescription | None) -> ImportResult:
        """Return the outcome; with a blocking finding the prescription is dropped."""
        kept = prescription if self.may_go_on else None
        return ImportResult(kept, tuple(self.findings), tuple(self.understood), tuple(self.ignored))


def pseudonym(key: bytes, identifiers: Iterable[str]) -> str:
    """Return the patient's pseudonym: HMAC-SHA256 of the first identifier in order, as 80 bits of base32.

    The same patient gets the same pseudonym under the site's key, and nobody without the key can guess back.
    """
    first = min(identifiers)
    code = base64.b32encode(hmac.digest(key, first.encode("utf-8"), "sha256")[:10]).decode("ascii")
    return "P-" + "-".join(code[start : start + 4] for start in range(0, len(code), 4))
