"""The site's configuration as one digest, which stands in every event and on every batch record (records.md A10)."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from printcare.domain.canonical import canonical_bytes
from printcare.records.store import Store

TABLES = ("mode", "site_setting")  # signed, both


def configuration_sha256(records: Store) -> str:
    """Return the SHA-256 of the site's mode and every signed setting, as they stand."""
    return sha256(canonical_bytes({table: records.all(table) for table in TABLES})).hexdigest()


def note_configuration(records: Store) -> None:
    """Let every event that this opening of the record writes bear the digest of the configuration it found."""
    records.context = replace(records.context, config_hash=configuration_sha256(records))
