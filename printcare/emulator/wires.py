"""Where a served bench can be reached: pseudo-terminals, or TCP ports on loopback."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from typing import Protocol

from printcare.errors import PrintcareError

PENDING_LIMIT = 1 << 18  # bytes kept for a host that does not read; later ones are lost, as on a UART
_CHUNK = 4096
LOOPBACK = "127.0.0.1"


class Wire(Protocol):
    """One device's port as the serving loop sees it."""

    url: str

    def readers(self) -> list[int]:
        """Return the descriptors to wait on for bytes or a caller."""

    def writers(self) -> list[int]:
        """Return the descriptors that have bytes waiting to go out."""

    def read(self, descriptor: int) -> bytes:
        """Return what arrived; nothing when a caller came or went."""

    def write(self, data: bytes) -> None:
        """Send, or keep for later what does not go out at once."""

    def unplug(self) -> None:
        """Take the port away."""

    def plug(self) -> None:
        """Bring the port back under the same name."""

    def rename(self, number: int) -> None:
        """Take another name, by which the port will be back."""

    def close(self) -> None:
        """Release it for good."""


class Terminal:
    """A pseudo-terminal published as a symbolic link.

    Its own slave descriptor stays open, or the master would read EIO whenever the host closes (devices.md §11).
    """

    def __init__(self, link: Path) -> None:
        self.url = str(link)
        self._link = link
        self._master = self._slave = -1
        self._pending = b""
        self.plug()

    def plug(self) -> None:
        """Open the terminal raw, without echo, and publish it."""
        try:
            import tty

            self._master, self._slave = os.openpty()
        except (ImportError, AttributeError, OSError) as fault:
            raise PrintcareError(
                "EMULATOR_NO_PTY", f"This system offers no pseudo-terminal: {fault}.", "Use --tcp PORT instead."
            ) from fault
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        if self._link.is_symlink():
            self._link.unlink()
        try:
            self._link.symlink_to(os.ttyname(self._slave))
        except OSError as fault:
            self._release()
            raise PrintcareError(
                "EMULATOR_LINK", f"The link {self._link} cannot be made: {fault}.", "Choose another --link-dir."
            ) from fault

    def rename(self, number: int) -> None:
        """Take the next link's name: `printer-again-1`."""
        self._link = self._link.with_name(f"{self._link.name.split('-again-')[0]}-again-{number}")
        self.url = str(self._link)

    def readers(self) -> list[int]:
        """Return the master while it is open."""
        return [self._master] if self._master >= 0 else []

    def writers(self) -> list[int]:
        """Return the master while bytes wait."""
        return [self._master] if self._pending and self._master >= 0 else []

    def read(self, descriptor: int) -> bytes:
        """Return what the host wrote."""
        try:
            return os.read(descriptor, _CHUNK)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """Write what the terminal takes and keep the rest."""
        if self._master < 0:
            return
        self._pending += data
        try:
            while self._pending:
                self._pending = self._pending[os.write(self._master, self._pending) :]
        except OSError:
            self._pending = self._pending[:PENDING_LIMIT]

    def unplug(self) -> None:
        """Close both ends: a host that has it open sees a hang-up."""
        self._release()
        if self._link.is_symlink():
            self._link.unlink()

    def close(self) -> None:
        """Release the terminal and its link."""
        self.unplug()

    def _release(self) -> None:
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)
        self._master = self._slave = -1
        self._pending = b""


class Listener:
    """A TCP port on loopback, for one caller at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None
        self._pending = b""
        self.url = ""
        self.plug()

    def plug(self) -> None:
        """Listen."""
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((LOOPBACK, self._port))
            server.listen(1)
        except (OSError, OverflowError) as fault:
            server.close()
            raise PrintcareError(
                "EMULATOR_PORT", f"TCP port {self._port} cannot be opened: {fault}.", "Choose another --tcp PORT."
            ) from fault
        server.setblocking(False)
        self._port = int(server.getsockname()[1])
        self.url = f"socket://{LOOPBACK}:{self._port}"
        self._server = server

    def rename(self, _number: int) -> None:
        """Take any free port."""
        self._port = 0

    def readers(self) -> list[int]:
        """Return the listening socket and the caller's."""
        return [each.fileno() for each in (self._server, self._client) if each]

    def writers(self) -> list[int]:
        """Return the caller's socket while bytes wait."""
        return [self._client.fileno()] if self._client and self._pending else []

    def read(self, descriptor: int) -> bytes:
        """Return the caller's bytes, or let a caller in or out."""
        if self._server and descriptor == self._server.fileno():
            self._answer()
            return b""
        if not self._client or descriptor != self._client.fileno():
            return b""
        try:
            data = self._client.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def write(self, data: bytes) -> None:
        """Send what the socket takes and keep the rest; without a caller it is lost."""
        if not self._client:
            return
        self._pending += data
        try:
            while self._pending:
                self._pending = self._pending[self._client.send(self._pending) :]
        except BlockingIOError:
            self._pending = self._pending[:PENDING_LIMIT]
        except OSError:
            self._hang_up()

    def unplug(self) -> None:
        """Hang up and stop listening."""
        self._hang_up()
        if self._server:
            self._server.close()
            self._server = None

    def close(self) -> None:
        """Release the port."""
        self.unplug()

    def _answer(self) -> None:
        if not self._server:
            return
        with contextlib.suppress(OSError):
            caller, _ = self._server.accept()
            if self._client:
                caller.close()
                return
            caller.setblocking(False)
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client = caller

    def _hang_up(self) -> None:
        if self._client:
            self._client.close()
        self._client, self._pending = None, b""
