"""A conversation with the bench for one check: lines to the printer, weights from the balance, and what was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any  # each device has its own events

from printcare.control.instruments import Instruments
from printcare.devices.exchange import Device, exchange
from printcare.domain.policy import RESEARCH
from printcare.errors import PrintcareError
from printcare.protocol.mt_sics import NotWeighed
from printcare.protocol.mt_sics import Weighed as Shown
from printcare.protocol.wire import Ports
from printcare.workflow.qualify.check_site import Site

LONGEST_S = 1200.0


class Talk:
    """The bench of one check, greeted: lines to the printer one after another, weights from the balance."""

    def __init__(self, site: Site, faults: tuple[str, ...] = ()) -> None:
        self.ports: Ports = site.rig.ports(faults, seed=site.seed)
        self.bench = Instruments(self.ports, site.profile)
        self.bench.connect(RESEARCH)
        self.told: list[tuple[str, Any]] = []

    def lines(self, *lines: str) -> None:
        """Send lines and wait until the printer has certainly done them; raises PrintcareError STEP_TIMEOUT."""
        printer = self.bench.printer
        printer.queue(lines)
        self._until(lambda: printer.idle or printer.ended is not None)
        if printer.ended is not None:
            raise PrintcareError("STEP_TIMEOUT", f"The printer ended: {printer.ended.reason}", "Look at the printer.")

    def wait(self, seconds: float) -> None:
        """Let time pass and listen."""
        exchange(self.ports, self._devices(), lambda: False, seconds, self.told.append)

    def said(self, kind: type) -> list[Any]:
        """Return what was told of one kind, in order."""
        return [event for _, event in self.told if isinstance(event, kind)]

    def weigh(self, *, stable: bool = True) -> Decimal | None:
        """Return one weight in mg, or None where the balance gave none."""
        balance = self.bench.balance
        before = len(self.told)
        balance.weigh(self.ports.now(), stable=stable, limit_s=30.0)
        self._until(lambda: balance.is_free or balance.is_dead)
        new = [event for _, event in self.told[before:] if isinstance(event, Shown | NotWeighed)]
        return new[-1].reading.value if new and isinstance(new[-1], Shown) else None

    def _until(self, is_done: Callable[[], bool]) -> None:
        if not exchange(self.ports, self._devices(), is_done, LONGEST_S, self.told.append):
            raise PrintcareError("STEP_TIMEOUT", f"Nothing came within {LONGEST_S:g} s.", "Look at the bench.")

    def _devices(self) -> Mapping[str, Device]:
        return {"printer": self.bench.printer, "balance": self.bench.balance, **self.bench.pressures}
