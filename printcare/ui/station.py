"""What the window asks of the place it runs in; the composition root answers, so that no widget starts a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from printcare.domain.policy import Policy
from printcare.ui.models import RunPlan
from printcare.workflow.demonstration import Demonstration


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job found alive when the window was opened: where it listens and what it makes."""

    batch_id: str
    operator_id: str
    endpoint: str
    plan: RunPlan


class Station(Protocol):
    """The workstation: its record, its emulated bench, its job process. Every call may take seconds."""

    policy: Policy

    def open_rehearsal(self, tell: Callable[[str], None]) -> Demonstration:
        """Return a rehearsal on a record of its own."""
        ...

    def documents(self) -> Path:
        """Return the folder the documents of the current rehearsal go to."""
        ...

    def seed(self) -> int:
        """Return a seed for the sample, drawn now."""
        ...

    def start_job(self, demonstration: Demonstration, batch_id: str, operator_id: str, session: str) -> str:
        """Start bench and job process and return the path of the job's endpoint."""
        ...

    def running_job(self) -> RunningJob | None:
        """Return the job that is still running from an earlier window, if there is one."""
        ...

    def job_died(self) -> str | None:
        """Return what the job process said when it ended by itself, None while it lives or where it ended well."""
        ...

    def close(self) -> None:
        """Close the record; a running job and its bench go on."""
        ...
