"""Events of the record, newest first, as the page Records lists them."""

from __future__ import annotations

from printcare.ui.models import EventRow
from printcare.ui.register_parts import State, who
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store

SHOWN_EVENTS = 500


def event_rows(records: Store, account: Account, what: str, action: str) -> tuple[EventRow, ...]:
    """Return the latest events that fit, newest first; an empty filter fits everything."""
    allowed(records, account, "record.read")
    size, _ = records.head()
    after = 0 if what or action else max(size - SHOWN_EVENTS, 0)
    found = records.events(object_id=what or None, action=action or None, after=after, limit=max(size, 1))
    return tuple(_event(records, each.seq, each.content) for each in reversed(found[-SHOWN_EVENTS:]))


def _event(records: Store, number: int, content: State) -> EventRow:
    reason = " · ".join(str(content[name]) for name in ("reason_code", "reason_text") if content.get(name))
    what = f"{content['object_type']} {content['object_id']}"
    at = str(content["ts_utc"])[:19].replace("T", " ")
    role = str(content.get("actor_role") or content.get("role") or "")
    return EventRow(number, at, who(records, content), role, content["action"], what, content["outcome"], reason)
