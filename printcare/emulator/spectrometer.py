"""A NIR spectrometer above the tray: lamp, dark, shot noise, and bands of water and drug by Beer and Lambert."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from printcare.emulator.chance import Stream
from printcare.emulator.clock import Clock
from printcare.protocol.spectrometer_device import SATURATED, Sp1Receiver, identity_line

SOURCE = "spectrometer"
POINTS = 256
FIRST_NM, LAST_NM = 900.0, 1700.0
SERIAL = "SP0001"
LAMP_PER_MS = 1500.0  # counts in the middle of the range
DARK_COUNTS, DARK_PER_MS = 200.0, 0.5
READ_NOISE = 4.0
ANSWER_S = 0.02  # reading out, beside the integration
WATER = ((1450.0, 60.0, 0.9), (970.0, 40.0, 0.08))  # centre and width in nm, absorbance of the ink's water
DRUG = ((1140.0, 18.0, 0.020), (1660.0, 22.0, 0.035))  # likewise, for each % w/w


class Spectrometer:
    """Measures the unit printed last, or the white plate where there is none; the faults are attributes.

    Args:
        clock: the bench's.
        content_pct: the drug, % w/w, of what lies under the probe; None for an empty tray.
        chance: its noise.
        out: takes its bytes.
        speed: announced.
    """

    def __init__(
        self,
        clock: Clock,
        content_pct: Callable[[], float | None],
        chance: Stream,
        out: Callable[[bytes], None],
        speed: float,
    ) -> None:
        self._clock, self._content_pct, self._chance, self._out = clock, content_pct, chance, out
        step = (LAST_NM - FIRST_NM) / (POINTS - 1)
        self.axis_nm = tuple(FIRST_NM + step * index for index in range(POINTS))
        identity = identity_line("NIR", POINTS, SERIAL, f"simulated:1 speed:{speed:g}")
        self._receiver = Sp1Receiver(identity, POINTS, self._measure)
        self.is_dead = self.is_dark = False  # no answer; the lamp is out

    def receive(self, data: bytes) -> None:
        """Take bytes from the host; the answer comes when the light has been gathered."""
        answer = self._receiver.receive(data)
        if answer and not self.is_dead:
            self._clock.after(ANSWER_S + self._receiver.integration_ms / 1000, lambda: self._out(answer))

    def absorbance(self, content_pct: float) -> tuple[float, ...]:
        """Return what ink of a content absorbs at each wavelength, without noise."""
        bands = [*WATER, *((centre, width, height * content_pct) for centre, width, height in DRUG)]
        return tuple(sum(h * math.exp(-(((nm - c) / w) ** 2) / 2) for c, w, h in bands) for nm in self.axis_nm)

    def _measure(self, kind: str, integration_ms: float) -> tuple[float, ...]:
        if kind == "axis":
            return self.axis_nm
        dark = DARK_COUNTS + DARK_PER_MS * integration_ms
        if kind == "dark" or self.is_dark:
            return tuple(dark + READ_NOISE * self._chance.normal() for _ in self.axis_nm)
        content = self._content_pct() if kind == "sample" else None
        absorbed = self.absorbance(content) if content is not None else (0.0,) * POINTS
        return tuple(self._counts(nm, a, dark, integration_ms) for nm, a in zip(self.axis_nm, absorbed, strict=True))

    def _counts(self, nm: float, absorbance: float, dark: float, integration_ms: float) -> float:
        lamp = LAMP_PER_MS * integration_ms * math.exp(-(((nm - 1250.0) / 400.0) ** 2))
        light = lamp * math.pow(10.0, -absorbance)
        noise = math.sqrt(light + READ_NOISE**2) * self._chance.normal()
        return min(SATURATED, max(0.0, dark + light + noise))


def content_of(parts: Mapping[int, tuple[float, float]], contents_pct: Mapping[int, float]) -> float | None:
    """Return the content of a unit of several inks: by tool its mm³ and mg, and the % w/w of its ink."""
    total_mg = sum(mass_mg for _, mass_mg in parts.values())
    if total_mg <= 0:
        return None
    return sum(parts[tool][1] * contents_pct[tool] for tool in parts) / total_mg
