"""Who may speak to a running job: a password gives a ticket, and the job asks the record whose ticket it is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256

from printcare.domain.checks import Finding, error
from printcare.domain.events import DONE
from printcare.errors import PrintcareError
from printcare.records.accounts import Account, authenticate, log_in
from printcare.records.store import Actor, Store
from printcare.workflow.authority import Refused, in_session

ADMITTED = "job.admitted"
TICKET_BYTES = 32
MOST_TICKETS = 10_000  # of one batch


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody who has shown their password, and the ticket that says so to one job; it ends with their session."""

    account: Account
    ticket: str


def admit(records: Store, login: str, password: str, batch_id: str, account: Account | None = None) -> Admission:
    """Return the ticket with which who knows this password speaks to the job of a batch.

    `account` is who is signed in at this window already, whose session the ticket then belongs to; without it a session
    begins. The record holds the ticket's digest alone, so that nobody who reads the record can use it.
    Raises PrintcareError LOGIN_REFUSED, BATCH_UNKNOWN, or SESSION_NONE for an account without a session.
    """
    if records.get("batch", batch_id) is None:
        raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.")
    if account is None:
        entered = log_in(records, login, password)
    else:
        known = authenticate(records, login, password)
        if known.id != account.id or account.session is None:
            told = f"{login} has no session at this window."
            raise PrintcareError("SESSION_NONE", told, "Sign in on the page Sign in.")
        entered = account
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    with records.transaction(Actor(entered.id, "account", entered.session)) as tx:
        tx.record(ADMITTED, "job", batch_id, {"ticket_sha256": _digest(ticket)})
    return Admission(entered, ticket)


def not_admitted(records: Store, batch_id: str, account_id: str, ticket: str) -> Finding | None:
    """Return why a ticket does not let this account speak to the job of a batch, or None where it does."""
    for event in records.events(object_id=batch_id, action=ADMITTED, limit=MOST_TICKETS):
        content = event.content
        is_theirs = content["actor_id"] == account_id and content["outcome"] == DONE
        if is_theirs and secrets.compare_digest(content["new"]["ticket_sha256"], _digest(ticket)):
            return _session_over(records, account_id, str(content["session"]))
    told = "The ticket is not one this account was given for this job."
    return error("ENDPOINT_TICKET", told, "Sign in with your password again.", "user")


def _session_over(records: Store, account_id: str, session: str) -> Finding | None:
    try:
        in_session(records, account_id, session)
    except Refused as refused:
        return refused.findings[0]
    return None


def _digest(ticket: str) -> str:
    return sha256(ticket.encode()).hexdigest()
