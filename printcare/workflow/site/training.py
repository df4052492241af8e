"""Training on record: an assessment by a trainer, and what it permits until it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding, blocking, error
from printcare.domain.requirement import TRAINING, Held, unmet
from printcare.domain.training import BY_NAME, MODULES, PASSED, Trained, assessment_stops, still_until, subject_of
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.mode import present
from printcare.workflow.states import as_state, state_of

TABLE, CURRENT, REVOKED = "training", "current", "revoked"


def record_training(records: Store, account: Account, trained: Trained) -> None:
    """Enter an assessment, passed or not; raises Refused, recorded, for one that does not count.

    A failed one ends what was there before: the permission goes at once.
    """
    command = "training.record"
    actor = allowed(records, account, command)
    findings = [*assessment_stops(trained)]
    if trained.trainer != account.id:
        told = f"{trained.trainer} is named as the trainer, and {account.id} enters it."
        findings.append(error("E_TRAINING_TRAINER", told, "Have the trainer enter it.", "trainer"))
    if records.get("account", trained.person) is None:
        told = f"There is no account {trained.person}."
        findings.append(error("E_PERSON_UNKNOWN", told, "See `printcare user list`.", "person"))
    if findings:
        refuse(records, actor, command, TABLE, f"{trained.person}|{trained.module}", tuple(findings))
        raise Refused(tuple(findings))
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, trained.key, row_of(trained))


def revoke_training(records: Store, account: Account, key: str, reason: str) -> None:
    """End a training before its time; the permission goes at once."""
    command = "training.revoke"
    actor = allowed(records, account, command)
    state = records.get(TABLE, key)
    if state is None or not reason.strip():
        told = f"The training {key} is not on record, or no reason was given."
        finding = error("E_TRAINING_REVOKE", told, "Name one that is, with the reason.", "training")
        refuse(records, actor, command, TABLE, key or "none", (finding,))
        raise Refused((finding,))
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, key, state | {"status": REVOKED}, reason_text=reason)


def row_of(trained: Trained) -> dict[str, Any]:
    """Return the row of an assessment."""
    status = CURRENT if trained.assessed == PASSED else REVOKED
    return state_of(trained) | {"status": status, "until": as_state(trained.until()), "simulated": False}


def matrix(records: Store, now: datetime) -> list[dict[str, Any]]:
    """Return every person's modules with version, end and whether they count now, for people to read."""
    rows = []
    for key, state in records.all(TABLE).items():
        is_current = state["status"] == CURRENT and now <= datetime.fromisoformat(state["until"])
        named = ("person", "module", "recipe", "printer", "version", "until", "trainer", "simulated")
        rows.append({"id": key, **{name: state[name] for name in named}, "counts": is_current})
    return rows


def modules_for(command: str) -> tuple[str, ...]:
    """Return the modules a command needs."""
    return tuple(module.name for module in MODULES if command in module.permits)


def not_trained(records: Store, actor: Actor, account: Account, command: str, object_type: str, object_id: str) -> None:
    """Refuse a command, recorded, to who is not trained for it; raises Refused as `untrained` says."""
    found = untrained(records, account, command, records.context.clock())
    if found:
        refuse(records, actor, command, object_type, object_id, found)
        raise Refused(found)


def untrained(records: Store, account: Account, command: str, now: datetime) -> tuple[Finding, ...]:
    """Return which trainings of a deed somebody lacks: ended or revoked in every mode, never had where it counts.

    Before a site releases anything its people have no trainings yet: their practical part is made in the rehearsal.
    """
    is_real = present(records).allows_release
    wanted = [(TRAINING, subject_of(account.id, name, "", "")) for name in modules_for(command)]
    known = {each: held for each in wanted if (held := training_held(records, each[1])) is not None}
    asked = [each for each in wanted if is_real or each in known]
    return blocking(unmet(asked, known, now, blocks=True, counts_simulated=not is_real))


def training_held(records: Store, subject: str, used_at: datetime | None = None) -> Held | None:
    """Return what is on record of a training; one of a recipe or a printer ends early where it was not `used_at`."""
    state = records.get(TABLE, subject)
    if state is None:
        return None
    findings: tuple[Finding, ...] = ()
    if state["status"] != CURRENT:
        told = f"The training {subject} was not passed, or was revoked."
        findings = (error("E_TRAINING_EXPIRED", told, TRAINING.remedy, "training"),)
    until, module = datetime.fromisoformat(state["until"]), BY_NAME[state["module"]]
    if module.of_recipe or module.of_printer:
        until = still_until(until, datetime.fromisoformat(state["read_at"]), used_at)
    return Held(until, bool(state["simulated"]), findings)
