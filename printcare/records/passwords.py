"""What makes a password acceptable, and how it is kept: argon2id by RFC 9106's profile for little memory."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from printcare.domain.checks import Finding, error
from printcare.domain.people import Role

LEAST_CHARACTERS = 8  # U1
RELEASE_CHARACTERS = 15  # U1: default for who releases or verifies
MOST_CHARACTERS = 1024  # at least 64 must be accepted (U5); the bound keeps hashing from being a weapon
LONG_PASSWORD_ROLES = frozenset({Role.RELEASER, Role.PHARMACIST})
CONTEXT_WORDS = ("printcare", "pharmacy", "hospital")


@dataclass(frozen=True, slots=True)
class Hashing:
    """The cost of argon2id; the default is RFC 9106's low-memory profile, and tests use a cheap one (U7)."""

    time_cost: int = 3
    memory_kib: int = 65_536
    parallelism: int = 4

    def hash(self, password: str) -> str:
        """Return the encoded hash with a new 16-byte salt and a 32-byte tag."""
        return self._hasher().hash(password)

    def fits(self, encoded: str, password: str) -> bool:
        """Say whether the password is the one that was hashed."""
        try:
            return self._hasher().verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, encoded: str) -> bool:
        """Say whether a hash was made at another cost and is to be made anew."""
        return self._hasher().check_needs_rehash(encoded)

    def key(self, password: str, salt: bytes) -> bytes:
        """Return 32 bytes to wrap a key with; the salt is not that of the login."""
        cost = (self.time_cost, self.memory_kib, self.parallelism)
        return hash_secret_raw(password.encode(), salt, *cost, hash_len=32, type=Type.ID)

    def _hasher(self) -> PasswordHasher:
        return PasswordHasher(self.time_cost, self.memory_kib, self.parallelism, hash_len=32, salt_len=16)


LOW_MEMORY = Hashing()


@cache
def spent_hash(hashing: Hashing) -> str:
    """Return a hash nobody's password fits, so that an unknown name costs the same time as a known one (U8)."""
    return hashing.hash("no account has this password")


def least_characters(roles: Collection[str]) -> int:
    """Return how long the password of an account with these roles must be."""
    return RELEASE_CHARACTERS if LONG_PASSWORD_ROLES & set(roles) else LEAST_CHARACTERS


def password_findings(password: str, roles: Collection[str], context: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return every objection to a new password: length, common passwords, words of the place (U1, U3, U4, U5).

    No classes of characters are asked for, and nothing is trimmed: the password is what was typed.
    """
    least, length = least_characters(roles), len(password)
    if length < least:
        return (
            _refused("PASSWORD_SHORT", f"It has {length} characters; these roles need {least}.", "Take a longer one."),
        )
    if length > MOST_CHARACTERS:
        remedy = f"Take one of at most {MOST_CHARACTERS} characters."
        return (_refused("PASSWORD_LONG", f"It has {length} characters.", remedy),)
    folded = password.casefold()
    bare = folded.strip(string.digits + string.punctuation + " ")
    if {folded, bare} & _common():
        return (
            _refused("PASSWORD_COMMON", "It is among those tried first.", "Take several words nobody would guess."),
        )
    left = folded
    for word in sorted(
        {word.casefold() for word in (*CONTEXT_WORDS, *context) if len(word) > 3}, key=len, reverse=True
    ):
        left = left.replace(word, "")
    if left != folded and len(left) < LEAST_CHARACTERS:
        reason = "It is little more than the name of the place, the product or the person."
        return (_refused("PASSWORD_CONTEXT", reason, "Take words that have nothing to do with the work."),)
    return ()


@cache
def _common() -> frozenset[str]:
    text = (resources.files("printcare.records") / "blocked_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line.strip())


def _refused(code: str, reason: str, remedy: str) -> Finding:
    return error(code, f"The password is refused. {reason}", remedy, "password")
