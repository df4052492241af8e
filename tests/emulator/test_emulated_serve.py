"""The served bench: ports that speak, keep time and go away cleanly."""

from __future__ import annotations

import os
import socket
import sys

import pytest
import serial

from printcare.emulator.bench import Bench
from printcare.emulator.serve import PATIENCE_S, Server
from printcare.emulator.wires import LOOPBACK, Listener, Terminal
from printcare.formats.profile import load_profile

needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")


class WallClock:
    """A wall clock that advances a little at every look, so that no test waits."""

    def __init__(self, tick_s: float = 0.001) -> None:
        self.now_s, self._tick_s = 0.0, tick_s

    def __call__(self) -> float:
        """Return a later time than before."""
        self.now_s += self._tick_s
        return self.now_s


def until(server: Server, port: serial.SerialBase, wanted: bytes, turns: int = 400) -> bytes:
    seen = b""
    for _ in range(turns):
        server.turn()
        seen += port.read(4096)
        if wanted in seen:
            return seen
    raise AssertionError(f"{wanted!r} not in {seen!r}")


@needs_pty
def test_all_three_devices_answer_on_pseudo_terminals(profile, tmp_path):
    names = ("printer", "balance", "pressure")
    wires = {name: Terminal(tmp_path / name) for name in names}
    server = Server(Bench(profile, speed=50), wires, WallClock(), 50.0)
    ports = {name: serial.serial_for_url(wires[name].url, timeout=0) for name in names}
    until(server, ports["printer"], b"//action:prompt_end\n")
    ports["printer"].write(b"M105\n")
    until(server, ports["printer"], b"ok T:")
    ports["balance"].write(b"I2\r\n")
    until(server, ports["balance"], b"simulated:1 speed:50")
    ports["pressure"].write(b"R 20\n")
    until(server, ports["pressure"], b"\nP ")
    for name in names:
        ports[name].close()
        wires[name].close()
    assert not list(tmp_path.iterdir())


@needs_pty
def test_an_unplugged_terminal_disappears_and_comes_back(profile, tmp_path):
    wires = {"printer": Terminal(tmp_path / "printer")}
    bench = Bench(profile, faults=["unplug@line:1:3"], without=frozenset({"balance", "pressure"}))
    server = Server(bench, wires, WallClock(0.01), 10.0)
    port = serial.serial_for_url(wires["printer"].url, timeout=0)
    until(server, port, b"//action:prompt_end\n")
    port.write(b"N1 G91*16\n")
    for _ in range(5):
        server.turn()
    assert not (tmp_path / "printer").exists()
    port.close()
    for _ in range(40):
        server.turn()
    again = serial.serial_for_url(wires["printer"].url, timeout=0)
    again.write(b"M105\n")
    until(server, again, b"ok T:")
    again.close()
    wires["printer"].close()


def test_a_device_answers_on_loopback_and_takes_the_next_caller(profile):
    wires = {"printer": Listener(0)}
    bench = Bench(profile, without=frozenset({"balance", "pressure"}))
    server = Server(bench, wires, WallClock(0.01), 10.0)
    for _ in range(2):
        port = serial.serial_for_url(wires["printer"].url, timeout=0)
        for _ in range(20):
            server.turn()
        port.write(b"M105\n")
        until(server, port, b"ok T:")
        port.close()
        for _ in range(20):
            server.turn()
    wires["printer"].close()


def test_a_second_caller_is_sent_away_and_the_first_one_is_answered_on(profile):
    wires = {"printer": Listener(0)}
    server = Server(Bench(profile, without=frozenset({"balance", "pressure"})), wires, WallClock(0.01), 10.0)
    first = serial.serial_for_url(wires["printer"].url, timeout=0)
    until(server, first, b"//action:prompt_end\n")
    with socket.create_connection((LOOPBACK, int(wires["printer"].url.rpartition(":")[2]))) as second:
        for _ in range(20):
            server.turn()
        second.setblocking(False)
        assert second.recv(64) == b""  # hung up on, and nothing of the first one's was said to it
    first.write(b"M105\n")
    until(server, first, b"ok T:")
    first.close()
    wires["printer"].close()


def test_the_service_ends_when_its_parent_closes_the_pipe(profile):
    reader, writer = os.pipe()
    wires = {"printer": Listener(0)}
    server = Server(Bench(profile), wires, WallClock(), 10.0, parent=reader)
    os.close(writer)
    server.run()
    os.close(reader)
    wires["printer"].close()
    assert server.is_over()


@pytest.fixture
def moving():
    """Return how to serve a bench whose planner holds ten seconds of motion and whose host says nothing more."""
    wires = {"printer": Listener(0)}

    def serve(speed: float, profile: str = "marlin-pneumatic") -> tuple[Server, Bench, WallClock]:
        bench, clock = Bench(load_profile(profile), without=frozenset({"balance", "pressure"})), WallClock()
        bench.advance(5.0)
        bench.receive("printer", b"G91\nG1 X10 F60\n")
        return Server(bench, wires, clock, speed), bench, clock

    yield serve
    wires["printer"].close()


def let_pass(server: Server, clock: WallClock, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        clock.now_s += 0.1
        server._advance()


@pytest.mark.parametrize("speed", [20.0, 100.0])
def test_a_host_that_is_late_has_the_wall_time_it_would_have_at_its_own_pace(moving, speed):
    server, bench, clock = moving(speed)
    let_pass(server, clock, PATIENCE_S * 0.9)
    assert bench.printer.awaits_host()
    assert 0.0 < bench.printer.planner.left_s() < 0.2
    let_pass(server, clock, PATIENCE_S)
    assert bench.printer.is_still()


def test_a_plunger_waits_for_less_than_a_balance_may_take_to_settle(moving):
    server, bench, clock = moving(100.0, "marlin-syringe")
    let_pass(server, clock, 0.8)
    assert bench.printer.is_still()


def test_in_real_time_nothing_waits_for_a_late_host(moving):
    server, bench, clock = moving(1.0)
    let_pass(server, clock, 11.0)
    assert bench.printer.is_still()


def test_a_printer_told_to_wait_awaits_no_host(moving):
    server, bench, clock = moving(20.0)
    bench.receive("printer", b"M400\n")
    let_pass(server, clock, 0.8)
    assert bench.printer.is_still()
