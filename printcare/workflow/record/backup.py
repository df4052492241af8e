"""A copy of the record while it is in use, verified before it counts as one (records.md §15)."""

from __future__ import annotations

from pathlib import Path
from typing import Any  # a verdict is told as it comes

from printcare.domain.checks import error
from printcare.records import audit
from printcare.records.accounts import Account
from printcare.records.copying import copy, file_hash
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse

MAKE, CHECK = "backup.make", "backup.check"
TABLE = "backup"
VERIFIED, FAILED = "verified", "failed"


def make_backup(records: Store, account: Account, target: Path) -> dict[str, Any]:
    """Copy the record to a file, verify the copy by a checkpoint made before, and return what is recorded of it.

    Raises Refused, recorded, where the file exists or the copy does not verify: it is then no backup.
    """
    actor = allowed(records, account, MAKE)
    if target.exists():
        stops = (error("E_BACKUP_TARGET", f"{target.name} exists.", "Name a new file.", "file"),)
        refuse(records, actor, MAKE, TABLE, "new", stops)
        raise Refused(stops)
    made = records.checkpoint()
    url = f"sqlite:///{target.absolute()}"
    copy(records.url, url)
    result = audit.verify(url, made.note if made else None)
    is_good = result["verdict"] in ("OK", "UNANCHORED") and (made is None or result["size"] >= made.size)
    key = f"BK-{len(records.all(TABLE)) + 1:04d}"
    told = {name: result[name] for name in ("verdict", "size", "root")}
    state = {"status": VERIFIED if is_good else FAILED, "file": target.name, "sha256": file_hash(target), **told}
    with records.transaction(actor) as tx:
        tx.record("backup.made", TABLE, key, state)
    if not is_good:
        stops = (error("E_BACKUP_UNSOUND", f"The copy is {result['verdict']}.", "Make another at once.", "file"),)
        raise Refused(stops)
    return {"key": key, **state}


def check_backup(records: Store, account: Account, source: Path) -> dict[str, Any]:
    """Test-restore a backup: read it through and compare it with the record; return the verdict, recorded."""
    actor = allowed(records, account, CHECK)
    if not source.is_file():
        stops = (error("E_BACKUP_MISSING", f"There is no {source.name}.", "Name a backup's file.", "file"),)
        refuse(records, actor, CHECK, TABLE, "unknown", stops)
        raise Refused(stops)
    result = audit.verify(f"sqlite:///{source.absolute()}")
    size = result["size"]
    begins = size <= records.head()[0] and records.root_at(size).hex() == result["root"]
    known = [key for key, state in records.all(TABLE).items() if state["sha256"] == file_hash(source)]
    told = {"verdict": result["verdict"], "size": size, "root": result["root"], "is_of_this_record": begins}
    told |= {"backup": known[0] if known else None}
    with records.transaction(actor) as tx:
        tx.record("backup.checked", "record", records.site(), told)
    return told
