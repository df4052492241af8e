"""A Marlin-like printer on a pseudo-terminal, in a thread of the test: numbers checked, position kept."""

from __future__ import annotations

import os
import re
import select
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

IDENTITY = (
    "FIRMWARE_NAME:Marlin 2.1.2.1 SOURCE_CODE_URL:none PROTOCOL_VERSION:1.0 UUID:00000000-0000-0000-0000-000000000000\n"
    "Cap:EMERGENCY_PARSER:1\nCap:AUTOREPORT_TEMP:1\nCap:SIMULATED:1\nCap:SPEED:50\n"
)
# As the demonstration profile `marlin-syringe` has them.
SETTINGS = (
    "echo:; Steps per unit:\necho:  M92 X80.00 Y80.00 Z400.00 E800.00\n"
    "echo:  M203 X120.00 Y120.00 Z20.00 E5.00\necho:  M201 X1000.00 Y1000.00 Z200.00 E1000.00\n"
    "echo:  M204 P1000.00 R1000.00 T1000.00\necho:  M205 B20000.00 S0.00 T0.00 J0.01\n"
    "echo:  M206 X0.00 Y0.00 Z0.00\necho:  M200 S0 D14.43\n"
)


class Marlin:
    """Executes what it hears; `replies` replaces or adds answers by command word."""

    def __init__(self, replies: dict[str, str] | None = None) -> None:
        self.executed: list[str] = []
        self.raw = b""
        self.replies = {
            "M115": IDENTITY,
            "M220": "FR:100%\n",
            "M221": "echo:E0 Flow: 100%\n",
            "M503": SETTINGS,
            "M211": "  M211 S1 ; ON\n",
        } | (replies or {})
        self._rest, self._last = b"", 0
        self._at = {"X": 0.0, "Y": 0.0, "Z": 0.0, "E": 0.0}

    def hear(self, data: bytes) -> bytes:
        """Take bytes and return the answers."""
        self.raw += data
        *lines, self._rest = (self._rest + data).split(b"\n")
        return "".join(self._answer(line.decode()) for line in lines if line).encode()

    def _answer(self, line: str) -> str:
        number = re.match(r"N(\d+) ", line)
        if not number:
            return self._execute(line, "ok P15 B3\n")
        body, _, check = line.rpartition("*")
        xor = 0
        for byte in body.encode():
            xor ^= byte
        if int(number[1]) != self._last + 1 or int(check) != xor:
            return f"Error:checksum mismatch, Last Line: {self._last}\nResend: {self._last + 1}\nok\n"
        self._last += 1
        return self._execute(body[number.end() :], f"ok N{self._last} P15 B3\n")

    def _execute(self, line: str, ok: str) -> str:
        self.executed.append(line)
        word = line.split()[0]
        if word == "M110":
            self._last = 0
        for axis, value in re.findall(r"([XYZE])(-?[\d.]+)", line if word in ("G0", "G1") else ""):
            self._at[axis] = float(value)
        if word == "M105":
            return "ok T:20.00 /0.00 B:20.00 /0.00 @:0 B@:0\n"
        if word == "M114":
            return " ".join(f"{axis}:{value:.2f}" for axis, value in self._at.items()) + " Count X:0 Y:0 Z:0\n" + ok
        return self.replies.get(word, "") + ok


class MarlinOnPty(Marlin):
    """The same behind a pseudo-terminal, in a thread of the test."""

    def __init__(self, replies: dict[str, str] | None = None) -> None:
        super().__init__(replies)
        self._wake, self._waker = os.pipe()
        self._open()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and take the port away; safe to call twice."""
        if self._waker >= 0:
            os.write(self._waker, b"x")
            self._thread.join()
            for number in (self._wake, self._waker):
                os.close(number)
            self._waker = -1
            self._release()

    def _open(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.url = os.ttyname(self._slave)

    def _release(self) -> None:
        os.close(self._master)
        os.close(self._slave)

    def _is_called(self, number: int) -> bool:
        """Wait for bytes or a caller; returns False when the test is over."""
        return self._wake not in select.select([number, self._wake], [], [])[0]

    def _serve(self) -> None:
        while self._is_called(self._master):
            data = os.read(self._master, 4096)
            if not data:
                return
            os.write(self._master, self.hear(data))


class MarlinOnTcp(MarlinOnPty):
    """The same printer behind a serial server on loopback, for one caller."""

    def _open(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._link: socket.socket | None = None
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def _release(self) -> None:
        for each in (self._link, self._server):
            if each:
                each.close()

    def _serve(self) -> None:
        if self._is_called(self._server.fileno()):
            self._link, _ = self._server.accept()
            self._master = self._link.fileno()
            super()._serve()


@contextmanager
def marlin(replies: dict[str, str] | None = None) -> Iterator[MarlinOnPty]:
    """Serve a printer for the time of a test."""
    printer = MarlinOnPty(replies)
    try:
        yield printer
    finally:
        printer.close()
