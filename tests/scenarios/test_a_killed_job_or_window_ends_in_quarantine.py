"""A dozen real kills of job, window and both: the record verifies, and the batch stands in quarantine.

Job and window are processes of their own on the job's real endpoint and the record's real file; only the bench is on
virtual time, so that a kill costs a second. Where in a unit it falls is chance.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from rehearsing import add_up, kept, open_store, prepared_in

from printcare.control.events import Progress, UnitBegan
from printcare.records import audit
from printcare.runner import listening
from printcare.workflow.batch.recover import quarantine_interrupted

KINDS = {"job": ("job",), "window": ("window",), "both": ("window", "job")}
DAYS, UNITS, KILLS = 3, 6, 4  # so many kills of each kind: twelve in all
WAITS_AT = 5  # the job waits in this unit, so that no kill on a busy machine comes after its end
HOLD_S = 60.0  # virtual: nobody comes back, however long
DELAY_S = 0.2  # about a unit of virtual time
LIMIT_S = 60.0

pytestmark = [
    pytest.mark.hazard("HZ-07"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX"),
]


def forked(work):
    """Run `work` in a process of its own and return its id; it ends with 0, or with 1 where anything was raised."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        work()
        code = 0
    finally:
        os._exit(code)


def job(stands, folder, go):
    """Print the batch behind its endpoint; unit WAITS_AT is begun, and gone on with after a word in the pipe `go`."""
    one = stands.copy(folder)
    one.planned = replace(one.planned, job=replace(one.planned.job, hold_max_s=HOLD_S))
    path = folder / "private" / "job.sock"
    policy = one.planned.job.policy
    endpoint = listening(one.records, one.planned.id, path, one.ports, one.ports.now, policy)

    def see(_one, event):
        if not isinstance(event, Progress):  # ten a second of virtual time are for no eye
            endpoint.publish(event)
        if isinstance(event, UnitBegan) and event.index == WAITS_AT:
            os.read(go, 1)

    one._watch = see
    try:
        one.print()
    finally:
        endpoint.close()


def window(folder, unit, begun):
    """Attach as a window does, say in the pipe `begun` that a unit has begun, and read on."""
    end_s = time.monotonic() + LIMIT_S
    while time.monotonic() < end_s:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.connect(str(folder / "private" / "job.sock"))
            link.sendall(b'{"from": 0}\n')
            for line in link.makefile("rb"):
                told = json.loads(line)
                if told["event"] == "UnitBegan" and told["data"]["index"] == unit:
                    os.write(begun, b"!")
            return
        time.sleep(0.01)


class Run:
    """A job and its window, both alive until they are killed."""

    def __init__(self, stands, folder, unit):
        folder.mkdir()
        self.folder = folder
        go, self._go = os.pipe()
        self._begun, begun = os.pipe()
        self.job = forked(lambda: job(stands, folder, go))
        self.window = forked(lambda: window(folder, unit, begun))
        os.close(go)
        os.close(begun)

    def end(self, delay_s, **signals):
        """Send signals to `job` and `window` some time into the unit; return how the two processes ended."""
        assert os.read(self._begun, 1) == b"!"
        time.sleep(delay_s)
        for name, number in signals.items():
            os.kill(getattr(self, name), number)
        first, second = ("window", "job") if "job" not in signals else ("job", "window")
        ends = {first: os.waitpid(getattr(self, first), 0)[1]}
        with suppress(BrokenPipeError):  # the job is dead
            os.write(self._go, b"!")
        ends[second] = os.waitpid(getattr(self, second), 0)[1]
        os.close(self._go)
        os.close(self._begun)
        return ends


@pytest.fixture(scope="module")
def stands(tmp_path_factory):
    """Return a batch of six units, prepared: each run gets its own copy."""
    return kept(prepared_in(tmp_path_factory.mktemp("prepared"), days=DAYS), days=DAYS)


def next_start(folder):
    """Return what the next start found dead, the batch, its units, how safe the printer was made, and the verdict."""
    with open_store(folder, boot_id="second start") as records:
        found = quarantine_interrupted(records)
        units = list(records.all("unit", batch_id="B-0001").values())
        safe = [told.content["new"]["confirmed"] for told in records.events(action="printer.made_safe")]
        return found, records.get("batch", "B-0001"), units, safe, audit.verify(records.url)["verdict"]


@pytest.mark.parametrize("kind", KINDS)
def test_kills_leave_a_record_that_verifies_a_batch_in_quarantine_and_no_unit_twice(stands, tmp_path, kind):
    chance = random.Random(kind)
    last = set()
    for number in range(KILLS):
        run = Run(stands, tmp_path / str(number), unit=1 + number)
        killed = dict.fromkeys(KINDS[kind], signal.SIGKILL.value)
        assert run.end(chance.uniform(0.0, DELAY_S), **killed) == {"job": 0, "window": 0} | killed
        found, batch, units, safe, verdict = next_start(run.folder)
        assert (batch["status"], verdict in ("OK", "UNANCHORED")) == ("quarantined", True)
        assert add_up(units, UNITS)
        if kind == "window":  # the job finished its unit, held, and nobody came back
            assert (found, batch["outcome"], safe) == ((), "stopped", [True])
            assert "hold lasted longer" in batch["reason"]
        else:
            assert (found, batch["outcome"], safe) == (("B-0001",), "interrupted", [])
            assert "without a word" in batch["reason"]
        last.add(batch["last_unit"] if "last_unit" in batch else 0)
    assert len(last) > 1


def test_a_ctrl_c_stops_in_safe_state(stands, tmp_path):
    run = Run(stands, tmp_path / "0", unit=2)
    assert run.end(0.0, job=signal.SIGINT) == {"job": 0, "window": 0}
    found, batch, units, safe, verdict = next_start(run.folder)
    assert (found, batch["status"], batch["reason"]) == ((), "quarantined", "interrupted at the keyboard")
    assert add_up(units, UNITS)
    assert (safe, verdict in ("OK", "UNANCHORED")) == ([True], True)
