"""A record in a temporary directory, on a clock the test moves."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from printcare.domain.people import Actor
from printcare.records.passwords import Hashing
from printcare.records.store import RecordContext, Store


class Clock:
    """A clock that advances by 10 ms at each look, and as the test says."""

    def __init__(self):
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def __call__(self):
        """Return the time."""
        self.now += timedelta(milliseconds=10)
        return self.now

    def step(self, seconds):
        """Move the clock, back too."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def context(clock):
    ticks = count(1)
    return RecordContext(
        site="demo",
        workstation="ws-1",
        app_version="0.1",
        boot_id="b",
        clock=clock,
        monotonic_ns=lambda: next(ticks),
        mode="locked",
    )


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/record.sqlite"


@pytest.fixture
def records(url, context, tmp_path):
    with Store.open(url, context, key_directory=tmp_path) as store:
        yield store


@pytest.fixture
def operator():
    return Actor("u-0009", "operator", "s-1")


@pytest.fixture
def cheap():
    return Hashing(time_cost=1, memory_kib=8, parallelism=1)


@pytest.fixture
def weigh(records, operator):
    """Record the weighing of one unit of a batch, again if it was weighed."""

    def weigh(number, net_mg="301.2", status="accepted"):
        with records.transaction(operator) as tx:
            state = {"batch_id": "B-1", "status": status, "net_mg": net_mg}
            return tx.record("unit.weighed", "unit", f"B-1/{number}", new=state)

    return weigh
