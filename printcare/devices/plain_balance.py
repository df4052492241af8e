"""A balance that prints lines: Sartorius SBI, A&D, Ohaus or Radwag, used as `devices.balance.Balance` is."""

from __future__ import annotations

from functools import partial

from printcare.domain.reading import Identity
from printcare.protocol.mt_sics import Discarded, Event, NotWeighed, Weighed, speed_of
from printcare.protocol.plain_balance import PlainBalance
from printcare.protocol.wire import BALANCE, Ports

GREETING_S = 5.0


class PlainScale:
    """One balance behind a port; zero is kept by the host."""

    def __init__(self, ports: Ports, source: str = BALANCE, *, family: str) -> None:
        self.source = source
        self.serial = ""
        self.model = ""
        self._ports = ports
        self._scale = PlainBalance(family, source)
        self._is_asking_model = False

    @property
    def is_free(self) -> bool:
        """Whether a weight may be asked for."""
        return self._scale.is_free

    @property
    def is_dead(self) -> bool:
        """Whether the balance answers nothing any more."""
        return self._scale.is_dead

    @property
    def identity(self) -> Identity:
        """Return who the balance says it is; these families' serial numbers are not asked for."""
        return Identity(self.model, self.serial, "simulated:1" in self.model, speed_of(self.model))

    def weigh(self, now: float, *, stable: bool, limit_s: float | None = None) -> None:
        """Ask for the net weight, at rest or at once; the answer comes as an event."""
        self._is_asking_model = False
        self._scale.ask(now, stable=stable, limit_s=limit_s)
        self.pump(now)

    def ask_serial(self, now: float) -> None:
        """Ask for a weight: the sign of life, as these balances have no common command for a serial number."""
        self.weigh(now, stable=False, limit_s=GREETING_S)

    def ask_model(self, now: float) -> None:
        """Ask for the type, and for a weight behind it, whose coming ends the wait for an answer."""
        self._scale.ask_model()
        self.weigh(now, stable=False, limit_s=GREETING_S)
        self._is_asking_model = True

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Return what received bytes mean."""
        events = self._scale.receive(data, now)
        if any(isinstance(event, Weighed | NotWeighed) for event in events):
            self.serial = self.serial or self._scale.family
            self.model = self.model or self._scale.family
        for event in events:
            if self._is_asking_model and isinstance(event, Discarded) and event.raw.strip().isprintable():
                self.model = f"{self._scale.family} {event.raw.strip()}"
                self._is_asking_model = False
        return events

    def pump(self, now: float) -> list[Event]:
        """Let time pass; a missing answer is given up. Raises LinkLost."""
        events = self._scale.tick(now)
        data = self._scale.outgoing()
        if data:
            self._ports.send(self.source, data)
        return events

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""
        return self._scale.deadline()


SCALES = {name: partial(PlainScale, family=name) for name in ("sbi", "and", "ohaus", "radwag")}
