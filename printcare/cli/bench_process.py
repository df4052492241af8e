"""The emulated bench in a process of its own, gone when the one who started it is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.devices.ports import SerialPorts

STARTS_WITHIN_S = 20.0
ENDS_WITHIN_S = 5.0
FIRST_TCP_PORT = 47100  # where there are no pseudo-terminals


@contextmanager
def bench_process(profile: str, speed: float, seed: int, faults: Sequence[str]) -> Iterator[dict[str, str]]:
    """Start `printcare emulator` and give the URLs of its printer, balance and pressure sensor.

    Its standard input is a pipe from us: when we die, however that happens, it reads the end of it and goes too.
    Raises PrintcareError when it refuses a fault or does not start.
    """
    words = [sys.executable, "-m", "printcare", "emulator", "--profile", profile, "--speed", f"{speed:g}"]
    words += ["--seed", str(seed), "--until-stdin-closes"]
    for fault in faults:
        words += ["--fault", fault]
    with tempfile.TemporaryDirectory(prefix="printcare-bench-") as folder:
        words += ["--link-dir", folder] if hasattr(os, "openpty") else ["--tcp", str(FIRST_TCP_PORT)]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            yield _urls(process)
        finally:
            _end(process)


def _urls(process: subprocess.Popen[str]) -> dict[str, str]:
    line = process.stdout.readline() if process.stdout else ""
    try:
        found: dict[str, str] = json.loads(line)
    except ValueError:
        process.wait(STARTS_WITHIN_S)
        told = (process.stderr.read() if process.stderr else "").strip()
        code = "USAGE" if process.returncode == 2 else "BENCH_FAILED"
        raise PrintcareError(
            code, f"The emulated bench did not start. {told}", "Correct the fault or profile."
        ) from None
    return found


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def open_ports(urls: dict[str, str], bauds: Sequence[int]) -> SerialPorts:
    """Return real ports onto a bench; pyserial opens whatever the URLs name."""
    from printcare.devices.ports import PortSettings, SerialPorts

    settings = {
        source: PortSettings(url, tuple(bauds) if source == "printer" else (115200,)) for source, url in urls.items()
    }
    return SerialPorts(settings, time.monotonic)
