"""Protocols of qualification: TOML in, steps with their checks, questions and figures out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from printcare.domain.equipment import KINDS
from printcare.domain.qualification import STAGES, Protocol, Step, protocol_objections
from printcare.formats.find import data_file
from printcare.formats.tables import Table, parse, refuse

FOLDER = "protocols"


def load_protocol(name_or_path: str, known: Sequence[str]) -> Protocol:
    """Return a shipped protocol by its id, or any by its path; `known` are the checks the program has.

    Raises PrintcareError DATA_UNKNOWN or FILE_UNREADABLE, and FileProblems with every problem at once.
    """
    name, data = data_file(FOLDER, name_or_path)
    return read_protocol(data, name, known)


def read_protocol(data: bytes, name: str, known: Sequence[str]) -> Protocol:
    """Return the protocol a file holds; raises PrintcareError FILE_NOT_TOML, or FileProblems."""
    problems: list = []  # type: ignore[type-arg]  # findings, as Table collects them
    top = Table(parse(data, name), "", problems)
    top.text("kind")
    protocol = Protocol(
        id=top.text("id"),
        version=top.integer("version", 1),
        stage=top.one_of("stage", STAGES),
        title=top.text("title"),
        of=top.one_of("of", KINDS),
        valid_days=top.integer("valid_days", 1),
        steps=tuple(_step(each) for each in top.tables("step")),
        digest=hashlib.sha256(data).hexdigest(),
    )
    top.close()
    refuse([*problems, *(() if problems else protocol_objections(protocol, known))], name)
    return protocol


def _step(table: Table) -> Step:
    figures: tuple[tuple[str, str], ...] = ()
    if table.has("figures"):
        words = table.texts("figures")
        figures = tuple((name.strip(), value.strip()) for name, _, value in (word.partition("=") for word in words))
    step = Step(
        id=table.text("id"),
        title=table.text("title"),
        acceptance=table.text("acceptance"),
        check=table.text("check", ""),
        question=table.text("question", ""),
        figures=figures,
    )
    table.close()
    return step
