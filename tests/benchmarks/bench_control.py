"""Measure the control's own time: reading to decision, reading out of limits to stop bytes, and one unit decided.

Run `python tests/benchmarks/bench_control.py [--days 7] [--cpu]`: medians and p99 in ms, by this machine's wall clock;
with `--cpu` by the processor time of the thread, which a busy machine does not spoil and a slow disk does not show.
The job runs on the emulated bench in virtual time, so that nothing here waits for a device; what the bench itself
reckons between two messages is not counted. Simulated, and the figures of one machine. `bench_stop.py` measures the
stop over a real port with a busy window beside it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent.parent / "control"))
sys.path.insert(0, str(Path(__file__).parent.parent / "scenarios"))

from rehearsing import Rehearsal
from trial import Ports, Trial, plan

from printcare.control.events import ReferenceWeighed, UnitBegan
from printcare.control.instruments import Instruments
from printcare.control.job import Job
from printcare.control.unit_charts import UnitCharts
from printcare.control.watch import Watch
from printcare.domain.sequential import cannot_pass
from printcare.workflow.batch.recorder import Recorder

LIMITS_MS = {"unit": 50.0, "decision": 2.0, "stop": 5.0}


class Clock:
    """What times are taken by: `--cpu` exchanges it."""

    def __init__(self) -> None:
        self.now_s = time.perf_counter


CLOCK = Clock()


def quantiles(seconds: list[float]) -> tuple[float, float]:
    """Return median and p99 in ms."""
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] * 1000, ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000


def told(name: str, seconds: list[float], limit_ms: float) -> bool:
    """Print one line; return whether its p99 is within the limit."""
    median_ms, p99_ms = quantiles(seconds)
    is_good = p99_ms <= limit_ms
    verdict = "within" if is_good else "BEYOND"
    sys.stdout.write(
        f"{name:42} {len(seconds):6d} times   median {median_ms:7.3f} ms   p99 {p99_ms:7.3f} ms   "
        f"{verdict} {limit_ms:g} ms\n"
    )
    return is_good


class Timed:
    """Adds up what calls cost by the wall clock."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def around(self, function):
        """Return the function, measured."""

        def measured(*given, **named):
            began_s = CLOCK.now_s()
            try:
                return function(*given, **named)
            finally:
                self.seconds.append(CLOCK.now_s() - began_s)

        return measured


def decisions(units: int) -> list[float]:
    """Return what each pressure reading costs from its event to its judgement, while units are printed."""
    timed = Timed()
    with patch.object(Watch, "_on_pressure", timed.around(Watch._on_pressure)):
        Trial(job=plan(units)).run()
    return timed.seconds


class StopPorts(Ports):
    """Ports that know when the last bytes of the transmitter were handed over, and when the stop bytes were written."""

    def __init__(self, bench) -> None:
        super().__init__(bench)
        self.handed_s = 0.0
        self.stopped_s: float | None = None

    def receive(self, timeout_s):
        """Hand over a message; what the job does with it begins now."""
        message = super().receive(timeout_s)
        if self.stopped_s is None and getattr(message, "source", "") == "pressure":
            self.handed_s = CLOCK.now_s()
        return message

    def send(self, source, data):
        """Write bytes; the first stop counts."""
        if self.stopped_s is None and data.strip() in (b"M112", b"M410"):
            self.stopped_s = CLOCK.now_s()
        super().send(source, data)


def stops(times: int) -> list[float]:
    """Return the time from the bytes of a reading out of its limits to the stop bytes, with a clogged nozzle."""
    found = []
    for number in range(times):
        trial = Trial([f"pressure-saturated@t:{3 + number % 17}"], job=plan(1))
        ports = StopPorts(trial.bench)
        trial.job = Job(trial.plan, Instruments(ports, trial.plan.profile), trial._report)
        trial.run()
        if ports.stopped_s is not None:
            found.append(ports.stopped_s - ports.handed_s)
    return found


def units(days: int) -> list[float]:
    """Return what a unit costs the program beside its motion and settling: recorded, charted, judged against the batch.

    The record is a real one on disk; every event between a unit's tare and its judgement counts.
    """
    spent: list[float] = []

    def begins(function):
        def measured(self, event):
            if isinstance(event, UnitBegan):
                spent.append(0.0)
            began_s = CLOCK.now_s()
            function(self, event)
            if spent and not isinstance(event, ReferenceWeighed):
                spent[-1] += CLOCK.now_s() - began_s

        return measured

    def counted(function):
        def measured(*given):
            began_s = CLOCK.now_s()
            try:
                return function(*given)
            finally:
                if spent:
                    spent[-1] += CLOCK.now_s() - began_s

        return measured

    with tempfile.TemporaryDirectory() as folder:
        one = Rehearsal(Path(folder), days=days)
        one.plan()
        with (
            patch.object(Recorder, "__call__", begins(Recorder.__call__)),
            patch.object(UnitCharts, "judge", counted(UnitCharts.judge)),
            patch("printcare.control.job.cannot_pass", counted(cannot_pass)),
        ):
            one.print()
        one.close()
    return spent


def main() -> int:
    """Print the figures; return 1 where one is beyond its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=7, help="of the course; a unit a day and three beside them")
    parser.add_argument("--stops", type=int, default=40)
    parser.add_argument("--cpu", action="store_true", help="processor time instead of wall time")
    arguments = parser.parse_args()
    if arguments.cpu:
        CLOCK.now_s = time.thread_time
    good = [
        told("unit decided and recorded", units(arguments.days), LIMITS_MS["unit"]),
        told("reading to decision", decisions(3), LIMITS_MS["decision"]),
        told("reading out of limits to stop bytes", stops(arguments.stops), LIMITS_MS["stop"]),
    ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
