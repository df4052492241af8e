"""Lines per second over a pseudo-terminal with the ok delayed, and processor time per line: `python bench_link.py`.

Targets (issue 6): 20 000 / 2 400 / 1 250 / 520 lines/s at 0 / 1 / 2 / 5 ms; printcore measured 1 103 / 492 / 425 / 182.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from printcare.devices.exchange import exchange
from printcare.devices.ports import SWITCH_S, PortSettings, SerialPorts
from printcare.devices.printer import Printer
from printcare.formats.profile import load_profile
from printcare.protocol.wire import PRINTER

LINES = {0: 50_000, 1: 5_000, 2: 3_000, 5: 1_500}
TARGETS = {0: 20_000, 1: 2_400, 2: 1_250, 5: 520}


def measure(delay_ms: int, count: int) -> tuple[float, float]:
    """Return lines per second and processor seconds of this process per line."""
    fake = Path(__file__).with_name("fake_printer.py")
    with subprocess.Popen(
        [sys.executable, str(fake), str(delay_ms)], stdout=subprocess.PIPE, text=True
    ) as printer_side:
        try:
            url = printer_side.stdout.readline().strip()
            ports = SerialPorts({PRINTER: PortSettings(url, (250000, 115200))}, time.monotonic)
            try:
                return _timed(ports, count)
            finally:
                ports.close()
        finally:
            printer_side.kill()


def _timed(ports: SerialPorts, count: int) -> tuple[float, float]:
    printer = Printer(ports, load_profile("marlin-syringe"))
    printer.open(ports.now())
    devices = {printer.source: printer}
    exchange(ports, devices, lambda: printer.idle, 10, lambda _: None)
    lines = [f"G1 X{index % 90 + 10}.125 Y{index % 70 + 20}.250 E{index * 0.00123:.5f}" for index in range(count)]
    began_s, cpu_s = time.monotonic(), time.process_time()
    printer.queue(lines)
    exchange(ports, devices, lambda: printer.idle or printer.ended is not None, 120, lambda _: None)
    taken_s = time.monotonic() - began_s
    if printer.count.lines != count or printer.count.resends:
        raise SystemExit(f"not every line arrived cleanly: {printer.count}, {printer.ended}")
    return count / taken_s, (time.process_time() - cpu_s) / count


if __name__ == "__main__":
    sys.setswitchinterval(SWITCH_S)  # as a job's process does
    for delay_ms, count in LINES.items():
        rate, cpu_s = measure(delay_ms, count)
        print(f"ok after {delay_ms} ms: {rate:8.0f} lines/s (target {TARGETS[delay_ms]}), {cpu_s * 1e6:.0f} µs/line")
