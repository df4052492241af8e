"""Signed heads of the log: the station's key, checkpoints in C2SP form, and what paper carries of them.

A checkpoint is a C2SP tlog-checkpoint (origin, size, base64 root) in a C2SP signed note. records.md §8.5, §8.6
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from printcare.errors import PrintcareError

KEY_FILE = "station-key.pem"
PAPER_CHARACTERS = 26  # of base32, 130 bits
EVERY_EVENTS = 256
EVERY = timedelta(minutes=15)
_ED25519 = b"\x01"
_COSIGNATURE = b"\x04"

# After these the head is signed at once.   records.md §8.5
MOMENTS = frozenset(
    {"signature.made", "account.login", "account.logout", "record.opened", "record.closed", "record.exported"}
    | {
        f"batch.{verb}"
        for verb in (
            "start", "started", "stop", "stopped", "release", "released", "reject", "rejected", "rehearse",
            "rehearsed", "quarantine", "quarantined", "recover", "recovered", "finish", "finished",
        )
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StationKey:
    """The Ed25519 key by which one workstation signs heads."""

    private: Ed25519PrivateKey

    @property
    def public_hex(self) -> str:
        """The 32 public bytes in hexadecimal."""
        return self.private.public_key().public_bytes_raw().hex()

    def id_under(self, name: str) -> bytes:
        """Return the C2SP key id: the first four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ key)."""
        return sha256(name.encode() + b"\n" + _ED25519 + bytes.fromhex(self.public_hex)).digest()[:4]


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A person's key, unlocked for the one head their decision stands in."""

    account: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One signed head, as a signed note."""

    origin: str
    size: int
    root: bytes
    note: str

    @property
    def paper(self) -> str:
        """The line for paper: the size and the first 26 base32 characters of the root."""
        return paper_anchor(self.size, self.root)


def station_key(directory: Path) -> StationKey:
    """Return the station's key from `directory`, made there on first use with mode 0600.

    Raises PrintcareError STATION_KEY if the file is there and holds no Ed25519 key, or cannot be read or made.
    """
    path = directory / KEY_FILE
    try:
        return StationKey(_read(path) if path.exists() else _make(path))
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise PrintcareError(
            "STATION_KEY",
            f"The station's key {path} cannot be used: {error}.",
            "Put the key's file back from its backup, or move it away: the record then shows a new key.",
        ) from error


def sign_head(key: StationKey, origin: str, size: int, root: bytes) -> Checkpoint:
    """Return the signed note over a head."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(key.id_under(origin) + key.private.sign(text.encode())).decode()
    return Checkpoint(origin, size, root, f"{text}\n— {origin} {signature}\n")


def cosign(made: Checkpoint, cosigner: Cosigner, at: datetime) -> Checkpoint:
    """Return the note with a person's signature under the station's, over head and time (C2SP tlog-cosignature v1)."""
    name = f"{made.origin}/{cosigner.account}"
    public = cosigner.private.public_key().public_bytes_raw()
    key_id = sha256(name.encode() + b"\n" + _COSIGNATURE + public).digest()[:4]
    seconds = int(at.timestamp())
    text = made.note.partition("\n\n")[0] + "\n"
    value = cosigner.private.sign(b"cosignature/v1\ntime %d\n" % seconds + text.encode())
    line = base64.b64encode(key_id + seconds.to_bytes(8, "big") + value).decode()
    return replace(made, note=f"{made.note}— {name} {line}\n")


def paper_anchor(size: int, root: bytes) -> str:
    """Return what batch record and label carry of a head, for people to read and type: "SIZE CODE"."""
    return f"{size} {base64.b32encode(root).decode()[:PAPER_CHARACTERS]}"


def is_due(actions: set[str], size_before: int, size: int) -> bool:
    """Say whether a head is to be signed after a transaction of these actions that grew the log to `size`."""
    return bool(actions & MOMENTS) or size // EVERY_EVENTS > size_before // EVERY_EVENTS


def _read(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("it holds no Ed25519 key")
    return key


def _make(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Created closed and whole, never opened to others for a moment; two processes make one key between them.
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    except FileExistsError:
        return _read(path)
    finally:
        partial.unlink(missing_ok=True)
    return key
