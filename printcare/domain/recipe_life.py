"""The life of what must be approved before it counts: a table of moves, and which version is in force when.

The same table serves recipes, dosing rules and the site's table of excipients (records.md §10).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding, error
from printcare.domain.people import Role


class LifeState(StrEnum):
    """Where one version stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_VALIDATION = "in validation"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    SUPERSEDED = "superseded"
    RETIRED = "retired"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


S = LifeState


@dataclass(frozen=True, slots=True)
class Move:
    """One move: the verb of its command, from where to where, whose it is, and what the signature under it means."""

    verb: str
    origins: tuple[LifeState, ...]
    target: LifeState
    role: Role
    meaning: str
    by_another: bool  # never by one who wrote the version
    shows_difference: bool = False  # the signer stands for the difference to the version in force as well


# Every move is signed with full re-authentication and bears a reason; what is not in this table is refused.
MOVES: tuple[Move, ...] = (
    Move("submit", (S.DRAFT,), S.SUBMITTED, Role.FORMULATION_SCIENTIST, "submitted for validation", False),
    Move("withdraw", (S.DRAFT, S.SUBMITTED), S.WITHDRAWN, Role.FORMULATION_SCIENTIST, "withdrawn", False),
    Move("validate", (S.SUBMITTED,), S.IN_VALIDATION, Role.PROCESS_OWNER, "accepted for validation", True),
    Move(
        "return",
        (S.SUBMITTED, S.IN_VALIDATION, S.APPROVED),
        S.DRAFT,
        Role.PROCESS_OWNER,
        "returned to its authors",
        True,
    ),
    Move("refuse", (S.SUBMITTED, S.IN_VALIDATION), S.REFUSED, Role.PROCESS_OWNER, "refused", True),
    Move("approve", (S.IN_VALIDATION,), S.APPROVED, Role.PROCESS_OWNER, "approved", True, shows_difference=True),
    Move("make_effective", (S.APPROVED,), S.EFFECTIVE, Role.PROCESS_OWNER, "made effective", True),
    Move("retire", (S.APPROVED, S.EFFECTIVE, S.SUPERSEDED), S.RETIRED, Role.PROCESS_OWNER, "retired", False),
)
BY_VERB: Mapping[str, Move] = {move.verb: move for move in MOVES}
# Not a move of its own: it happens to the earlier version in the transaction, and under the signature, of the later.
SUPERSEDES = BY_VERB["make_effective"]

# Why a version in this state is not printed from, dosed by or counted on.
NOT_IN_FORCE: Mapping[LifeState, tuple[str, str]] = {
    S.DRAFT: ("E_VERSION_DRAFT", "Submit it, and have it validated and approved."),
    S.SUBMITTED: ("E_VERSION_SUBMITTED", "Have it validated and approved."),
    S.IN_VALIDATION: ("E_VERSION_IN_VALIDATION", "Approve it once it is validated; until then it may be rehearsed."),
    S.APPROVED: ("E_VERSION_NOT_EFFECTIVE", "Have a process owner make it effective."),
    S.EFFECTIVE: ("E_VERSION_NOT_YET", "Wait for its date, or work with the version that is in force."),
    S.SUPERSEDED: ("E_VERSION_SUPERSEDED", "Work with the version that is in force."),
    S.RETIRED: ("E_VERSION_RETIRED", "Work with another; a retired one never comes back."),
    S.REFUSED: ("E_VERSION_REFUSED", "Submit a new version that meets the reason of the refusal."),
    S.WITHDRAWN: ("E_VERSION_WITHDRAWN", "Submit a new version."),
}


def move_from(state: LifeState, verb: str) -> Move | Finding:
    """Return the move a verb makes from a state, or why there is none."""
    move = BY_VERB[verb]
    if state in move.origins:
        return move
    origins = " or ".join(move.origins)
    told = f"It is {state}; to {verb.replace('_', ' ')} takes one that is {origins}."
    return error("E_LIFE_MOVE", told, "Take the moves one after another, as docs/life-of-a-recipe.md lists them.")


def is_in_force(state: Mapping[str, Any], now: datetime) -> bool:
    """Whether a version counts at a moment: from its date on, and until the date of the one that superseded it.

    A superseded version stays in force until the later one begins, so that a date in the future leaves no gap.
    """
    if state["status"] not in (S.EFFECTIVE, S.SUPERSEDED) or state["effective_from"] is None:
        return False
    until = state["effective_until"]
    is_begun = datetime.fromisoformat(state["effective_from"]) <= now
    return is_begun and (until is None or now < datetime.fromisoformat(until))


def not_counted(state: Mapping[str, Any], now: datetime, also: Collection[str], what: str) -> Finding | None:
    """Return why a version does not count at a moment, or None; `also` are states the mode lets count besides."""
    status = LifeState(state["status"])
    if is_in_force(state, now) or status in also:
        return None
    code, remedy = NOT_IN_FORCE[status]
    begins = f", effective from {state['effective_from']}" if status is S.EFFECTIVE else ""
    return error(code, f"The {what} is {status}{begins}.", remedy, what)
