"""A protocol as data, its steps and their outcomes, and whether what was run still stands for what is there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from printcare.domain.checks import Finding, error

STAGES = ("FAT", "SAT", "IQ", "OQ", "PQ")
AUTOMATIC, ASKED = "check", "question"


class RunStatus(StrEnum):
    """Where a run of a protocol stands."""

    RUNNING = "running"
    FAILED = "failed"  # a step failed, and no deviation about it is closed
    FINISHED = "finished"  # waits for another person's approval
    APPROVED = "approved"
    REFUSED = "refused"


class StepOutcome(StrEnum):
    """What became of one step."""

    PASSED = "passed"
    FAILED = "failed"
    DEVIATION = "failed, deviation closed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: either a check the program makes, by its registered name, or a question a person answers."""

    id: str
    title: str
    acceptance: str
    check: str = ""
    question: str = ""
    figures: tuple[tuple[str, str], ...] = ()  # what the check is given, as written

    @property
    def is_automatic(self) -> bool:
        """Whether the program makes it."""
        return bool(self.check)


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol in one version; its digest binds a report to what was asked."""

    id: str
    version: int
    stage: str  # of STAGES
    title: str
    of: str  # kind of equipment
    valid_days: int
    steps: tuple[Step, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Executed:
    """One step as it was made: outcome, evidence in words and figures, by whom and when."""

    step: str
    outcome: StepOutcome
    evidence: tuple[tuple[str, str], ...]
    by: str
    at: datetime
    seconds: str = ""
    deviation: str = ""  # its key, where one was opened


def status_of(protocol: Protocol, executed: Sequence[Executed]) -> RunStatus:
    """Return where a run stands by its steps: every one made, the last time it was made, and passed or dealt with."""
    last = {each.step: each.outcome for each in executed}
    if any(step.id not in last for step in protocol.steps):
        return RunStatus.RUNNING
    return RunStatus.FAILED if StepOutcome.FAILED in last.values() else RunStatus.FINISHED


def ends_at(protocol: Protocol, approved_at: datetime) -> datetime:
    """Return until when an approved run stands."""
    return approved_at + timedelta(days=protocol.valid_days)


def no_longer_same(qualified: Mapping[str, str], present: Mapping[str, str], subject: str) -> tuple[Finding, ...]:
    """Return what of profile, firmware or program changed since the run: each asks for a requalification (§9)."""
    changed = [name for name, value in present.items() if qualified.get(name, value) != value]
    if not changed:
        return ()
    told = f"{subject} was qualified with another {' and '.join(changed)}."
    remedy = "Assess the change and qualify it again: `printcare qualify run`."
    return (error("E_REQUALIFICATION", told, remedy, "qualification"),)


def protocol_objections(protocol: Protocol, known: Sequence[str]) -> tuple[Finding, ...]:
    """Return why a protocol cannot be run: unknown stage, steps twice, a step that is neither or both kinds."""
    findings = []
    if protocol.stage not in STAGES or protocol.valid_days < 1:
        told = f"{protocol.id} is of the stage {protocol.stage!r} and stands {protocol.valid_days} days."
        findings.append(error("F_PROTOCOL_STAGE", told, f"Name one of {', '.join(STAGES)}, and days.", "stage"))
    names = [step.id for step in protocol.steps]
    if not names or len(set(names)) < len(names):
        told = f"{protocol.id} has no steps, or one id twice."
        findings.append(error("F_PROTOCOL_STEPS", told, "Give every step an id of its own.", "step"))
    for step in protocol.steps:
        if bool(step.check) == bool(step.question):
            told = f"Step {step.id} is neither a check nor a question, or both."
            findings.append(error("F_PROTOCOL_STEP", told, "Give it one of the two.", f"step.{step.id}"))
        elif step.check and step.check not in known:
            told = f"Step {step.id} names the check {step.check!r}; the program has no such check."
            findings.append(error("F_PROTOCOL_CHECK", told, "See the list in docs/qualification.md.", step.id))
    return tuple(findings)
