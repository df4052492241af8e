"""Everybody's own signing key: Ed25519, wrapped by the password, unwrapped for one signature and forgotten again."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from printcare.domain.canonical import canonical_bytes
from printcare.errors import PrintcareError
from printcare.records.passwords import Hashing

SALT_BYTES = 16
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A private key under AES-256-GCM, whose own key is argon2id of the password with a salt of its own (§8.9)."""

    public_key: str
    salt: str
    nonce: str
    sealed: str
    time_cost: int
    memory_kib: int
    parallelism: int

    def text(self) -> str:
        """Return the form it is stored in."""
        return canonical_bytes({name: getattr(self, name) for name in self.__slots__}).decode()

    @staticmethod
    def read(text: str) -> WrappedKey:
        """Return what `text` was made of."""
        return WrappedKey(**json.loads(text))


def make(account: str, password: str, hashing: Hashing) -> WrappedKey:
    """Return a new key for an account, wrapped by its password."""
    return _wrap(Ed25519PrivateKey.generate(), account, password, hashing)


def rewrap(wrapped: WrappedKey, account: str, old: str, new: str, hashing: Hashing) -> WrappedKey:
    """Return the same key wrapped by another password. Raises PrintcareError KEY_LOCKED if the old one does not fit."""
    return _wrap(unwrap(wrapped, account, old), account, new, hashing)


def unwrap(wrapped: WrappedKey, account: str, password: str) -> Ed25519PrivateKey:
    """Return the private key; keep it no longer than one signature. Raises PrintcareError KEY_LOCKED."""
    cost = Hashing(wrapped.time_cost, wrapped.memory_kib, wrapped.parallelism)
    sealing = AESGCM(cost.key(password, bytes.fromhex(wrapped.salt)))
    try:
        raw = sealing.decrypt(bytes.fromhex(wrapped.nonce), bytes.fromhex(wrapped.sealed), account.encode())
    except InvalidTag as error:
        raise PrintcareError(
            "KEY_LOCKED",
            f"The signing key of {account} does not open with this password.",
            "Have the password reset: that makes a new key, which the record will show.",
        ) from error
    return Ed25519PrivateKey.from_private_bytes(raw)


def _wrap(key: Ed25519PrivateKey, account: str, password: str, hashing: Hashing) -> WrappedKey:
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    # The account's id is sealed in as well: a wrapped key put into another account's row does not open.
    sealed = AESGCM(hashing.key(password, salt)).encrypt(nonce, key.private_bytes_raw(), account.encode())
    cost = (hashing.time_cost, hashing.memory_kib, hashing.parallelism)
    return WrappedKey(key.public_key().public_bytes_raw().hex(), salt.hex(), nonce.hex(), sealed.hex(), *cost)
