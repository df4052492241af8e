"""What the core says in English - findings, errors, alarms - in the language of the window.

A sentence with figures in it is found by its template, in which each of them stands as {}; a word there is said as the
window says it. What no table has stays English, with its code, which is the same everywhere.
"""

from __future__ import annotations

import re
from functools import cache

from printcare.formats.wording import ENGLISH, LANGUAGES, Tongue, tongue_of
from printcare.ui.figures import local
from printcare.ui.words import language, table, told_table, tr

_HOLE = re.escape("{}")


def said(text: str) -> str:
    """Return a sentence of the core, or several alarm words, in the language of the window, its figures by locale."""
    spoken = language()
    found = told_table(spoken).get(text)
    if found is None and spoken in LANGUAGES:
        found = tongue_of(spoken).told(text)  # the documents say much of it as well
    if found is None or found == text:
        found = _by_template(text, spoken)
    return local(found)


def worded(text: str) -> str:
    """Return words of the record - a state, a kind, a role, several between middle dots - as the window says them."""
    return " · ".join(_word(each) for each in text.split(" · "))


def _word(text: str) -> str:
    words = tr(text)
    return said(text) if words == text else words


def document_tongue() -> Tongue:
    """Return the language of documents that is the window's, else English."""
    return tongue_of(language()) if language() in LANGUAGES else ENGLISH


def _by_template(text: str, spoken: str) -> str:
    for pattern, theirs in _patterns(spoken):
        found = pattern.fullmatch(text)
        if found is not None:
            words = table(spoken)
            return theirs.format(*(words.get(each, each) for each in found.groups()))
    return text


@cache
def _patterns(spoken: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the templates as patterns, the most words first: the longest that fits says the most."""
    table = told_table(spoken)
    with_holes = sorted((each for each in table if "{}" in each), key=lambda each: -len(each.replace("{}", "")))
    return tuple((re.compile(re.escape(each).replace(_HOLE, "(.*?)"), re.DOTALL), table[each]) for each in with_holes)
