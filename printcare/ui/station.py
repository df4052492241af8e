"""What the window asks of the place it runs in; the composition root answers, so that no widget starts a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from printcare.ui.models import Bench, Port, RunPlan

if TYPE_CHECKING:
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.recipe import MasterRecipe
    from printcare.protocol.wire import Ports
    from printcare.ui.desk import Desk
    from printcare.workflow.qualify.check_site import Rig


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job found alive when the window was opened: its record, where it listens and what it makes."""

    batch_id: str
    order_id: str
    endpoint: str
    plan: RunPlan
    desk: Desk


class Station(Protocol):
    """The workstation: its records, its bench, its job process. Every call may take seconds."""

    def open_rehearsal(self, tell: Callable[[str], None]) -> Desk:
        """Return a rehearsal on a record of its own."""
        ...

    def has_site(self) -> bool:
        """Whether the record of the site was begun here."""
        ...

    def begin_site(self, site: str) -> Desk:
        """Return the site's record, empty still; raises PrintcareError where one was begun."""
        ...

    def open_site(self, tell: Callable[[str], None]) -> Desk:
        """Return the site's record; raises PrintcareError NO_RECORD where none was begun."""
        ...

    def ports(self) -> tuple[Port, ...]:
        """Return the serial ports of this machine."""
        ...

    def choose(self, bench: Bench) -> None:
        """Keep which devices the site prints with, and which folder orders come in."""
        ...

    def chosen(self) -> Bench:
        """Return what was chosen."""
        ...

    def rig(self, profile: FirmwareProfile, master: MasterRecipe, ask: Callable[[str], None]) -> Rig:
        """Return the bench a protocol is run on: the emulated one in a rehearsal, and where no printer was chosen.

        `ask` tells a person what to do at the real one, and returns when it was done.
        """
        ...

    def drafts(self) -> Path:
        """Return the folder in which what is typed survives a crash."""
        ...

    def documents(self) -> Path:
        """Return the folder the documents of the open record go to."""
        ...

    def seed(self) -> int:
        """Return a seed for the sample, drawn now."""
        ...

    def printer_ports(self, profile: FirmwareProfile) -> Ports:
        """Return the way to the printer whose job has died; raises PrintcareError where there is none any more."""
        ...

    def start_job(self, desk: Desk, batch_id: str, operator_id: str, session: str) -> str:
        """Start the job process, and the emulated bench where it prints on that; return the path of its endpoint."""
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
