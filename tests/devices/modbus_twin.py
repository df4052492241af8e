"""The emulated bench's balance and pressure transmitter as seen over Modbus RTU, by the shipped register maps."""

from __future__ import annotations

from printcare.emulator.virtual import VirtualPorts
from printcare.protocol.modbus_device import ModbusSlave, float_words, int_words
from printcare.protocol.wire import BALANCE, PRESSURE, Received

REPLY_S = 0.008
NAMES = ("printcare", "EMU204", "simulated:1 speed:1")


class ModbusPorts(VirtualPorts):
    """The bench's ports, with the balance and the pressure transmitter behind two Modbus slaves."""

    def __init__(self, bench) -> None:
        super().__init__(bench)
        self.is_mute = self.is_refusing_names = self.is_faulty = False
        self._slaves = {
            BALANCE: ModbusSlave(1, self._scale, NAMES),
            PRESSURE: ModbusSlave(2, self._transmitter, NAMES),
        }

    def _scale(self) -> dict[int, int]:
        balance = self._bench.balance
        high, low = int_words(round(balance._net_mg() * 10))
        state = balance.is_stable() | balance.is_overloaded << 1
        return dict(enumerate((high, low, state, 0, 4711)))

    def _transmitter(self) -> dict[int, int]:
        kpa, flag = self._bench.sensor._measure()
        high, low = float_words(float("nan") if self.is_faulty else kpa)
        return dict(enumerate((high, low, (flag != "OK") | self.is_faulty << 1, 0, 815)))

    def send(self, source, data):
        """Hand the bytes to a slave, whose answer comes a little later."""
        if source not in self._slaves:
            super().send(source, data)
            return
        dead = self._bench.balance.is_dead if source == BALANCE else self._bench.sensor.is_dead
        answer = b"" if dead or self.is_mute else self._slaves[source].receive(data)
        if answer:
            at_s = self.now() + REPLY_S
            self._bench.clock.after(REPLY_S, lambda: self._inbox.append(Received(source, answer, at_s)))

    def receive(self, timeout_s):
        """Return the next message; a slave's answer ends the wait as any byte does."""
        end_s = self.now() + timeout_s
        while not self._inbox and self.now() < end_s:
            message = super().receive(min(REPLY_S, end_s - self.now()))
            if message is not None:
                return message
        return super().receive(0.0)
