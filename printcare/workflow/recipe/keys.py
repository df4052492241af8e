"""Whose bundles count here: a supplier's key is trusted and revoked by a process owner's signature."""

from __future__ import annotations

from printcare.domain.checks import Finding, error
from printcare.domain.people import Role
from printcare.errors import PrintcareError
from printcare.formats.bundle import fingerprint
from printcare.records.accounts import Account
from printcare.records.signatures import counting, sign
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse

TABLE = "trusted_key"
PROPOSED, TRUSTED, REVOKED = "proposed", "trusted", "revoked"
MEANING = "trusted the key, its fingerprint compared"


def trust_key(
    records: Store, account: Account, password: str, public_key: str, typed: str, supplier: str, reason: str
) -> str:
    """Trust a supplier's key and return its fingerprint, which the person typed from the supplier's own paper.

    Raises Refused, recorded, where what was typed is another, or the key was revoked: then it stays so.
    """
    actor = allowed(records, account, "key.trust")
    try:
        name = fingerprint(public_key)
    except PrintcareError as fault:
        no_key = (error(fault.code, fault.message, fault.remedy, "key"),)
        refuse(records, actor, "key.trust", TABLE, "unknown", no_key)
        raise Refused(no_key) from fault
    known = records.get(TABLE, name)
    stops = _reason_missing(reason)
    if _plain(typed) != _plain(name):
        told = "What was typed is not the fingerprint of this key."
        stops.append(error("E_FINGERPRINT", told, "Compare it with what the supplier sent another way.", "fingerprint"))
    if known is not None and known["status"] != PROPOSED:
        told = f"The key {name} is {known['status']}."
        stops.append(error("E_KEY_KNOWN", told, "Ask the supplier for another key, or use the one there is.", "key"))
    if stops:
        refuse(records, actor, "key.trust", TABLE, name, tuple(stops))
        raise Refused(tuple(stops))
    state = {"status": PROPOSED, "public_key": public_key, "supplier": supplier, "by": account.id}
    if known != state:
        with records.transaction(actor) as tx:
            tx.record("key.proposed", TABLE, name, state)
    step = (("key.trust", state | {"status": TRUSTED}),)
    sign(records, account.login, password, Role.PROCESS_OWNER, MEANING, TABLE, name, becoming=step, reason=reason)
    return name


def revoke_key(records: Store, account: Account, password: str, named: str, reason: str) -> None:
    """Revoke a key: nothing more is imported from it. Raises Refused for a key that is not trusted here."""
    actor = allowed(records, account, "key.revoke")
    state = records.get(TABLE, named)
    stops = _reason_missing(reason)
    if state is None or state["status"] != TRUSTED:
        told = f"The key {named} is {state['status'] if state else 'not known'} here."
        stops.append(error("E_KEY_KNOWN", told, "See `printcare recipe keys`.", "key"))
    if stops or state is None:
        refuse(records, actor, "key.revoke", TABLE, named, tuple(stops))
        raise Refused(tuple(stops))
    step = (("key.revoke", state | {"status": REVOKED, "by": account.id}),)
    role = Role.PROCESS_OWNER
    sign(records, account.login, password, role, "revoked the key", TABLE, named, becoming=step, reason=reason)


def trusted_keys(records: Store) -> set[str]:
    """Return the fingerprints whose trust bears a process owner's signature over exactly what stands there."""
    return {
        name
        for name, state in records.all(TABLE, status=TRUSTED).items()
        if any(
            (signed.role, signed.meaning) == (Role.PROCESS_OWNER, MEANING)
            and signed.covers(state)
            and _is_named(name, state["public_key"])
            for signed in counting(records, TABLE, name)
        )
    }


def _is_named(name: str, public_key: str) -> bool:
    try:
        return fingerprint(public_key) == name
    except PrintcareError:
        return False


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum()).casefold()


def _reason_missing(reason: str) -> list[Finding]:
    if reason.strip():
        return []
    return [error("E_REASON_MISSING", "A key is trusted or revoked for a reason.", "State it.", "reason")]
