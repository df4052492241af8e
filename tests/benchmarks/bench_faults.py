"""The fault matrix on virtual time, SSE plunger: `python bench_faults.py [seeds] [fault …]`. Simulated, not measured.

Each fault strikes early, in the middle and late in a unit of about 25 s. A row tells how often the job answered it
(alarm or rejected unit) or made good units all the same, the delay from the fault to the alarm that stopped the job,
what left the plunger in between, and the cause that was named.
"""

from __future__ import annotations

import math
import statistics
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "control"))

from trial import Trial, plan

from printcare.control.events import AlarmRaised, UnitEnded
from printcare.domain.batch import UnitState
from printcare.emulator.bench import Bench

FAULTS = (
    "clog",
    "partial-clog",
    "air",
    "empty",
    "plunger-parted",
    "plunger-bottomed",
    "leak",
    "skipped-steps",
    "pressure-stuck",
    "pressure-offset",
    "trapped-air",
    "creep",
    "ink-cold",
)
MOMENTS_S = (3, 12, 21)  # after the first line of unit 1


def run(faults: tuple[str, ...], seed: int) -> tuple[Trial, float | None, str]:
    """Return one job of three units, how long after the fault it was stopped, and what was named."""
    job = replace(plan(3), hold_max_s=30.0)
    told_s: list[float] = []

    def see(trial: Trial, event: object) -> None:
        if isinstance(event, AlarmRaised):
            told_s.append(trial.ports.now())

    trial = Trial(job=job, bench=Bench(job.profile, seed=seed, faults=faults), see=see)
    send = trial.ports.send

    def noting(source: str, data: bytes) -> None:
        if data.strip() in (b"M410", b"M112"):  # the stop itself; its alarm is told after it was confirmed
            told_s.append(trial.ports.now())
        send(source, data)

    trial.ports.send = noting
    trial.run()
    struck = [at_s for at_s, kind, _ in trial.bench.noted if faults and kind == faults[0].partition("@")[0]]
    alarms = trial.of(AlarmRaised)
    if not alarms or not struck:
        return trial, None, "; ".join(alarm.trip.seen for alarm in alarms)
    return trial, told_s[0] - struck[0], f"{alarms[0].trip.kind.id} {alarms[0].trip.seen.partition(';')[0][:60]}"


def main() -> None:
    """Print the table."""
    seeds = range(1, 1 + (int(sys.argv[1]) if len(sys.argv) > 1 else 20))
    false_alarms = sum(bool(run((), seed)[0].of(AlarmRaised)) for seed in seeds)
    print(f"fault-free: {len(seeds)} batches of 3 units, {false_alarms} with an alarm")
    for fault in sys.argv[2:] or FAULTS:
        for at_s in MOMENTS_S:
            delays, harmless, names = [], 0, []
            for seed in seeds:
                trial, delay_s, named = run((f"{fault}@t:{at_s}",), seed)
                if delay_s is None:
                    harmless += all(event.state is UnitState.ACCEPTED for event in trial.of(UnitEnded))
                else:
                    delays.append(delay_s)
                    names.append(named)
            flow = plan(3).first.flow_mm3_s
            middle = statistics.median(delays) if delays else float("nan")
            worst = sorted(delays)[math.ceil(0.95 * (len(delays) - 1))] if delays else float("nan")
            name = statistics.mode(names) if names else "-"
            print(
                f"{fault:17} t={at_s:2} s: alarmed {len(delays)}, good units all the same {harmless} of {len(seeds)}; "
                f"delay {middle:.1f} s (p95 {worst:.1f}), {middle * flow:.0f} mm³; {name}",
                flush=True,
            )


if __name__ == "__main__":
    main()
