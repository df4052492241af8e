"""Which device stood at which port when a job last used it, by the USB identity that finds it under another name."""

from __future__ import annotations

import json
from pathlib import Path

from printcare.devices.discovery import identity_of, where_now
from printcare.errors import PrintcareError

FILE = "devices.json"


class KnownDevices:
    """A workstation's memory of its ports, a file beside the record: device -> address named, and identity found there.

    Used between jobs alone: a job whose cable was pulled is over.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._known = _read(self._path)

    def where_now(self, source: str, url: str, is_chosen_anew: bool = False) -> str:
        """Return the address a device is to be opened at: where the one of the last job is, if it had an identity.

        Raises:
            PrintcareError: PORT_MOVED, when it is not there, or another one stands at its address.
        """
        was = self._known.get(source, {})
        if is_chosen_anew or was.get("url") != url:
            return url
        return where_now(url, str(was.get("usb_identity", "")))

    def remember(self, named: dict[str, str], opened: dict[str, str]) -> None:
        """Keep which device answers to each address that was named; call it when the ports are open.

        A memory that cannot be written is none: the next job opens what it is told to.
        """
        for source, url in named.items():
            self._known[source] = {"url": url, "usb_identity": identity_of(opened[source])}
        new = self._path.with_suffix(".new")
        try:
            new.write_text(json.dumps(self._known, indent=1), "utf-8")
            new.replace(self._path)
        except OSError:
            return


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Return what was kept; raises PrintcareError DEVICES_UNREADABLE rather than forget which device was which."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        return {str(source): {key: str(each[key]) for key in ("url", "usb_identity")} for source, each in kept.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
        told = f"{path}, which says which device stood at which port, cannot be read."
        raise PrintcareError("DEVICES_UNREADABLE", told, "Remove it, and look at every port before the job.") from fault
