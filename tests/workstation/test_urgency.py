"""The window stands back for the job it starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

TOLD = """
import os, subprocess, sys
from printcare.workstation.urgency import stand_back
before = os.nice(0)
start = stand_back()
job = start(lambda: subprocess.Popen([sys.executable, "-c", "import os; print(os.nice(0))"], stdout=subprocess.PIPE))
print(before, os.nice(0), int(job.communicate()[0]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is a thread's own on Linux only")
def test_the_window_is_less_urgent_than_before_and_the_job_it_starts_is_not():
    told = subprocess.run([sys.executable, "-c", TOLD], capture_output=True, text=True, check=True).stdout
    before, window, job = (int(word) for word in told.split())
    assert job == before
    assert window == max(before, 10)
