"""A balance that speaks MT-SICS: recognised, and asked for one weight at a time."""

from __future__ import annotations

from typing import Protocol

from printcare.devices.exchange import Noted, exchange
from printcare.domain.reading import Identity
from printcare.errors import PrintcareError
from printcare.protocol.mt_sics import Event, MtSics, Named, identity
from printcare.protocol.wire import BALANCE, Ports

GREETING_S = 12.0


class Scale(Protocol):
    """What a job asks of a balance, whatever it speaks; a plug-in's class has all of it."""

    source: str
    serial: str
    model: str

    @property
    def is_free(self) -> bool:
        """Whether a weight may be asked for."""

    @property
    def is_dead(self) -> bool:
        """Whether the balance answers nothing any more."""

    @property
    def identity(self) -> Identity:
        """Return who the balance says it is."""

    def weigh(self, now: float, *, stable: bool, limit_s: float | None = None) -> None:
        """Ask for the net weight, at rest or at once."""

    def ask_serial(self, now: float) -> None:
        """Ask for its serial number, or for a sign of life."""

    def ask_model(self, now: float) -> None:
        """Ask for its type, where a simulated balance says that it is one."""

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Return what received bytes mean."""

    def pump(self, now: float) -> list[Event]:
        """Let time pass and write what may go out."""

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""


class Balance:
    """One balance behind a port; zero is kept by the host, so that raw readings survive a reset of the balance."""

    def __init__(self, ports: Ports, source: str = BALANCE) -> None:
        self.source = source
        self.serial = ""
        self.model = ""
        self._ports = ports
        self._sics = MtSics(source)

    @property
    def is_free(self) -> bool:
        """Whether a weight may be asked for."""
        return self._sics.is_free

    @property
    def is_dead(self) -> bool:
        """Whether the balance answers nothing any more."""
        return self._sics.is_dead

    @property
    def identity(self) -> Identity:
        """Return who the balance says it is."""
        return identity(self.model, self.serial)

    def weigh(self, now: float, *, stable: bool, limit_s: float | None = None) -> None:
        """Ask for the net weight, at rest (`S`) or at once (`SI`); the answer comes as an event."""
        self._ask("S" if stable else "SI", now, limit_s)

    def ask_serial(self, now: float) -> None:
        """Bring the balance to its power-on state (`@`); it answers with its serial number."""
        self._ask("@", now)

    def ask_model(self, now: float) -> None:
        """Ask for type and capacity (`I2`), where a simulated balance says that it is one."""
        self._ask("I2", now)

    def _ask(self, command: str, now: float, limit_s: float | None = None) -> None:
        self._sics.ask(command, now, limit_s)
        self._write()

    def _write(self) -> None:
        data = self._sics.outgoing()
        if data:
            self._ports.send(self.source, data)

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Return what received bytes mean."""
        events = self._sics.receive(data, now)
        for event in events:
            if isinstance(event, Named) and event.command == "I2":
                self.model = event.text
            elif isinstance(event, Named):
                self.serial = event.text
        return events

    def pump(self, now: float) -> list[Event]:
        """Let time pass; a missing answer is cancelled. Raises LinkLost."""
        events = self._sics.tick(now)
        self._write()
        return events

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""
        return self._sics.deadline()


def recognise(ports: Ports, balance: Scale) -> Identity:
    """Return who the balance is; raises LinkLost, or PrintcareError BALANCE_NO_ANSWER."""
    for ask in (balance.ask_serial, balance.ask_model):
        if not balance.is_dead:
            ask(ports.now())
            exchange(ports, {balance.source: balance}, lambda: balance.is_free or balance.is_dead, GREETING_S, _ignore)
    if not (balance.serial and balance.model):
        raise PrintcareError(
            "BALANCE_NO_ANSWER",
            "The balance does not say who it is.",
            "Check power, cable and that it is set to MT-SICS.",
        )
    return balance.identity


def _ignore(_noted: Noted) -> None:
    """Forget the events of a greeting: what they say is kept in the balance."""
