"""The life of a formulation: written by a scientist, approved by a process owner who did not write it, and retired."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.formulation import Excipient, InkLot, PharmaInk
from printcare.domain.legal import Justification, LegalGround, LegalRoute, ground_objections
from printcare.domain.people import Role
from printcare.records.accounts import Account
from printcare.records.signatures import counting, sign
from printcare.records.store import Actor, Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.ink.materials import stop
from printcare.workflow.states import state_of

DRAFT, APPROVED, RETIRED = "draft", "approved", "retired"
GROUND = "default legal ground"
# From, to, and the command that moves it; what is not here is refused.
FORMULATION_MOVES: tuple[tuple[str | None, str, str], ...] = (
    (None, DRAFT, "ink_formulation.write"),
    (DRAFT, DRAFT, "ink_formulation.write"),
    (DRAFT, APPROVED, "ink_formulation.approve"),
    (APPROVED, RETIRED, "ink_formulation.retire"),
)


def write_formulation(records: Store, author: Account, ink: PharmaInk) -> str:
    """Put a draft on record and return its key; one that was approved is never written over."""
    actor = allowed(records, author, "ink_formulation.write")
    key = f"{ink.id}/{ink.version}"
    status = _moved(records, actor, key, "ink_formulation.write")
    written_by = (records.get("ink_formulation", key) or {}).get("authors", ())  # who changes a draft is one of them
    state = {
        "ink_id": ink.id, "version": ink.version, "digest": ink.digest, "content": state_of(ink),
        "status": status, "authors": sorted({author.id, *written_by}),
    }  # fmt: skip
    with records.transaction(actor) as tx:
        tx.record("ink_formulation.written", "ink_formulation", key, state)
    return key


def approve_formulation(records: Store, approver: Account, password: str, key: str) -> None:
    """Approve a draft by signature; raises Refused for its author."""
    _sign_move(records, approver, password, key, "ink_formulation.approve", "approved")


def retire_formulation(records: Store, approver: Account, password: str, key: str) -> None:
    """Retire an approved formulation by signature: no lot of it is released any more, and none is printed."""
    _sign_move(records, approver, password, key, "ink_formulation.retire", "retired")


def formulation_of(records: Store, ink_id: str, version: int) -> PharmaInk | tuple[Finding, ...]:
    """Return the approved formulation, signed over exactly this content, or why there is none."""
    key = f"{ink_id}/{version}"
    state = records.get("ink_formulation", key)
    if state is None or state["status"] != APPROVED:
        stands = "not on record" if state is None else state["status"]
        remedy = "Have a process owner who did not write it approve it."
        return (error("E_FORMULATION_NOT_APPROVED", f"The formulation {key} is {stands}.", remedy, "formulation"),)
    wanted = (Role.PROCESS_OWNER, APPROVED)
    signed = counting(records, "ink_formulation", key)
    if not any((each.role, each.meaning) == wanted and each.covers(state) for each in signed):
        told = f"No signature covers the approval of the formulation {key}."
        return (error("E_FORMULATION_UNSIGNED", told, "Have it approved again.", "formulation"),)
    return ink_from(state["content"])


def set_legal_ground(records: Store, owner: Account, password: str, inn: str, ground: LegalGround) -> None:
    """Sign the site's default legal ground of a product; every batch that states none of its own is made on it."""
    actor = allowed(records, owner, "site.configure")
    key = _ground_key(inn)
    state = {"inn": inn, **state_of(ground)}
    if records.get("site_setting", key) is None:
        with records.transaction(actor) as tx:
            tx.record("site.legal_ground", "site_setting", key, state)
        becoming: tuple[tuple[str, dict[str, object]], ...] = ()
    else:
        becoming = (("site.legal_ground", state),)
    sign(records, owner.login, password, actor.role, GROUND, "site_setting", key, becoming=becoming)


def default_ground(records: Store, inn: str) -> LegalGround | None:
    """Return the site's signed default for a product, or None."""
    key = _ground_key(inn)
    state = records.get("site_setting", key)
    wanted = (Role.PROCESS_OWNER, GROUND)
    if state is None or not any(
        (each.role, each.meaning) == wanted and each.covers(state) for each in counting(records, "site_setting", key)
    ):
        return None
    given = state["justification"]
    return LegalGround(state["jurisdiction"], state["route"], None if given is None else Justification(**given))


def legal_stops(records: Store, lot: InkLot, ground: LegalGround | None) -> tuple[Finding, ...]:
    """Return why a batch of this lot may not be made on this ground: its formulation names the routes."""
    ink = formulation_of(records, lot.ink_id, lot.formulation_version)
    if isinstance(ink, tuple):
        return ink
    return ground_objections(ground, ink.legal)


def ink_from(content: Mapping[str, Any]) -> PharmaInk:
    """Return a formulation from its recorded content, the reverse of `state_of`."""
    figures = ("factor", "drug_mg_per_g", "strength_mg_per_g", "nominal_lod_pct", "in_use_h", "warm_max_h")
    low, high = content["storage_c"]
    known = {
        **content,
        **{name: Decimal(content[name]) for name in figures},
        "storage_c": (Decimal(low), Decimal(high)),
        "excipients": tuple(
            Excipient(each["name"], Decimal(each["mg_per_g"]), each["function"]) for each in content["excipients"]
        ),
        "legal": tuple(LegalRoute(**each) for each in content["legal"]),
    }
    return PharmaInk(**known)


def _sign_move(records: Store, approver: Account, password: str, key: str, command: str, meaning: str) -> None:
    actor = allowed(records, approver, command)
    status = _moved(records, actor, key, command)
    state = records.get("ink_formulation", key) or {}
    own = people.approval_by(approver.id, state["authors"])
    stop_where(records, actor, command, "ink_formulation", key, () if own is None else (own,))
    becoming = ((f"ink_formulation.{meaning}", state | {"status": status}),)
    sign(records, approver.login, password, actor.role, meaning, "ink_formulation", key, becoming=becoming)


def _moved(records: Store, actor: Actor, key: str, command: str) -> str:
    current = (records.get("ink_formulation", key) or {}).get("status")
    leads = [end for start, end, name in FORMULATION_MOVES if (start, name) == (current, command)]
    if not leads:
        told = f"The formulation {key} is {current or 'not on record'}, and {command} does not apply to it."
        unknown = "Name it as ID/VERSION, and see `printcare ink write`."
        remedy = unknown if current is None else "A change is a new version: write that."
        finding = error("E_FORMULATION_MOVE", told, remedy, "formulation")
        stop(records, actor, command, "ink_formulation", key, finding)
    return leads[0]


def _ground_key(inn: str) -> str:
    return f"legal-ground/{inn}"
