"""Events of the record, newest first, as the page Records lists and finds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from printcare.ui.models import EventRow
from printcare.ui.register_parts import State, who
from printcare.ui.typed import Reading
from printcare.workflow.entry import Account, Store
from printcare.workflow.record.search import Search, latest

SHOWN_EVENTS = 500


def event_rows(records: Store, account: Account, typed: Mapping[str, str]) -> tuple[EventRow, ...]:
    """Return the latest events that fit what was typed, newest first; raises Refused at the field that is wrong."""
    read = Reading(typed)
    wanted = Search(
        what=read.text("what"),
        action=read.text("action"),
        person=read.text("person"),
        since=_day(read, "since"),
        until=_day(read, "until"),
        outcome=read.text("outcome"),
    )
    read.close()
    found = latest(records, account, wanted, SHOWN_EVENTS)
    return tuple(_event(records, each.seq, each.content) for each in found)


def _day(read: Reading, name: str) -> date | None:
    return read.day(name) if read.text(name) else None


def _event(records: Store, number: int, content: State) -> EventRow:
    reason = " · ".join(str(content[name]) for name in ("reason_code", "reason_text") if content.get(name))
    what = f"{content['object_type']} {content['object_id']}"
    at = str(content["ts_utc"])[:19].replace("T", " ")
    role = str(content.get("actor_role") or content.get("role") or "")
    return EventRow(number, at, who(records, content), role, content["action"], what, content["outcome"], reason)
