"""The endpoint of a running job: a socket of this user alone, where a window reads on and a person's commands come in.

One JSON object a line. A client first says the last number it saw, `{"from": 0}` for everything, and gets
`{"seq": n, "event": "UnitEnded", "data": {…}}` for every event after it, then those to come. Then somebody signs in,
`{"sign_in": "u-0003", "ticket": "…"}`, and commands are `{"command": "resume", "user": "u-0003", "reason": "…"}`; what
is answered bears the number 0. Whoever has not signed in can hold and stop, under nobody's name, and nothing else.
Architecture.md §4, decision 0001; docs/job-endpoint.md.

Every event stays in the job's memory, so a slow client merely lags and a dead one costs nothing: the job's thread only
appends to a list. Progress is for the eye, and of it only the latest is kept; numbers therefore have gaps.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any  # messages are parsed JSON

from printcare.control.events import Event, Progress
from printcare.domain.checks import Finding, error
from printcare.domain.plain import state_of
from printcare.errors import PrintcareError
from printcare.protocol.wire import Clock, Command

COMMANDS = frozenset({"hold", "resume", "stop", "acknowledge", "shelve", "placed"})
MAKES_SAFE = frozenset({"hold", "stop"})  # nobody has to find a password before a needle may be stopped
LINE_BYTES = 4096  # of a client; whoever sends more without an end is cut off
PENDING_BYTES = 65_536  # waiting for one client; the rest waits in the history
WINDOW_LOST_S = 5.0  # wall seconds without any client, after one had attached
LOOK_S = 0.5  # how often attendance is looked at
FAREWELL_S = 2.0  # for clients to take the last events
OTHERS = 0o077  # the mode bits of everybody else
SYSTEM = "system"
UNSIGNED = "somebody at the workstation"  # in place of an account, where nobody has signed in

PEER = struct.Struct("3i")  # Linux: process, user and group of the other end

Admit = Callable[[str, str], Finding | None]
Judge = Callable[[Command, bool], Finding | None]


@dataclass(slots=True)
class _Client:
    """One attached window: what it sent so far, what waits for it, and the last event it was given."""

    link: socket.socket
    received: bytearray = field(default_factory=bytearray)
    pending: bytearray = field(default_factory=bytearray)
    seen: int | None = None  # None until it has said where to begin
    user: str = ""  # who has signed in on this link


class Endpoint:
    """Serves one job's events from a thread of its own; `publish` never waits."""

    def __init__(
        self,
        path: Path,
        post: Callable[[Command], None],
        admit: Admit,
        judge: Judge,
        clock: Clock,
        *,
        holds_when_lost: bool = True,
    ) -> None:
        """Listen at `path`; `admit` says why an account's ticket opens nothing, `post` hands commands to the job.

        `judge` says why a command is refused; it is told whether who gives it is signed in on that link.
        Raises PrintcareError ENDPOINT_UNSUPPORTED, ENDPOINT_PATH or ENDPOINT_IN_USE.
        """
        self._path = path
        self._post = post
        self._admit = admit
        self._judge = judge
        self._clock = clock
        self._holds_when_lost = holds_when_lost
        self._history: list[bytes | None] = []
        self._last_progress: int | None = None
        self._clients: list[_Client] = []
        self._empty_since_s: float | None = None  # only after a client had attached
        self._ends_at_s: float | None = None
        self._listener = _listening(path)
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._woken, selectors.EVENT_READ, self._wake_up)
        self._thread = threading.Thread(target=self._serve, name="job endpoint", daemon=True)
        self._thread.start()

    def publish(self, event: Event) -> None:
        """Give one event to whoever watches, now or later; called after it was recorded."""
        if isinstance(event, Progress):
            if self._last_progress is not None:
                self._history[self._last_progress] = None
            self._last_progress = len(self._history)
        told = {"seq": len(self._history) + 1, "event": type(event).__name__, "data": state_of(event)}
        self._history.append(json.dumps(told, ensure_ascii=False).encode() + b"\n")
        self._wake()

    def close(self) -> None:
        """Let clients take the last events, at most FAREWELL_S, then remove the socket; safe to call twice."""
        self._ends_at_s = self._clock() + FAREWELL_S
        self._wake()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _wake(self) -> None:
        with suppress(OSError):  # full: it will wake anyway; closed: nobody is left to tell
            self._waker.send(b"\0")

    # ---- the endpoint's own thread

    def _serve(self) -> None:
        try:
            while not self._is_over():
                for key, mask in self._selector.select(LOOK_S):
                    key.data(mask)
                for client in tuple(self._clients):
                    self._give(client)
                self._look_for_window()
        finally:
            for client in tuple(self._clients):
                self._drop(client)
            self._selector.close()
            for link in (self._listener, self._waker, self._woken):
                link.close()

    def _is_over(self) -> bool:
        if self._ends_at_s is None:
            return False
        behind = any(
            client.pending or (client.seen is not None and client.seen < len(self._history)) for client in self._clients
        )
        return not behind or self._clock() >= self._ends_at_s

    def _look_for_window(self) -> None:
        """Ask the job to hold when the last window has been gone too long: the running unit is finished first."""
        if any(client.seen is not None for client in self._clients):
            self._empty_since_s = self._clock()
        elif self._empty_since_s is not None and self._clock() - self._empty_since_s > WINDOW_LOST_S:
            self._empty_since_s = None
            if self._holds_when_lost:
                self._post(Command("hold", SYSTEM, "window lost", self._clock()))

    def _wake_up(self, _mask: int) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)

    def _accept(self, _mask: int) -> None:
        with suppress(OSError):
            link, _ = self._listener.accept()
            if not _is_of_this_user(link):
                link.close()
                return
            link.setblocking(False)
            client = _Client(link)
            self._clients.append(client)
            self._selector.register(link, selectors.EVENT_READ, lambda mask: self._talk(client, mask))

    def _talk(self, client: _Client, mask: int) -> None:
        if not mask & selectors.EVENT_READ:
            return  # it can be written to: `_give` does
        try:
            data = client.link.recv(LINE_BYTES)
        except OSError:  # gone without a word
            data = b""
        if not data:
            self._drop(client)
            return
        client.received += data
        while b"\n" in client.received:
            line, _, client.received = client.received.partition(b"\n")
            self._hear(client, bytes(line))
        if len(client.received) > LINE_BYTES or len(client.pending) > 2 * PENDING_BYTES:  # it talks and does not listen
            self._drop(client)

    def _hear(self, client: _Client, line: bytes) -> None:
        """Take one line of a client: where it wants to begin, or a command; anything else is answered and forgotten."""
        message = _read(line)
        if message is None:
            objection: Finding | None = _unreadable()
        elif "from" in message:
            objection = self._begin(client, message["from"])
        elif "sign_in" in message:
            objection = self._sign_in(client, message["sign_in"], message.get("ticket", ""))
        else:
            objection = self._command(client, message)
        if objection is not None:
            self._answer(client, "Refused", objection.as_dict())

    def _answer(self, client: _Client, event: str, data: dict[str, Any]) -> None:
        """Tell one client what is no part of the history."""
        told = {"seq": 0, "event": event, "data": data}
        client.pending += json.dumps(told, ensure_ascii=False).encode() + b"\n"

    def _begin(self, client: _Client, seen: object) -> Finding | None:
        if not isinstance(seen, int) or isinstance(seen, bool) or seen < 0:
            return _unreadable()
        client.seen = min(seen, len(self._history))
        return None

    def _sign_in(self, client: _Client, user: object, ticket: object) -> Finding | None:
        """Let this link speak for an account; an empty id, or one that is refused, speaks for nobody."""
        client.user = ""
        if not isinstance(user, str) or not isinstance(ticket, str):
            return _unreadable()
        if user:
            objection = self._admit(user, ticket)
            if objection is not None:
                return objection
        client.user = user
        self._answer(client, "SignedIn", {"user": user})
        return None

    def _command(self, client: _Client, message: dict[str, Any]) -> Finding | None:
        name, user, reason = message.get("command"), message.get("user", ""), message.get("reason", "")
        if name not in COMMANDS or not isinstance(user, str) or not isinstance(reason, str) or user == SYSTEM:
            return _unreadable()
        is_present = bool(client.user) and user == client.user
        if name in MAKES_SAFE:  # at once: a question to the record may wait for a commit, and nobody is refused a stop
            self._take(client, Command(name, user if is_present else UNSIGNED, reason, self._clock()))
            return None
        if not user:
            return _unreadable()
        command = Command(name, user, reason, self._clock())
        objection = self._judge(command, is_present)
        if objection is None:
            self._take(client, command)
        return objection

    def _take(self, client: _Client, command: Command) -> None:
        self._post(command)
        self._answer(client, "Taken", {"command": command.name, "user": command.user_id})

    def _give(self, client: _Client) -> None:
        """Write what a client has not seen, as far as it takes it."""
        while client.seen is not None and client.seen < len(self._history) and len(client.pending) < PENDING_BYTES:
            line = self._history[client.seen]
            client.seen += 1
            if line is not None:
                client.pending += line
        with suppress(OSError):  # full: it is asked again when it can take more; gone: reading will say so
            if client.pending:
                del client.pending[: client.link.send(client.pending)]
        is_behind = client.pending or (client.seen is not None and client.seen < len(self._history))
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if is_behind else 0)
        key = self._selector.get_key(client.link)
        if key.events != wanted:
            self._selector.modify(client.link, wanted, key.data)

    def _drop(self, client: _Client) -> None:
        self._selector.unregister(client.link)
        client.link.close()
        self._clients.remove(client)


def _listening(path: Path) -> socket.socket:
    """Return the listening socket: mode 0600 in a folder of mode 0700."""
    if not hasattr(socket, "AF_UNIX"):
        told = "This system has no socket files; the job can be run from the command line only."
        raise PrintcareError("ENDPOINT_UNSUPPORTED", told, "Use `printcare print`.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_mode & OTHERS or path.parent.stat().st_uid != os.getuid():
        told = f"The folder of {path.name} is open to others; whoever can reach it could stop or steer a print."
        raise PrintcareError("ENDPOINT_PATH", told, "Use a folder of your own with mode 0700.")
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
    except OSError as fault:
        listener.close()
        told = f"The job cannot listen at {path.name}: {fault}."
        raise PrintcareError("ENDPOINT_PATH", told, "Choose a shorter path in a folder of your own.") from fault
    listener.setblocking(False)
    return listener


def _clear(path: Path) -> None:
    """Remove what a dead job left behind; raises PrintcareError ENDPOINT_IN_USE where a living one listens."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise PrintcareError("ENDPOINT_IN_USE", f"A job listens at {path.name} already.", "Attach to it instead.")


def _is_of_this_user(link: socket.socket) -> bool:
    """Whether the process at the other end runs as this user; where that cannot be asked, the file's mode must do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    told = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size)
    return bool(PEER.unpack(told)[1] == os.getuid())


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:  # broken JSON and broken UTF-8 alike
        return None
    return message if isinstance(message, dict) else None


def _unreadable() -> Finding:
    return error("ENDPOINT_MESSAGE", "The line is no command of the job's endpoint.", "See docs/job-endpoint.md.")
