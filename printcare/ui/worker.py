"""The window's one background worker: long work runs there in order, and its result comes back by signal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any  # a task returns what its own callback takes

from PySide6.QtCore import QObject, Signal, Slot


class Worker(QObject):
    """Runs one task after the other on one thread; callbacks run on the window's thread."""

    busy = Signal(bool)
    told = Signal(str)  # what the running task is doing, in words
    _ended = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="window-worker")
        self._callbacks: dict[int, tuple[Callable[[Any], None], Callable[[BaseException], None]]] = {}
        self._count = 0
        self._ended.connect(self._deliver)

    @property
    def is_busy(self) -> bool:
        """Whether a task is under way or waiting."""
        return bool(self._callbacks)

    def run(
        self, task: Callable[[], object], done: Callable[[Any], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Run a task; then `done` gets its result or `failed` its exception, on the window's thread."""
        self._count += 1
        number = self._count
        self._callbacks[number] = (done, failed)
        self.busy.emit(True)
        self._threads.submit(self._work, number, task)

    def close(self) -> None:
        """Let the running task end, drop the others and end the thread."""
        self._callbacks.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _work(self, number: int, task: Callable[[], object]) -> None:
        try:
            result = task()
        except Exception as fault:  # the one crossing between threads: what is not told here is lost
            self._ended.emit(number, None, fault)
        else:
            self._ended.emit(number, result, None)

    @Slot(int, object, object)
    def _deliver(self, number: int, result: object, fault: BaseException | None) -> None:
        callbacks = self._callbacks.pop(number, None)
        if not self._callbacks:
            self.busy.emit(False)
        if callbacks is None:
            return
        done, failed = callbacks
        if fault is not None:
            failed(fault)
        else:
            done(result)
