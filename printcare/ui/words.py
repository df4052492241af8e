"""Every string of the window in one language: the English text is the key, a table beside this module has the rest."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "fr": "Français", "es": "Español"}
_spoken: dict[str, str] = {}
_chosen = ["en"]


def speak(wanted: str) -> None:
    """Choose the language of every window built from now on; one without a table is English."""
    _chosen[0] = wanted
    _spoken.clear()
    _spoken.update(table(wanted))


def language() -> str:
    """Return the language of the window."""
    return _chosen[0]


def tr(text: str) -> str:
    """Return a text in the chosen language; what its table lacks stays English, and a test fails on it."""
    return _spoken.get(text) or text


def decimal_sign() -> str:
    """Return the sign before the decimals: a table says it as the translation of the point."""
    return tr(".")


def phrase(text: str) -> str:
    """Mark a text that is translated where it is shown, and return it as it is."""
    return text


@cache
def table(wanted: str) -> dict[str, str]:
    """Return a language's table, English text -> its own; English has none."""
    return _read(f"{wanted}.toml")


@cache
def told_table(wanted: str) -> dict[str, str]:
    """Return what the core says in a language: its sentences, alarms included, with {} for each figure in them."""
    return _read(f"{wanted}-told.toml")


def _read(name: str) -> dict[str, str]:
    path = files("printcare.ui") / "languages" / name
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
