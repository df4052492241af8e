"""Which answers an alarm takes where it stands, by the core's table, and whether a signature it wants is there."""

from __future__ import annotations

from printcare.control.alarms import ALARMS, AlarmState, moved
from printcare.domain.checks import Finding, error
from printcare.errors import PrintcareError
from printcare.records.signatures import counting
from printcare.records.store import Store

RAISED = AlarmState.UNACK.value
ACKNOWLEDGED = "acknowledged"  # how the meaning of such a signature begins


def takes(alarm_id: str, state: str, event: str) -> bool:
    """Say whether an alarm in this state takes `ack` or `shelve`; one the table does not hold takes nothing."""
    if alarm_id not in ALARMS:
        return False
    try:
        moved(ALARMS[alarm_id], AlarmState(state), event)
    except PrintcareError:
        return False
    return True


def wants_signature(alarm_id: str) -> bool:
    """Say whether its acknowledgement is signed."""
    return alarm_id in ALARMS and ALARMS[alarm_id].needs_signature


def number_of(records: Store, batch_id: str, alarm_id: str) -> int | None:
    """Return the number of an alarm as it was last raised in a batch, or None where it was not."""
    raised = [key for key, row in records.all("alarm", batch_id=batch_id).items() if row["alarm"] == alarm_id]
    return int(raised[-1].rpartition("/")[2]) if raised else None


def unsigned_alarm(records: Store, batch_id: str, alarm_id: str, account_id: str) -> Finding | None:
    """Return why this account's acknowledgement of an alarm does not count, or None where its signature is there.

    What is signed is the row of the alarm as it was last raised: a signature given to an earlier one answers nothing.
    """
    number = number_of(records, batch_id, alarm_id)
    if number is None:
        return error("ALARM_UNKNOWN", f"Alarm {alarm_id} was not raised in this job.", "See the list of alarms.")
    key = f"{batch_id}/{number:03d}"
    given = counting(records, "alarm", key)
    if any(each.account == account_id and each.meaning.startswith(ACKNOWLEDGED) for each in given):
        return None
    told = f"{alarm_id} decides about product; {account_id} has not signed its acknowledgement ({key})."
    return error("ALARM_UNSIGNED", told, "Sign the acknowledgement with its reason, then give it again.", "signature")
