"""Open the record for a command: who and where we are, and every interrupted batch put into quarantine first."""

from __future__ import annotations

import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from printcare import __version__
from printcare.workstation.settings import data_directory, workstation

if TYPE_CHECKING:
    from printcare.domain.policy import Policy
    from printcare.records.anchors import Memory
    from printcare.records.keystore import Keystore
    from printcare.records.store import RecordContext, Store

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux; elsewhere every process is a boot of its own


def open_record(
    url: str, policy: Policy, site: str | None = None, *, remembers: bool = True, is_job: bool = False
) -> tuple[Store, tuple[str, ...]]:
    """Return the open record and the ids of batches whose job was found dead.

    `remembers` holds it to what this client remembers of it, in a file and, but for a job, which waits for nobody, in
    the system's keystore; and it delivers checkpoints to the site's sink. Nobody remembers a rehearsal: the next one
    may stand in its place.
    """
    from printcare.domain.policy import REHEARSAL
    from printcare.records.anchors import Sink
    from printcare.records.keystore import offered
    from printcare.records.store import Store
    from printcare.workflow.batch.recover import quarantine_interrupted
    from printcare.workflow.record.anchoring import deliver
    from printcare.workflow.record.configuration import note_configuration

    here = workstation()
    memory = memory_of(url) if remembers and policy is not REHEARSAL else None
    records = Store.open(url, record_context(policy, site), key_directory=data_directory(url), memory=memory)
    try:
        if memory is not None:
            hold_to(records, memory, None if is_job else offered())
    except BaseException:
        records.close()
        raise
    note_configuration(records)
    found = quarantine_interrupted(records)
    if records.memory is not None and here.anchor_sink is not None:
        deliver(records, Sink(here.anchor_sink))
    return records, found


def hold_to(records: Store, memory: Memory, keystore: Keystore | None) -> None:
    """Refuse a record that does not go on from the mark in the keystore; then raise the mark to the last head seen."""
    from printcare.records.anchors import remembered

    mark = None if keystore is None else keystore.read(memory.key)
    if mark is not None:
        records.go_on_from(mark)
    if memory.note() is None:
        _begin_to_remember(records)
    seen = memory.note()
    if keystore is not None and seen is not None and (mark is None or remembered(seen).size > remembered(mark).size):
        keystore.write(memory.key, seen)


def _begin_to_remember(records: Store) -> None:
    from printcare.domain.policy import REHEARSAL

    if records.events(limit=1)[0].content["mode"] == REHEARSAL.mode:
        records.memory = None
    else:
        records.checkpoint()


def memory_of(url: str) -> Memory:
    """Return what this client remembers of a record."""
    from printcare.records.anchors import Memory

    return Memory.of(workstation().state, url)


def record_context(policy: Policy, site: str | None = None) -> RecordContext:
    """Return where and with what this process records."""
    from printcare.records.store import RecordContext

    here = workstation()
    return RecordContext(
        site=site or here.site,
        workstation=here.name,
        app_version=__version__,
        boot_id=boot_id(),
        clock=lambda: datetime.now().astimezone(),
        monotonic_ns=time.monotonic_ns,
        mode=policy.mode,
        anchor_sink=here.anchor_sink,
    )


def boot_id() -> str:
    """Return what names this start of the machine."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return f"process-{uuid.uuid4()}"
