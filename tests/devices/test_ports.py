"""Real ports behind one inbox: bytes with source and time, a lost link said so, threads gone after closing."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
import tty
from collections.abc import Iterator

import pytest
from rfc2217_server import rfc2217

from printcare.devices.ports import WRITE_TIMEOUT_S, PortSettings, SerialPorts
from printcare.errors import LinkLost, PrintcareError
from printcare.protocol.wire import Command, Received

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="pseudo-terminals only exist on POSIX systems")


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


def test_bytes_arrive_with_their_source_and_time(pty: tuple[int, str]) -> None:
    master, url = pty
    ticks = itertools.count(1)
    ports = SerialPorts({"printer": PortSettings(url)}, clock=lambda: float(next(ticks)))
    try:
        os.write(master, b"start\n")
        assert ports.receive(5.0) == Received("printer", b"start\n", 1.0)
        assert ports.receive(0.0) is None
        ports.send("printer", b"M115\n")
        assert os.read(master, 100) == b"M115\n"
        assert ports.now() == 2.0
    finally:
        ports.close()


def test_a_commands_of_a_person_come_through_the_same_inbox(pty: tuple[int, str]) -> None:
    ports = SerialPorts({"printer": PortSettings(pty[1])}, clock=lambda: 0.0)
    try:
        ports.post(Command("hold", "anna"))
        assert ports.receive(5.0) == Command("hold", "anna")
    finally:
        ports.close()


def test_closing_twice_is_safe_and_leaves_no_thread(pty: tuple[int, str]) -> None:
    before = threading.active_count()
    ports = SerialPorts({"printer": PortSettings(pty[1])}, clock=lambda: 0.0)
    assert threading.active_count() == before + 1
    ports.close()
    ports.close()
    assert threading.active_count() == before


def test_a_rate_the_port_refuses_falls_back_to_the_next(pty: tuple[int, str]) -> None:
    ports = SerialPorts({"printer": PortSettings(pty[1], (250000, 115200))}, clock=lambda: 0.0)
    ports.close()


def test_two_programs_cannot_share_a_printer(pty: tuple[int, str]) -> None:
    ports = SerialPorts({"printer": PortSettings(pty[1])}, clock=lambda: 0.0)
    try:
        with pytest.raises(PrintcareError, match="PORT_UNAVAILABLE"):
            SerialPorts({"printer": PortSettings(pty[1])}, clock=lambda: 0.0)
    finally:
        ports.close()


def test_a_port_that_is_not_there_is_refused_and_the_others_are_released(pty: tuple[int, str]) -> None:
    before = threading.active_count()
    with pytest.raises(PrintcareError, match="PORT_UNAVAILABLE"):
        SerialPorts({"printer": PortSettings(pty[1]), "balance": PortSettings("/dev/no-such-port")}, clock=lambda: 0.0)
    assert threading.active_count() == before


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        yield listening


def test_a_socket_is_a_port_and_its_end_is_a_lost_link(server: socket.socket) -> None:
    url = f"socket://127.0.0.1:{server.getsockname()[1]}"
    ports = SerialPorts({"balance": PortSettings(url)}, clock=lambda: 7.0)
    try:
        other, _ = server.accept()
        with other:
            ports.send("balance", b"SI\r\n")
            assert other.recv(10) == b"SI\r\n"
            other.sendall(b"S S     100.00 g\r\n")
            assert ports.receive(5.0) == Received("balance", b"S S     100.00 g\r\n", 7.0)
        assert ports.receive(5.0) == Received("balance", b"", 7.0)
    finally:
        ports.close()


def test_writing_to_a_link_that_is_gone_says_so(server: socket.socket) -> None:
    url = f"socket://127.0.0.1:{server.getsockname()[1]}"
    ports = SerialPorts({"balance": PortSettings(url)}, clock=lambda: 0.0)
    try:
        server.accept()[0].close()
        ports.receive(5.0)
        with pytest.raises(LinkLost) as lost:
            _write_until_refused(ports)
        assert lost.value.source == "balance"
    finally:
        ports.close()


def _write_until_refused(ports: SerialPorts) -> None:
    # The first write after the other end has gone is still taken by the system.
    for _ in range(100):
        ports.send("balance", b"SI\r\n")


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial 3.5 uses it
def test_a_port_behind_rfc2217_carries_bytes_and_its_rate_and_its_end_is_a_lost_link() -> None:
    with rfc2217() as server:
        ports = SerialPorts({"printer": PortSettings(server.url, (115200,))}, clock=lambda: 3.0)
        try:
            ports.send("printer", b"M105\n\xff")
            assert _whole(ports, 6) == b"M105\n\xff"
            assert server.bauds[-1] == 115200
            server.hang_up()
            assert ports.receive(5.0) == Received("printer", b"", 3.0)
        finally:
            ports.close()


def _whole(ports: SerialPorts, count: int) -> bytes:
    data = b""
    while len(data) < count:
        message = ports.receive(5.0)
        assert isinstance(message, Received)
        data += message.data
    return data


def test_a_write_nobody_takes_is_a_lost_link_within_its_time(pty: tuple[int, str]) -> None:
    ports = SerialPorts({"printer": PortSettings(pty[1])}, clock=time.monotonic)
    began_s = time.monotonic()
    try:
        with pytest.raises(LinkLost):
            ports.send("printer", b"G1 X1\n" * 200_000)  # nobody reads the other end
        assert time.monotonic() - began_s < 3 * WRITE_TIMEOUT_S
    finally:
        ports.close()
