"""Hold every batch that equipment now found wrong has touched (quality.md §6, as-found failure)."""

from __future__ import annotations

from collections.abc import Iterable

from printcare.domain.batch import BatchState
from printcare.records.store import Store, Transaction

# These reach nobody any more, and are decided on. One that is still printed is held with the rest: its release waits.
CLOSED = frozenset({BatchState.CANCELLED, BatchState.REJECTED, BatchState.REHEARSED, BatchState.RECALLED})


def doubt(tx: Transaction, records: Store, units: Iterable[str], told: str, opened_by: str) -> tuple[str, ...]:
    """Open a deviation for the batch of each unit that is not closed, and return the deviations' keys.

    It blocks the release of a batch not yet decided on, and says of one that was given away that it is in doubt.
    """
    opened = []
    for batch_id in dict.fromkeys(unit.rpartition("/")[0] for unit in units):
        batch = tx.get("batch", batch_id)
        if batch is None or BatchState(batch["status"]) in CLOSED:
            continue
        key = f"{batch_id}/D{len(records.all('deviation', batch_id=batch_id)) + 1}"
        row = {"batch_id": batch_id, "status": "open", "what": told, "opened_by": opened_by}
        tx.record("deviation.opened", "deviation", key, row, reason_text=told)
        opened.append(key)
    return tuple(opened)
