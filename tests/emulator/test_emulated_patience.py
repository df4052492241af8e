"""A host beside a printer that works for long: it waits for busy lines and does not fill the receive buffer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.devices.exchange import exchange
from printcare.devices.printer import Printer, handshake
from printcare.emulator.bench import Bench
from printcare.emulator.virtual import VirtualPorts


class Counting(VirtualPorts):
    """Keeps what the host wrote."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.sent = b""

    def send(self, source: str, data: bytes) -> None:
        """Keep and deliver bytes."""
        self.sent += data
        super().send(source, data)


@pytest.mark.parametrize("advanced", [True, False], ids=["advanced-ok", "plain-ok"])
@pytest.mark.parametrize("line", ["M109 S60", "G28", "G4 S45"])
def test_a_long_command_draws_at_most_one_question(profile, line: str, advanced: bool) -> None:
    bench = Bench(profile)
    bench.printer.build = replace(bench.printer.build, advanced_ok=advanced)
    ports = Counting(bench)
    printer = Printer(ports, profile)
    handshake(ports, printer)
    began_s, ports.sent = ports.now(), b""
    printer.queue([line, "G90", "G21", "M82"])
    exchange(ports, {printer.source: printer}, lambda: printer.idle or printer.ended is not None, 600, lambda _: None)
    assert printer.ended is None
    assert ports.now() - began_s > 5  # it was long, in virtual time
    questions_after_all = (
        0 if advanced else 2
    )  # plain oks are settled by one question at the end and proven by one more
    assert ports.sent.count(b"M105") <= 1 + questions_after_all
    assert printer.count.resends == 0
