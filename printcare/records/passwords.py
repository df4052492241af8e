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
MOST_CLASSES = 4  # capitals, small letters, digits, other signs
# What fingers run along; two such runs are no password.
ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "01234567890")
RUN = 4
DISGUISES = str.maketrans("@430$5!17", "aaeossiit")  # what everybody writes for a letter, so nobody is kept out by it


@dataclass(frozen=True, slots=True)
class Profile:
    """What a site asks of new passwords; it may ask for more than the floor of U1, never for less."""

    least: int = LEAST_CHARACTERS
    release_least: int = RELEASE_CHARACTERS
    classes: int = 0  # U4 asks for none; the draft of Annex 11 does (D11.5)
    blocked: tuple[str, ...] = ()  # further words of the place

    def least_for(self, roles: Collection[str]) -> int:
        """Return how long the password of an account with these roles must be."""
        return self.release_least if LONG_PASSWORD_ROLES & set(roles) else self.least

    def findings(self) -> tuple[Finding, ...]:
        """Return why a site may not take this profile."""
        is_weaker = self.least < LEAST_CHARACTERS or self.release_least < max(self.least, RELEASE_CHARACTERS)
        if is_weaker or not 0 <= self.classes <= MOST_CLASSES or self.release_least > MOST_CHARACTERS // 2:
            told = f"Passwords need {LEAST_CHARACTERS} characters at least, those of release {RELEASE_CHARACTERS}."
            return (error("PASSWORD_PROFILE", told, "Ask for more than that, or for as much.", "password"),)
        return ()


DEFAULT = Profile()
PROFILES = {"default": DEFAULT, "annex-11-draft": Profile(least=12, release_least=15, classes=3)}


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


def password_findings(
    password: str, roles: Collection[str], context: Iterable[str] = (), profile: Profile = DEFAULT
) -> tuple[Finding, ...]:
    """Return the first objection to a new password: length, common ones, words of the place (U1, U3, U4, U5).

    Classes of characters are asked for only where the site's profile does; nothing is trimmed: it is what was typed.
    """
    least, length = profile.least_for(roles), len(password)
    if length < least:
        return (
            _refused("PASSWORD_SHORT", f"It has {length} characters; these roles need {least}.", "Take a longer one."),
        )
    if length > MOST_CHARACTERS:
        remedy = f"Take one of at most {MOST_CHARACTERS} characters."
        return (_refused("PASSWORD_LONG", f"It has {length} characters.", remedy),)
    if _classes(password) < profile.classes:
        told = f"This site asks for {profile.classes} kinds of signs: capitals, small letters, digits, others."
        return (_refused("PASSWORD_CLASSES", told, "Add a sign of another kind."),)
    folded = password.casefold()
    if _shapes(folded) & _common() or _is_run(folded):
        return (
            _refused("PASSWORD_COMMON", "It is among those tried first.", "Take several words nobody would guess."),
        )
    left = folded
    for word in sorted(
        {word.casefold() for word in (*CONTEXT_WORDS, *profile.blocked, *context) if len(word) > 3},
        key=len,
        reverse=True,
    ):
        left = left.replace(word, "")
    if left != folded and len(left) < LEAST_CHARACTERS:
        reason = "It is little more than the name of the place, the product or the person."
        return (_refused("PASSWORD_CONTEXT", reason, "Take words that have nothing to do with the work."),)
    return ()


def _classes(password: str) -> int:
    kinds = (str.isupper, str.islower, str.isdigit, lambda sign: not sign.isalnum())
    return sum(any(kind(sign) for sign in password) for kind in kinds)


def _shapes(folded: str) -> set[str]:
    """Return a password as a guesser tries it: without what is put around a word, undisguised, and backwards."""
    around = string.digits + string.punctuation + " "
    shapes = {folded, folded.strip(around)}
    shapes |= {shape.translate(DISGUISES) for shape in shapes}
    return shapes | {shape[::-1] for shape in shapes}


def _is_run(folded: str) -> bool:
    """Say whether a password is nothing but one or two runs along the alphabet, the digits or the keyboard."""
    rows = [*ROWS, *(row[::-1] for row in ROWS)]
    parts = [(folded, "")] + [(folded[:place], folded[place:]) for place in range(RUN, len(folded) - RUN + 1)]
    return any(all(not part or any(part in row for row in rows) for part in pair) for pair in parts)


@cache
def _common() -> frozenset[str]:
    text = (resources.files("printcare.records") / "blocked_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line.strip())


def _refused(code: str, reason: str, remedy: str) -> Finding:
    return error(code, f"The password is refused. {reason}", remedy, "password")
