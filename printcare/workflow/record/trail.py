"""The record as a whole for who may read it: its verdict, its export and a checkpoint of its own."""

from __future__ import annotations

from pathlib import Path

from printcare import verify
from printcare.domain.checks import error
from printcare.errors import PrintcareError
from printcare.records import audit
from printcare.records.accounts import Account
from printcare.records.checkpoints import Checkpoint, paper_anchor
from printcare.records.export import export
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed


def verdict(records: Store, account: Account, anchor: str = "") -> tuple[bool, str, str]:
    """Return whether the record is whole, the verdict in words, and the line to compare with the one on paper.

    `anchor` is such a line, SIZE CODE, or a whole checkpoint: the record must go on from it, as from what this client
    remembers. Raises Refused for one that cannot be read.
    """
    allowed(records, account, "audit.verify")
    remembered = None if records.memory is None else records.memory.note()
    try:
        result = audit.verify(records.url, [each for each in (anchor, remembered) if each])
    except PrintcareError as fault:
        if fault.code != "ANCHOR_UNREADABLE":
            raise
        raise Refused((error(fault.code, fault.message, fault.remedy, "anchor"),)) from fault
    paper = paper_anchor(result["size"], bytes.fromhex(result["root"]))
    return verify.exit_code(result) == 0, verify.report(result), paper


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
