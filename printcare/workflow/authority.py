"""Who may do what, asked at the door of every use case; a refusal is recorded before it is told."""

from __future__ import annotations

from printcare.domain import people
from printcare.domain.checks import Finding
from printcare.errors import PrintcareError
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store


class Refused(PrintcareError):  # noqa: N818 - what happened to the command, in the words of the command line
    """A command was refused, and the refusal is in the record; `findings` say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        super().__init__(first.code, first.reason, first.remedy)
        self.findings = findings


def allowed(records: Store, account: Account, command: str) -> Actor:
    """Return the actor in the role that permits the command; raises Refused, recorded, where none does."""
    objection = people.refusal(account.roles, command)
    if objection is None:
        return account.actor_for(command)
    refuse(records, Actor(account.id, "account", account.session), command, "account", account.id, (objection,))
    raise Refused((objection,))


def refuse(
    records: Store, actor: Actor, action: str, object_type: str, object_id: str, findings: tuple[Finding, ...]
) -> None:
    """Record that a command was refused, and by which rule."""
    told = {"findings": [finding.as_dict() for finding in findings]}
    with records.transaction(actor) as tx:
        tx.record(action, object_type, object_id, told, outcome="refused", reason_code=findings[0].code)
