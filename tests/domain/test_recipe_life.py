"""The life of a version: who may move it where, and when it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from printcare.domain.checks import Finding
from printcare.domain.people import CONTROLLED, PERMISSIONS, Role
from printcare.domain.recipe_life import (
    BY_VERB,
    MOVES,
    NOT_IN_FORCE,
    LifeState,
    Move,
    is_in_force,
    move_from,
    not_counted,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def version(status, begins=None, until=None):
    texts = {"effective_from": begins, "effective_until": until}
    return {"status": status} | {name: at and at.isoformat() for name, at in texts.items()}


def test_the_life_leads_from_draft_by_signed_moves_into_force_and_out_of_it():
    path = ["draft", "submitted", "in validation", "approved", "effective", "retired"]
    for before, after in pairwise(path):
        assert [move.verb for move in MOVES if before in move.origins and move.target == after]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.verb)
def test_the_role_of_a_move_is_the_only_one_permitted_its_command(move: Move):
    for kind in CONTROLLED:
        assert [role for role in Role if f"{kind}.{move.verb}" in PERMISSIONS[role]] == [move.role]


@pytest.mark.parametrize("verb", ["validate", "return", "refuse", "approve", "make_effective"])
def test_an_author_makes_no_move_that_judges(verb):
    assert BY_VERB[verb].by_another


def test_only_the_way_back_to_draft_returns_and_no_end_is_left():
    for end in (LifeState.RETIRED, LifeState.REFUSED, LifeState.WITHDRAWN):
        assert not [move for move in MOVES if end in move.origins]
    assert [move.verb for move in MOVES if move.target is LifeState.DRAFT] == ["return"]


@pytest.mark.parametrize("state", LifeState)
@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.verb)
def test_a_move_is_made_from_its_origins_and_refused_from_everywhere_else(state: LifeState, move: Move):
    made = move_from(state, move.verb)
    if state in move.origins:
        assert made is move
    else:
        assert isinstance(made, Finding)
        assert made.code == "E_LIFE_MOVE"


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (version("effective", NOW), True),
        (version("effective", NOW + HOUR), False),
        (version("superseded", NOW - HOUR, NOW + HOUR), True),  # until the later one begins
        (version("superseded", NOW - HOUR, NOW), False),
        (version("retired", NOW - HOUR), False),
        (version("approved"), False),
        (version("effective"), False),  # no date was recorded: never
    ],
)
def test_a_version_counts_from_its_date_on_and_until_the_next_one_s(state, counts):
    assert is_in_force(state, NOW) is counts
    assert (not_counted(state, NOW, (), "recipe") is None) is counts


@pytest.mark.parametrize("status", [state for state in LifeState if state is not LifeState.EFFECTIVE])
def test_each_state_that_does_not_count_has_a_code_of_its_own(status):
    finding = not_counted(version(status), NOW, (), "recipe")
    assert finding is not None
    assert (finding.code, finding.severity) == (NOT_IN_FORCE[status][0], "error")
    assert len({code for code, _ in NOT_IN_FORCE.values()}) == len(LifeState)


def test_one_that_begins_later_says_when():
    finding = not_counted(version("effective", NOW + HOUR), NOW, (), "recipe")
    assert finding is not None
    assert finding.code == "E_VERSION_NOT_YET"
    assert (NOW + HOUR).isoformat() in finding.reason


def test_what_a_mode_lets_count_besides_counts():
    assert not_counted(version("in validation"), NOW, {"in validation"}, "recipe") is None
    assert not_counted(version("retired"), NOW, {"in validation"}, "recipe") is not None
