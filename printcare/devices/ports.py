"""Real ports behind one inbox: a small reader thread for each, and nothing decided here (devices.md §9, §10)."""

from __future__ import annotations

import os
import queue
import select
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import serial

from printcare.errors import LinkLost, PrintcareError
from printcare.protocol.wire import Clock, Command, Message, Received

READ_TIMEOUT_S = 0.1  # how long a reader may take to notice that its port is being closed
WRITE_TIMEOUT_S = 1.0  # a job that cannot write for a second is over
CHUNK_BYTES = 4096
SWITCH_S = 0.0005  # a job's process sets it (sys.setswitchinterval): the reader of a stop waits no longer for its turn


@dataclass(frozen=True, slots=True)
class PortSettings:
    """How one device is opened: address as pyserial understands it, and bits per second to try in this order.

    `framing` are data bits, parity and stop bits, as `8N1` or `7E1`.
    """

    url: str
    bauds: tuple[int, ...] = (115200,)
    framing: str = "8N1"


class SerialPorts:
    """Implements `protocol.wire.Ports` over pyserial: ports, pseudo-terminals, `socket://` and `rfc2217://`.

    Readers put `Received` into the inbox and `Received(…, b"")` when their link is gone; `post` adds a person's
    command from any thread. Everything else belongs to the one thread that owns the object.
    """

    def __init__(self, ports: dict[str, PortSettings], clock: Clock) -> None:
        self._clock = clock
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._is_closing = threading.Event()
        self._ports: dict[str, Any] = {}  # pyserial ships no common type for its URL handlers
        self._give: dict[str, Callable[[bytes], int | None]] = {}
        self._readers: list[threading.Thread] = []
        try:
            for source, settings in ports.items():
                self._ports[source] = _opened(source, settings)
        except BaseException:
            self.close()
            raise
        for source, port in self._ports.items():
            reader = threading.Thread(target=self._read, args=(source, port), name=f"{source} reader", daemon=True)
            self._give[source] = _giver(port)
            self._readers.append(reader)
            reader.start()

    def now(self) -> float:
        """Return monotonic seconds."""
        return self._clock()

    def post(self, command: Command) -> None:
        """Put a person's command into the inbox; safe from any thread."""
        self._inbox.put(command)

    def send(self, source: str, data: bytes) -> None:
        """Write bytes to a device; raises LinkLost when that cannot be done within the write time-out."""
        try:
            written = self._give[source](data)
        except (OSError, ValueError) as fault:  # SerialException and its time-out are OSErrors
            raise LinkLost(source, str(fault)) from fault
        if written is not None and written < len(data):
            raise LinkLost(source, f"only {written} of {len(data)} bytes were taken")

    def receive(self, timeout_s: float) -> Message | None:
        """Return the next message, or None when none came within the time-out."""
        try:
            return self._inbox.get(timeout=timeout_s) if timeout_s > 0 else self._inbox.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """Release every port and wait for its reader; safe to call twice."""
        self._is_closing.set()
        for reader in self._readers:
            reader.join()
        for port in self._ports.values():
            # pyserial leaves a socket open when the other end closed it first.
            inner = getattr(port, "_socket", None)
            port.close()
            if inner is not None:
                inner.close()
        self._readers, self._ports, self._give = [], {}, {}

    def _read(self, source: str, port: Any) -> None:  # see _ports
        take = _taker(port)
        while not self._is_closing.is_set():
            try:
                data = take()
            except (OSError, ValueError, TypeError):  # pyserial raises TypeError when a port vanishes while it is read
                break
            if data:
                self._inbox.put(Received(source, data, self._clock()))
        if not self._is_closing.is_set():
            self._inbox.put(Received(source, b"", self._clock()))


def _taker(port: Any) -> Callable[[], bytes]:  # see SerialPorts._ports
    """Return what reads everything that is there, at most READ_TIMEOUT_S; raises OSError when the link is gone."""
    if os.name != "posix" or not hasattr(port, "fileno"):
        return lambda: port.read(max(1, port.in_waiting))
    try:
        number = port.fileno()
    except OSError:  # rfc2217:// has a thread of its own and no descriptor
        return lambda: port.read(max(1, port.in_waiting))

    # One system call instead of pyserial's five, and whole blocks from sockets, whose `in_waiting` is 0 or 1.
    def take() -> bytes:
        ready, _, _ = select.select([number], [], [], READ_TIMEOUT_S)
        if not ready:
            return b""
        data = os.read(number, CHUNK_BYTES)
        if not data:
            raise OSError("the other end has closed the link")
        return data

    return take


def _giver(port: Any) -> Callable[[bytes], int | None]:  # see SerialPorts._ports
    """Return what writes bytes within WRITE_TIMEOUT_S and says how many; raises OSError when it cannot."""
    if os.name != "posix" or not isinstance(port, serial.Serial):
        return port.write  # type: ignore[no-any-return]
    number = port.fileno()

    # One system call: pyserial waits after each write until the next would go out too.
    def give(data: bytes) -> int:
        try:
            written = os.write(number, data)  # the descriptor does not block
        except BlockingIOError:
            written = 0
        if written < len(data):
            written += port.write(data[written:]) or 0
        return written

    return give


def _opened(source: str, settings: PortSettings) -> Any:  # see SerialPorts._ports
    """Return the open port at the first rate it takes."""
    fault: Exception | None = None
    for baud in settings.bauds:
        try:
            return _open(settings, baud)
        except ValueError as refused:  # 250000 is not standard: pseudo-terminals and some drivers refuse it
            fault = refused
        except OSError as unreachable:
            fault = unreachable
            break
    raise PrintcareError(
        "PORT_UNAVAILABLE",
        f"The {source} at {settings.url} cannot be opened: {fault}",
        "Check the address and the cable, and that no other program uses the port.",
    ) from fault


def _open(settings: PortSettings, baud: int) -> Any:  # see SerialPorts._ports
    is_rfc2217 = settings.url.startswith("rfc2217://")
    port: Any = serial.serial_for_url(
        settings.url,
        baudrate=baud,
        bytesize=int(settings.framing[0]),
        parity=settings.framing[1],
        stopbits=int(settings.framing[2]),
        timeout=READ_TIMEOUT_S,
        write_timeout=None if is_rfc2217 else WRITE_TIMEOUT_S,  # pyserial's RFC 2217 refuses one
        do_not_open=True,
    )
    if os.name == "posix" and "://" not in settings.url:
        port.exclusive = True  # two programs must never share a printer
    port.dtr = False  # before it opens; a board that resets all the same is greeted anew
    port.open()
    if is_rfc2217:
        port._socket.settimeout(WRITE_TIMEOUT_S)  # noqa: SLF001 - its own five seconds are too long for a stop
    return port
