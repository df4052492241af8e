"""From a stop request to the stop bytes at the emulated printer, three real processes: `python bench_stop.py [TRIALS]`.

Target (issue 6): p99 of 5 ms or less. The window process paints at full load and asks by the job's own endpoint; window
and emulator run at lower priority, as they do in a run; the job is this process. Both ends stamp by the machine's one
monotonic clock.
"""

from __future__ import annotations

import json
import math
import os
import random
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from printcare.control.endpoint import Endpoint
from printcare.devices.exchange import exchange
from printcare.devices.ports import SWITCH_S, PortSettings, SerialPorts
from printcare.devices.printer import Printer
from printcare.emulator.bench import Bench
from printcare.emulator.serve import Server
from printcare.emulator.wires import Terminal
from printcare.formats.profile import load_profile
from printcare.protocol.wire import PRINTER
from printcare.workstation.urgency import be_less_urgent

PROFILE = "marlin-syringe"
TRIALS = 150
LIMIT_S = 50.0  # of all trials; a loaded machine makes fewer
ANSWER_S = 10.0
TARGET_MS = 5.0
SPEED = 20.0
LATEST_S = 0.1  # after the print has begun


def printer_process(link: str) -> None:
    """Serve the emulated printer and say when M112 came; it is switched on again at once."""
    be_less_urgent()
    bench = Bench(load_profile(PROFILE), speed=SPEED)
    take = bench.receive

    def stamped(source: str, data: bytes) -> None:
        at_s = time.monotonic()
        take(source, data)
        if b"M112" in data:
            print(at_s, flush=True)
            bench.printer.power_up()

    bench.receive = stamped
    wire = Terminal(Path(link))
    print("ready", flush=True)
    Server(bench, {PRINTER: wire}, time.monotonic, SPEED, parent=0).run()


def window_process(endpoint: str) -> None:
    """Paint without a pause; when told so, ask for a stop a little later and say when that was."""
    be_less_urgent()
    paint = painter()
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(endpoint)
        print("ready", flush=True)
        ask_s: float | None = None
        while True:
            paint()
            if select.select([0], [], [], 0)[0]:
                if not os.read(0, 16):
                    return
                ask_s = time.monotonic() + random.uniform(0.02, LATEST_S)
            if ask_s is not None and time.monotonic() >= ask_s:
                ask_s, at_s = None, time.monotonic()
                link.sendall(json.dumps({"command": "stop", "user": "anna"}).encode() + b"\n")
                print(at_s, flush=True)


def painter():
    """Return what paints one frame: curves on a Qt picture, or plain work where there is no Qt."""
    try:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from PySide6 import QtCore, QtGui, QtWidgets
    except ImportError:
        return lambda: sum(index * index for index in range(20_000))
    app = QtWidgets.QApplication([])
    picture = QtGui.QImage(800, 600, QtGui.QImage.Format.Format_RGB32)

    def paint() -> None:
        brush = QtGui.QPainter(picture)
        for row in range(40):
            points = [QtCore.QPointF(x, 300 + row * random.random() * 5) for x in range(0, 800, 8)]
            brush.drawPolyline(points)
        brush.end()
        app.processEvents()

    return paint


def child(role: str, where: str) -> subprocess.Popen[str]:
    words = [sys.executable, __file__, role, where]
    made = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if said(made) != "ready":
        raise SystemExit(f"the {role} process did not start")
    return made


def said(process: subprocess.Popen[str]) -> str:
    """Return a child's next line; ends the benchmark when there is none in time."""
    if not select.select([process.stdout], [], [], ANSWER_S)[0]:
        raise SystemExit(f"{process.args[2]} said nothing for {ANSWER_S:.0f} s")
    return process.stdout.readline().strip()


def one_stop(
    ports: SerialPorts, window: subprocess.Popen[str], printer_side: subprocess.Popen[str]
) -> tuple[float, float]:
    """Return the ms from a request to its bytes written, and to the printer having them, in the middle of a print."""
    written_s = [0.0]
    printer = Printer(ports, load_profile(PROFILE))
    devices = {printer.source: printer}
    printer.open(ports.now())
    exchange(ports, devices, lambda: printer.is_open or printer.ended is not None, 20, lambda _: None)
    printer.queue(["G28", *[f"G1 X{index % 100 + 10} Y{index % 90 + 20} F1200" for index in range(4000)]])
    window.stdin.write("go\n")
    window.stdin.flush()

    def stop(_command) -> None:
        printer.stop()
        written_s[0] = time.monotonic()

    exchange(ports, devices, lambda: printer.ended is not None, 20, lambda _: None, stop)
    if printer.ended is None or printer.ended.code != "STOP_SENT":
        raise SystemExit(f"no stop: {printer.ended}")
    asked_s, stopped_s = float(said(window)), float(said(printer_side))
    while ports.receive(0.06) is not None:  # what it said when it died, and its boot text
        pass
    return 1000 * (written_s[0] - asked_s), 1000 * (stopped_s - asked_s)


def rank(taken_ms, share: float) -> float:
    return sorted(taken_ms)[math.ceil(share * len(taken_ms)) - 1]


def main(trials: int) -> int:
    sys.setswitchinterval(SWITCH_S)
    with tempfile.TemporaryDirectory() as folder:
        link, path = f"{folder}/printer", Path(folder) / "job.sock"
        printer_side = child("printer", link)
        ports = SerialPorts({PRINTER: PortSettings(link)}, time.monotonic)
        endpoint = Endpoint(path, ports.post, lambda *_: None, lambda *_: None, time.monotonic, holds_when_lost=False)
        window = child("window", str(path))
        found, end_s = [], time.monotonic() + LIMIT_S
        try:
            while len(found) < trials and time.monotonic() < end_s:
                found.append(one_stop(ports, window, printer_side))
        finally:
            for each in (window, printer_side):
                each.stdin.close()
                each.wait(10)
            endpoint.close()
            ports.close()
    for what, taken_ms in zip(("written by the job", "at the printer"), zip(*found, strict=True), strict=True):
        print(
            f"stop bytes {what}, {len(found)} stops, window painting: p50 {statistics.median(taken_ms):.2f} ms, "
            f"p99 {rank(taken_ms, 0.99):.2f} ms (target {TARGET_MS:g}), worst {max(taken_ms):.2f} ms, "
            f"load {os.getloadavg()[0]:.1f}"
        )
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        {"printer": printer_process, "window": window_process}[sys.argv[1]](sys.argv[2])
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS))
