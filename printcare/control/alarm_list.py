"""The alarms of one job: where each stands, who moved it and why, and what they amount to (process.md §3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from printcare.control.alarms import ALARMS, AlarmState, Stop, Trip, moved
from printcare.control.events import AlarmMoved
from printcare.errors import PrintcareError

WINDOW_S = 600.0  # alarms are counted in ten minutes
FLOOD = 10  # more than this in one window is a flood
HOLDING = (Stop.PAUSE, Stop.QUICK)
SHELF_S = 600.0  # a shelved warning comes back after this


@dataclass(slots=True)
class AlarmList:
    """Every alarm that was raised, by its number; a move that the table does not hold raises PrintcareError."""

    states: dict[str, AlarmState] = field(default_factory=dict)
    trips: dict[str, Trip] = field(default_factory=dict)
    _shelved_s: dict[str, float] = field(default_factory=dict)

    def raised(self, cause: Trip) -> None:
        """Note that an alarm's condition is on."""
        self.trips[cause.kind.id] = cause
        self.states[cause.kind.id] = moved(cause.kind, self.state(cause.kind.id), "condition_on")

    def state(self, alarm_id: str) -> AlarmState:
        """Return where an alarm stands."""
        return self.states.get(alarm_id, AlarmState.NORMAL)

    def cleared(self, alarm_id: str, now_s: float) -> AlarmMoved | None:
        """Note that a condition is gone; None where that changes nothing."""
        before = self.state(alarm_id)
        if before not in (AlarmState.UNACK, AlarmState.ACK):
            return None
        return self._move(alarm_id, "condition_off", "system", "the condition is gone", now_s)

    def acknowledge(self, alarm_id: str, user_id: str, reason: str, now_s: float) -> AlarmMoved:
        """Acknowledge an alarm; raises PrintcareError ALARM_REASON without a reason, ALARM_MOVE where it may not be."""
        if not reason:
            told = f"{alarm_id} is acknowledged with a reason or not at all."
            raise PrintcareError("ALARM_REASON", told, "Say what was found and why it may go on.")
        return self._move(alarm_id, "ack", user_id, reason, now_s)

    def shelve(self, alarm_id: str, user_id: str, reason: str, now_s: float) -> AlarmMoved:
        """Put a warning aside for ten minutes; raises PrintcareError ALARM_MOVE for one that stops the print."""
        told = self._move(alarm_id, "shelve", user_id, reason, now_s)
        self._shelved_s[alarm_id] = now_s
        return told

    def reset(self, user_id: str, now_s: float) -> list[AlarmMoved]:
        """Reset every latched alarm that was acknowledged and whose condition is gone."""
        ready = [alarm_id for alarm_id, state in self.states.items() if state is AlarmState.LATCH_ACK]
        return [self._move(alarm_id, "reset", user_id, "reset on resuming", now_s) for alarm_id in ready]

    def time_out(self, now_s: float) -> list[AlarmMoved]:
        """Bring back what was shelved long enough."""
        due = [alarm_id for alarm_id, at_s in self._shelved_s.items() if now_s - at_s >= SHELF_S]
        for alarm_id in due:
            del self._shelved_s[alarm_id]
        return [self._move(alarm_id, "time_out", "system", "the shelf's time is over", now_s) for alarm_id in due]

    def waiting(self) -> list[Trip]:
        """Return the alarms that hold the job until somebody has acknowledged them.

        One that stopped the print and did not end the job holds it too: nothing goes on without an answer.
        """
        unanswered = (AlarmState.UNACK, AlarmState.LATCH_UNACK)
        standing = (AlarmState.ACK,)  # acknowledged, and the condition still there
        return [
            self.trips[alarm_id]
            for alarm_id, state in self.states.items()
            if state in (*unanswered, *standing) and ALARMS[alarm_id].stop in HOLDING
        ]

    def _move(self, alarm_id: str, event: str, user_id: str, reason: str, now_s: float) -> AlarmMoved:
        if alarm_id not in self.states:
            told = f"Alarm {alarm_id} was not raised in this job."
            raise PrintcareError("ALARM_UNKNOWN", told, "See the list of alarms.")
        kind, before = ALARMS[alarm_id], self.states[alarm_id]
        after = self.states[alarm_id] = moved(kind, before, event)
        wants = event == "ack" and kind.needs_signature
        return AlarmMoved(alarm_id, before.value, after.value, event, user_id, reason, now_s, wants)


@dataclass(frozen=True, slots=True)
class AlarmStatistics:
    """What the alarms of a batch amount to: how many of each, by priority, and whether anybody could follow them."""

    total: int
    by_alarm: dict[str, int]
    by_priority: dict[int, int]
    most_in_ten_minutes: int
    is_flood: bool


def statistics(raised: Iterable[tuple[float, str]]) -> AlarmStatistics:
    """Return the statistics of alarms raised at (seconds, id)."""
    told = sorted(raised)
    by_alarm: dict[str, int] = {}
    by_priority: dict[int, int] = {}
    for _, alarm_id in told:
        by_alarm[alarm_id] = by_alarm.get(alarm_id, 0) + 1
        priority = ALARMS[alarm_id].priority
        by_priority[priority] = by_priority.get(priority, 0) + 1
    most = max((sum(0 <= at_s - from_s < WINDOW_S for at_s, _ in told) for from_s, _ in told), default=0)
    return AlarmStatistics(len(told), by_alarm, by_priority, most, most > FLOOD)
