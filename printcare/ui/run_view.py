"""One run of a protocol: every step with what was found, the questions a person answers, and its approval."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain.people import may
from printcare.domain.qualification import Protocol, RunStatus, Step, StepOutcome
from printcare.ui.forms import Asked, FormDeed, Given, choice, text
from printcare.ui.models import Fact, RegisterEntry, Section
from printcare.ui.protocol_run import protocol_of
from printcare.ui.words import tr
from printcare.workflow.entry import Account, Store, find, signatures_of
from printcare.workflow.qualify.qualification import (
    TABLE,
    accept_deviation,
    answer_step,
    approve_run,
    refuse_run,
)

State = Mapping[str, Any]
USUAL_RECIPE = "cyclophosphamide-sse"
PASSED, FAILED = "passed", "failed"
OPEN = (RunStatus.RUNNING, RunStatus.FAILED, RunStatus.FINISHED)


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one run, step by step."""
    key = named.partition("|")[2]
    state = records.get(TABLE, key) or {}
    protocol = protocol_of(str(state["protocol"]).partition("/")[0])
    facts = (
        Fact(tr("Equipment"), str(state["subject"]), "", tr("simulated") if state["simulated"] else ""),
        Fact(tr("Protocol"), str(state["protocol"]), "", protocol.title),
        Fact(tr("Run by"), find(records, str(state["run_by"])).name, "", str(state["started_at"])[:16]),
        Fact(tr("Recipe"), str(state["recipe"]) or "–"),
        Fact(tr("Stands until"), str(state["until"])[:10] or tr("not approved")),
    )
    heads = (tr("Step"), tr("Demanded"), tr("Outcome"), tr("Found"))
    steps = Section(tr("Steps"), heads, tuple(_line(step, state) for step in protocol.steps))
    signed = tuple((s.name, s.role, s.meaning, s.signed_at[:19]) for s in signatures_of(records, TABLE, key))
    signatures = Section(tr("Signatures"), (tr("Who"), tr("Role"), tr("Meaning"), tr("When, UTC")), signed)
    sections = (steps, signatures) if signed else (steps,)
    title = tr("{} run {}").format(state["stage"], key)
    return RegisterEntry(
        named, title, str(state["status"]), facts, sections, (), tuple(_deeds(account, state, protocol))
    )


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked of a run; raises Refused, recorded."""
    state = records.get(TABLE, given.key) or {}
    protocol = protocol_of(str(state["protocol"]).partition("/")[0])
    return _DO[given.verb](records, account, given, protocol)


def _line(step: Step, state: State) -> tuple[str, ...]:
    last = {each["step"]: each for each in state["steps"]}.get(step.id)
    demanded = f"{step.title}: {step.acceptance}"
    if last is None:
        return step.id, demanded, tr("waits for an answer") if step.question else tr("not made"), step.question
    found = "; ".join(f"{name} {value}" for name, value in last["evidence"])
    return step.id, demanded, str(last["outcome"]), found


def _deeds(account: Account, state: State, protocol: Protocol) -> Iterator[FormDeed]:
    role, status = ", ".join(account.roles), RunStatus(state["status"])
    last = {each["step"]: each["outcome"] for each in state["steps"]}
    failed = tuple(key for key, outcome in last.items() if outcome == StepOutcome.FAILED)
    waiting = tuple(step for step in protocol.steps if step.id not in last and not step.is_automatic)
    by_hand = tuple(step for step in protocol.steps if step.id in failed)
    if status in OPEN and (waiting or by_hand) and may(account.roles, "printer.qualify"):
        yield FormDeed("answer", tr("Answer a step"), role, "", is_signed=False, fields=_answer((*waiting, *by_hand)))
    if failed and may(account.roles, "deviation.accept"):
        fields = (choice("step", tr("Failed step"), failed), text("reason", tr("Why it may stand")))
        yield FormDeed("deviation", tr("Close the deviation of a step"), role, "", is_signed=False, fields=fields)
    if status is RunStatus.FINISHED and may(account.roles, "qualification.approve"):
        yield FormDeed("approve", tr("Approve the run"), role, f"approved the {state['stage']} of {state['subject']}")
    if status in OPEN and may(account.roles, "qualification.refuse"):
        why = (text("reason", tr("Reason")),)
        yield FormDeed("refuse", tr("Refuse the run"), role, "", is_signed=False, fields=why)
    yield FormDeed("report", tr("Write the report"), role, "", is_signed=False)


def _answer(steps: tuple[Step, ...]) -> tuple[Asked, ...]:
    return (
        Asked("step", tr("Step"), tuple((step.id, f"{step.id}: {step.question or step.title}") for step in steps)),
        choice("outcome", tr("As demanded?"), (PASSED, FAILED)),
        text("evidence", tr("What was seen")),
    )


def _answered(records: Store, account: Account, given: Given, protocol: Protocol) -> str:
    asked = given.fields
    step = next(each for each in protocol.steps if each.id == asked["step"])
    passed = asked["outcome"] == PASSED
    answer_step(records, account, protocol, given.key, step, passed=passed, evidence=asked["evidence"])
    return tr("Step {} is answered.").format(step.id)


def _dealt_with(records: Store, account: Account, given: Given, protocol: Protocol) -> str:
    accept_deviation(records, account, protocol, given.key, given.fields["step"], given.fields["reason"])
    return tr("The deviation of step {} is closed.").format(given.fields["step"])


def _approved(records: Store, account: Account, given: Given, protocol: Protocol) -> str:
    until = approve_run(records, account, given.password, protocol, given.key)
    return tr("Run {} is approved until {}.").format(given.key, f"{until:%Y-%m-%d}")


def _refused(records: Store, account: Account, given: Given, _protocol: Protocol) -> str:
    refuse_run(records, account, given.key, given.fields["reason"])
    return tr("Run {} is refused; its evidence stays.").format(given.key)


def _reported(records: Store, account: Account, given: Given, protocol: Protocol) -> str:
    from printcare.workflow.qualify.report import report  # paper is loaded when written

    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.folder / f"qualification-{given.key}.pdf"
    path.write_bytes(report(records, account, given.key, protocol))
    return tr("The report was written to {}.").format(path)


_DO: dict[str, Callable[[Store, Account, Given, Protocol], str]] = {
    "answer": _answered,
    "deviation": _dealt_with,
    "approve": _approved,
    "refuse": _refused,
    "report": _reported,
}
