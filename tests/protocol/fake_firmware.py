"""A small Marlin-like firmware and a noisy wire on virtual time, written from the recordings alone.

It reads lines into a queue of four, executes them one after the other, and answers wrong numbers while reading, which
is why the ok of a Resend can come before the oks of good lines.
"""

from __future__ import annotations

import heapq
import random
import re
from dataclasses import dataclass, field


@dataclass
class Noise:
    """Probabilities per line (towards the firmware) or per reply (from it)."""

    corrupt: float = 0.0
    drop: float = 0.0
    lost_n: float = 0.0
    truncate: float = 0.0
    join: float = 0.0
    lost_ok: float = 0.0
    double_ok: float = 0.0
    stale_resend: float = 0.0
    resend_no_ok: float = 0.0
    burst: float = 0.0  # replies are held back for up to half a second and then come all at once


@dataclass
class FakeFirmware:
    """Executes lines; `executed` holds numbered payloads in their order, `unchecked` those without a number."""

    rng: random.Random
    noise: Noise = field(default_factory=Noise)
    advanced_ok: bool = True
    line_s: float = 0.001
    last: int = 0
    executed: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    mute_after: int | None = None
    _rx: bytes = b""
    _queue: list[tuple[int | None, str]] = field(default_factory=list)
    _replies: list[tuple[float, int, bytes]] = field(default_factory=list)
    _said: int = 0
    _held_until: float = 0.0
    _free_at: float = 0.0

    # -- the wire towards it

    def write(self, data: bytes, now: float) -> None:
        """Take what the host wrote, damaged on its way."""
        for line in data.splitlines(keepends=True):
            self._rx += self._damaged(line)
        self.run(now)

    def _damaged(self, line: bytes) -> bytes:
        rng, noise = self.rng, self.noise
        if rng.random() < noise.drop:
            return b""
        if rng.random() < noise.lost_n:
            line = line[1:]
        if line and rng.random() < noise.truncate:
            line = line[: rng.randrange(len(line))]
        if rng.random() < noise.join:
            line = line.removesuffix(b"\n")
        if line and rng.random() < noise.corrupt:
            at = rng.randrange(len(line))
            line = line[:at] + bytes([line[at] ^ 1 << rng.randrange(7)]) + line[at + 1 :]
        return line

    # -- the firmware

    def run(self, now: float) -> None:
        """Read and execute everything that time allows."""
        while True:
            while len(self._queue) < 4 and b"\n" in self._rx:
                line, self._rx = self._rx.split(b"\n", 1)
                self._read(line.decode("latin-1"), now)
            if not self._queue or now < self._free_at:
                return
            number, payload = self._queue.pop(0)
            self._execute(number, payload, max(now, self._free_at))

    def wake_at(self) -> float | None:
        """Return when something happens by itself."""
        times = [self._free_at] if self._queue else []
        times += [self._replies[0][0]] if self._replies else []
        return min(times) if times else None

    def read(self, now: float) -> bytes:
        """Return the replies due by now."""
        self.run(now)
        out = b""
        while self._replies and self._replies[0][0] <= now:
            out += heapq.heappop(self._replies)[2]
        return out

    def _read(self, line: str, now: float) -> None:
        line = line.split(";")[0].strip(" \r")
        if not line:
            return
        if not line.startswith("N") or not re.match(r"N-?\d", line):
            self._queue.append((None, line.rsplit("*", 1)[0]))
            return
        number = int(re.match(r"N(-?\d+)", line)[1])
        body, star, check = line.rpartition("*")
        if number != self.last + 1 and "M110" not in line:
            if star and number in (self.last, self.last - 1):
                return
            return self._refuse("Line Number is not Last Line Number+1", now)
        if not star:
            return self._refuse("No Checksum with line number", now)
        xor = 0
        for byte in body.encode("latin-1"):
            xor ^= byte
        digits = re.match(r"\d+", check)
        if digits is None or int(digits[0]) != xor:
            return self._refuse("checksum mismatch", now)
        self.last = number
        self._queue.append((number, re.sub(r"^N-?\d+ ?", "", body).split("*")[0]))  # the first star ends the text
        return None

    def _refuse(self, why: str, now: float) -> None:
        self._rx = b""
        self._reply(f"Error:{why}, Last Line: {self.last}", now)
        self._reply(f"Resend: {self.last + 1}", now)
        if self.rng.random() >= self.noise.resend_no_ok:
            self._reply("ok", now)

    def _execute(self, number: int | None, payload: str, now: float) -> None:
        if payload.startswith("M110"):
            named = re.search(r"N(-?\d+)", payload)
            self.last = int(named[1]) if named else self.last
        self._free_at = now + self.line_s
        self._note(number, payload, is_known=re.match(r"[GMT] ?\d", payload) is not None)
        if self.mute_after is not None and len(self.executed) >= self.mute_after:
            self._queue.clear()
            return
        for ok in self._oks(self._ok(number, payload)):
            self._reply(ok, self._free_at)

    def _note(self, number: int | None, payload: str, *, is_known: bool) -> None:
        """Keep what was executed, echo what is unknown, and let a stale Resend happen."""
        if number is None and is_known and not payload.startswith(("M105", "M110", "M115")):
            self.unchecked.append(payload)
        if number is not None and payload != "M105":
            self.executed.append(payload)
        if self.mute_after is not None and len(self.executed) >= self.mute_after:
            return
        if not is_known and payload:
            self._reply(f'echo:Unknown command: "{payload}"', self._free_at)
        if self.rng.random() < self.noise.stale_resend and len(self.executed) > 3:
            self._reply(f"Resend: {len(self.executed) - 3}", self._free_at)
            self._reply("ok", self._free_at)

    def _oks(self, ok: str) -> list[str]:
        chance, noise = self.rng.random(), self.noise
        return [ok] * (0 if chance < noise.lost_ok else 2 if chance < noise.lost_ok + noise.double_ok else 1)

    def _ok(self, number: int | None, payload: str) -> str:
        if payload.startswith("M105"):
            return f"ok T:{20 + self.rng.random():.2f} /0.00 B:19.37 /0.00 @:0 B@:0"
        if not self.advanced_ok:
            return "ok"
        return "ok P15 B3" if number is None else f"ok N{number} P15 B3"

    def _reply(self, text: str, at: float) -> None:
        if self.noise.burst and at > self._held_until and self.rng.random() < self.noise.burst:
            self._held_until = at + self.rng.uniform(0.02, 0.5)
        self._said += 1
        heapq.heappush(self._replies, (max(at, self._held_until), self._said, text.encode("latin-1") + b"\n"))


def converse(host, firmware, *, limit_s: float, now: float = 0.0, keep_events: bool = True) -> tuple[list, float]:
    """Let both talk on virtual time until the host is idle or has ended; returns its events and the time."""
    events = []
    while not (host.ended or host.idle):
        if not keep_events:
            events.clear()
        out = host.outgoing(now)
        if out:
            firmware.write(out, now)
        data = firmware.read(now)
        if data:
            events += host.receive(data, now)
            continue
        if host.ended or host.idle:
            break
        times = [t for t in (host.deadline(), firmware.wake_at()) if t is not None]
        if not times:
            raise AssertionError("a hang: nobody will ever do anything again")
        now = max(now, min(times)) if min(times) > now else now + 1e-4
        if now > limit_s:
            raise AssertionError(f"not finished after {limit_s} s of virtual time")
        data = firmware.read(now)
        if data:
            events += host.receive(data, now)
        events += host.tick(now)
    return events, now
