"""JSON from outside, read as a hostile file: limits first, no doubtful number, no key twice, numbers kept as text."""

from __future__ import annotations

import json
import re
import unicodedata

from printcare.domain.checks import Finding, error

MAX_BYTES = 1024 * 1024  # a hospital's single order has some 10 kB
MAX_DEPTH = 24  # FHIR nests about 12 deep
MAX_VALUES = 20_000
MAX_DIGITS = 12  # significant digits of a number (interoperability.md §3)
MAX_TOLD = 20  # findings of one kind; the rest say nothing new

_TOKENS = re.compile(rb'"(?:\\.|[^"\\])*"|[\[{]|[\]}]|,')
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Number(str):
    """The text of a JSON number, digits as received: 0.590 stays 0.590."""

    __slots__ = ()


class _RefusedError(ValueError):
    """A constant or a key the standard library would let pass."""


def read_json(data: bytes) -> tuple[object, tuple[Finding, ...]]:
    """Return the value, numbers as `Number`, and every objection; with an objection the value is not to be used."""
    refusal = _too_much(data)
    if refusal:
        return None, (refusal,)
    doubled: list[str] = []
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=_constant,
            object_pairs_hook=lambda pairs: _members(pairs, doubled),
        )
    except _RefusedError as fault:
        return None, (error("JSON_NUMBER", str(fault), "Send a finite number or leave the element out."),)
    except (ValueError, RecursionError) as fault:  # a broken encoding is a ValueError too
        reason = f"The file is not valid JSON in UTF-8: {str(fault)[:200]}."
        return None, (error("JSON_SYNTAX", reason, "Send well-formed JSON, encoded as UTF-8 without a mark in front."),)
    findings = [
        error(
            "JSON_DUPLICATE_KEY", f"The key “{key[:60]}” stands twice in one object.", "Send every key once.", key[:60]
        )
        for key in doubled[:MAX_TOLD]
    ]
    _walk(value, "", findings)
    return value, tuple(findings[: 3 * MAX_TOLD])


def _too_much(data: bytes) -> Finding | None:
    if len(data) > MAX_BYTES:
        reason = f"The file has {len(data)} bytes; at most {MAX_BYTES} are read."
        return error("JSON_SIZE", reason, "Send one order per file.")
    depth = deepest = values = 0
    for token in _TOKENS.finditer(data):
        mark = token.group()[:1]
        depth += (mark in b"[{") - (mark in b"]}")
        deepest = max(deepest, depth)
        values += mark != b'"'
    if deepest > MAX_DEPTH:
        return error("JSON_DEPTH", f"The file nests {deepest} deep; at most {MAX_DEPTH}.", "Send a flat message.")
    if values > MAX_VALUES:
        reason = f"The file holds more than {MAX_VALUES} values."
        return error("JSON_COUNT", reason, "Send one order per file.")
    return None


def _constant(name: str) -> object:
    raise _RefusedError(f"{name} is no number.")


def _members(pairs: list[tuple[str, object]], doubled: list[str]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                doubled.append(_shown(key))
            seen.add(key)
    return members


def _walk(value: object, where: str, findings: list[Finding]) -> None:
    """Note what no honest message holds: null, empty containers, doubtful numbers, control characters."""
    if isinstance(value, dict):
        for key, member in value.items():
            path = f"{where}.{_shown(key)}" if where else _shown(key)
            _check_text(key, path, findings)
            _walk(member, path, findings)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _walk(member, f"{where}[{index}]", findings)
    if value is None or value == [] or value == {} or (value == "" and not isinstance(value, Number)):
        findings.append(
            error("JSON_EMPTY", f"{where or 'The file'} is null or empty.", "Leave out what is not known.", where)
        )
    elif isinstance(value, Number):
        _check_number(value, where, findings)
    elif isinstance(value, str):
        _check_text(value, where, findings)


def _check_number(text: Number, where: str, findings: list[Finding]) -> None:
    digits = text.replace("-", "").replace(".", "").lstrip("0")
    if _NUMBER.fullmatch(text) and len(digits) <= MAX_DIGITS and len(text) <= 2 * MAX_DIGITS:
        return
    findings.append(
        error(
            "JSON_NUMBER",
            f"{where} is {text[:40]}; expected plain digits, at most one point, {MAX_DIGITS} significant digits.",
            "Write the number without exponent.",
            where,
        )
    )


def _check_text(text: str, where: str, findings: list[Finding]) -> None:
    if text.isascii() and text.isprintable():
        return
    for sign in text:
        # Surrogates cannot be stored; control and direction signs can make a screen say something else than the file.
        kind = unicodedata.category(sign)
        if kind == "Cs" or sign in _BIDI_CONTROLS or (kind == "Cc" and sign not in "\n\r\t"):
            findings.append(error("JSON_TEXT", f"{where} holds the sign U+{ord(sign):04X}.", "Send plain text.", where))
            return


def _shown(key: str) -> str:
    """Return a key fit for a path on a screen."""
    return "".join(sign if sign.isprintable() else "?" for sign in key[:60])
