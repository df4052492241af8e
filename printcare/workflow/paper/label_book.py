"""The labels of a batch on record: each printed one with its serial, and the count that has to come out even."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding, error
from printcare.formats import batch_content as paper
from printcare.formats.label import QUARANTINE
from printcare.formats.wording import Tongue
from printcare.records.store import Store
from printcare.workflow.paper.batch_history import named
from printcare.workflow.paper_settings import paper_settings

TABLE, KIND = "document", "label"


class LabelStatus(StrEnum):
    """What became of a printed label."""

    PRINTED = "printed"
    USED = "used"  # on the container, its symbol scanned there
    SPOILT = "spoilt"  # unusable or replaced; still there until it is destroyed
    DESTROYED = "destroyed"


S = LabelStatus
# From, to, and the command; what is not here is refused.
LABEL_MOVES: tuple[tuple[LabelStatus | None, LabelStatus, str], ...] = (
    (None, S.PRINTED, "label.print"),
    (S.PRINTED, S.USED, "label.use"),
    (S.PRINTED, S.SPOILT, "label.spoil"),
    (S.USED, S.SPOILT, "label.spoil"),
    (S.PRINTED, S.DESTROYED, "label.destroy"),
    (S.SPOILT, S.DESTROYED, "label.destroy"),
)
ACCOUNTED = frozenset({S.USED.value, S.DESTROYED.value})


def labels_of(records: Store, batch_id: str) -> dict[str, dict[str, Any]]:
    """Return every label of a batch by its key, in the order of printing."""
    return records.all(TABLE, batch_id=batch_id, kind=KIND)


def label_key(batch_id: str, serial: str) -> str:
    """Return the key of one label."""
    return f"{batch_id}/label/{serial}"


def label_lines(records: Store, batch_id: str) -> tuple[paper.LabelLine, ...]:
    """Return each label as the batch record lists it."""
    return tuple(
        paper.LabelLine(row["serial"], row["label"], row["status"], row["at"], named(records, row["by"]), row["reason"])
        for row in labels_of(records, batch_id).values()
    )


def label_count(records: Store, batch_id: str, tongue: Tongue) -> tuple[paper.Fact, ...]:
    """Return the reconciliation: printed = used + destroyed, and what is neither."""
    rows = labels_of(records, batch_id)
    if not rows:
        return ()
    counts = Counter(row["status"] for row in rows.values())
    told = tongue(
        "{printed} printed = {used} used + {destroyed} destroyed + {spoilt} spoilt, not destroyed + {open} not used",
        printed=len(rows),
        used=counts[S.USED],
        destroyed=counts[S.DESTROYED],
        spoilt=counts[S.SPOILT],
        open=counts[S.PRINTED],
    )
    even = tongue("balances") if not _unaccounted(rows) else tongue("does not balance")
    return (paper.Fact(tongue("Reconciliation of labels"), f"{told}: {even}"),)


def label_stops(records: Store, batch_id: str) -> tuple[Finding, ...]:
    """Return why the labels block a release or a hand-over: some are neither used nor destroyed."""
    missing = _unaccounted(labels_of(records, batch_id))
    if not missing:
        return ()
    told = f"{len(missing)} label(s) are neither used nor destroyed: {', '.join(missing)}."
    remedy = "Scan each on its container, or destroy it: `printcare label use|destroy`."
    return (error("E_LABEL_DIFFERENCE", told, remedy, "labels"),)


def quarantine_label_stops(records: Store, batch_id: str) -> tuple[Finding, ...]:
    """Return why the units do not stand under quarantine as the site wants it: no label of it is on their container."""
    labelled = [row for row in labels_of(records, batch_id).values() if row["label"] == QUARANTINE]
    if not paper_settings(records).wants_quarantine_label or any(row["status"] == S.USED for row in labelled):
        return ()
    told = f"No quarantine label is on the container of {batch_id}: {len(labelled)} printed, none scanned there."
    remedy = "`printcare label print`, put it on the container, and scan it there: `printcare label use`."
    return (error("E_QUARANTINE_LABEL", told, remedy, "labels"),)


def _unaccounted(rows: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{row['serial']} {row['status']}" for row in rows.values() if row["status"] not in ACCOUNTED]
