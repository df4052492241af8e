"""Instruments on Modbus RTU: an indicator used as a balance, and a pressure transmitter, each by its register map."""

from __future__ import annotations

from decimal import Decimal

from printcare.devices.register_file import Instrument, shipped
from printcare.domain.reading import Identity, Reading
from printcare.errors import PrintcareError
from printcare.protocol import mt_sics, ps1
from printcare.protocol.modbus import ModbusReader
from printcare.protocol.mt_sics import Discarded, NotWeighed, TimedOut, Weighed, speed_of
from printcare.protocol.wire import BALANCE, PRESSURE, Ports

STABLE_S = 45.0  # as long as a balance itself may wait for rest
AGAIN_S = 0.1
WHO_TRIES = 3
_WRAP_MS = 2**32


class ModbusScale:
    """One indicator behind a port, used as `devices.balance.Balance` is; zero is kept by the host."""

    def __init__(self, ports: Ports, source: str = BALANCE, *, instrument: Instrument | None = None) -> None:
        self.source = source
        self.model = ""
        self.serial = ""
        found = instrument or shipped("modbus-balance")
        self._slave = found.registers.slave
        self._title = found.registers.title
        self._ports = ports
        self._reader = ModbusReader(found.registers, source, found.baud)
        self._wants_stable = False
        self._is_weighing = False
        self._again_s = 0.0
        self._end_s = 0.0

    @property
    def is_free(self) -> bool:
        """Whether a weight may be asked for."""
        return self._reader.is_free and not self._is_weighing

    @property
    def is_dead(self) -> bool:
        """Whether the indicator answers nothing any more."""
        return self._reader.is_dead

    @property
    def identity(self) -> Identity:
        """Return who the indicator says it is."""
        return Identity(self.model, self.serial, "simulated:1" in self.model, speed_of(self.model))

    def weigh(self, now: float, *, stable: bool, limit_s: float | None = None) -> None:
        """Ask for the net weight: at once, or again and again until it stands still; the answer comes as an event."""
        if not self.is_free:
            raise PrintcareError("BALANCE_BUSY", "The balance still owes an answer.", "Wait for it.")
        self._is_weighing, self._wants_stable, self._again_s = True, stable, now
        self._end_s = now + (STABLE_S if limit_s is None else limit_s)
        self.pump(now)

    def ask_serial(self, now: float) -> None:
        """Ask for a weight, whose registers hold the serial number where the map names one."""
        self.weigh(now, stable=False)

    def ask_model(self, now: float) -> None:
        """Ask who it is; one that does not know the question goes by its map's name."""
        self._reader.ask_identity(now)
        self._write()

    def feed(self, data: bytes, now: float) -> list[mt_sics.Event]:
        """Return what received bytes mean."""
        return [self._kept(event, now) for event in self._reader.receive(data, now)]

    def _kept(self, event: mt_sics.Event, now: float) -> mt_sics.Event:
        if isinstance(event, mt_sics.Named):
            self.model = event.text or self._title
        elif isinstance(event, Weighed | NotWeighed):
            self.serial = self._reader.serial or f"slave {self._slave}"
            if isinstance(event, Weighed) and self._wants_stable and not event.reading.stable and now < self._end_s:
                self._again_s = now + AGAIN_S
                return Discarded(event.reading.raw)
            self._is_weighing = False
        return event

    def pump(self, now: float) -> list[mt_sics.Event]:
        """Let time pass; a missing answer is given up. Raises LinkLost."""
        events = self._reader.tick(now)
        if events:
            self._is_weighing = False
            self.model = self.model or self._title  # one that does not even refuse the question of its name
        if self._is_weighing and self._reader.is_free and now >= self._again_s:
            self._reader.ask(now)
        self._write()
        return events

    def _write(self) -> None:
        data = self._reader.outgoing()
        if data:
            self._ports.send(self.source, data)

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""
        due = self._reader.deadline()
        return self._again_s if due is None and self._is_weighing else due


class ModbusPressure:
    """One transmitter behind a port, used as `devices.pressure.PressureSensor` is: polled `rate_hz` times a second.

    Its events are those of `ps1`. It has no clock of its own: `device_ms` is the host's, times the bench's speed.
    """

    def __init__(
        self, ports: Ports, rate_hz: int = 20, source: str = PRESSURE, *, instrument: Instrument | None = None
    ) -> None:
        self.source = source
        self.identity: Identity | None = None
        self.latest: Reading | None = None
        self.is_lost = False
        found = instrument or shipped("modbus-pressure")
        self.range_kpa = found.registers.range_kpa
        self._title = found.registers.title
        self._slave = found.registers.slave
        self._ports = ports
        self._period_s = 1 / rate_hz
        self._reader = ModbusReader(found.registers, source, found.baud, answer_s=self._period_s, silences=0)
        self._model = ""
        self._tries = 0
        self._next_s = 0.0
        self._due_s: float | None = None  # without a value by then the pressure is unknown (A12)
        self._offset_kpa = Decimal(0)
        self._is_zeroing = False

    def open(self, now: float) -> None:
        """Ask who is there; the polling follows by itself."""
        self._tries, self._next_s = 0, now
        self._due_s = now + WHO_TRIES * self._period_s + ps1.MISSING_PERIODS * self._period_s

    def zero(self) -> None:
        """Take the next pressure as zero; only with an open tip and a retracted plunger."""
        self._is_zeroing = True

    def feed(self, data: bytes, now: float) -> list[ps1.Event]:
        """Return what received bytes mean."""
        events: list[ps1.Event] = []
        for event in self._reader.receive(data, now):
            events += self._told(event, now)
        return events

    def _told(self, event: mt_sics.Event, now: float) -> list[ps1.Event]:
        if isinstance(event, mt_sics.Named):
            self._model = event.text or self._title
            self._next_s = now
            return []
        if isinstance(event, Discarded):
            return [ps1.Complaint(event.raw)]
        self._next_s = max(now, self._next_s)
        who = self._recognised()
        if isinstance(event, NotWeighed):
            return [*who, *self._doubted(event, now)]
        return [*who, *self._measured(event, now)] if isinstance(event, Weighed) else []

    def _recognised(self) -> list[ps1.Event]:
        if self.identity is not None:
            return []
        serial = self._reader.serial or f"slave {self._slave}"
        self.identity = Identity(self._model, serial, "simulated:1" in self._model, speed_of(self._model))
        return [ps1.Recognised(self.identity, self.range_kpa)]

    def _measured(self, event: Weighed, now: float) -> list[ps1.Event]:
        told: list[ps1.Event] = []
        read = event.reading
        if self._is_zeroing:
            self._is_zeroing, self._offset_kpa = False, read.value
            told.append(ps1.Zeroed(f"#Z offset={read.value}"))
        self._due_s, self.is_lost = self._fresh(now), False
        # A transmitter is never at rest: what its state does not forbid is a measurement.
        self.latest = Reading(read.value - self._offset_kpa, "kPa", now, True, self.source, read.raw)
        return [*told, ps1.Pressure(self.latest, self._ms(now), "OK")]

    def _doubted(self, event: NotWeighed, now: float) -> list[ps1.Event]:
        """Tell a value its own transmitter does not stand for; none at all grows stale."""
        value = self._reader.measured
        if value is None:
            return [ps1.Complaint(event.reason)]
        self._due_s = self._fresh(now)
        read = Reading(value - self._offset_kpa, "kPa", now, False, self.source, event.raw)
        return [ps1.Pressure(read, self._ms(now), "FLT"), ps1.Complaint(event.reason)]

    def _fresh(self, now: float) -> float:
        return now + ps1.MISSING_PERIODS * self._period_s

    def _ms(self, now: float) -> int:
        speed = self.identity.speed if self.identity else Decimal(1)
        return round(now * 1000 * float(speed)) % _WRAP_MS

    def pump(self, now: float) -> list[ps1.Event]:
        """Let time pass and ask for what is due. Raises LinkLost."""
        if self._due_s is None:
            return []
        if any(isinstance(event, TimedOut) for event in self._reader.tick(now)) and not self._model:
            self._tries += 1
            self._model = self._title if self._tries >= WHO_TRIES else ""
        events: list[ps1.Event] = []
        if now >= self._due_s and not self.is_lost:
            self.is_lost = True
            events.append(ps1.Lost(f"no reading for {ps1.MISSING_PERIODS} periods"))
        if self._reader.is_free and now >= self._next_s:
            self._ask(now)
        data = self._reader.outgoing()
        if data:
            self._ports.send(self.source, data)
        return events

    def _ask(self, now: float) -> None:
        if not self._model:
            self._reader.ask_identity(now)
            return
        self._reader.ask(now)
        self._next_s = max(self._next_s + self._period_s, now)

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""
        if self._due_s is None:
            return None
        own = self._reader.deadline()
        due = self._next_s if own is None else own
        return due if self.is_lost else min(due, self._due_s)
