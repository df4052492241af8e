"""Electronic signatures: full re-authentication, a meaning, and the signer's own key over what was signed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any  # a state is parsed JSON

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select

from printcare.domain.canonical import canonical_bytes, digest
from printcare.domain.events import DONE, SIGNED_FIELDS, Signature
from printcare.errors import PrintcareError
from printcare.records import personal_keys
from printcare.records.accounts import Account, authenticate, find
from printcare.records.checkpoints import Cosigner
from printcare.records.passwords import LOW_MEMORY, Hashing
from printcare.records.schema import WRAPPED_KEY
from printcare.records.store import Store, Transaction
from printcare.records.writing import offset_text, utc_text

# Whoever decides on a batch puts their own key under the head that holds the decision.   records.md §8.6 b
COUNTERSIGNED = frozenset({"batch.release", "batch.reject", "batch.rehearse"})
GIVES_A_KEY = ("account.created", "account.password_reset")


def sign(
    records: Store,
    user: str,
    password: str,
    role: str,
    meaning: str,
    object_type: str,
    object_id: str,
    *,
    becoming: tuple[tuple[str, Mapping[str, Any]], ...] = (),
    reason: str | None = None,
    before: Callable[[Transaction], None] | None = None,
    hashing: Hashing = LOW_MEMORY,
) -> Signature:
    """Re-authenticate `user` (a login name), sign the present state of a bound row, and record it.

    `becoming` are (action, state) steps the row takes with this signature and in its transaction, or not at all: no
    row ever stands in a state that wants a signature without bearing it. The last one is what is signed. `reason`
    stands in their events; `before` records what else changes in this transaction, or raises and with it forbids all.

    Raises PrintcareError LOGIN_REFUSED, PASSWORD_CHANGE_DUE, ROLE_NOT_HELD, MEANING_MISSING, NOTHING_TO_SIGN,
    KEY_LOCKED, or SIGNED_STATE_CHANGED when the row changed while the password was being checked.
    """
    if not meaning.strip():
        raise PrintcareError(
            "MEANING_MISSING", "A signature says what it means.", "Name its meaning, such as 'released'."
        )
    account = authenticate(records, user, password, hashing=hashing)
    actor = account.actor(role)
    if account.must_change_password:
        with records.transaction(actor) as tx:
            tx.record("signature.made", object_type, object_id, outcome="refused", reason_code="PASSWORD_CHANGE_DUE")
        told = "The password was set by someone else."
        raise PrintcareError("PASSWORD_CHANGE_DUE", told, "Change it with `printcare user password`, then sign.")
    state = records.get(object_type, object_id)
    if state is None:
        raise PrintcareError("NOTHING_TO_SIGN", f"The record holds no {object_type} {object_id}.", "Name one it holds.")
    signed = becoming[-1][1] if becoming else state
    made, private = _make(records, account, password, role, meaning, (object_type, object_id, digest(signed)))
    with records.transaction(actor) as tx:
        if tx.get(object_type, object_id) != state:
            what = f"{object_type} {object_id} changed while it was being signed."
            raise PrintcareError("SIGNED_STATE_CHANGED", what, "Read it again, then sign.")
        if before is not None:
            before(tx)
        for action, step in becoming:
            tx.record(action, object_type, object_id, step, reason_text=reason)
        tx.sign(made.id, {**made.payload(), "value": made.value})
    if COUNTERSIGNED & {action for action, _ in becoming}:
        records.checkpoint(Cosigner(account.id, private))
    return made


def sign_statement(
    records: Store,
    user: str,
    password: str,
    role: str,
    meaning: str,
    statement: Mapping[str, Any],
    *,
    hashing: Hashing = LOW_MEMORY,
) -> Signature:
    """Re-authenticate and sign what stands in no row yet, such as the first words of an epoch; nothing is recorded.

    Raises PrintcareError LOGIN_REFUSED, ROLE_NOT_HELD, PASSWORD_CHANGE_DUE, KEY_LOCKED.
    """
    account = authenticate(records, user, password, hashing=hashing)
    account.actor(role)
    if account.must_change_password:
        told = "The password was set by someone else."
        raise PrintcareError("PASSWORD_CHANGE_DUE", told, "Change it with `printcare user password`, then sign.")
    what = ("statement", digest(statement)[:16], digest(statement))
    return _make(records, account, password, role, meaning, what)[0]


def covers(signature: Signature, state: Mapping[str, object]) -> bool:
    """Say whether the signature still covers this state; after any change it does not (P14, D13)."""
    return signature.covers(state)


def is_genuine(signature: Signature) -> bool:
    """Say whether the signature was made by its key over exactly what it says."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
    try:
        key.verify(base64.b64decode(signature.value), canonical_bytes(signature.payload()))
    except InvalidSignature:
        return False
    return True


def signatures_of(records: Store, object_type: str, object_id: str) -> list[Signature]:
    """Return the signatures of one record in the order they were given, with the signers' names."""
    found = records.all("signature", object_type=object_type, object_id=object_id)
    return [_read(records, state) for state in found.values()]


def counting(records: Store, object_type: str, object_id: str) -> list[Signature]:
    """Return the genuine signatures of one record: each made by a key that its account was given here.

    A signature proves by itself only that some key made it; whose key that is, the record's own events say.
    """
    found = [each for each in signatures_of(records, object_type, object_id) if is_genuine(each)]
    keys = {account: _keys_given(records, account) for account in {each.account for each in found}}
    return [each for each in found if each.public_key in keys[each.account]]


def _keys_given(records: Store, account: str) -> set[str]:
    given = (event for action in GIVES_A_KEY for event in records.events(object_id=account, action=action))
    return {event.content["new"]["public_key"] for event in given if event.content["outcome"] == DONE}


def _make(
    records: Store, account: Account, password: str, role: str, meaning: str, signed: tuple[str, str, str]
) -> tuple[Signature, Ed25519PrivateKey]:
    person = (records.get("account", account.id) or {})["person"]
    with records.reading() as connection:
        text = connection.execute(select(WRAPPED_KEY.c.wrapped).where(WRAPPED_KEY.c.account == account.id)).scalar_one()
    wrapped = personal_keys.WrappedKey.read(str(text))
    earlier = records.all("signature", object_type=signed[0], object_id=signed[1])
    now = records.context.clock()
    fields: dict[str, Any] = {
        "id": f"{signed[0]}/{signed[1]}/{len(earlier) + 1}",
        "account": account.id,
        "role": str(role),
        "meaning": meaning,
        "object_type": signed[0],
        "object_id": signed[1],
        "object_hash": signed[2],
        "signed_at": utc_text(now),
        "utc_offset": offset_text(now),
        "person_commitment": (records.get("person", person) or {})["commitment"],
        "previous": digest(list(earlier.values())[-1]) if earlier else None,
        "public_key": wrapped.public_key,
    }
    private = personal_keys.unwrap(wrapped, account.id, password)
    raw = private.sign(canonical_bytes(fields))
    return Signature(name=account.name, value=base64.b64encode(raw).decode(), **fields), private


def _read(records: Store, state: dict[str, Any]) -> Signature:
    fields = {name: state[name] for name in SIGNED_FIELDS}
    return Signature(name=find(records, state["account"]).name, value=state["value"], **fields)
