"""A cable pulled in the middle of a program ends it at once; what comes back is greeted anew, never resumed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from marlin_on_pty import MarlinOnPty, MarlinOnTcp

from printcare.devices import discovery
from printcare.devices.exchange import exchange
from printcare.devices.ports import PortSettings, SerialPorts
from printcare.devices.printer import Printer, handshake
from printcare.errors import LinkLost
from printcare.formats.profile import load_profile
from printcare.protocol.marlin_events import Accepted
from printcare.protocol.wire import PRINTER

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="pseudo-terminals only exist on POSIX systems")

PROFILE = load_profile("marlin-syringe")
PROGRAM = [f"G1 X{index % 100 + 10}.5 Y20 F1200" for index in range(20_000)]
AT_ONCE_S = 10.0  # on any machine; a printer that only fell silent is given 15


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as kept:
        yield kept


def greeted(stack: ExitStack, url: str) -> tuple[SerialPorts, Printer]:
    ports = SerialPorts({PRINTER: PortSettings(url)}, time.monotonic)
    stack.callback(ports.close)
    printer = Printer(ports, PROFILE)
    handshake(ports, printer)
    return ports, printer


def pulled(stack: ExitStack, far: MarlinOnPty) -> None:
    """Pull the cable of a printer at its five hundredth line, and hold the job against its promises."""
    stack.callback(far.close)
    ports, printer = greeted(stack, far.url)
    accepted, at_s = [], []

    def note(noted: tuple[str, object]) -> None:
        if isinstance(noted[1], Accepted):
            accepted.append(noted[1].line)
            if len(accepted) == 500:
                far.close()
                at_s.append(time.monotonic())

    printer.queue(PROGRAM)
    with pytest.raises(LinkLost):
        exchange(ports, {PRINTER: printer}, lambda: printer.idle, 60.0, note)
    assert time.monotonic() - at_s[0] <= AT_ONCE_S
    assert 500 <= len(accepted) < len(PROGRAM)
    executed = [line for line in far.executed if line.startswith("G1")]
    assert accepted == executed[: len(accepted)]
    assert executed == PROGRAM[: len(executed)]
    ports.close()


def test_a_pulled_terminal_ends_the_job_and_is_found_under_another_name(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plugged(name: str) -> None:
        port = SimpleNamespace(device=name, description="Printer", vid=0x2341, pid=0x42, serial_number="A7")
        monkeypatch.setattr(discovery.list_ports, "comports", lambda: [port])

    first, second = MarlinOnPty(), MarlinOnPty()
    stack.callback(second.close)
    plugged(first.url)
    identity = discovery.identity_of(first.url)
    pulled(stack, first)
    plugged(second.url)
    _, printer = greeted(stack, discovery.where_now(first.url, identity))
    assert printer.idle
    assert not [line for line in second.executed if line.startswith("G1")]


def test_a_caller_hung_up_on_ends_the_job_and_may_call_again_by_hand(stack: ExitStack) -> None:
    pulled(stack, MarlinOnTcp())
    again = MarlinOnTcp()
    stack.callback(again.close)
    _, printer = greeted(stack, again.url)
    assert printer.idle
    assert not [line for line in again.executed if line.startswith("G1")]
