"""The report of a qualification run as PDF: what was asked, what was found, by whom, deviations and approval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # a state is parsed JSON

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from printcare.domain.qualification import Protocol, StepOutcome
from printcare.formats.document import pdf
from printcare.formats.fonts import register
from printcare.formats.paper import SECTION, SMALL, STRONG, TITLE, Frame, Sign, say

SIGN = {
    StepOutcome.PASSED.value: "passes",
    StepOutcome.FAILED.value: "fails",
    StepOutcome.DEVIATION.value: "go to stage 2",  # drawn as what wants a look; the words beside it say which
}


@dataclass(frozen=True, slots=True)
class ReportHead:
    """Which run, under whose mode, who signed with what meaning and when, and the name behind each account."""

    number: str
    mode: str
    band: str
    site: str
    signatures: tuple[tuple[str, str, str], ...]  # name, meaning, time
    names: Mapping[str, str]


def qualification_pdf(head: ReportHead, protocol: Protocol, state: Mapping[str, Any]) -> bytes:
    """Return the report of a run as recorded; of a step made again every attempt stands there."""
    register()
    title = f"{state['stage']} report {head.number}"
    told = f"{state['subject']} · {state['status']}"
    until = str(state.get("until") or "")[:10]
    stands = f"stands until {until}" if until else "not approved"
    story: list[Flowable] = [
        say(title, TITLE),
        Spacer(1, 3 * mm),
        say(protocol.title, SECTION),
        say(f"Equipment: {state['subject']}{_recipe(state)}; protocol {state['protocol']}, SHA-256 {protocol.digest}"),
        say(f"Begun {_minute(state['started_at'])} by {head.names[state['run_by']]}; {state['status']}, {stands}"),
        say(_count(protocol, state), STRONG),
        say(f"Made of: {'; '.join(f'{name} {value}' for name, value in state['identity'].items() if value)}"),
        Spacer(1, 4 * mm),
    ]
    for step in protocol.steps:
        made = [each for each in state["steps"] if each["step"] == step.id]
        story += [say(f"{step.id}: {step.title}", STRONG), say(f"Accepted if: {step.acceptance}", SMALL)]
        story += _attempts(made, head.names)
    story += [Spacer(1, 4 * mm), say("Signatures", SECTION)]
    story += [say(f"{name}: {meaning}, {_minute(at)}") for name, meaning, at in head.signatures] or [say("None yet.")]
    frame = Frame(head.mode, head.band, bool(state["simulated"]), title, f"{head.number} · {head.site}", told)
    return pdf(story, frame, title=title, author=head.site, subject=told, creator="printcare")


def _recipe(state: Mapping[str, Any]) -> str:
    return f", recipe {state['recipe']}" if state["recipe"] else ""


def _count(protocol: Protocol, state: Mapping[str, Any]) -> str:
    """Return how many steps ended how, by the last attempt at each."""
    last = {each["step"]: each["outcome"] for each in state["steps"]}
    ended = Counter(last.get(step.id, "not made") for step in protocol.steps)
    return f"{len(protocol.steps)} steps: {', '.join(f'{count} {outcome}' for outcome, count in ended.items())}"


def _minute(at: str) -> str:
    return f"{at[:10]} {at[11:16]} UTC"


def _attempts(made: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[Flowable]:
    if not made:
        return [say("Not made.", SMALL), Spacer(1, 2 * mm)]
    story: list[Flowable] = []
    for each in made:
        by = f"{each['outcome']} · {_minute(each['at'])} · {names[each['by']]}"
        story += [Sign(SIGN[each["outcome"]]), say(by, SMALL)]
        story += [say(f"{name}: {value}") for name, value in each["evidence"]]
        if each["deviation"]:
            story.append(say(f"Deviation closed: {each['deviation']}"))
    return [*story, Spacer(1, 2 * mm)]
