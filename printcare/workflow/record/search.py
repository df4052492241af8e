"""The record searched as people ask: by patient, lot, batch or unit, by who acted, when, and what came of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from printcare.domain.checks import error
from printcare.records.accounts import Account, find_login
from printcare.records.looking import StoredEvent
from printcare.records.store import Store
from printcare.records.tracing import batches_by
from printcare.workflow.authority import Refused, allowed

PAGE = 5000  # events read at a time


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; what is empty or None fits everything. Days are those of UTC, both included.

    `what` is a patient's pseudonym, an ink lot, or the name of anything the record knows.
    """

    what: str = ""
    action: str = ""
    person: str = ""  # login name
    since: date | None = None
    until: date | None = None
    outcome: str = ""


def latest(records: Store, account: Account, wanted: Search, most: int) -> tuple[StoredEvent, ...]:
    """Return the latest events that fit, newest first; raises Refused for a person nobody knows."""
    allowed(records, account, "record.read")
    actor = find_login(records, wanted.person) if wanted.person else None
    if wanted.person and actor is None:
        told = f"Nobody signs in as {wanted.person}."
        raise Refused((error("E_NOT_ON_RECORD", told, "Type the name somebody signs in with.", "person"),))
    found: dict[int, StoredEvent] = {}
    for name in _names(records, wanted.what) if wanted.what else (None,):
        found |= {each.seq: each for each in deque(_events(records, wanted, name, actor, most), most)}
    return tuple(found[seq] for seq in sorted(found, reverse=True)[:most])


def _names(records: Store, what: str) -> tuple[str, ...]:
    """Return everything that goes by what was typed: of a patient and of a lot all that was made of them."""
    orders = tuple(key for key, row in records.all("prescription").items() if row.get("patient") == what)
    is_lot = records.get("ink_lot", what) is not None
    cartridges = tuple(records.all("cartridge", ink_lot=what)) if is_lot else ()
    batches = (
        *batches_by(records, "prescription", orders),
        *(batches_by(records, "lot", (what,)) if is_lot else ()),
        *batches_by(records, "cartridge", cartridges),
    )
    return tuple(dict.fromkeys((what, *orders, *cartridges, *(row.id for row in batches))))


def _events(records: Store, wanted: Search, name: str | None, actor: str | None, most: int) -> Iterator[StoredEvent]:
    since = None if wanted.since is None else wanted.since.isoformat()
    end = None if wanted.until is None else (wanted.until + timedelta(days=1)).isoformat()
    is_everything = wanted == Search()
    after = max(records.head()[0] - most, 0) if is_everything else 0
    while page := records.events(
        object_id=name,
        action=wanted.action or None,
        actor_id=actor,
        outcome=wanted.outcome or None,
        since=since,
        after=after,
        limit=PAGE,
    ):
        yield from (each for each in page if end is None or each.content["ts_utc"] < end)
        after = page[-1].seq
        if len(page) < PAGE:
            return
