"""The operating system's keystore, where there is one: a place no folder's copy brings back, for the last head seen.

It is asked when a record is opened, by window and commands, and never by a job: a keystore may answer late. A backend
is taken by name and not from keyring's settings, which may name a plain file (records.md §8.9).
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

SERVICE = "printcare"
REAL = 1  # in keyring's own measure; below it stand backends that keep nothing, or keep it in the open
# Platform -> name, module and class of the one backend that is taken there.
BACKENDS = {
    "win32": ("Windows Credential Locker", "keyring.backends.Windows", "WinVaultKeyring"),
    "darwin": ("macOS Keychain", "keyring.backends.macOS", "Keyring"),
    "linux": ("Secret Service", "keyring.backends.SecretService", "Keyring"),
}
BUS = "DBUS_SESSION_BUS_ADDRESS"  # without it no Secret Service can be reached, and nothing need be imported to know
DEFAULT_COLLECTION = "/org/freedesktop/secrets/aliases/default"


class Backend(Protocol):
    """What is used of a backend of keyring."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """Return what is kept under a name, or None."""

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep a text under a name."""


@dataclass(frozen=True, slots=True)
class Keystore:
    """A keystore that is there and open, and what it is called."""

    name: str
    backend: Backend

    def read(self, key: str) -> str | None:
        """Return what is kept under a key; None where nothing is, or where the keystore does not answer."""
        try:
            return self.backend.get_password(SERVICE, key)
        except Exception:  # each system fails in its own way; the private file serves without it
            return None

    def write(self, key: str, text: str) -> bool:
        """Keep a text under a key and say whether it is kept."""
        try:
            self.backend.set_password(SERVICE, key, text)
        except Exception:  # as above
            return False
        return True


def offered() -> Keystore | None:
    """Return this system's keystore, or None where there is none or where it would first ask to be unlocked."""
    if sys.platform not in BACKENDS or (sys.platform == "linux" and BUS not in os.environ):
        return None
    name, module, kind = BACKENDS[sys.platform]
    try:
        backend = getattr(import_module(module), kind)
        if backend.priority < REAL or (sys.platform == "linux" and _is_locked()):
            return None
        return Keystore(name, backend())
    except Exception:  # as above: a backend tells by any of them that it does not work here
        return None


def _is_locked() -> bool:
    """Say whether the Secret Service's own collection is locked; it raises where none was ever made."""
    secretstorage = import_module("secretstorage")
    with closing(secretstorage.dbus_init()) as connection:
        return bool(secretstorage.Collection(connection, DEFAULT_COLLECTION).is_locked())
