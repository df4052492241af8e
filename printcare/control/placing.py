"""Ask a person to put a unit on the balance beside the printer, and wait until they say that it lies there."""

from __future__ import annotations

from collections.abc import Callable

from printcare.control.alarms import Tripped, trip
from printcare.control.events import Event, Placed, PlacementAsked
from printcare.control.plan import JobPlan
from printcare.control.watch import Watch
from printcare.protocol.wire import Command

ASKED = {"place": "put on the balance", "empty": "taken off the balance"}


class Placing:
    """One request at a time; every interlock stays awake while it waits."""

    def __init__(self, plan: JobPlan, watch: Watch, report: Callable[[Event], None]) -> None:
        self._plan = plan
        self._watch = watch
        self._report = report
        self._wanted: tuple[int, str] | None = None

    def ask(self, index: int, what: str) -> None:
        """Ask for `place` or `empty` and wait for the answer; trips A11 where none comes within the recipe's hold."""
        self._wanted = (index, what)
        self._report(PlacementAsked(index, self._plan.positions[index - 1], what))
        end_s = self._watch.process_s() + self._plan.hold_max_s
        while self._wanted is not None:
            self._watch.turn()
            if self._watch.process_s() > end_s:
                told = f"unit {index} was not {ASKED[what]} within {self._plan.hold_max_s:.0f} s"
                raise Tripped(trip("A11", told))

    def placed(self, command: Command) -> str | None:
        """Take a person's word, or return why it is no answer to what was asked."""
        said = command.reason.strip().partition(" ")[0]
        if self._wanted is None:
            return "nothing was asked for"
        index, what = self._wanted
        if said != str(index):
            return f"unit {index} is to be {ASKED[what]}, not {said or 'one without a number'}"
        self._wanted = None
        self._report(Placed(index, what, command.user_id))
        return None
