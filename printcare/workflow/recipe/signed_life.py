"""Say whether every move of a version bears a signature of the right role and meaning, by none of its authors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain.canonical import digest
from printcare.domain.events import DONE, Signature
from printcare.domain.recipe_life import BY_VERB, SUPERSEDES, LifeState, Move
from printcare.records.signatures import counting
from printcare.records.store import Store
from printcare.workflow.recipe.controlled import Kind

State = Mapping[str, Any]


def is_signed_throughout(records: Store, kind: Kind, key: str, state: State) -> bool:
    """Whether the events of a version lead, each under its signature, from its first draft to `state`."""
    steps = _steps(records, kind, key)
    if not steps or steps[-1][1] != state:
        return False
    signatures = counting(records, kind.table, key)
    before: State | None = None
    for action, after in steps:
        if not _stands(records, kind, key, signatures, action, before, after):
            return False
        before = after
    return True


def _steps(records: Store, kind: Kind, key: str) -> list[tuple[str, State]]:
    found = (event.content for event in records.events(object_id=key, object_type=kind.table))
    return [(content["action"], content["new"]) for content in found if content["outcome"] == DONE]


def _stands(
    records: Store,
    kind: Kind,
    key: str,
    signatures: list[Signature],
    action: str,
    before: State | None,
    after: State,
) -> bool:
    verb = action.removeprefix(f"{kind.name}.")
    if verb == "written":
        return after["status"] == LifeState.DRAFT and (before is None or before["status"] == LifeState.DRAFT)
    if before is None or after["digest"] != before["digest"] or after["content"] != before["content"]:
        return False
    if verb == "superseded":
        return after["status"] == LifeState.SUPERSEDED and _is_superseded(records, kind, key, after)
    move = BY_VERB.get(verb)
    if move is None or before["status"] not in move.origins or after["status"] != move.target:
        return False
    return _is_signed(signatures, move, after)


def _is_superseded(records: Store, kind: Kind, key: str, state: State) -> bool:
    """Whether the later version's own signed state names this one, and the state this one was left in."""
    later = state["superseded_by"]
    signatures = counting(records, kind.table, later)
    return any(
        action == f"{kind.name}.{SUPERSEDES.verb}"
        and {"key": key, "sha256": digest(state)} in after["supersedes"]
        and _is_signed(signatures, SUPERSEDES, after)
        for action, after in _steps(records, kind, later)
    )


def _is_signed(signatures: list[Signature], move: Move, state: State) -> bool:
    return any(
        (signature.role, signature.meaning) == (move.role, move.meaning)
        and not (move.by_another and signature.account in state["authors"])
        and signature.covers(state)
        for signature in signatures
    )
