"""A hostile wire on virtual time: one fault a line at most, towards the printer and back, in front of any receiver."""

from __future__ import annotations

import heapq
import random
import re
from dataclasses import dataclass, field

from receiver_firmware import ReceiverFirmware

from printcare.protocol.uptime import QUESTION

OUT = ("flip", "drop", "lose-byte", "truncate", "join", "twice")
BACK = ("flip", "drop", "twice", "late", "join", "foreign")
FOREIGN = (
    "echo:busy: processing",
    "X:1.00 Y:2.00 Z:3.00 E:4.00 Count X:100 Y:200 Z:1200",
    " T:21.50 /0.00 B:20.10 /0.00 @:0 B@:0",
    "//action:notification Ready",
    "// a remark",
    "echo:Active Extruder: 0",
    "N12 G1 X5*",
    "\x80\xff\x00",
)
BOOT = ("start", "PowerUp", "Marlin 2.1.2.1", "echo: External Reset")


@dataclass
class HostileFirmware(ReceiverFirmware):
    """Executes what its receiver lets through, and keeps every move in its order, numbered or not."""

    out_rate: float = 0.0
    back_rate: float = 0.0
    out_kinds: tuple[str, ...] = OUT
    back_kinds: tuple[str, ...] = BACK
    reset_rate: float = 0.0
    boot: tuple[str, ...] = BOOT
    moves: list[str] = field(default_factory=list)
    resets: int = 0
    faults: int = 0
    started_s: float = -60.0  # before the host came
    at: dict[str, float] = field(default_factory=lambda: dict.fromkeys("XYZE", 0.0))

    def _damaged(self, line: bytes) -> bytes:
        if self.rng.random() >= self.out_rate:
            return line
        self.faults += 1
        return damaged(self.rng, self.rng.choice(self.out_kinds), line)

    def _note(self, number: int | None, payload: str, *, is_known: bool) -> None:
        if not is_known and payload:
            self._reply(f'echo:Unknown command: "{payload}"', self._free_at)
        if payload.startswith("G1"):
            self.moves.append(payload)
            self.at |= {word[0]: float(word[1:]) for word in re.findall(r"[XYZE]-?[0-9.]+", payload)}
        if payload == QUESTION:
            up_s = int(self._free_at - self.started_s)
            self._reply(f'{{"key":"state.upTime","flags":"","result":{up_s}}}', self._free_at)
        if payload == "M114":
            self._reply("X:{X:.3f} Y:{Y:.3f} Z:{Z:.3f} E:{E:.3f} Count 0 0 0".format(**self.at), self._free_at)
        if payload.startswith("G1") and self.rng.random() < self.reset_rate:
            self.reset()

    def reset(self) -> None:
        """Restart the board."""
        self.resets, self.started_s = self.resets + 1, self._free_at
        self.receiver.reset()
        self.receiver.queue.append("")  # the line just taken is popped after us
        for text in self.boot:
            self._reply(text, self._free_at + 0.5)

    def _reply(self, text: str, at: float) -> None:
        rng, data = self.rng, text.encode("latin-1") + b"\n"
        if rng.random() < self.back_rate:
            self.faults += 1
            kind = rng.choice(self.back_kinds)
            if kind == "late":
                at += rng.uniform(0.0, 3.0)
                self._held_until = max(self._held_until, at)
            elif kind == "foreign":
                data = rng.choice(FOREIGN).encode("latin-1") + b"\n" + data
            else:
                data = damaged(rng, kind, data)
        self._push(data, max(at, self._held_until))

    def _push(self, data: bytes, at: float) -> None:
        cut = self.rng.randrange(len(data) + 1)  # half a line now, the rest a moment later
        for piece, when in ((data[:cut], at), (data[cut:], at)):
            if piece:
                self._said += 1
                heapq.heappush(self._replies, (when, self._said, piece))


def damaged(rng: random.Random, kind: str, line: bytes) -> bytes:
    """Return a line after one fault."""
    at = rng.randrange(len(line))
    if kind == "flip":
        return line[:at] + bytes([line[at] ^ 1 << rng.randrange(8)]) + line[at + 1 :]
    return {
        "drop": b"",
        "lose-byte": line[:at] + line[at + 1 :],
        "truncate": line[:at],
        "join": line.removesuffix(b"\n"),
        "twice": line + line,
    }[kind]
