"""A workstation with a real record, whose job is only heard of."""

import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from printcare.records.store import RecordContext, Store
from printcare.ui.desk import Desk
from printcare.ui.models import Bench, Port
from printcare.workflow.demonstration import Demonstration

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def records_in(folder, site="demo-site"):
    """Open the record of a folder as the stations of these tests do."""
    context = RecordContext(site, "pharmacy-1", "test", "boot", lambda: NOON, time.monotonic_ns, "locked")
    return Store.open(f"sqlite:///{folder / 'record.sqlite'}", context, key_directory=folder)


SEVEN_DAYS, SO_MANY = b'"value": 7, "unit": "days"', b'"value": %d, "unit": "days"'


@dataclass(slots=True)
class SetUpBefore(Demonstration):
    """A rehearsal on a copy of a record that is set up already, its order for as many days as are wanted."""

    days: int = 7

    def message(self):
        """Return the shipped order for these days."""
        return Demonstration.message(self).replace(SEVEN_DAYS, SO_MANY % self.days)

    def set_up(self):
        """Everybody is there."""


class BenchlessStation:
    """A workstation with a real record and a job that is only heard."""

    def __init__(self, folder: Path, endpoint: str, rehearsed) -> None:
        self.folder, self.endpoint, self.rehearsed = folder, endpoint, rehearsed
        self.started: list[tuple[str, str]] = []
        self.found = None
        self.died: str | None = None
        self.bench = Bench()
        self.found_ports = (Port("/dev/ttyUSB0", "USB serial"),)
        self.is_begun = False
        self.days = 7

    def open_records(self):
        """Open the rehearsal's record once more, as a process of its own would."""
        return records_in(self.folder)

    def open_rehearsal(self, tell):
        """Return a rehearsal on a copy of the record that was set up once."""
        tell("Creating the record")
        folder, people, passwords = self.rehearsed
        shutil.copytree(folder, self.folder, dirs_exist_ok=True)
        records = records_in(self.folder)
        made = SetUpBefore(records, NOON.date(), people=dict(people), passwords=dict(passwords), days=self.days)
        return Desk(records, self.folder, made)

    def has_site(self):
        """Say whether the site was begun."""
        return self.is_begun

    def begin_site(self, site):
        """Begin the site's record in the folder."""
        self.is_begun = True
        return Desk(records_in(self.folder, site), self.folder)

    def open_site(self, tell):
        """Open the same record again."""
        return Desk(records_in(self.folder, None), self.folder)

    def ports(self):
        """Return what the test put there."""
        return self.found_ports

    def choose(self, bench):
        """Keep it."""
        self.bench = bench

    def chosen(self):
        """Return it."""
        return self.bench

    def drafts(self):
        """Return a folder."""
        return self.folder / "drafts"

    def documents(self):
        """Return a folder."""
        return self.folder / "documents"

    def seed(self):
        """Return the same seed each time."""
        return 1

    def start_job(self, desk, batch_id, operator_id, session):
        """Note what was started."""
        self.started.append((batch_id, operator_id))
        return self.endpoint

    def running_job(self):
        """Return what the test put there."""
        return self.found

    def job_died(self):
        """Return what the test put there."""
        return self.died

    def close(self):
        """Close nothing; the record is the journey's."""
