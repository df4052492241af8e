"""Whoever stands at the terminal is asked for each unit by its place, and a line of input says that it is done."""

from __future__ import annotations

import json
import os
import queue

import pytest

from printcare.cli.attendant import Attendant
from printcare.control.events import Held, Noted, PlacementAsked
from printcare.protocol.wire import Command

PLACE, EMPTY = PlacementAsked(3, "A3", "place"), PlacementAsked(3, "A3", "empty")
LIMIT_S = 30.0


@pytest.fixture
def desk():
    """Return the attendant's maker, the writing end of its input and what it posted."""
    reads, writes = os.pipe()
    posted = queue.Queue()
    made = []

    def attend(*, is_json=False):
        made.append(Attendant(posted.put, "u-7", is_json=is_json, answers=os.fdopen(reads)))
        return made[-1]

    writer = os.fdopen(writes, "w", buffering=1)
    yield attend, writer, posted
    writer.close()
    for one in made:
        if one._reader is not None:
            one._reader.join(LIMIT_S)
        one._answers.close()


def test_each_question_is_answered_by_a_line_and_the_answer_names_the_unit(desk, capsys):
    attend, writer, posted = desk
    attendant = attend()
    for asked in (PLACE, EMPTY):
        attendant(asked)
        writer.write("\n")
        assert posted.get(timeout=LIMIT_S) == Command("placed", "u-7", "3")
    told = capsys.readouterr()
    assert told.out == ""
    assert "Unit 3 at A3 is to be put on the balance" in told.err
    assert "taken off the balance" in told.err


def test_a_program_is_told_the_same_as_json_lines(desk, capsys):
    attend, _, _ = desk
    attend(is_json=True)(PLACE)
    told = json.loads(capsys.readouterr().err)
    assert told == {"event": "PlacementAsked", "data": {"index": 3, "position": "A3", "what": "place"}}


def test_a_line_too_many_answers_nothing(desk):
    attend, writer, posted = desk
    attendant = attend()
    attendant(PLACE)
    writer.write("\n\n")
    posted.get(timeout=LIMIT_S)
    writer.close()
    attendant._reader.join(LIMIT_S)
    assert posted.empty()


def test_why_a_job_holds_or_took_no_answer_is_said(desk, capsys):
    attend, _, _ = desk
    attendant = attend()
    attendant(Held("A15 prediction and balance disagree", "system"))
    attendant(Noted("command", "u-7: placed refused, nothing was asked for", None))
    attendant(Noted("link", "one line again", 1))
    told = capsys.readouterr().err
    assert "A15" in told
    assert "nothing was asked for" in told
    assert "one line again" not in told


def test_a_print_that_asks_nothing_reads_nothing(desk):
    attend, _, _ = desk
    attendant = attend()
    attendant(Held("a person asked", "u-1"))
    assert attendant._reader is None
