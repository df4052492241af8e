"""Whoever stands at the terminal of a print: asked to put units on the balance beside the printer, and heard."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from printcare.control.events import Event, Held, Noted, PlacementAsked
from printcare.control.placing import ASKED
from printcare.domain.plain import state_of
from printcare.protocol.wire import Command

REFUSED = "placed refused"


class Attendant:
    """Asks on standard error, in words or as JSON lines, and takes a line of standard input as the answer: it is done.

    Nothing is read before the first question, so that a print which asks nothing leaves its input alone.
    """

    def __init__(
        self,
        post: Callable[[Command], None],
        user_id: str,
        *,
        is_json: bool,
        answers: TextIO | None = None,
    ) -> None:
        self._post = post
        self._user_id = user_id
        self._is_json = is_json
        self._answers = sys.stdin if answers is None else answers
        self._reader: threading.Thread | None = None
        self._asked: PlacementAsked | None = None

    def __call__(self, event: Event) -> None:
        """Ask what the job asks, and say why it holds or took an answer for none."""
        if isinstance(event, PlacementAsked):
            self._asked = event
            self._tell(event, f"Unit {event.index} at {event.position} is to be {ASKED[event.what]}; Enter when done.")
            self._listen()
        elif isinstance(event, Held):
            self._tell(event, f"The job holds: {event.reason}. `printcare steer` answers it.")
        elif isinstance(event, Noted) and REFUSED in event.text:
            self._tell(event, event.text)

    def _tell(self, event: Event, words: str) -> None:
        told = json.dumps({"event": type(event).__name__, "data": state_of(event)}) if self._is_json else f"\n{words}"
        print(told, file=sys.stderr, flush=True)

    def _listen(self) -> None:
        if self._reader is None:
            self._reader = threading.Thread(target=self._hear, name="attendant", daemon=True)
            self._reader.start()

    def _hear(self) -> None:
        """Take each line as the answer to what was asked last; the end of the input answers nothing."""
        for _ in self._answers:
            asked, self._asked = self._asked, None
            if asked is not None:
                self._post(Command("placed", self._user_id, str(asked.index)))
