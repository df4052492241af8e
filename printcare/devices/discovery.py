"""Which serial ports this machine has, by the USB identity that survives a re-plug under another name."""

from __future__ import annotations

from dataclasses import dataclass

from serial.tools import list_ports

from printcare.errors import PrintcareError


@dataclass(frozen=True, slots=True)
class FoundPort:
    """One port: where it is now, and what stays the same wherever it appears (empty for ports without USB)."""

    url: str
    title: str
    usb_identity: str  # vid:pid:serial; adapters of the cheap sort have no serial number

    @property
    def is_known_again(self) -> bool:
        """Whether this device can be told from another of its kind: two adapters without a number look the same."""
        return bool(self.usb_identity.rpartition(":")[2])


def found_ports() -> tuple[FoundPort, ...]:
    """Return the ports of this machine, by name."""
    return tuple(
        FoundPort(port.device, port.description or port.device, _usb_identity(port.vid, port.pid, port.serial_number))
        for port in sorted(list_ports.comports(), key=lambda port: str(port.device))
    )


def _usb_identity(vid: int | None, pid: int | None, serial_number: str | None) -> str:
    return "" if vid is None or pid is None else f"{vid:04x}:{pid:04x}:{serial_number or ''}"


def identity_of(url: str) -> str:
    """Return the USB identity behind an address, to be kept beside it; empty where none survives a re-plug."""
    return next((port.usb_identity for port in found_ports() if port.url == url and port.is_known_again), "")


def same_device(usb_identity: str) -> FoundPort | None:
    """Return where a device is now; None when it is not there or cannot be told from others."""
    found = [port for port in found_ports() if port.is_known_again and port.usb_identity == usb_identity]
    return found[0] if len(found) == 1 else None


def where_now(url: str, usb_identity: str) -> str:
    """Return the address at which a job's device is to be opened: where it is now, by its identity if it has one.

    For between two jobs: one whose cable was pulled is over, and its unit rejected.

    Raises:
        PrintcareError: PORT_MOVED, when the device is not there, or another one stands at its address.
    """
    if not usb_identity:
        return url
    now = same_device(usb_identity)
    if now is None:
        told = f"The device {usb_identity}, last at {url}, is not connected or there twice."
        raise PrintcareError("PORT_MOVED", told, "Connect it, or choose its port anew.")
    return now.url
