"""One value, one sequence of bytes: the canonical form that every digest, event and signature is made of.

RFC 8785 (JSON canonicalization scheme) with the project's rules on top (records.md §8.3): no floats, integers within
±(2⁵³−1), strings in Unicode form NFC, keys are strings and never twice. A decimal enters as the string it is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from unicodedata import normalize

from printcare.errors import PrintcareError

# Beyond it a reader that keeps numbers as doubles, as RFC 8785 allows, would read another integer.   RFC 8785 §3.2.2.3
LARGEST_INTEGER = 2**53 - 1

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 bytes of a value made of dicts, lists, strings, integers, booleans and None.

    Raises PrintcareError CANONICAL_VALUE, naming the place, for a float, a Decimal, an integer out of range, a key that
    is no string or comes twice, an unpaired surrogate, or any other type.
    """
    return _encode(_plain(value, "$")).encode("utf-8")


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical bytes, 64 lower-case hexadecimal characters."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def _plain(value: object, where: str) -> object:
    if isinstance(value, str):
        return _text(value, where)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _integer(value, where)
    if isinstance(value, Mapping):
        return _members(value, where)
    if isinstance(value, list | tuple):
        return [_plain(member, f"{where}[{index}]") for index, member in enumerate(value)]
    if isinstance(value, float | Decimal):
        raise _refusal(
            where, f"{value!r} is a {type(value).__name__}", "Pass the number as the string it is written as."
        )
    raise _refusal(where, f"{type(value).__name__} has no canonical form", "Pass plain JSON values only.")


def _text(text: str, where: str) -> str:
    if text.isascii():
        return str.__str__(text)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _refusal(where, "an unpaired surrogate is no character", "Correct the text at its source.") from error
    return normalize("NFC", text)


def _integer(number: int, where: str) -> int:
    if not -LARGEST_INTEGER <= number <= LARGEST_INTEGER:
        raise _refusal(where, f"{number} is beyond ±(2⁵³−1)", "Pass so large a number as a string.")
    return int(number)


def _members(mapping: Mapping[object, object], where: str) -> dict[str, object]:
    members: dict[str, object] = {}
    for key, member in mapping.items():
        if not isinstance(key, str):
            raise _refusal(where, f"the key {key!r} is no string", "Name every member by a string.")
        name = _text(key, where)
        if name in members:
            raise _refusal(where, f"the key {name!r} comes twice once normalised", "Give every member its own name.")
        is_plain = member is None or (type(member) is str and member.isascii())  # most members, and no path to build
        members[name] = member if is_plain else _plain(member, f"{where}.{name}")
    # RFC 8785 sorts by UTF-16 code units, which differs from code points beyond the basic plane.   §3.2.3
    return {name: members[name] for name in sorted(members, key=_utf16)}


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")


def _refusal(where: str, what: str, remedy: str) -> PrintcareError:
    return PrintcareError("CANONICAL_VALUE", f"At {where}: {what}, so the record cannot hold it.", remedy)
