"""The one background worker."""

import threading

import pytest

from printcare.ui.worker import Worker


@pytest.fixture
def worker(qapp):
    made = Worker()
    yield made
    made.close()


def test_a_task_runs_beside_the_window_and_its_result_comes_back_to_it(qtbot, worker):
    threads = []
    worker.run(threading.current_thread, lambda ran: threads.extend([ran, threading.current_thread()]), pytest.fail)
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] is not threads[1]
    assert threads[1] is threading.main_thread()


def test_a_failing_task_is_told(qtbot, worker):
    failed = []
    worker.run(lambda: 1 / 0, lambda _: pytest.fail("it cannot succeed"), failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], ZeroDivisionError)


def test_tasks_keep_their_order(qtbot, worker):
    told = []
    for number in range(20):
        worker.run(lambda number=number: number, told.append, pytest.fail)
    qtbot.waitUntil(lambda: len(told) == 20)
    assert told == list(range(20))
