"""Every string of the window in one language: the English text is the key, a table beside this module has the rest."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "fr": "Français", "es": "Español"}
_spoken: dict[str, str] = {}


def speak(language: str) -> None:
    """Choose the language of every window built from now on; one without a table is English."""
    _spoken.clear()
    _spoken.update(table(language))


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
def table(language: str) -> dict[str, str]:
    """Return a language's table, English text -> its own; English has none."""
    path = files("printcare.ui") / "languages" / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
