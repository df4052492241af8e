"""The other end of a job's endpoint for the command line: attach, sign in, give one command, hear what became of it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any  # messages are parsed JSON

from printcare.errors import PrintcareError

ANSWERS_WITHIN_S = 20.0  # the job may be checking a signature


class Steering:
    """One link to a running job; raises PrintcareError ENDPOINT_SILENT where nobody listens or answers."""

    def __init__(self, path: Path) -> None:
        if not hasattr(socket, "AF_UNIX"):
            told = "This system has no socket files, so that no job listens."
            raise PrintcareError("ENDPOINT_UNSUPPORTED", told, "Use `printcare print` and stop it at its keyboard.")
        self._name = path.name
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._link.settimeout(ANSWERS_WITHIN_S)
        try:
            self._link.connect(str(path))
        except OSError as fault:
            self._link.close()
            raise self._silent(str(fault)) from fault
        self._lines = self._link.makefile("rb")

    def __enter__(self) -> Steering:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._link.close()

    def sign_in(self, account_id: str, ticket: str) -> dict[str, Any] | None:
        """Speak for an account from now on; return the finding that speaks against it, or None."""
        return self._ask({"sign_in": account_id, "ticket": ticket}, "SignedIn")

    def command(self, name: str, account_id: str, reason: str) -> dict[str, Any] | None:
        """Give a command; return the finding that speaks against it, or None where the job has taken it."""
        return self._ask({"command": name, "user": account_id, "reason": reason}, "Taken")

    def _ask(self, message: dict[str, str], wanted: str) -> dict[str, Any] | None:
        try:
            self._link.sendall(json.dumps(message).encode() + b"\n")
            line = self._lines.readline()
        except OSError as fault:
            raise self._silent(str(fault)) from fault
        answer: dict[str, Any] = json.loads(line or b"{}")
        if answer.get("event") == wanted:
            return None
        if answer.get("event") != "Refused":
            raise self._silent("it closed the link")
        found: dict[str, Any] = answer["data"]
        return found

    def _silent(self, why: str) -> PrintcareError:
        told = f"No job answers at {self._name}: {why}."
        return PrintcareError("ENDPOINT_SILENT", told, "See `printcare batch list`; the job may have ended.")
