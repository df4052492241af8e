"""A dozen real kills and a Ctrl-C: the record verifies, and at the next start the batch stands in quarantine."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from rehearsing import add_up

from printcare.domain.policy import REHEARSAL
from printcare.records import audit
from printcare.workstation.opening import open_record

KILLS, AT_ONCE = 12, 4
STARTS_WITHIN_S = 100.0
UNITS = 6  # kills are drawn over so many units, not over seconds: a slow machine is killed at the same places
UNIT_S = 1.0  # about one unit at the demonstration's speed
# The real command in a process of its own; only its passwords cost nothing, so that the kills come sooner.
DEMO = """
import sys
from printcare.records import accounts, signatures
from printcare.records.passwords import Hashing
for module in (accounts, signatures):
    for function in vars(module).values():
        defaults = getattr(function, "__kwdefaults__", None)
        if defaults and "hashing" in defaults:
            defaults["hashing"] = Hashing(1, 8, 1)
from printcare.cli.main import run
sys.exit(run(sys.argv[1:]))
"""

pytestmark = [
    pytest.mark.hazard("HZ-07"),
    pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX"),
    pytest.mark.timeout(330),
]


def started(folder):
    words = [sys.executable, "-c", DEMO, "demo", "--out", str(folder), "--json"]
    environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    )


def until(process, folder, found):
    """Wait until the record answers this question with a row; polling is what an outsider can do."""
    end_s = time.monotonic() + STARTS_WITHIN_S
    uri = f"file:{folder}/record.sqlite?mode=ro"
    while process.poll() is None and time.monotonic() < end_s:
        try:
            connection = sqlite3.connect(uri, uri=True)
            try:
                if connection.execute(found).fetchone():
                    return
            finally:
                connection.close()
        except sqlite3.Error:
            pass  # not there yet, or being made
        time.sleep(0.02)
    pytest.fail(f"the demonstration did not come to: {found}")


PRINTING = "SELECT 1 FROM batch WHERE status = 'printing'"
ACCEPTED = "SELECT 1 FROM unit WHERE status = 'accepted' LIMIT 1 OFFSET {}"


def killed(folder, units, delay_s):
    """Start a demonstration and kill it some time after it began to print, or after so many units were accepted."""
    with started(folder) as process:
        until(process, folder, ACCEPTED.format(units - 1) if units else PRINTING)
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
    return process.returncode


def next_start(folder):
    """Open the record as the next command does; return what was found dead, the batch, its units and the verdict."""
    url = f"sqlite:///{folder}/record.sqlite"
    records, found = open_record(url, REHEARSAL)
    with records:
        units = list(records.all("unit", batch_id="B-0001").values())
        return found, records.get("batch", "B-0001"), units, audit.verify(url)["verdict"]


def test_a_dozen_kills_leave_records_that_verify_and_batches_in_quarantine(tmp_path):
    chance = random.Random(20260302)
    folders = [tmp_path / f"kill-{number:02d}" for number in range(KILLS)]
    units = [number % UNITS for number in range(KILLS)]
    delays_s = [chance.uniform(0.0, UNIT_S) for _ in folders]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(killed, folders, units, delays_s))
    assert codes == [-signal.SIGKILL] * KILLS
    ends = set()
    for folder in folders:
        found, batch, left, verdict = next_start(folder)
        assert found == ("B-0001",)
        assert (batch["status"], batch["outcome"]) == ("quarantined", "interrupted")
        assert "without a word" in batch["reason"]
        assert add_up(left, 10)
        assert verdict in ("OK", "UNANCHORED")
        ends.add(batch.get("last_unit", 0))
    assert len(ends) > 2  # before the first unit and at several later ones


def test_a_ctrl_c_stops_in_safe_state_and_exits_with_130(tmp_path):
    with started(tmp_path) as process:
        until(process, tmp_path, PRINTING)
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        assert process.wait(STARTS_WITHIN_S) == 130
    found, batch, units, verdict = next_start(tmp_path)
    assert found == ()  # the job itself had put it there
    assert batch["status"] == "quarantined"
    assert add_up(units, 10)
    assert verdict in ("OK", "UNANCHORED")
    with open_record(f"sqlite:///{tmp_path}/record.sqlite", REHEARSAL)[0] as records:
        assert records.events(action="printer.made_safe")[-1].content["new"]["confirmed"]
