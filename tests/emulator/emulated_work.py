"""A patient host and a small print, for the emulator's tests."""

from __future__ import annotations

from functools import reduce
from operator import xor

from printcare.emulator.bench import Bench
from printcare.emulator.ink import InkTruth

IDEAL = InkTruth(inhomogeneity=0.0, porosity=0.0, bias=0.0)


class Talker:
    """A patient host: one line at a time, numbered, waiting in virtual time for its ok."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.number = 0
        self.heard: dict[str, list[tuple[float, str]]] = {"printer": [], "balance": [], "pressure": []}
        self._parts = {"printer": b"", "balance": b"", "pressure": b""}
        self.run(2.0)
        bench.receive("printer", b"M110 N0\n")
        self.run(0.1)

    def frame(self, text: str) -> bytes:
        """Return a line with the next number and its checksum."""
        self.number += 1
        line = f"N{self.number} {text}".encode()
        return b"%s*%d\n" % (line, reduce(xor, line))

    def run(self, for_s: float) -> list[str]:
        """Let time pass; return the printer's lines."""
        before = len(self.heard["printer"])
        end_s = self.bench.now_s + for_s
        while self.bench.now_s < end_s:
            self._hear(self.bench.advance(end_s, stop_at_output=True))
        return [line for _, line in self.heard["printer"][before:]]

    def say(self, text: str, limit_s: float = 600.0) -> list[str]:
        """Send one line and return the replies up to its ok."""
        return self.raw(self.frame(text), limit_s)

    def raw(self, data: bytes, limit_s: float = 600.0) -> list[str]:
        """Send bytes and return the replies up to an ok or the limit."""
        before = len(self.heard["printer"])
        self.bench.receive("printer", data)
        end_s = self.bench.now_s + limit_s
        while self.bench.now_s <= end_s:
            said = self.bench.advance(end_s, stop_at_output=True)
            self._hear(said)
            lines = [line for _, line in self.heard["printer"][before:]]
            if any(line.startswith("ok") for line in lines) or not said:
                return lines
        return [line for _, line in self.heard["printer"][before:]]

    def ask(self, source: str, text: str, wait_s: float = 0.1) -> list[str]:
        """Send a line to a device and return what it says within a time."""
        before = len(self.heard[source])
        self.bench.receive(source, text.encode() + b"\r\n")
        self.run(wait_s)
        return [line for _, line in self.heard[source][before:]]

    def all(self, *texts: str) -> None:
        """Send lines one after the other."""
        for text in texts:
            self.say(text)

    def _hear(self, said: list[tuple[str, bytes]]) -> None:
        for source, data in said:
            *lines, self._parts[source] = (self._parts[source] + data).split(b"\n")
            self.heard[source] += [(self.bench.now_s, line.rstrip(b"\r").decode("latin-1")) for line in lines]


class Work(Talker):
    """A talker that prints rings of ink on tray positions, ink hot from the start."""

    flow_mm3_s = 2.0

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        bench.printer.modal.allow_cold = True
        self.tool_mm2 = bench.profile.tool.feedstock_area_mm2
        self.all("G28", "G90", "M82", "G92 E0")

    def e_feed(self) -> float:
        """Return the F of an E-only move at the flow."""
        return self.flow_mm3_s / self.tool_mm2 * 60

    def to_purge(self) -> None:
        """Go low over the purge tray."""
        x, y, z = self.bench.profile.purge_mm
        self.all("G0 Z30 F1200", f"G0 X{x} Y{y} F4800", f"G0 Z{z} F1200")

    def prime(self, seconds: float) -> None:
        """Extrude into the purge tray."""
        self.to_purge()
        self.all("G92 E0", f"G1 E{self.flow_mm3_s * seconds / self.tool_mm2:.5f} F{self.e_feed():.4f}", "M400")

    def start_unit(self, index: int) -> tuple[float, float]:
        """Go low over a tray position and name E zero."""
        x, y = self.bench.profile.tray.centre(index)
        self.all("G0 Z30 F1200", f"G0 X{x + 4:.3f} Y{y:.3f} F4800", "G0 Z0.4 F1200", "G92 E0")
        return x, y

    def unit(self, index: int, volume_mm3: float, segments: int = 120) -> None:
        """Print a ring of 4 mm radius with `volume_mm3` of E, then lift."""
        x, y = self.start_unit(index)
        seconds = volume_mm3 / self.flow_mm3_s
        length_mm = 4 * 8.0 * segments / 8
        for i in range(1, segments + 1):
            side = ((4, 4), (0, 4), (-4, 4), (-4, 0), (-4, -4), (0, -4), (4, -4), (4, 0))[i % 8]
            e = volume_mm3 / self.tool_mm2 * i / segments
            self.say(f"G1 X{x + side[0]:.3f} Y{y + side[1]:.3f} E{e:.5f} F{length_mm / seconds * 60:.2f}")
        self.all("M400", "G0 Z30 F1200", "M400")


def hot(bench: Bench, celsius: float = 38.0) -> Bench:
    """Put jacket and ink at a temperature, soaked through, and keep it there."""
    for head in bench.heads:
        head.jacket.ambient_c = celsius
        head.jacket.block_c = head.jacket.sensor_c = head.jacket.shown_c = celsius
        head.core._modes_c[:] = [celsius] * 3
        head.ink.settle_slow(celsius)
    return bench
