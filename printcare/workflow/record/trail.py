"""The record as a whole for who may read it: its verdict, its export and a checkpoint of its own."""

from __future__ import annotations

from pathlib import Path

from printcare import verify
from printcare.errors import PrintcareError
from printcare.records import audit
from printcare.records.accounts import Account
from printcare.records.checkpoints import Checkpoint
from printcare.records.export import export
from printcare.records.store import Store
from printcare.workflow.authority import allowed


def verdict(records: Store, account: Account) -> tuple[bool, str]:
    """Return whether the record is whole, and the verdict in words."""
    allowed(records, account, "audit.verify")
    result = audit.verify(records.url)
    return verify.exit_code(result) == 0, verify.report(result)


def exported(records: Store, account: Account, folder: Path) -> str:
    """Write the whole record into a folder and return what was written."""
    actor = allowed(records, account, "audit.export")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"record-{records.head()[0]}.jsonl"
    made = export(records, path, actor)
    return f"{path.name}: {made.size} events, SHA-256 {made.sha256}"


def checkpoint(records: Store, account: Account) -> Checkpoint:
    """Sign the record as it stands now and return the note; raises PrintcareError STATION_KEY where no key is held."""
    actor = allowed(records, account, "audit.checkpoint")
    with records.transaction(actor) as tx:
        tx.record("checkpoint.asked", "record", records.site())
    made = records.checkpoint()
    if made is None:
        what = "This station holds no key to sign with."
        raise PrintcareError("STATION_KEY", what, "Run on a workstation of the site.")
    return made
