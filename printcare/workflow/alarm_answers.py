"""Which answers an alarm takes where it stands, by the core's table of alarm states."""

from __future__ import annotations

from printcare.control.alarms import ALARMS, AlarmState, moved
from printcare.errors import PrintcareError

RAISED = AlarmState.UNACK.value


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
