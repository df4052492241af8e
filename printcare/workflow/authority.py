"""Who may do what, asked at the door of every use case; a refusal is recorded before it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.events import DONE
from printcare.errors import PrintcareError
from printcare.records.accounts import Account, find
from printcare.records.store import Actor, Store

MOST_LOGINS = 1_000_000
LONGEST_SESSION = timedelta(hours=12)  # U10; a print that began within it goes on


class Refused(PrintcareError):  # noqa: N818 - what happened to the command, in the words of the command line
    """A command was refused, and the refusal is in the record; `findings` say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        super().__init__(first.code, first.reason, first.remedy)
        self.findings = findings


def allowed(records: Store, account: Account, command: str) -> Actor:
    """Return the actor in the role that permits the command; raises Refused, recorded, where none does.

    What counts are the roles the account holds now, whatever it held when the session began, and the session's age.
    """
    state = records.get("account", account.id)
    roles = account.roles if state is None else tuple(role for role in account.roles if role in state["roles"])
    objection = _ended(records, account, state) or people.refusal(roles, command)
    if objection is None:
        return replace(account, roles=roles).actor_for(command)
    refuse(records, Actor(account.id, "account", account.session), command, "account", account.id, (objection,))
    raise Refused((objection,))


def _ended(records: Store, account: Account, state: Mapping[str, Any] | None) -> Finding | None:
    """Return why a session counts no more: its account stands closed, or it is older than a session gets."""
    if state is not None and state["status"] != "active":
        told = f"The account {account.id} is {state['status']}."
        return error("ACCOUNT_NOT_ACTIVE", told, "Ask an administrator.", "session")
    if account.began_at is None or records.context.clock() - account.began_at <= LONGEST_SESSION:
        return None
    told = f"The session is older than {LONGEST_SESSION.total_seconds() / 3600:.0f} hours."
    return error("SESSION_ENDED", told, "Sign in again; a running print goes on.", "session")


def in_session(records: Store, account_id: str, session: str) -> Account:
    """Return the account a recorded login opened, for a process that was given the session and no password.

    Raises Refused for a session the record does not hold, that was closed, or whose account is no longer active.
    """
    state = records.get("account", account_id) or {}
    steps: dict[str, set[str]] = {}
    began: dict[str, str] = {}
    for action in ("account.login", "account.logout"):
        found = records.events(object_id=account_id, object_type="account", action=action, limit=MOST_LOGINS)
        contents = [event.content for event in found]
        steps[action] = {content["session"] for content in contents if content["outcome"] == DONE}
        began |= {content["session"]: content["ts_utc"] for content in contents if action == "account.login"}
    is_open = session in steps["account.login"] - steps["account.logout"] and state.get("status") == "active"
    if not is_open:
        told = f"The record holds no open session of {account_id} by this name."
        raise Refused((error("SESSION_UNKNOWN", told, "Log in again, then start the job.", "session"),))
    began_at = datetime.fromisoformat(began[session])
    return replace(find(records, account_id), session=session, began_at=began_at)


def stop_where(
    records: Store, actor: Actor, command: str, object_type: str, object_id: str, findings: Iterable[Finding]
) -> None:
    """Record the refusal and raise Refused where there is any finding."""
    stops = tuple(findings)
    if stops:
        refuse(records, actor, command, object_type, object_id or "none", stops)
        raise Refused(stops)


@contextmanager
def refusals_recorded(records: Store, actor: Actor, action: str, object_type: str, object_id: str) -> Iterator[None]:
    """Record what is refused inside: a transaction that refuses is rolled back, its refusal included."""
    try:
        yield
    except Refused as refused:
        refuse(records, actor, action, object_type, object_id, refused.findings)
        raise


def refuse(
    records: Store, actor: Actor, action: str, object_type: str, object_id: str, findings: tuple[Finding, ...]
) -> None:
    """Record that a command was refused, and by which rule."""
    told = {"findings": [finding.as_dict() for finding in findings]}
    with records.transaction(actor) as tx:
        tx.record(action, object_type, object_id, told, outcome="refused", reason_code=findings[0].code)
