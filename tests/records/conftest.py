"""A record in a temporary directory, on a clock the test moves."""

import os
import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from raw_database import raw_database
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from printcare.domain.people import Actor
from printcare.records import opening
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


# About arithmetic, files or rules that no database has a part in; a server is asked nothing new by them.
SAME_ANYWHERE = {"test_merkle", "test_export", "test_passwords", "test_sealing"}
SERVER = os.environ.get("PRINTCARE_TEST_POSTGRESQL")  # set by `make test-postgres`


def pytest_collection_modifyitems(items):
    """Leave out, on a server, what is about SQLite's file itself."""
    for item in items:
        is_elsewhere = item.get_closest_marker("sqlite_file") or item.module.__name__ in SAME_ANYWHERE
        if SERVER and is_elsewhere:
            item.add_marker(pytest.mark.skip(reason="about SQLite's own file"))


@pytest.fixture(scope="session")
def template():
    """Make one database with every table and no record, which the others are copied from: migrating takes a second."""
    if SERVER is None:
        yield None
        return
    name = f"template_{secrets.token_hex(4)}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    made = create_engine(make_url(SERVER).set(database=name))
    with made.begin() as connection:
        opening.migrate(connection)
    made.dispose()
    yield name
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture
def new_url(tmp_path, template):
    """Make URLs of records that do not exist yet: files, or databases of the server the run was given.

    A server's database has its tables already unless it is to be `bare`.
    """
    made = []
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT") if SERVER else None

    def make(name="record", *, bare=False):
        if server is None:
            return f"sqlite:///{tmp_path}/{name}.sqlite"
        made.append(f"t{secrets.token_hex(8)}")
        like = "" if bare else f" TEMPLATE {template}"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {made[-1]}{like}")
        return make_url(SERVER).set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    if server is not None:
        with server.connect() as connection:
            for database in made:
                connection.exec_driver_sql(f"DROP DATABASE {database} WITH (FORCE)")
        server.dispose()


@pytest.fixture
def url(new_url):
    return new_url()


@pytest.fixture
def bare_url(new_url):
    return new_url(bare=True)


@pytest.fixture
def raw(records):
    """Open a connection behind the application, with the triggers still in place."""
    connection = raw_database(records.url)
    yield connection
    connection.close()


@pytest.fixture
def copied(new_url):
    """Copy a whole record, as it stands, to a URL of its own."""

    def copied(records, name):
        url = new_url(name)
        if SERVER is None:
            with (
                sqlite3.connect(make_url(records.url).database) as source,
                sqlite3.connect(make_url(url).database) as copy,
            ):
                source.backup(copy)
            source.close()
            copy.close()
            return url
        source, copy = make_url(records.url).database, make_url(url).database
        records.close()
        server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {copy}")
            connection.exec_driver_sql(f"CREATE DATABASE {copy} TEMPLATE {source}")
        server.dispose()
        return url

    return copied


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
