"""Time the window: first page, page change, frames of 100 units, preview of 100,000 moves, memory after an hour.

Limits (issue 9): 1.5 s, 100 ms, p99 of 33 ms, 0.3 s, 300 MB. Offscreen, so that it runs anywhere; all but the first are
processor time of this process, which draws by itself then: another process on the machine changes nothing.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from printcare.domain.policy import REHEARSAL
from printcare.gcode.preview import LayerView, UnitView
from printcare.ui.frame import Frame, tabular
from printcare.ui.models import Fact, RunPlan
from printcare.ui.run_state import RunState
from printcare.ui.tokens import LIGHT
from printcare.ui.widgets.toolpath_card import ToolpathCard

STARTS, HOUR_S, SENSOR_HZ, SENSORS = 5, 3600, 20, 3
UNITS, MOVES, LAYERS = 100, 100_000, 20
LIMITS = {"start_s": 1.5, "page_ms": 100.0, "frame_p99_ms": 33.0, "preview_s": 0.3, "memory_mb": 300.0}
# A window that says when its first page is painted, and is ended then.
FIRST_PAGE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
application = QApplication([])
QTimer.singleShot(0, lambda: (application.processEvents(), print("painted", flush=True)))
import printcare.app
printcare.app.open_window()
"""


def start_s() -> float:
    """Return the median time from the command to the first page, which asks who is here."""
    took = []
    with tempfile.TemporaryDirectory() as home:
        places = {name: home for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")}
        for _ in range(STARTS):
            began = time.perf_counter()
            words = [sys.executable, "-c", FIRST_PAGE]
            with subprocess.Popen(words, env=os.environ | places, stdout=subprocess.PIPE) as window:
                if window.stdout is not None:
                    window.stdout.readline()
                took.append(time.perf_counter() - began)
                window.kill()
    return sorted(took)[STARTS // 2]


def plan() -> RunPlan:
    """Return a tray of 100 units."""
    return RunPlan(
        batch_id="B-0001",
        product="cycloPHOSphamide",
        dose="17 mg",
        positions=tuple(f"{'ABCDEFGHIJ'[row]}{column + 1}" for row in range(10) for column in range(10)),
        columns=10,
        rows=10,
        target_mg=425.0,
        low_mg=401.9,
        high_mg=448.1,
        predicted_kpa=128.0,
        pressure_window_pct=25.0,
        pressure_max_kpa=260.0,
        cartridge_c=(37.0, 39.0),
        lot="CP-2601-A",
        cartridge="CP-2601-A-07",
    )


def run_an_hour(application: QApplication, frame: Frame) -> list[float]:
    """Play an hour of 100 units with three sensors at 20 Hz, and return how long each frame took, in s."""
    run = RunState(plan())
    frame.run.begin(run)
    frame.show_page("run")
    unit_s, frames = HOUR_S / UNITS, []
    for index in range(1, UNITS + 1):
        run.apply("UnitBegan", {"index": index})
        began_s = (index - 1) * unit_s
        for step in range(10):
            told = {"phase": "print", "done": step / 10, "left_s": HOUR_S - began_s, "pressure_kpa": 120.0 + step}
            run.apply("Progress", told | {"temperature_c": 38.0})
            frames.append(_frame(application, frame))
        count = int(unit_s * SENSOR_HZ)
        rows = [(began_s + at / SENSOR_HZ, 128.0 + 5 * math.sin(at / 7)) for at in range(count)]
        for number in range(SENSORS):
            source = "pressure" if not number else f"pressure-{number}"
            run.apply("ReadingBlock", {"unit": "kPa", "rows": rows, "index": index, "source": source})
        mass = f"{425 + math.sin(index) * 5:.1f}"
        run.apply("UnitEnded", {"index": index, "position": "A1", "state": "accepted", "mass_mg": mass, "reason": ""})
        frames.append(_frame(application, frame))
    return frames


def _frame(application: QApplication, frame: Frame) -> float:
    began = time.process_time()
    frame.run.show_run()
    application.processEvents()
    return time.process_time() - began


def page_ms(application: QApplication, frame: Frame) -> float:
    """Return the longest change from one page to another, in ms."""
    worst = 0.0
    for key in (*frame.pages, *reversed(frame.pages)):
        began = time.process_time()
        frame.show_page(key)
        application.processEvents()
        worst = max(worst, time.process_time() - began)
    return worst * 1000


def preview_s() -> float:
    """Return how long the first drawing of 100,000 moves takes, in s."""
    rng, layers = np.random.default_rng(1), []
    for number in range(LAYERS):
        start = rng.uniform(0, 20, (MOVES // LAYERS, 2))
        end = start + rng.normal(0, 0.4, start.shape)
        layers.append(LayerView(0.4 * (number + 1), 0.4, start, end, rng.uniform(0.6, 0.8, len(start))))
    card = ToolpathCard()
    card.resize(900, 640)
    began = time.process_time()
    card.show_units((UnitView(1, 400.0, tuple(layers)),), ("A1",))
    card.grab()
    return time.process_time() - began


def memory_mb() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Print each figure beside its limit; 1 where one is over it."""
    figures = {"start_s": start_s()}
    application = QApplication([])
    tabular(application)
    frame = Frame(REHEARSAL, (Fact("Version", "bench"),), lambda: datetime.now(UTC), LIGHT)
    frame.show()
    application.processEvents()
    figures["page_ms"] = page_ms(application, frame)
    frames = sorted(run_an_hour(application, frame))
    figures["frame_p99_ms"] = frames[int(len(frames) * 0.99)] * 1000
    figures["preview_s"] = preview_s()
    figures["memory_mb"] = memory_mb()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; start_s is wall time")
    for name, value in figures.items():
        verdict = "" if value <= LIMITS[name] else "   OVER"
        print(f"{name:<14}{value:9.2f}   limit {LIMITS[name]:g}{verdict}")
    frame.close()
    return int(any(value > LIMITS[name] for name, value in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
