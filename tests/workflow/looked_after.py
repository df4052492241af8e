"""A small site whose record is looked after: everybody who is needed for it, and a clock the test moves."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from schooling import train_everybody

from printcare.domain.people import Role
from printcare.records.accounts import log_in
from printcare.records.store import RecordContext, Store
from printcare.workflow.recipe.set_up import Person, set_up

PASSWORD = "seventeen grey herons"
ROLES = {
    "quinn": Role.QUALITY, "quentin": Role.QUALITY, "pat": Role.PROCESS_OWNER, "olu": Role.OPERATOR,
    "rita": Role.RELEASER, "aud": Role.AUDITOR,
}  # fmt: skip


class Clock:
    """A clock the test moves."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        """Return the time."""
        return datetime.now(UTC) + self.ahead


def opened(folder, clock, name="record", **more):
    """Return the open record of a folder."""
    context = RecordContext("demo", "ws", "0.1", "b", clock, time.monotonic_ns, "locked")
    return Store.open(f"sqlite:///{folder}/{name}.sqlite", context, key_directory=folder, **more)


def staffed(records):
    """Give the record its people, and return each one's session by login."""
    staff = [Person(login, login.title(), (role,), PASSWORD) for login, role in ROLES.items()]
    people = set_up(records, Person("ada", "Ada", (Role.ADMINISTRATOR,), PASSWORD), staff)
    train_everybody(records)
    return people


def again(records, login):
    """Begin a new session."""
    return log_in(records, login, PASSWORD)


def batch(records, people, number=1, status="printing"):
    """Put a batch on record as the operator would."""
    with records.transaction(people["olu"].actor("operator")) as tx:
        state = {"status": status, "prescription": "RX-1", "operator": people["olu"].id}
        tx.record("batch.started", "batch", f"B-{number}", state)
