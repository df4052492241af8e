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
    from printcare.records.store import Store

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux; elsewhere every process is a boot of its own


def open_record(url: str, policy: Policy, site: str | None = None) -> tuple[Store, tuple[str, ...]]:
    """Return the open record and the ids of batches whose job was found dead."""
    from printcare.records.store import RecordContext, Store
    from printcare.workflow.recover import quarantine_interrupted

    here = workstation()
    context = RecordContext(
        site=site or here.site,
        workstation=here.name,
        app_version=__version__,
        boot_id=boot_id(),
        clock=lambda: datetime.now().astimezone(),
        monotonic_ns=time.monotonic_ns,
        mode=policy.mode,
    )
    records = Store.open(url, context, key_directory=data_directory(url))
    return records, quarantine_interrupted(records)


def boot_id() -> str:
    """Return what names this start of the machine."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return f"process-{uuid.uuid4()}"
