"""What every test needs: no thread is left behind, and passwords that cost nothing where that is no matter."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import settings

from printcare.records import account_changes, accounts, signatures
from printcare.records.keystore import BUS
from printcare.records.passwords import Hashing

# Every law is asked the same examples each time, so that a red run can be had again; `make search` draws new ones.
# No deadline: on the wall clock a loaded machine, or one that counts branches, would make a law fail.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", print_blob=True, deadline=None)
settings.load_profile("same")

CHEAP = Hashing(time_cost=1, memory_kib=8, parallelism=1)
JOIN_S = 5.0
VECTORS = Path(__file__).parent / "data" / "process-vectors.json"


@pytest.fixture(autouse=True, scope="session")
def nothing_is_remembered_between_runs(tmp_path_factory):
    """Keep what a client remembers of records out of the home and the keystore of who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.delenv(BUS, raising=False)
        yield


@pytest.fixture(scope="session")
def vectors() -> dict:
    """Return the reference vectors of the process, each under its id."""
    return json.loads(VECTORS.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def no_thread_is_left_behind():
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and not _is_a_pool_s(thread)]
    for thread in left:
        thread.join(JOIN_S)
    leaked = [thread.name for thread in left if thread.is_alive()]
    assert not leaked, f"threads left behind: {leaked}"


def _is_a_pool_s(thread: threading.Thread) -> bool:
    """Whether Qt or a test tool owns the thread; those end with the process."""
    return thread.name.startswith(("Dummy-", "QThread", "pytest_timeout"))


def _costs_nothing(patch: pytest.MonkeyPatch) -> None:
    """Let every password of this process be hashed at the least cost; the cost itself is tested in tests/records."""
    for module in (accounts, account_changes, signatures):
        for function in vars(module).values():
            defaults = getattr(function, "__kwdefaults__", None)
            if defaults and "hashing" in defaults:
                patch.setitem(defaults, "hashing", CHEAP)


@pytest.fixture
def cheap_passwords(monkeypatch):
    _costs_nothing(monkeypatch)


@pytest.fixture(scope="session")
def cheap_passwords_for_all():
    """Do the same for fixtures that live longer than one test."""
    with pytest.MonkeyPatch.context() as patch:
        _costs_nothing(patch)
        yield
