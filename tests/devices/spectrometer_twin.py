"""An emulated spectrometer: synthetic spectra of an ink in a drop, seeded noise, behind the device's half of SP1."""

from __future__ import annotations

import math
import random

from printcare.protocol.spectrometer_device import Sp1Receiver, identity_line
from printcare.protocol.wire import Received

POINTS = 128
# Centre, width (nm or cm-1) and height of absorption bands and Raman lines; made up, of plausible shape.
BANDS = {
    "NIR": [(1210.0, 30.0, 0.25), (1450.0, 45.0, 0.6), (1590.0, 20.0, 0.2)],
    "Raman": [(640.0, 8.0, 900.0), (1004.0, 6.0, 2500.0), (1450.0, 12.0, 1300.0)],
}
AXES = {"NIR": (900.0, 1700.0), "Raman": (400.0, 1800.0)}


class SpectrometerPorts:
    """One spectrometer on virtual time; the attributes are its faults."""

    def __init__(self, technique: str = "NIR", seed: int = 1) -> None:
        self.technique, self.time_s = technique, 0.0
        self.is_dead = self.is_pulled = False
        self.damage: tuple[int, int] | None = None  # byte, bit
        self.strength = 1.0
        self.shift = 0.0
        self.light = 1.0
        self._rng = random.Random(seed)
        line = identity_line(technique, POINTS, "SP0001", "simulated:1 speed:50")
        self.receiver = Sp1Receiver(line, POINTS, self.measured)
        self._coming: list[bytes] = []

    def axis(self) -> list[float]:
        """Return the axis."""
        low, high = AXES[self.technique]
        return [round(low + (high - low) * index / (POINTS - 1), 3) for index in range(POINTS)]

    def measured(self, kind: str, integration_ms: float) -> list[float]:
        """Return counts, or the axis."""
        if kind == "axis":
            return self.axis()
        dark = [800.0 + 2.0 * self._rng.gauss(0.0, 1.0) for _ in range(POINTS)]
        if kind == "dark":
            return dark
        white = 400.0 * integration_ms * self.light
        return [
            min(65535.0, base + white * self._sent(at) + 3.0 * self._rng.gauss(0.0, 1.0)) if kind == "sample"
            else min(65535.0, base + white)
            for base, at in zip(dark, self.axis(), strict=True)
        ]  # fmt: skip

    def _sent(self, at: float) -> float:
        told = sum(
            height * math.exp(-(((at - centre - self.shift) / width) ** 2))
            for centre, width, height in BANDS[self.technique]
        )
        return 10 ** (-self.strength * told) if self.technique == "NIR" else self.strength * told / 4000.0

    def now(self) -> float:
        """Return virtual seconds."""
        return self.time_s

    def send(self, source: str, data: bytes) -> None:
        """Take what the host writes."""
        answer = b"" if self.is_dead else self.receiver.receive(data)
        if self.damage and len(answer) > self.damage[0]:
            at, bit = self.damage
            answer = answer[:at] + bytes([answer[at] ^ 1 << bit]) + answer[at + 1 :]
        self._coming += [part for part in (answer[:50], answer[50:]) if part]
        if self.is_pulled:
            self._coming = [b""]

    def receive(self, timeout_s: float):
        """Return what comes next, or let the time pass."""
        if self._coming:
            return Received("spectrometer", self._coming.pop(0), self.time_s)
        self.time_s += max(timeout_s, 0.001)
        return None

    def close(self) -> None:
        """Nothing to release."""
