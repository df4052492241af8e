"""A file sealed under a passphrase, in pieces of which none can be changed, moved or left out (records.md §15).

The pieces are AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): the nonce of
each counts it and says whether it is the last, and the header is authenticated with every one. The key is scrypt's
(RFC 7914) of the passphrase; a large file is never held in memory.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from printcare.errors import PrintcareError

FORMAT = "printcare-sealed-1"
LEAST_CHARACTERS = 15  # as of a password that releases: it opens everything, and can be tried anywhere
CHUNK_BYTES, TAG_BYTES = 1 << 20, 16
SALT_BYTES, PREFIX_BYTES, COUNT_BYTES = 16, 7, 4
COST, MOST_COST = 1 << 17, 1 << 20  # scrypt's N; 128 MiB, and the most a foreign header may ask of this machine
BLOCK, LANES = 8, 1
_LONGEST_HEADER = 512


def seal(source: Path, target: Path, passphrase: str, *, cost: int = COST) -> None:
    """Write a file sealed under a passphrase to a new file.

    Raises PrintcareError PASSPHRASE_SHORT, COPY_TARGET where the target exists, and OSError.
    """
    if len(passphrase) < LEAST_CHARACTERS:
        told = f"The passphrase has {len(passphrase)} characters; a backup wants {LEAST_CHARACTERS}."
        raise PrintcareError("PASSPHRASE_SHORT", told, "Take several words nobody would guess, and keep them apart.")
    salt, prefix = os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES)
    named = {"cost": cost, "format": FORMAT, "prefix": prefix.hex(), "salt": salt.hex()}
    header = json.dumps(named, sort_keys=True).encode() + b"\n"
    cipher = AESGCM(_key(passphrase, salt, cost))
    with source.open("rb") as plain, _new(target) as sealed:
        sealed.write(header)
        for nonce, piece in _pieces(plain, prefix, CHUNK_BYTES):
            sealed.write(cipher.encrypt(nonce, piece, header))
        sealed.flush()
        os.fsync(sealed.fileno())


def unseal(source: Path, target: Path, passphrase: str) -> None:
    """Write what was sealed to a new file; nothing stays where it does not open to its end.

    Raises PrintcareError SEAL_BROKEN for another passphrase or a changed file, COPY_TARGET, and OSError.
    """
    with source.open("rb") as sealed:
        header = sealed.readline(_LONGEST_HEADER)
        cost, salt, prefix = _read(header)
        cipher = AESGCM(_key(passphrase, salt, cost))
        with _new(target) as plain:
            try:
                for nonce, piece in _pieces(sealed, prefix, CHUNK_BYTES + TAG_BYTES):
                    plain.write(cipher.decrypt(nonce, piece, header))
            except InvalidTag as error:
                target.unlink()
                raise _broken("The passphrase is another one, or the file was changed or cut.") from error
            except BaseException:
                target.unlink()
                raise


def is_sealed(path: Path) -> bool:
    """Say whether a file begins as a sealed one does."""
    with path.open("rb") as file:
        return FORMAT.encode() in file.readline(_LONGEST_HEADER)


def _pieces(file: BinaryIO, prefix: bytes, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pieces of a file, each with its nonce; an empty file has one, which is empty and the last."""
    piece, number, is_last = file.read(size), 0, False
    while not is_last:
        after = file.read(size)
        is_last = not after
        yield prefix + number.to_bytes(COUNT_BYTES, "big") + bytes([is_last]), piece
        piece, number = after, number + 1


def _read(header: bytes) -> tuple[int, bytes, bytes]:
    try:
        told = json.loads(header)
        cost, salt, prefix = told["cost"], bytes.fromhex(told["salt"]), bytes.fromhex(told["prefix"])
        is_ours = told["format"] == FORMAT and len(prefix) == PREFIX_BYTES and isinstance(cost, int)
    except (ValueError, KeyError, TypeError) as error:
        raise _broken("It is no sealed file of this program.") from error
    # scrypt takes powers of two alone; what asks for more memory than we ever would is no file of ours.
    if not is_ours or not 1 < cost <= MOST_COST or cost & (cost - 1):
        raise _broken("It is no sealed file of this program.")
    return cost, salt, prefix


def _key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=BLOCK, p=LANES).derive(passphrase.encode())


def _new(target: Path) -> BinaryIO:
    """Open a file that did not exist, for its owner alone."""
    try:
        return os.fdopen(
            os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb"
        )
    except FileExistsError as error:
        told = f"There is something at {target}."
        raise PrintcareError("COPY_TARGET", told, "Name a file that does not exist yet.") from error


def _broken(why: str) -> PrintcareError:
    remedy = "Try the other passphrase, or the other copy."
    return PrintcareError("SEAL_BROKEN", f"The backup does not open: {why}", remedy)
