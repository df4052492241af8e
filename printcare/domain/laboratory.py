"""What a laboratory found: results with method, analyst and raw file, second checks, and investigations that block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.uniformity import half_up, mean, sample_sd

_EXACT = Context(prec=40)
CONTENT = "content"  # of single units: feeds 2.9.6
CONCENTRATION = "concentration"  # of the ink over a batch: feeds the RSD rule of mass for content
RSD_MAX_PCT = Decimal("2.0")
FEWEST_FOR_RSD = 10


class ResultStatus(StrEnum):
    """Where a result stands."""

    ENTERED = "entered"
    CHECKED = "checked"  # by another person, signed
    OUT = "out of specification"  # checked, and an investigation is open or was


class InvestigationStatus(StrEnum):
    """Where an investigation stands."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Result:
    """One laboratory result: every value as found, in the unit of its limits; nothing is averaged away.

    `raw_sha256` is the digest of the instrument's own file; `low` and `high` are the specification, None where open.
    `retests` names the result it repeats, or is empty.
    """

    batch_id: str
    drug: str
    test: str
    method: str
    analyst: str
    values: tuple[Decimal, ...]
    unit: str
    low: Decimal | None
    high: Decimal | None
    raw_name: str
    raw_sha256: str
    retests: str = ""

    @property
    def outside(self) -> tuple[Decimal, ...]:
        """Return every value outside the specification."""
        return tuple(
            value
            for value in self.values
            if (self.low is not None and value < self.low) or (self.high is not None and value > self.high)
        )


def entry_objections(result: Result) -> tuple[Finding, ...]:
    """Return what a result lacks before it can be kept."""
    lacking = [name for name in ("drug", "test", "method", "analyst", "unit") if not getattr(result, name).strip()]
    findings = []
    if lacking:
        told = f"The result names no {', '.join(lacking)}."
        findings.append(error("E_RESULT_INCOMPLETE", told, "Enter the result in full.", lacking[0]))
    if not result.values or not all(value.is_finite() and value >= 0 for value in result.values):
        told = "A result holds at least one value, and values are numbers from zero on."
        findings.append(error("E_RESULT_VALUES", told, "Enter every value as found.", "values"))
    if not result.raw_sha256:
        told = "A result without the instrument's own file cannot be looked into later."
        findings.append(error("E_RESULT_RAW_FILE", told, "Name the raw file.", "raw_file"))
    return tuple(findings)


def check_objections(status: ResultStatus, entered_by: str, analyst: str, checker: str) -> tuple[Finding, ...]:
    """Return why this person may not make the second check of a result."""
    findings = []
    if status is not ResultStatus.ENTERED:
        told = f"The result is {status.value}; its second check was made."
        findings.append(error("E_RESULT_CHECKED", told, "Enter a re-test where one was signed for.", "result"))
    for first in dict.fromkeys((entered_by, analyst)):
        same = people.second_person(first, checker)
        if same is not None:
            findings.append(same)
    return tuple(findings)


def retest_objections(wanted: Result, repeated: Result | None, retest_signed: bool) -> tuple[Finding, ...]:
    """Return why a result may not repeat another: nothing is tested again until quality signed for it."""
    if not wanted.retests:
        return ()
    if repeated is None or (repeated.batch_id, repeated.drug, repeated.test) != (
        wanted.batch_id,
        wanted.drug,
        wanted.test,
    ):
        told = f"{wanted.retests} is no result of this test, drug and batch."
        return (error("E_RETEST_UNKNOWN", told, "Name the result that is repeated.", "retest"),)
    if not retest_signed:
        told = f"Nobody has signed that {wanted.retests} may be tested again."
        return (error("E_RETEST_UNSIGNED", told, "Have quality sign for the re-test with its reason.", "retest"),)
    return ()


def stands_already(wanted: Result, known: Iterable[Result]) -> tuple[Finding, ...]:
    """Return why a second result of the same test may not be entered beside the first as if it were new."""
    same = [
        each for each in known if (each.batch_id, each.drug, each.test) == (wanted.batch_id, wanted.drug, wanted.test)
    ]
    if wanted.retests or not any(each.outside for each in same):
        return ()
    told = f"A result of {wanted.test} is out of specification; another one beside it would be testing into compliance."
    return (error("E_RETEST_UNSIGNED", told, "Have quality sign for the re-test with its reason.", "retest"),)


def blocking_release(
    results: Sequence[tuple[str, ResultStatus]], investigations: Sequence[tuple[str, InvestigationStatus]]
) -> tuple[Finding, ...]:
    """Return what of the laboratory blocks a release: unchecked results and open investigations, by their ids."""
    unchecked = [key for key, status in results if status is ResultStatus.ENTERED]
    open_ones = [key for key, status in investigations if status is InvestigationStatus.OPEN]
    findings = []
    if unchecked:
        told = f"No second person has checked {', '.join(unchecked)}."
        findings.append(error("E_RESULT_UNCHECKED", told, "Have another person check it.", "laboratory"))
    if open_ones:
        told = f"Investigation {', '.join(open_ones)} is open."
        findings.append(error("E_INVESTIGATION_OPEN", told, "Have quality close it with its reason.", "laboratory"))
    return tuple(findings)


def concentration_rsd(values: Sequence[Decimal]) -> Decimal | Finding:
    """Return the relative standard deviation of concentrations, %, unrounded, or why there is none."""
    if len(values) < FEWEST_FOR_RSD or not mean(values):
        told = f"{len(values)} concentrations say nothing of their spread; {FEWEST_FOR_RSD} are needed."
        return error("E_CONCENTRATION_COUNT", told, "Determine further ones.", "concentration")
    with localcontext(_EXACT):
        return sample_sd(values) / mean(values) * 100


def supports_mass_for_content(values: Sequence[Decimal]) -> tuple[Finding, ...]:
    """Return why concentrations do not support that mass stands for content: RSD at most 2 % (quality.md §3)."""
    rsd_pct = concentration_rsd(values)
    if isinstance(rsd_pct, Finding):
        return (rsd_pct,)
    rounded = half_up(rsd_pct, "0.1")
    if rounded <= RSD_MAX_PCT:
        return ()
    told = f"The concentrations have an RSD of {rounded} %, {RSD_MAX_PCT} % are allowed."
    return (error("E_CONCENTRATION_RSD", told, "Determine content; mass does not stand for it.", "concentration"),)
