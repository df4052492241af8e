"""Letting devices talk until something is reached, outside a job: for handshakes and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from printcare.errors import LinkLost
from printcare.protocol.wire import Command, Ports, Received


class Device(Protocol):
    """One device of the bench: fed with bytes, pumped by time."""

    source: str

    def feed(self, data: bytes, now: float) -> list[Any]:  # each device has its own events
        """Return what received bytes mean."""

    def pump(self, now: float) -> list[Any]:  # each device has its own events
        """Let time pass and write what may go out; returns what time has brought."""

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""


Noted = tuple[str, Any]  # source and event; each device has its own events


def wait_s(devices: Mapping[str, Device], now: float, longest_s: float) -> float:
    """Return how long the inbox may be waited for before a device has to be pumped."""
    for device in devices.values():
        due = device.deadline()
        if due is not None and due - now < longest_s:
            longest_s = due - now
    return max(0.0, longest_s)


def exchange(
    ports: Ports,
    devices: Mapping[str, Device],
    is_done: Callable[[], bool],
    limit_s: float,
    note: Callable[[Noted], None],
    on_command: Callable[[Command], None] = lambda _command: None,
) -> bool:
    """Pump and feed until `is_done`; returns False when `limit_s` has passed instead.

    Every event goes to `note` as (source, event), and a person's commands to `on_command`.

    Raises:
        LinkLost: a device's link is closed or cannot be written.
    """
    end_s = ports.now() + limit_s
    while not is_done():
        now = ports.now()
        if now >= end_s:
            return False
        for source, device in devices.items():
            for event in device.pump(now):
                note((source, event))
        if is_done():
            break
        message = ports.receive(wait_s(devices, now, end_s - now))
        while message is not None:
            if isinstance(message, Command):
                on_command(message)
            else:
                _feed(devices, message, note)
            message = ports.receive(0.0)
    return True


def _feed(devices: Mapping[str, Device], message: Received, note: Callable[[Noted], None]) -> None:
    if not message.data:
        raise LinkLost(message.source, "its link was closed")
    if message.source in devices:
        for event in devices[message.source].feed(message.data, message.at_s):
            note((message.source, event))
