"""Keeps every byte of a batch's devices in a file beside the record, and the file's name and digest in the record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any  # a state is parsed JSON

from printcare.devices.recorder import Keep, RecordingFile
from printcare.domain.events import RecordUnwritable
from printcare.errors import PrintcareError
from printcare.records.dialect import database_file
from printcare.records.store import Actor, Store

FOLDER = "recordings"


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a job speaks to its instruments: drivers by the names of `devices.registry`, and where its bytes are kept.

    Without a folder they are kept in `recordings` beside an SQLite record; a record on a server needs one.
    """

    balance_driver: str = "mt-sics"
    pressure_driver: str = "ps1"
    recordings: Path | None = None


AS_EMULATED = Wiring()


@contextmanager
def link_bytes_kept(records: Store, actor: Actor, batch_id: str, folder: Path | None) -> Iterator[Keep]:
    """Open the batch's recording, give what keeps a byte in it, and record its name and SHA-256 however the job ends.

    Raises RecordUnwritable (RECORDING_UNWRITABLE) before anything is kept, where no file can be made.
    """
    file = RecordingFile(_free_name(_folder_of(records, folder), batch_id))
    try:
        with records.transaction(actor) as tx:  # where a killed job's bytes lie, only this tells
            lease = (tx.get("job_lease", batch_id) or {}) | {"recording": str(file.path.resolve())}
            tx.record("job.bytes_begun", "job_lease", batch_id, lease)
        yield file.keep
    finally:
        told = _end(file)
        with suppress(RecordUnwritable), records.transaction(actor) as tx:  # then recovery finds the batch open
            tx.record("batch.bytes_kept", "batch", batch_id, (tx.get("batch", batch_id) or {}) | {"recording": told})


def bytes_of_the_dead(lease: Mapping[str, Any] | None) -> dict[str, object] | None:
    """Return what the record keeps of a killed job's recording, None where it had begun none.

    Its digest is empty where the file can no longer be read.
    """
    if lease is None or "recording" not in lease:
        return None
    return _broken_off(Path(lease["recording"]))


def _folder_of(records: Store, folder: Path | None) -> Path:
    if folder is None:
        try:
            folder = database_file(records.url).parent / FOLDER
        except PrintcareError as fault:
            told = "The record is on a server, and no folder was named for the bytes of the batch's devices."
            raise RecordUnwritable("RECORDING_UNWRITABLE", told, "Name a folder of this computer.") from fault
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        told = f"The folder {folder} cannot be made: {fault.strerror}."
        raise RecordUnwritable("RECORDING_UNWRITABLE", told, "Name a folder that can be written.") from fault
    return folder


def _free_name(folder: Path, batch_id: str) -> Path:
    """Return a name nothing has yet: an earlier start of the batch, or an earlier record here, may have left one."""
    names = (f"{batch_id}.jsonl.gz" if number == 1 else f"{batch_id}-{number}.jsonl.gz" for number in count(1))
    return next(path for name in names if not (path := folder / name).exists())


def _end(file: RecordingFile) -> dict[str, object]:
    """Close a recording and return what the record keeps of it; one that broke off is named as such."""
    with suppress(RecordUnwritable):
        digest = file.close()
        if not file.is_broken:
            return {"file": file.path.name, "sha256": digest, "bytes": file.path.stat().st_size, "whole": True}
    return _broken_off(file.path)


def _broken_off(path: Path) -> dict[str, object]:
    told = {"file": path.name, "sha256": "", "bytes": 0, "whole": False}
    with suppress(OSError), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return told | {"sha256": digest, "bytes": file.tell()}
    return told
