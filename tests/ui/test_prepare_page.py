"""The page Prepare and the balance: without its check of the day nothing is printed, and the page leads to it."""

from datetime import timedelta

import benchless
import pytest
from caring import Hands, texts
from hands import LONG_MS, ORDER

CHECK = {"weight_mg": "100000", "readability_mg": "0.1", "u_weight_mg": "0.08"}


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


@pytest.fixture
def planned(window):
    """Return a batch that is planned."""
    here = window.conductor.journey.here
    order = here.desk.order(ORDER)
    return here.rehearsal.verify_and_plan(order, here.rehearsal.calculate(order))


def _prepare(window):
    window.frame.worklist.open_asked.emit(ORDER)
    window.qtbot.waitUntil(lambda: window.frame.current.key == "plan", timeout=LONG_MS)
    window.quiet()
    window.frame.plan.prepare_asked.emit()
    window.quiet()
    return window.frame.prepare


def _check(window, page, *readings):
    window.fill(page, "balance.check", kind="daily", readings=" ".join(readings), **CHECK)
    window.quiet()


def test_the_page_says_that_the_checks_of_the_balance_stand(window, planned):
    window.open("a.operator", "worklist")
    assert "its checks stand" in texts(_prepare(window))


def test_the_page_leads_to_the_check_of_the_day_where_it_is_missing(window, planned, monkeypatch):
    monkeypatch.setattr(benchless, "NOON", benchless.NOON + timedelta(hours=25))  # the clock of these records
    window.open("a.operator", "worklist")
    prepare = _prepare(window)
    assert "E_BALANCE_CHECK_EXPIRED" in texts(prepare)
    window.press(prepare, "to-balance-checks")
    window.quiet()
    page = window.frame.current
    balance = next(name for name, row in window.records.all("printer").items() if row["kind"] == "balance")
    assert (page.key, page.entry_key) == ("equipment", f"equipment|{balance}")

    _check(window, page, "0", "100000")
    window.frame.show_page("prepare")
    window.quiet()
    assert "E_BALANCE_CHECK_EXPIRED" not in texts(prepare)
    assert "its checks stand" in texts(prepare)
