"""The emulated balance in the voice of Sartorius, A&D, Ohaus or Radwag: the same physics, other lines."""

from __future__ import annotations

from collections.abc import Callable

from printcare.emulator.balance import CAPACITY_MG, REPLY_S, Balance
from printcare.emulator.chance import Stream
from printcare.emulator.clock import Clock
from printcare.protocol import plain_balance_device as lines


class PlainBalance(Balance):
    """Answers a weight for each question, stable or not."""

    def __init__(
        self,
        clock: Clock,
        load_mg: Callable[[], float],
        chance: Stream,
        out: Callable[[bytes], None],
        speed: float,
        family: str,
    ) -> None:
        super().__init__(clock, load_mg, chance, out, speed)
        self._family = family
        self._speed = speed
        self._plain = lines.PlainReceiver(family)

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        for word in self._plain.receive(data):
            self.on_request()
            if not self.is_dead:
                self._clock.after(REPLY_S, lambda word=word: self._reply(word))  # type: ignore[misc] # see Balance.receive

    def power_cycle(self) -> None:
        """Forget the tare; these balances do not announce themselves."""
        self._cancel()
        self._tare_mg = self._zero_mg = 0.0

    def _reply(self, word: str) -> None:
        if word == "model":
            self._say(lines.model(f"EMU204 simulated:1 speed:{self._speed:g}"))
        elif word == "zero":
            self._zero_mg, self._tare_mg = self._shown_mg, 0.0
        elif word == "tare":
            self._tare_mg = self._shown_mg - self._zero_mg
        elif word != "weigh":
            self._say(lines.error(self._family))
        elif self.is_overloaded or self._shown_mg > CAPACITY_MG:
            self._say(lines.overload(self._family))
        else:
            value = self._net_mg() if self.unit == "mg" else round(self._net_mg(), 1) / 1000
            self._say(lines.weight(self._family, value, self.unit, is_stable=self.is_stable()))
