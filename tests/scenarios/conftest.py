"""Whole rehearsals, each run once and looked at by many tests."""

from __future__ import annotations

import pytest
from rehearsing import ONE_DAY, prepared_in


@pytest.fixture(scope="session", autouse=True)
def _signing_costs_little(cheap_passwords_for_all):
    """Let every signature of a rehearsal in this process be quick."""


@pytest.fixture(scope="session")
def rehearse(tmp_path_factory):
    """Return what runs a rehearsal to its end; every record is closed when the session ends."""
    made = []

    def rehearse(*faults, **options):
        made.append(prepared_in(tmp_path_factory.mktemp("rehearsal"), faults=faults, **options))
        return made[-1].whole()

    yield rehearse
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def clean(rehearse):
    """Return the rehearsal nothing went wrong in, all ten units of it."""
    return rehearse()


@pytest.fixture(scope="session")
def noisy(rehearse):
    """Return the same rehearsal over a wire that spoils two lines in a hundred."""
    return rehearse("corrupt@rate:0.02")


@pytest.fixture(scope="session")
def clogged(rehearse):
    return rehearse("clog@unit:3", days=ONE_DAY)


@pytest.fixture(scope="session")
def restarted(rehearse):
    return rehearse("reset@t:60", days=ONE_DAY)


@pytest.fixture(scope="session")
def unweighed(rehearse):
    return rehearse("balance-dead@unit:2", days=ONE_DAY)


@pytest.fixture(scope="session")
def planned(tmp_path_factory):
    """Return a rehearsal that is prepared and not printed."""
    one = prepared_in(tmp_path_factory.mktemp("planned"), days=ONE_DAY)
    yield one
    one.close()


def pytest_collection_modifyitems(items):
    """Mark everything in this folder as what it is."""
    for test in items:
        if "scenarios" in test.path.parts:
            test.add_marker(pytest.mark.scenario)
