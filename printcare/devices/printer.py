"""A printer, whatever its dialect: greeted, recognised, and fed with lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from printcare.devices.exchange import Noted, exchange
from printcare.devices.settings import settings_findings
from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.reading import Identity
from printcare.errors import PrintcareError
from printcare.protocol.dialects import BY_NAME, told_by
from printcare.protocol.marlin_events import Accepted, Ended, Event, LinkCount
from printcare.protocol.marlin_host import MarlinHost
from printcare.protocol.marlin_reply import Capability, Firmware, Remark
from printcare.protocol.settings import QUESTIONS as SETTINGS
from printcare.protocol.settings import settings_in
from printcare.protocol.single_host import SingleHost
from printcare.protocol.stops import STOPS, Stops
from printcare.protocol.wire import PRINTER, Ports

HANDSHAKE_LIMIT_S = 30.0
# The answers are read by their form, so that the order of the lines does not matter.
QUESTIONS = ("M115", "M105", "M220", "M221")
ASKED_AGAIN = 2  # an answer has no number and may be lost on a noisy wire; the questions move nothing
# Klipper takes a bare M220 for 100 %, and others tell percentages in words of their own: these are told, not asked.
TELLINGS = ("M115", "M105", "M220 S100", "M221 S100")
MODES = ("G21", "G90", "M82")  # said explicitly: a program relies on them

_FEED = re.compile(r"(?:echo:)?FR:\s?(\d+)%")
_FLOW = re.compile(r"(?:echo:)?E0 Flow: ?(\d+)%")
_UUID = re.compile(r"UUID:(\S+)")
_SPEED = re.compile(r"\bspeed:(\S+)")
_SPEED_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


def host_for(profile: FirmwareProfile, window: int | None) -> MarlinHost | SingleHost:
    """Return the host's half of a profile's dialect."""
    dialect = BY_NAME.get(profile.dialect)
    return MarlinHost(profile.link, window) if dialect is None else SingleHost(profile.link, dialect)


class Printer:
    """One printer behind a port. `feed` and `pump` return the events of `protocol.marlin_events`."""

    def __init__(
        self, ports: Ports, profile: FirmwareProfile, window: int | None = None, source: str = PRINTER
    ) -> None:
        self.source = source
        self.profile = profile
        self.firmware = ""
        self.capabilities: dict[str, str] = {}
        self.settings: dict[str, Decimal] = {}  # by name, as `protocol.settings` tells them
        self.feed_percent: int | None = None
        self.flow_percent: int | None = None
        self._ports = ports
        self._host = host_for(profile, window)

    # ---- as the job sees it

    def open(self, now: float) -> None:
        """Begin the greeting."""
        self._host.open(now)

    def queue(self, lines: Iterable[str]) -> None:
        """Add lines to be sent in order; raises PrintcareError LINE_REFUSED or LINK_ENDED."""
        self._host.queue(lines)

    def withdraw(self) -> None:
        """Take back every queued line that was never written; what went out is executed."""
        self._host.withdraw()

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Return what received bytes mean, and keep what they say about the printer itself."""
        events = self._host.receive(data, now)
        for event in events:
            self._keep(event)
        return events

    def pump(self, now: float) -> list[Event]:
        """Let time pass and write what may go out. Feed everything received before. Raises LinkLost."""
        events = self._host.tick(now)
        data = self._host.outgoing(now)
        if data:
            self._ports.send(self.source, data)
        return events

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""
        return self._host.deadline()

    @property
    def stops(self) -> Stops:
        """Return how this printer's firmware is stopped."""
        return STOPS[self.profile.dialect]

    def stop(self, line: str = "M112") -> None:
        """Write the emergency stop now, past every queue; nothing goes out after it. Raises LinkLost.

        `line` is M112 or the dialect's quick stop; where there is none, the dialect's kill goes out.
        """
        self._ports.send(self.source, self._host.emergency(line))

    def interrupt(self, line: str) -> None:
        """Write M108, M410 or M876 now, beside the queue. Raises LinkLost."""
        self._ports.send(self.source, self._host.interrupt(line))

    @property
    def idle(self) -> bool:
        """Whether every queued line has certainly arrived."""
        return self._host.idle

    @property
    def is_open(self) -> bool:
        """Whether lines may travel."""
        return self._host.is_open

    @property
    def ended(self) -> Ended | None:
        """Return why nothing more will be sent, or None."""
        return self._host.ended

    @property
    def count(self) -> LinkCount:
        """Return what the link did so far."""
        return self._host.count

    @property
    def foreign_lines(self) -> int:
        """Return how many lines arrived without their number."""
        return self._host.foreign_lines

    # ---- who it is

    def ask_identity(self) -> None:
        """Queue the handshake's questions and modes; `findings` judges the answers once the printer is idle."""
        first = TELLINGS if self.profile.dialect in BY_NAME else QUESTIONS
        self.queue((*first, *SETTINGS[self.profile.dialect], *MODES))

    def unanswered(self) -> tuple[str, ...]:
        """Return the questions whose answer, or a part of it, did not come."""
        missing = {
            "M115": not self.firmware or any(name not in self.capabilities for name in self.profile.required_caps),
            "M220": self.feed_percent is None,
            "M221": self.flow_percent is None,
            "M503": any(finding.code == "PRINTER_SETTING_UNKNOWN" for finding in self._settings_findings()),
        }
        return tuple(word for word, is_missing in missing.items() if is_missing and self.profile.dialect == "marlin")

    def _settings_findings(self) -> tuple[Finding, ...]:
        return settings_findings(self.profile, self.settings)

    def _keep(self, event: Event) -> None:
        if isinstance(event, Firmware):
            self.firmware = event.text
        elif isinstance(event, Capability):
            self.capabilities[event.name] = event.value
        elif isinstance(event, Accepted) and event.line in TELLINGS:
            self.feed_percent = 100 if event.line == "M220 S100" else self.feed_percent
            self.flow_percent = 100 if event.line == "M221 S100" else self.flow_percent
        elif isinstance(event, Remark):
            self.settings |= settings_in(event.text)
            feed, flow = _FEED.match(event.text), _FLOW.match(event.text)
            self.feed_percent = int(feed[1]) if feed else self.feed_percent
            self.flow_percent = int(flow[1]) if flow else self.flow_percent

    @property
    def identity(self) -> Identity:
        """Return who the printer says it is; simulated ones announce themselves in their capabilities."""
        uuid, told = _UUID.search(self.firmware), _SPEED.search(self.firmware)
        speed = self.capabilities.get("SPEED", told[1] if told else "1")
        return Identity(
            self.firmware.partition(" SOURCE_CODE_URL")[0],
            uuid[1] if uuid else "",
            self.capabilities.get("SIMULATED") == "1" or "simulated:1" in self.firmware,
            Decimal(speed) if _SPEED_NUMBER.fullmatch(speed) else Decimal(1),
        )

    @property
    def foreign_dialect(self) -> str | None:
        """Return the dialect the printer says it speaks where that is not the profile's."""
        dialect = told_by(self.firmware)
        return dialect if dialect != self.profile.dialect else None

    def findings(self) -> tuple[Finding, ...]:
        """Return every difference between this printer and its profile."""
        found = []
        if not re.search(self.profile.identity_pattern, self.firmware):
            said = self.firmware[:80] or "nothing"
            found.append(
                error(
                    "PRINTER_IDENTITY",
                    f"The printer says {said!r}, which is not what profile {self.profile.id} describes.",
                    "Choose the profile of this printer, or connect the printer of this profile.",
                )
            )
        for name in self.profile.required_caps:
            if self.capabilities.get(name) != "1":
                found.append(
                    error(
                        "PRINTER_CAPABILITY",
                        f"The firmware does not have {name}, which profile {self.profile.id} requires.",
                        "Use firmware built with it.",
                        name,
                    )
                )
        for what, word, percent in (("feed", "M220", self.feed_percent), ("flow", "M221", self.flow_percent)):
            if percent != 100:
                found.append(
                    error(
                        "PRINTER_NOT_AT_100",
                        f"The printer's {what} rate is {'unknown' if percent is None else f'{percent} %'}, not 100 %.",
                        f"Set it to 100 % ({word} S100); doses are corrected in the program only.",
                        what,
                    )
                )
        return (*found, *self._settings_findings())


def handshake(
    ports: Ports, printer: Printer, note: Callable[[Noted], None] = lambda _noted: None
) -> tuple[Identity, tuple[Finding, ...]]:
    """Greet a printer and return who it is with every difference from its profile; nothing moves.

    Raises:
        LinkLost: the port is gone.
        PrintcareError: HANDSHAKE_FAILED, when the printer does not answer as its protocol says; E_PRINTER_DIALECT, when
            it says that it speaks another one: nothing but questions has gone out then.
    """
    printer.open(ports.now())
    printer.ask_identity()
    devices = {printer.source: printer}

    def is_through() -> bool:
        return printer.idle or printer.ended is not None or printer.foreign_dialect is not None

    for left in reversed(range(1 + ASKED_AGAIN)):
        exchange(ports, devices, is_through, HANDSHAKE_LIMIT_S, note)
        if printer.foreign_dialect:
            raise PrintcareError(
                "E_PRINTER_DIALECT",
                f"The printer speaks {printer.foreign_dialect}, profile {printer.profile.id} speaks "
                f"{printer.profile.dialect}: what a line means, and whether it arrived, would be a guess.",
                "Choose the profile of this printer.",
            )
        missing = printer.unanswered() if printer.idle else ()
        if not (missing and left):
            break
        printer.queue(missing)
    if not printer.idle:
        why = printer.ended.reason if printer.ended else f"It was not through after {HANDSHAKE_LIMIT_S:.0f} s."
        raise PrintcareError(
            "HANDSHAKE_FAILED", f"The printer could not be greeted. {why}", "Check power, cable and profile."
        )
    return printer.identity, printer.findings()
