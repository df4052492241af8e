"""A copy of the record while it is in use, verified before it counts as one (records.md §15)."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any  # a verdict is told as it comes

from printcare.domain.checks import error
from printcare.records import audit
from printcare.records.accounts import Account
from printcare.records.copying import copy, file_hash
from printcare.records.sealing import seal, unseal
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse

MAKE, CHECK = "backup.make", "backup.check"
TABLE = "backup"
VERIFIED, FAILED = "verified", "failed"
SOUND = ("OK", "UNANCHORED")


def make_backup(records: Store, account: Account, target: Path, passphrase: str | None = None) -> dict[str, Any]:
    """Copy the record to a file, verify the copy by a checkpoint made before, and return what is recorded of it.

    With a passphrase the file is sealed under it, and opened once to be read through: what is not sealed never leaves
    this machine's own temporary folder. Raises Refused, recorded, where the file exists or the copy does not verify: it
    is then no backup; PrintcareError as `sealing.seal`.
    """
    actor = allowed(records, account, MAKE)
    if target.exists():
        stops = (error("E_BACKUP_TARGET", f"{target.name} exists.", "Name a new file.", "file"),)
        refuse(records, actor, MAKE, TABLE, "new", stops)
        raise Refused(stops)
    made = records.checkpoint()
    if passphrase is None:
        copy(records.url, f"sqlite:///{target.absolute()}")
    else:
        with TemporaryDirectory() as folder:
            copy(records.url, f"sqlite:///{folder}/record.sqlite")
            seal(Path(folder) / "record.sqlite", target, passphrase)
    result = _verdict(target, passphrase, made.note if made else None)
    is_good = result["verdict"] in SOUND and (made is None or result["size"] >= made.size)
    key = f"BK-{len(records.all(TABLE)) + 1:04d}"
    told = {name: result[name] for name in ("verdict", "size", "root")} | {"sealed": passphrase is not None}
    state = {"status": VERIFIED if is_good else FAILED, "file": target.name, "sha256": file_hash(target), **told}
    with records.transaction(actor) as tx:
        tx.record("backup.made", TABLE, key, state)
    if not is_good:
        stops = (error("E_BACKUP_UNSOUND", f"The copy is {result['verdict']}.", "Make another at once.", "file"),)
        raise Refused(stops)
    return {"key": key, **state}


def check_backup(records: Store, account: Account, source: Path, passphrase: str | None = None) -> dict[str, Any]:
    """Test-restore a backup: read it through and compare it with the record; return the verdict, recorded."""
    actor = allowed(records, account, CHECK)
    if not source.is_file():
        stops = (error("E_BACKUP_MISSING", f"There is no {source.name}.", "Name a backup's file.", "file"),)
        refuse(records, actor, CHECK, TABLE, "unknown", stops)
        raise Refused(stops)
    result = _verdict(source, passphrase)
    size = result["size"]
    begins = size <= records.head()[0] and records.root_at(size).hex() == result["root"]
    known = [key for key, state in records.all(TABLE).items() if state["sha256"] == file_hash(source)]
    told = {"verdict": result["verdict"], "size": size, "root": result["root"], "is_of_this_record": begins}
    told |= {"backup": known[0] if known else None}
    with records.transaction(actor) as tx:
        tx.record("backup.checked", "record", records.site(), told)
    return told


def open_backup(source: Path, target: Path, passphrase: str) -> dict[str, Any]:
    """Write a sealed backup to a new file as a record, read it through, and return the verdict; for a restore.

    Nobody acts in a record here: there may be none left. Raises Refused where what was sealed does not verify, and then
    leaves no file; PrintcareError as `sealing.unseal`.
    """
    unseal(source, target, passphrase)
    result = audit.verify(f"sqlite:///{target.absolute()}")
    if result["verdict"] not in SOUND:
        target.unlink()
        told = f"What was sealed is {result['verdict']}."
        raise Refused((error("E_BACKUP_UNSOUND", told, "Open another backup.", "file"),))
    return {name: result[name] for name in ("verdict", "size", "root")}


def _verdict(file: Path, passphrase: str | None, anchor: str | None = None) -> dict[str, Any]:
    """Return the verdict on a backup; a sealed one is opened in a temporary folder of this user for it."""
    if passphrase is None:
        return audit.verify(f"sqlite:///{file.absolute()}", anchor)
    with TemporaryDirectory() as folder:
        opened = Path(folder) / "record.sqlite"
        unseal(file, opened, passphrase)
        return audit.verify(f"sqlite:///{opened}", anchor)
