"""Who waits when processors are short: the window and the emulated bench, never the job that can stop a print."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

LESS_URGENT = 10  # nice

Started = subprocess.Popen[bytes]
Starter = Callable[[Callable[[], Started]], Started]


def be_less_urgent() -> None:
    """Lower this thread to a nice of 10; what was started by something as low already stays there."""
    if hasattr(os, "nice"):
        os.nice(max(0, LESS_URGENT - os.nice(0)))


def stand_back() -> Starter:
    """Make this thread, and those it begins, less urgent; return what starts a process as urgent as before.

    On Linux niceness is a thread's own, is inherited by what it starts, and is not given back: one thread, begun
    before, keeps it. Elsewhere nothing is changed.
    """
    keeper = ThreadPoolExecutor(1, "urgent")
    keeper.submit(bool).result()  # its thread begins now
    if sys.platform == "linux":
        be_less_urgent()
    return lambda start: keeper.submit(start).result()
