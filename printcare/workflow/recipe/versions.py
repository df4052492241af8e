"""The moves of a version: written down as a draft, then moved by signatures, until it is in force and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.canonical import digest
from printcare.domain.checks import Finding, error
from printcare.domain.difference import Change, differences
from printcare.domain.events import Signature
from printcare.domain.narrowing import widened
from printcare.domain.recipe import MasterRecipe
from printcare.domain.recipe_life import BY_VERB, LifeState, Move, move_from
from printcare.errors import PrintcareError
from printcare.formats.recipe_sense import make_sense, shipped_profiles
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store, Transaction
from printcare.records.writing import utc_text
from printcare.workflow.authority import Refused, allowed, refusals_recorded, refuse
from printcare.workflow.recipe.confirm import not_confirmed
from printcare.workflow.recipe.controlled import KINDS, RECIPE, Document, Kind, key_of, kind_of, version, versions_of
from printcare.workflow.states import object_of, state_of

State = dict[str, Any]
COUNTED = (LifeState.EFFECTIVE, LifeState.SUPERSEDED)
JUDGED = (
    "submit",
    "approve",
    "make_effective",
)  # where a recipe's sense counts, and a site's version is held to the supplier's


def write(records: Store, author: Account, document: Document) -> str:
    """Keep a document's content as a draft and return its key; who changes a draft is one of its authors.

    Raises Refused, recorded, for a version that left its draft: a change of what people signed for is a new version.
    """
    kind, key = kind_of(document), key_of(document)
    command = f"{kind.name}.write"
    actor = allowed(records, author, command)
    with records.transaction(actor) as tx:
        known = tx.get(kind.table, key)
        is_fixed = known is not None and (known["status"] != LifeState.DRAFT or known["origin"] is not None)
        if known is None or not (is_fixed or (known["digest"] == document.digest and author.id in known["authors"])):
            authors = sorted({author.id, *(known["authors"] if known else ())})
            tx.record(f"{kind.name}.written", kind.table, key, draft_of(document, authors))
    if known is not None and is_fixed and known["digest"] != document.digest:
        whose = "a supplier's" if known["origin"] else known["status"]
        told = f"The {kind.words} {key} is {whose}; it cannot be written over."
        stops = (error("E_VERSION_FIXED", told, "Give the file the next version number.", "version"),)
        refuse(records, actor, command, kind.table, key, stops)
        raise Refused(stops)
    return key


def draft_of(document: Document, authors: list[str], origin: Mapping[str, object] | None = None) -> State:
    """Return the state a version begins in; `origin` says which supplier's bundle it came in."""
    return {
        kind_of(document).member: document.id,
        "version": document.version,
        "status": LifeState.DRAFT.value,
        "digest": document.digest,
        "content": state_of(document),
        "authors": authors,
        "origin": origin,
        "difference": None,
        "effective_from": None,
        "effective_until": None,
        "supersedes": [],
        "superseded_by": None,
        "reason": None,
    }


def _sense(document: Document) -> tuple[Finding, ...]:
    """Return why a recipe cannot be made on the printers it names; told when it is moved."""
    return make_sense(document, shipped_profiles()) if isinstance(document, MasterRecipe) else ()


def take(
    records: Store,
    account: Account,
    password: str,
    kind: Kind,
    key: str,
    verb: str,
    reason: str,
    effective_from: datetime | None = None,
) -> Signature:
    """Make one move of a version, signed, and return the signature; raises Refused, recorded, with every objection.

    `effective_from` is for `make_effective` alone: from then on, and not before, the version counts; now where it is
    None. The version before it counts until then, and is superseded in the same transaction and by the same signature.
    """
    command, move = f"{kind.name}.{verb}", BY_VERB[verb]
    actor = allowed(records, account, command)
    with refusals_recorded(records, actor, command, kind.table, key):
        state, now = version(records, kind, key), records.context.clock()
    stops = _objections(records, kind, state, move, account, reason, effective_from)
    if stops:
        refuse(records, actor, command, kind.table, key, stops)
        raise Refused(stops)
    after = state | {"status": move.target.value, "reason": reason} | _besides(records, kind, state, move)
    ending: dict[str, State] = {}
    if move.target is LifeState.EFFECTIVE:
        begins = utc_text(effective_from or now)
        ending = _ending(records, kind, key, state, begins)
        after |= {"effective_from": begins}
    ended = {other: _superseded(each, key, after["effective_from"]) for other, each in ending.items()}
    if ended:
        after |= {"supersedes": [{"key": other, "sha256": digest(each)} for other, each in ended.items()]}

    def supersede(tx: Transaction) -> None:
        # What this move was decided on, looked at once more under the write lock.
        is_same = tx.get(kind.table, key) == state
        if move.target is LifeState.EFFECTIVE:
            is_same = is_same and _ending(records, kind, key, state, after["effective_from"]) == ending
            is_same = is_same and not (kind is RECIPE and _made_by_another(records, state))
        if not is_same:
            told = f"{kind.words.capitalize()} {key} or a version beside it changed while it was being signed."
            raise PrintcareError("SIGNED_STATE_CHANGED", told, "Read it again, then sign.")
        for other, each in ended.items():
            tx.record(f"{kind.name}.superseded", kind.table, other, each, reason_text=reason)

    return sign(
        records,
        account.login,
        password,
        move.role,
        move.meaning,
        kind.table,
        key,
        becoming=((command, after),),
        reason=reason,
        before=supersede,
    )


def waiting(records: Store, account: Account, named: str, verb: str) -> tuple[Kind, str]:
    """Return the version somebody means: by its key, else the one of that id from which the move leads.

    Raises Refused, recorded, for none or several, or where the move is not theirs to make.
    """
    command = f"{RECIPE.name}.{verb}"  # the table gives the moves of every kind to the same roles
    actor = allowed(records, account, command)
    for kind in KINDS.values():
        if records.get(kind.table, f"{kind.prefix}{named}") is not None:
            return kind, f"{kind.prefix}{named}"
    found = [(kind, key, state) for kind in KINDS.values() for key, state in versions_of(records, kind, named).items()]
    fitting = [(kind, key) for kind, key, state in found if state["status"] in BY_VERB[verb].origins]
    if len(fitting) == 1:
        return fitting[0]
    standing = ", ".join(f"{key} is {state['status']}" for _, key, state in found) or "none is on record"
    told = f"{'Several versions' if fitting else 'No version'} of {named} may be meant by {verb}: {standing}."
    stops = (error("E_VERSION_UNKNOWN", told, "Name one as ID/VERSION; see `printcare recipe list`.", "version"),)
    refuse(records, actor, command, RECIPE.table, named, stops)
    raise Refused(stops)


def compared(records: Store, kind: Kind, state: State) -> tuple[str | None, tuple[Change, ...]]:
    """Return the version that is effective now and what this one changes in it; (None, ()) for a first version."""
    for key, other in versions_of(records, kind, state[kind.member]).items():
        if other["status"] == LifeState.EFFECTIVE and other["version"] != state["version"]:
            return key, differences(other["content"], state["content"])
    return None, ()


def _besides(records: Store, kind: Kind, state: State, move: Move) -> State:
    """Return what a move writes down beside its state and reason: the approver signs the difference as well."""
    if move.shows_difference:
        against, changes = compared(records, kind, state)
        listed = [state_of(change) for change in changes]
        return {"difference": {"against": against, "changes": listed, "sha256": digest(listed)}}
    return {"difference": None} if move.target is LifeState.DRAFT else {}


def _ending(records: Store, kind: Kind, key: str, state: State, begins: str) -> dict[str, State]:
    """Return the other versions that would still count once this one begins: never two at a time."""
    return {
        other: each
        for other, each in versions_of(records, kind, state[kind.member]).items()
        if other != key
        and each["status"] in COUNTED
        and (each["effective_until"] is None or each["effective_until"] > begins)
    }


def _superseded(state: State, by: str, begins: str) -> State:
    status = LifeState.SUPERSEDED.value
    return state | {"status": status, "superseded_by": by, "effective_until": begins}


def _objections(
    records: Store,
    kind: Kind,
    state: State,
    move: Move,
    account: Account,
    reason: str,
    effective_from: datetime | None,
) -> tuple[Finding, ...]:
    found: list[Finding | None] = []
    if not reason.strip():
        found.append(error("E_REASON_MISSING", f"To {move.verb} takes a reason.", "State it.", "reason"))
    made = move_from(LifeState(state["status"]), move.verb)
    found.append(made if isinstance(made, Finding) else None)
    if move.by_another:
        found.append(people.approval_by(account.id, state["authors"]))
    if move.verb in JUDGED and kind is RECIPE:
        found += _sense(object_of(MasterRecipe, state["content"]))  # on the printers there are now
        found += _wider_than_supplied(records, state)
    if move.target is LifeState.EFFECTIVE:
        found += _not_to_begin(records, kind, state, effective_from)
    return tuple(finding for finding in found if finding is not None)


def _not_to_begin(records: Store, kind: Kind, state: State, effective_from: datetime | None) -> list[Finding]:
    """Return why an approved version may not be made effective from that moment on."""
    findings = []
    if effective_from is not None and effective_from < records.context.clock():
        told = f"{effective_from.isoformat()} has passed; nothing becomes effective for what was done already."
        findings.append(error("E_EFFECTIVE_PAST", told, "Name a later moment, or none for now.", "effective_from"))
    against, _ = compared(records, kind, state)
    signed = state["difference"] or {}
    if against is not None and signed.get("against") != against:
        told = f"It was approved in comparison with {signed.get('against') or 'nothing'}; now {against} is effective."
        findings.append(error("E_DIFFERENCE_OLD", told, "Return it, and have the new difference approved.", "version"))
    if kind is RECIPE:
        findings += [*not_confirmed(records, state), *_made_by_another(records, state)]
    return findings


def _made_by_another(records: Store, state: State) -> tuple[Finding, ...]:
    """Return the recipe in force that makes the same product of the same inks: a site has one way to make it.

    Two recipes may share a product where their inks differ, as a low and a high strength do.
    """
    wanted = _product_of(state["content"])
    for key, other in records.all(RECIPE.table, status=LifeState.EFFECTIVE.value).items():
        is_another = other[RECIPE.member] != state[RECIPE.member] and other["effective_from"] is not None
        if is_another and _product_of(other["content"]) == wanted:
            told = f"{key} is in force and makes the same product of the same inks."
            return (
                error("E_PRODUCT_IN_FORCE", told, f"Retire {key} first, if this one is to take its place.", "recipe"),
            )
    return ()


def _product_of(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return what people and the ward know a product by: each drug, its form and route, and the ink it comes from."""
    return [
        (*(str(part["product"][name]) for name in ("inn", "dosage_form", "route")), str(part["ink"]["ink_id"]))
        for part in (content, *content.get("further", ()))
    ]


def _wider_than_supplied(records: Store, state: State) -> tuple[Finding, ...]:
    """Return, by path, where a site's version of a supplier's recipe is not the supplier's or narrower.

    The measure is the supplier's latest version up to this one's number, or the first where all have higher ones.
    """
    versions = versions_of(records, RECIPE, state[RECIPE.member]).values()
    supplied = sorted((each for each in versions if each["origin"]), key=lambda each: int(each["version"]))
    if not supplied:
        return ()
    measure = [each for each in supplied if each["version"] <= state["version"]] or supplied[:1]
    return widened(measure[-1]["content"], state["content"])
