"""What the record is made of: one event per command, refused ones too, and the signatures people give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from printcare.domain.canonical import digest
from printcare.errors import PrintcareError

DONE = "done"
REFUSED = "refused"
OUTCOMES = (DONE, REFUSED)


class RecordUnwritable(PrintcareError):  # noqa: N818 - the word the job's interlock uses: no record, no print
    """The record cannot be written: full, read-only, locked too long or gone. A job that meets it stops printing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One command and what became of it, with every field of records.md §8.2.

    `ts_utc` is for people; order comes from `seq` alone and durations from `monotonic_ns`.
    """

    seq: int
    epoch: int
    site: str
    workstation: str
    boot_id: str
    monotonic_ns: str
    ts_utc: str
    utc_offset: str
    clock_status: str
    actor_id: str
    actor_role: str
    session: str | None
    mode: str
    object_type: str
    object_id: str
    object_version: int | None
    action: str
    old: Mapping[str, object] | None
    new: Mapping[str, object] | None
    outcome: str
    reason_code: str | None
    reason_text: str | None
    app_version: str
    config_hash: str | None

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name, as they enter the canonical bytes."""
        return {name: getattr(self, name) for name in EVENT_FIELDS}


EVENT_FIELDS = tuple(field.name for field in fields(AuditEvent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One person's electronic signature of one version of one record (21 CFR 11.50, 11.70; Annex 11 §14).

    `name` is looked up for display; the log holds only its commitment, so that a name never stands in an event.
    `value` is the Ed25519 signature, in base64, over the canonical bytes of `payload()`.
    """

    id: str
    account: str
    name: str
    role: str
    meaning: str
    object_type: str
    object_id: str
    object_hash: str
    signed_at: str
    utc_offset: str
    person_commitment: str
    previous: str | None
    public_key: str
    value: str

    def payload(self) -> dict[str, object]:
        """Return what the signer's key signs: everything but the name in clear and the signature itself."""
        return {field: getattr(self, field) for field in SIGNED_FIELDS}

    def covers(self, state: Mapping[str, object]) -> bool:
        """Say whether this is still a signature of the given state; after any change it is not (P14)."""
        return self.object_hash == digest(state)


SIGNED_FIELDS = tuple(field.name for field in fields(Signature) if field.name not in ("name", "value"))
