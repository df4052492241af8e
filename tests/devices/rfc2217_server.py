"""A serial port behind RFC 2217 on loopback, by pyserial's own server half: `loop://` gives back what it gets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import serial
from serial.rfc2217 import PortManager


class Rfc2217Server:
    """Serves one caller; `settings` are the rates and lines the caller asked for."""

    def __init__(self) -> None:
        self.port = serial.serial_for_url("loop://", timeout=0.02)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"rfc2217://127.0.0.1:{self.listening.getsockname()[1]}"
        self.bauds: list[int] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send to the caller."""
        self._link.sendall(data)

    def _serve(self) -> None:
        self._link, _ = self.listening.accept()
        self._link.settimeout(0.02)
        manager = PortManager(self.port, self)
        while not self._is_over.is_set():
            waiting = self.port.read(self.port.in_waiting or 1)
            if waiting:
                self._link.sendall(b"".join(manager.escape(waiting)))
            try:
                data = self._link.recv(1024)
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
            self.port.write(b"".join(manager.filter(data)))
            self.bauds.append(self.port.baudrate)
        self._link.close()

    def hang_up(self) -> None:
        """Close the line as a pulled network cable does."""
        self._is_over.set()
        self._thread.join()

    def close(self) -> None:
        """Release everything."""
        self.hang_up()
        self.listening.close()
        self.port.close()


@contextmanager
def rfc2217() -> Iterator[Rfc2217Server]:
    """Serve for the time of a test."""
    server = Rfc2217Server()
    try:
        yield server
    finally:
        server.close()
