"""The bench's own line discipline (`MarlinReceiver`) behind the noisy wire of the small fake, on virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_firmware import FakeFirmware

from printcare.protocol.marlin_device import Intake, MarlinReceiver, line_number, ok_line, read_command


@dataclass
class ReceiverFirmware(FakeFirmware):
    """Reads lines as the emulated printer does and executes each in `line_s`; noise and bookkeeping are the fake's."""

    receiver: MarlinReceiver = field(default_factory=lambda: MarlinReceiver(128, 4, 95, emergency_parser=True))
    _is_busy: bool = False

    def write(self, data: bytes, now: float) -> None:
        """Take what the host wrote, damaged on its way."""
        self.run(now)  # what was taken before its time came may have freed the buffer
        arrived = b"".join(self._damaged(line) for line in data.splitlines(keepends=True))
        self._tell(self.receiver.receive(arrived), now)
        self.run(now)

    def _tell(self, intake: Intake, now: float) -> None:
        for text in intake.replies:
            if text != "ok" or self.rng.random() >= self.noise.resend_no_ok:
                self._reply(text, now)

    def run(self, now: float) -> None:
        """Execute everything that time allows."""
        queue = self.receiver.queue
        while queue:
            if not self._is_busy:
                self._is_busy = True
                self._free_at = max(now, self._free_at) + self.line_s
            if now < self._free_at:
                return
            line = queue[0]
            command = read_command(line)
            if command.letter == "M" and command.code == 110:
                self.receiver.last_number = int(command.parameters().get("N") or 0)
            number = line_number(line)
            self._note(number, command.text, is_known=command.letter != "?")
            for ok in self._oks(self._answer(number, command.text)):
                self._reply(ok, self._free_at)
            queue.popleft()
            self._is_busy = False
            intake = Intake([], [])
            self.receiver.fill(intake)
            self._tell(intake, self._free_at)

    def wake_at(self) -> float | None:
        """Return when something happens by itself."""
        times = [self._free_at] if self._is_busy else []
        times += [self._replies[0][0]] if self._replies else []
        return min(times) if times else None

    def _answer(self, number: int | None, payload: str) -> str:
        if payload.startswith("M105"):
            return f"ok T:{20 + self.rng.random():.2f} /0.00 B:19.37 /0.00 @:0 B@:0"
        return ok_line(number, 15, 3, advanced=self.advanced_ok)
