"""A four-place balance under the tray: settling, noise, drift, vibration and its own idea of stable."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from printcare.emulator.cell import Cell
from printcare.emulator.chance import Stream
from printcare.emulator.clock import Clock, Event
from printcare.protocol import mt_sics_device as sics

CAPACITY_MG = 220_009.0
SAMPLE_S = 0.1
NOISE_MG = 0.1
WINDOW = 10  # samples the stability flag looks at
STABLE_MG = 0.8
VIBRATION_MG = 4.0
DRIFT_HALF_WIDTH_MG_MIN = 0.05
REPLY_S = 0.02
PATIENCE_S = 20.0  # S, T and Z give up after this
SERIAL = "0123456789"
_DRAFT_S = 3.0


class Balance:
    """One balance on the virtual clock; the attributes below `faults` are set by faults."""

    def __init__(
        self, clock: Clock, load_mg: Callable[[], float], chance: Stream, out: Callable[[bytes], None], speed: float
    ) -> None:
        self._clock, self._load_mg, self._chance, self._out = clock, load_mg, chance, out
        self._title = f"EMU204 simulated:1 speed:{speed:g} {CAPACITY_MG / 1000:.4f} g"
        self._receiver = sics.MtSicsReceiver()
        self._cell = Cell(load_mg())
        self._shown_mg = load_mg()
        self._window: deque[float] = deque([self._shown_mg] * WINDOW, WINDOW)
        self.noise_mg, self._stable_mg = NOISE_MG, STABLE_MG
        self._zero_mg = self._tare_mg = 0.0
        self._waiting: str = ""
        self._give_up: Event | None = None
        self._repeat: Event | None = None
        self._draft = 0.0
        self.on_request: Callable[[], None] = lambda: None
        # faults
        self.is_dead = self.is_overloaded = self.is_garbling = False
        self.unit = "g"
        self.drift_mg_min = chance.uniform(-DRIFT_HALF_WIDTH_MG_MIN, DRIFT_HALF_WIDTH_MG_MIN)
        self._drifted_mg = 0.0
        self.draft_mg = self.shaken_mg = 0.0
        self.unstable_until_s = 0.0
        self.touch_mg = 0.0
        self.touch_until_s = 0.0

    def weigh_by(self, noise_mg: float, settling_s: float) -> None:
        """Weigh by another cell; its readings count as stable within as many sigmas as the balance's own."""
        self._cell = Cell(self._load_mg(), settling_s)
        self._stable_mg = STABLE_MG / NOISE_MG * noise_mg
        self.noise_mg = noise_mg

    def sample(self, *, is_moving: bool) -> None:
        """Let SAMPLE_S pass: filter, drift, noise, vibration, and replies that waited for stability."""
        now_s = self._clock.now_s
        load = self._load_mg()
        if now_s < self.touch_until_s:
            load += self.touch_mg
        settled_mg = self._cell.step(load, SAMPLE_S)
        self._drifted_mg += self.drift_mg_min * SAMPLE_S / 60.0
        noise = self.noise_mg * self._chance.normal()
        if is_moving:
            noise += VIBRATION_MG * self._chance.normal()
        if self.shaken_mg:
            noise += self.shaken_mg * self._chance.normal()
        if self.draft_mg:
            pull = math.exp(-SAMPLE_S / _DRAFT_S)
            self._draft = self._draft * pull + self.draft_mg * math.sqrt(1 - pull * pull) * self._chance.normal()
            noise += self._draft
        self._shown_mg = settled_mg + self._drifted_mg + noise
        self._window.append(self._shown_mg)
        if self._waiting and self.is_stable():
            word, self._waiting = self._waiting, ""
            self._fulfil(word)

    def is_stable(self) -> bool:
        """Return the stability flag."""
        if self._clock.now_s < self.unstable_until_s:
            return False
        return max(self._window) - min(self._window) <= self._stable_mg

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        for request in self._receiver.receive(data):
            self.on_request()
            if not self.is_dead:
                self._clock.after(REPLY_S, lambda request=request: self._answer(request))  # type: ignore[misc] # mypy cannot infer a default argument's type

    def power_cycle(self) -> None:
        """Forget tare and pending work, as after switching off and on."""
        self._cancel()
        self._tare_mg = 0.0
        self._zero_mg = 0.0
        self._say(sics.text_line("I4", SERIAL))

    def _answer(self, request: sics.Request) -> None:
        word = request.word
        if word in ("SI", "SIR", "TI", "ZI"):
            self._cancel()
            self._immediate(word)
        elif word in ("S", "T", "Z"):
            self._wait_for(word)
        elif word == "@":
            self.power_cycle()
        elif word in ("TA", "TAC"):
            self._tare_memory(word, request.argument)
        else:
            self._say(self._constant(word))

    def _constant(self, word: str) -> bytes:
        texts = {
            "I1": ("0123", "2.30", "2.20", "2.20", "1.50"),
            "I2": (self._title,),
            "I3": ("1.00 EMU",),
            "I4": (SERIAL,),
            "I5": ("EMU204-1",),
        }
        if word == "I0":
            return sics.command_list()
        if word in texts:
            return sics.text_line(word, *texts[word])
        return sics.status_line(word, "A") if word in ("D", "DW") else sics.error_line("ES")

    def _wait_for(self, word: str) -> None:
        self._cancel()
        if self.is_stable():
            self._fulfil(word)
            return
        self._waiting = word
        self._give_up = self._clock.after(PATIENCE_S, self._surrender)

    def _surrender(self) -> None:
        word, self._waiting = self._waiting, ""
        if word:
            self._say(sics.status_line(word, "I"))

    def _fulfil(self, word: str) -> None:
        self._cancel()
        if self._limit(word):
            return
        if word == "Z":
            self._zero_mg, self._tare_mg = self._shown_mg, 0.0
            self._say(sics.status_line("Z", "A"))
            return
        if word == "T":
            self._tare_mg = self._shown_mg - self._zero_mg
            self._say(self._weight("T", "S", self._tare_mg))
            return
        self._say(self._weight("S", "S", self._net_mg()))

    def _immediate(self, word: str) -> None:
        if self._limit("S" if word in ("SI", "SIR") else word):
            return
        status = "S" if self.is_stable() else "D"
        if word == "ZI":
            self._zero_mg, self._tare_mg = self._shown_mg, 0.0
            self._say(sics.status_line("ZI", status))
        elif word == "TI":
            self._tare_mg = self._shown_mg - self._zero_mg
            self._say(self._weight("TI", status, self._tare_mg))
        else:
            self._say(self._weight("S", status, self._net_mg()))
            if word == "SIR":
                self._repeat = self._clock.after(SAMPLE_S, lambda: self._immediate("SIR"))

    def _limit(self, word: str) -> bool:
        if self.is_overloaded or self._shown_mg > CAPACITY_MG:
            self._say(sics.status_line(word, "+"))
            return True
        if self._shown_mg < -CAPACITY_MG * 0.01:
            self._say(sics.status_line(word, "-"))
            return True
        return False

    def _tare_memory(self, word: str, argument: str) -> None:
        if word == "TAC":
            self._tare_mg = 0.0
            self._say(sics.status_line("TAC", "A"))
            return
        if argument:
            value, _, unit = argument.partition(" ")
            try:
                self._tare_mg = float(value) * {"g": 1000.0, "mg": 1.0}[unit.strip()]
            except (ValueError, KeyError):
                self._say(sics.status_line("TA", "L"))
                return
        self._say(self._weight("TA", "A", self._tare_mg))

    def _net_mg(self) -> float:
        return self._shown_mg - self._zero_mg - self._tare_mg

    def _weight(self, word: str, status: str, mass_mg: float) -> bytes:
        if self.unit == "mg":
            return sics.weight_line(word, status, mass_mg, "mg", 1)
        return sics.weight_line(word, status, round(mass_mg, 1) / 1000, "g", 4)

    def _cancel(self) -> None:
        self._waiting = ""
        for event in (self._give_up, self._repeat):
            if event:
                event.cancel()
        self._give_up = self._repeat = None

    def _say(self, line: bytes) -> None:
        if self.is_dead:
            return
        if self.is_garbling:
            self.is_garbling = False
            line = line[:3] + b"#~" + line[5:]
        self._out(line)
