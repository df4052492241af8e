"""Run a protocol step by step, keep the evidence, deal with what failed, and have another person approve it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.checks import error
from printcare.domain.people import Actor
from printcare.domain.qualification import Executed, Protocol, RunStatus, Step, StepOutcome, ends_at, status_of
from printcare.errors import PrintcareError
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.qualify.check_site import Checked, Site
from printcare.workflow.qualify.protocol_checks import CHECKS, NEEDS_SIMULATION
from printcare.workflow.site.equipment import equipment_of
from printcare.workflow.states import as_state, state_of

TABLE = "qualification"


def begin_run(
    records: Store, account: Account, protocol: Protocol, subject: str, recipe: str, *, is_simulated: bool
) -> str:
    """Begin a run of a protocol on a piece of equipment and return its key; a PQ names the recipe, id/version.

    Raises Refused, recorded, for equipment the register does not hold, or of another kind than the protocol's.
    """
    command = "printer.qualify"
    actor = allowed(records, account, command)
    known, findings = equipment_of(records, subject), []
    if known is None or known.kind != protocol.of:
        told = f"{subject} is no {protocol.of} of the register."
        findings.append(error("E_EQUIPMENT_UNKNOWN", told, "See `printcare printer list`.", "equipment"))
    if (protocol.stage == "PQ") != bool(recipe):
        told = f"A {protocol.stage} {'names a' if protocol.stage == 'PQ' else 'is of no'} recipe."
        findings.append(error("E_QUALIFICATION_RECIPE", told, "Name it with --recipe, for a PQ alone.", "recipe"))
    stop_where(records, actor, command, TABLE, subject, findings)
    state = {
        "subject": subject,
        "status": RunStatus.RUNNING.value,
        "stage": protocol.stage,
        "recipe": recipe,
        "protocol": f"{protocol.id}/{protocol.version}",
        "protocol_digest": protocol.digest,
        "title": protocol.title,
        "identity": {
            "profile": "" if known is None else known.profile_digest,
            "firmware": "" if known is None else known.firmware,
            "program": records.context.app_version,
        },
        "steps": [],
        "run_by": account.id,
        "started_at": as_state(records.context.clock()),
        "until": "",
        "simulated": is_simulated,
    }
    with records.transaction(actor) as tx:
        key = f"Q-{len(records.all(TABLE)) + 1:04d}"
        tx.record("qualification.begun", TABLE, key, state)
    return key


def run_step(records: Store, account: Account, protocol: Protocol, key: str, step: Step, site: Site) -> Executed:
    """Make one automatic step and record it; a check that breaks has failed, with what it said."""
    command = "printer.qualify"
    actor = allowed(records, account, command)
    try:
        if step.check in NEEDS_SIMULATION and not site.rig.is_simulated:
            told = "On real equipment a person provokes this and answers for it: `printcare qualify answer`."
            return _execute(records, actor, protocol, key, step, StepOutcome.FAILED, (("not run", told),))
        found = CHECKS[step.check](site)
    except PrintcareError as fault:
        found = Checked(False, (("stopped", f"{fault.code}: {fault.message}"),))
    outcome = StepOutcome.PASSED if found.passed else StepOutcome.FAILED
    return _execute(records, actor, protocol, key, step, outcome, found.evidence)


def answer_step(
    records: Store, account: Account, protocol: Protocol, key: str, step: Step, *, passed: bool, evidence: str
) -> Executed:
    """Record a person's answer to a step, with what they saw; raises Refused, recorded, without evidence."""
    command = "printer.qualify"
    actor = allowed(records, account, command)
    if not evidence.strip():
        told = f"Step {step.id} was answered without saying what was seen."
        stop_where(records, actor, command, TABLE, key, [error("E_STEP_EVIDENCE", told, "Write it down.", "evidence")])
    outcome = StepOutcome.PASSED if passed else StepOutcome.FAILED
    return _execute(records, actor, protocol, key, step, outcome, (("seen", evidence),))


def accept_deviation(records: Store, account: Account, protocol: Protocol, key: str, step_id: str, reason: str) -> None:
    """Let quality close the deviation of a failed step with its reason; who ran the protocol never does."""
    command = "deviation.accept"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, key)
    findings = [each for each in (people.approval_by(account.id, [state["run_by"]]),) if each is not None]
    last = {each["step"]: each for each in state["steps"]}.get(step_id)
    if last is None or last["outcome"] != StepOutcome.FAILED or not reason.strip():
        told = f"Step {step_id} of {key} did not fail, or no reason was given."
        findings.append(error("E_STEP_DEVIATION", told, "Name a failed step, with the reason.", "step"))
    stop_where(records, actor, command, TABLE, key, findings)
    made = dict(last or {}) | {"outcome": StepOutcome.DEVIATION.value, "deviation": reason, "by": account.id}
    _keep(records, actor, protocol, key, state, made, "qualification.deviation")


def approve_run(records: Store, account: Account, password: str, protocol: Protocol, key: str) -> datetime:
    """Sign a finished run, by another person than who ran it, and return until when it stands.

    Raises Refused, recorded, while a step is missing or failed.
    """
    command = "qualification.approve"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, key)
    findings = [each for each in (people.approval_by(account.id, _runners(state)),) if each is not None]
    if state["status"] != RunStatus.FINISHED or state["protocol_digest"] != protocol.digest:
        told = f"Run {key} is {state['status']}, of protocol {state['protocol']}."
        findings.append(error("E_QUALIFICATION_STATE", told, "Finish every step, or close its deviation.", "run"))
    stop_where(records, actor, command, TABLE, key, findings)
    until = ends_at(protocol, records.context.clock())
    approved = state | {"status": RunStatus.APPROVED.value, "until": as_state(until), "approved_by": account.id}
    meaning = f"approved the {state['stage']} of {state['subject']}"
    own = (TABLE, key)
    sign(records, account.login, password, actor.role, meaning, *own, becoming=((command, approved),))
    return until


def refuse_run(records: Store, account: Account, key: str, reason: str) -> None:
    """Refuse a run: it never counts, and its evidence stays."""
    command = "qualification.refuse"
    actor = allowed(records, account, command)
    state = _state(records, actor, command, key)
    if state["status"] == RunStatus.APPROVED or not reason.strip():
        told = f"Run {key} is approved, or no reason was given."
        stop_where(records, actor, command, TABLE, key, [error("E_QUALIFICATION_STATE", told, "State why.", "run")])
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, key, state | {"status": RunStatus.REFUSED.value}, reason_text=reason)


def runs_of(records: Store, subject: str = "") -> dict[str, dict[str, Any]]:
    """Return the runs on record, of one piece of equipment or of all."""
    rows = records.all(TABLE, subject=subject) if subject else records.all(TABLE)
    return dict(rows)


def _runners(state: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({str(state["run_by"]), *(str(each["by"]) for each in state["steps"] if not each["deviation"])})


def _execute(
    records: Store,
    actor: Actor,
    protocol: Protocol,
    key: str,
    step: Step,
    outcome: StepOutcome,
    evidence: tuple[tuple[str, str], ...],
) -> Executed:
    command = "printer.qualify"
    state = _state(records, actor, command, key)
    if state["status"] in (RunStatus.APPROVED, RunStatus.REFUSED) or state["protocol_digest"] != protocol.digest:
        told = f"Run {key} is {state['status']}, of protocol {state['protocol']}."
        stop_where(
            records, actor, command, TABLE, key, [error("E_QUALIFICATION_STATE", told, "Begin a new run.", "run")]
        )
    made = Executed(step.id, outcome, evidence, actor.id, records.context.clock())
    row = state_of(made) | {"outcome": outcome.value}
    _keep(records, actor, protocol, key, state, row, "qualification.step")
    return made


def _keep(
    records: Store,
    actor: Actor,
    protocol: Protocol,
    key: str,
    state: Mapping[str, Any],
    made: Mapping[str, Any],
    action: str,
) -> None:
    steps = [*state["steps"], dict(made)]
    status = status_of(protocol, [_read(each) for each in steps])
    with records.transaction(actor) as tx:
        tx.record(action, TABLE, key, {**state, "steps": steps, "status": status.value})


def _read(state: Mapping[str, Any]) -> Executed:
    at = datetime.fromisoformat(state["at"])
    evidence = tuple((str(name), str(value)) for name, value in state["evidence"])
    return Executed(state["step"], StepOutcome(state["outcome"]), evidence, state["by"], at, "", state["deviation"])


def _state(records: Store, actor: Actor, command: str, key: str) -> dict[str, Any]:
    state = records.get(TABLE, key)
    if state is None:
        told = f"There is no run {key} on record."
        stop_where(
            records,
            actor,
            command,
            TABLE,
            key,
            [error("E_NOT_ON_RECORD", told, "See `printcare qualify list`.", "run")],
        )
    return state or {}
