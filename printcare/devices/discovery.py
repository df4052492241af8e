"""Which serial ports this machine has, by the USB identity that survives a re-plug under another name."""

from __future__ import annotations

from dataclasses import dataclass

from serial.tools import list_ports


@dataclass(frozen=True, slots=True)
class FoundPort:
    """One port: where it is now, and what stays the same wherever it appears (empty for ports without USB)."""

    url: str
    title: str
    usb_identity: str  # vid:pid:serial


def found_ports() -> tuple[FoundPort, ...]:
    """Return the ports of this machine, by name."""
    return tuple(
        FoundPort(port.device, port.description or port.device, _usb_identity(port.vid, port.pid, port.serial_number))
        for port in sorted(list_ports.comports(), key=lambda port: str(port.device))
    )


def _usb_identity(vid: int | None, pid: int | None, serial_number: str | None) -> str:
    return "" if vid is None or pid is None else f"{vid:04x}:{pid:04x}:{serial_number or ''}"


def same_device(usb_identity: str) -> FoundPort | None:
    """Return where a device is now; None when it is not there or cannot be told from others."""
    found = [port for port in found_ports() if usb_identity and port.usb_identity == usb_identity]
    return found[0] if len(found) == 1 else None
