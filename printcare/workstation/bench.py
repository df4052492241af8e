"""The emulated bench in a process of its own, gone when the one who started it is gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.devices.ports import PortSettings, SerialPorts

STARTS_WITHIN_S = 20.0
ENDS_WITHIN_S = 5.0
FIRST_TCP_PORT = 47100  # where there are no pseudo-terminals
EMULATED = {"modbus-balance": "modbus", "modbus-pressure": "modbus"}  # the emulator's word for a driver's twin


@dataclass(slots=True)
class BenchProcess:
    """A running bench: the URLs of printer, balance and pressure sensor, and the process behind them.

    Its standard input is a pipe: when everybody who holds the other end is gone, it reads the end of it and goes too.
    """

    urls: dict[str, str]
    process: subprocess.Popen[str]
    folder: str

    def let_go(self) -> None:
        """Let go of the pipe; the bench ends when nobody else holds it."""
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def end(self) -> None:
        """Let go, and see to it that the bench is gone with its links."""
        self.let_go()
        try:
            self.process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_bench(
    profile: str,
    speed: float,
    seed: int,
    faults: Sequence[str],
    balance: str = "mt-sics",
    pressure: str = "ps1",
    recipe: str | None = None,
) -> BenchProcess:
    """Start `printcare emulator` in a session of its own, with the twins of these drivers and a recipe's inks.

    Raises PrintcareError when it refuses or does not start.
    """
    folder = tempfile.mkdtemp(prefix="printcare-bench-")
    words = [sys.executable, "-m", "printcare", "emulator", "--profile", profile, "--speed", f"{speed:g}"]
    words += ["--seed", str(seed), "--until-stdin-closes"]
    words += ["--balance", EMULATED.get(balance, balance), "--pressure", EMULATED.get(pressure, pressure)]
    words += ["--recipe", recipe] if recipe else []
    for fault in faults:
        words += ["--fault", fault]
    words += ["--link-dir", folder] if hasattr(os, "openpty") else ["--tcp", str(FIRST_TCP_PORT)]
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C is the host's to answer: the printer must still be there to be made safe
    )
    try:
        return BenchProcess(_urls(process), process, folder)
    except BaseException:
        BenchProcess({}, process, folder).end()
        raise


@contextmanager
def bench_process(
    profile: str,
    speed: float,
    seed: int,
    faults: Sequence[str],
    balance: str = "mt-sics",
    pressure: str = "ps1",
    recipe: str | None = None,
) -> Iterator[dict[str, str]]:
    """Start a bench, give the URLs of its devices, and end it."""
    bench = start_bench(profile, speed, seed, faults, balance, pressure, recipe)
    try:
        yield bench.urls
    finally:
        bench.end()


def _urls(process: subprocess.Popen[str]) -> dict[str, str]:
    line = process.stdout.readline() if process.stdout else ""
    try:
        found: dict[str, str | None] = json.loads(line)
    except ValueError:
        process.wait(STARTS_WITHIN_S)
        told = (process.stderr.read() if process.stderr else "").strip()
        raise PrintcareError("BENCH_FAILED", f"The emulated bench did not start. {told}", "Correct that.") from None
    return {source: url for source, url in found.items() if url is not None}  # null: not on this bench


def settings_of(
    urls: dict[str, str], bauds: Sequence[int], balance_driver: str = "mt-sics", pressure_driver: str = "ps1"
) -> dict[str, PortSettings]:
    """Return how each port of a bench is opened: the printer by its profile's rates, the others by their drivers."""
    from printcare.devices.ports import PortSettings
    from printcare.devices.registry import port_settings

    settings = {}
    for source, url in urls.items():
        if source == "printer":
            settings[source] = PortSettings(url, tuple(bauds))
        else:
            settings[source] = port_settings(balance_driver if source == "balance" else pressure_driver, url)
    return settings


def open_ports(urls: dict[str, str], bauds: Sequence[int]) -> SerialPorts:
    """Return real ports onto a bench; pyserial opens whatever the URLs name."""
    from printcare.devices.ports import SerialPorts

    return SerialPorts(settings_of(urls, bauds), time.monotonic)
