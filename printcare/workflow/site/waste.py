"""A batch's waste: what was thrown away, by whom, and before which witness where its ink is hazardous; both sign."""

from __future__ import annotations

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.procedure import waste_is_witnessed
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store, Transaction
from printcare.workflow.authority import Refused, allowed, refuse

DESTROYED, TOOK, WITNESSED = "waste.destroyed", "took the waste away", "witnessed the waste destroyed"


def destroy_waste(
    records: Store, account: Account, password: str, witness: Account, witness_password: str, batch_id: str, what: str
) -> None:
    """Record that a batch's waste was destroyed before a witness, signed by both; raises Refused, recorded.

    `what` counts it: rejected units by position, wipes, gloves, disposables (quality.md §11).
    """
    actor = allowed(records, account, "cartridge.discard")
    witness_role = allowed(records, witness, "cartridge.witness").role
    same = people.second_person(account.id, witness.id)
    findings = [] if same is None else [same]
    if not what.strip():
        told = "Nobody says what was destroyed."
        findings.append(error("E_WASTE_ENTRY", told, "Count it: rejected units, wipes, gloves, disposables.", "waste"))
    if records.get("batch", batch_id) is None:
        findings.append(error("E_NOT_ON_RECORD", f"There is no batch {batch_id}.", "Name one that is.", "batch"))
    if findings:
        refuse(records, actor, DESTROYED, "job", batch_id, tuple(findings))
        raise Refused(tuple(findings))

    def note(tx: Transaction) -> None:
        """Record the step with the witness's signature, or not at all."""
        told = {"step": f"waste destroyed: {what.strip()}", "done_by": account.id, "checked_by": witness.id}
        tx.record(DESTROYED, "job", batch_id, told)

    sign(records, account.login, password, actor.role, TOOK, "batch", batch_id)
    sign(records, witness.login, witness_password, witness_role, WITNESSED, "batch", batch_id, before=note)


def waste_stops(records: Store, batch_id: str, hazard: str) -> tuple[Finding, ...]:
    """Return why a batch of this hazard class is not released yet: nobody saw its waste destroyed.

    A class nobody knows counts as the strictest.
    """
    if not waste_is_witnessed(hazard) or records.events(object_id=batch_id, action=DESTROYED, outcome="done", limit=1):
        return ()
    told = f"The waste of {batch_id}, {hazard or 'of an unknown hazard class'}, was not destroyed before a witness."
    remedy = "Count it and destroy it before a witness, both sign: `printcare clean waste`."
    return (error("E_WASTE_OPEN", told, remedy, "waste"),)
