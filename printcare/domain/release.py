"""What may become of a printed batch: assessed on accepted units, decided by a rule, never by a greyed button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from printcare.domain.batch import Unit, UnitState, reconcile
from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.policy import Policy
from printcare.domain.uniformity import Verdict, uniformity_of_dosage_units, uniformity_of_mass

SAMPLE = 10  # 2.9.40, stage 1


@dataclass(frozen=True, slots=True)
class LabelledDrug:
    """One drug of the units: what a gram of its ink holds as assayed, and what the label says of a unit."""

    drug: str
    strength_mg_per_g: Decimal
    label_mg: Decimal


@dataclass(frozen=True, slots=True)
class DrugVerdict:
    """What the figures of one drug say: uniformity of its mass, and of its content estimated from that."""

    drug: str
    mass: Verdict
    dosage_units: Verdict


@dataclass(frozen=True, slots=True)
class ReleaseDecision:
    """What the figures allow: `may_be` lists what a releaser may sign, each finding says why not the rest."""

    drugs: tuple[DrugVerdict, ...]
    sample: tuple[int, ...]
    findings: tuple[Finding, ...]
    may_be: tuple[str, ...]  # of released, rehearsed, rejected

    @property
    def acceptance_value(self) -> str | None:
        """Return AV as told on paper, of several drugs the highest, or None where it could not be formed."""
        formed = [verdict.dosage_units.result for verdict in self.drugs if verdict.dosage_units.result]
        return max(formed, key=Decimal, default=None)


def draw_sample(units: int, seed: int) -> tuple[int, ...]:
    """Return the order in which units are taken for the sample, drawn before the print with a recorded seed.

    The first ten that were accepted are the sample; those behind them are the substitutes drawn beforehand.
    """
    order = list(range(1, units + 1))
    Random(seed).shuffle(order)
    return tuple(order)


def assess(
    units: Sequence[Unit],
    planned: int,
    drawn: Sequence[int],
    drugs: Sequence[LabelledDrug],
    policy: Policy,
    open_deviations: int,
    *,
    is_simulated: bool,
    is_complete: bool,
) -> ReleaseDecision:
    """Return the decision's grounds: uniformity on accepted units, reconciliation, deviations, and what may be signed.

    Of each drug contents are w·c/label with the assayed strength c in mg/g, an estimate from mass and called so
    (quality.md §3); the same units are the sample of every drug, and one drug that fails fails the batch. Simulated
    batches and those of research mode may be rehearsed or rejected, never released.
    """
    weighed = {
        unit.index: unit.masses_mg
        for unit in units
        if unit.state is UnitState.ACCEPTED and None not in unit.masses_mg and len(unit.masses_mg) == len(drugs)
    }
    sample = tuple(index for index in drawn if index in weighed)[:SAMPLE]
    verdicts = tuple(_verdict(drug, place, weighed, sample) for place, drug in enumerate(drugs))
    findings = [*reconcile(units, planned)]
    if not is_complete:
        findings.append(
            error("E_BATCH_INCOMPLETE", "The job did not complete.", "Reject, or close the deviation first.")
        )
    if open_deviations:
        told = f"{open_deviations} deviation(s) are open."
        findings.append(error("E_DEVIATION_OPEN", told, "Close or accept them before the decision."))
    for verdict in verdicts:
        findings += _objections(verdict, f"{verdict.drug}: " if len(drugs) > 1 else "")
    if len(sample) < SAMPLE:
        told = f"Only {len(sample)} accepted units, {SAMPLE} are needed for an acceptance value."
        findings.append(warning("W_NO_ACCEPTANCE_VALUE", told, "Judge every unit by its own mass."))
    may_release = policy.allows_release and not is_simulated and not blocking(findings)
    may_rehearse = (is_simulated or not policy.allows_release) and is_complete and not blocking(findings)
    may_be = (*(("released",) if may_release else ()), *(("rehearsed",) if may_rehearse else ()), "rejected")
    return ReleaseDecision(verdicts, sample, tuple(findings), may_be)


def _verdict(
    drug: LabelledDrug, place: int, weighed: Mapping[int, tuple[Decimal | None, ...]], sample: Sequence[int]
) -> DrugVerdict:
    masses_mg = {index: mass for index in weighed if (mass := weighed[index][place]) is not None}
    contents = [masses_mg[index] * drug.strength_mg_per_g / 1000 / drug.label_mg * 100 for index in sample]
    return DrugVerdict(
        drug.drug,
        uniformity_of_mass([masses_mg[index] for index in sorted(masses_mg)]),
        uniformity_of_dosage_units(contents),
    )


def _objections(verdict: DrugVerdict, of_drug: str) -> list[Finding]:
    mass, dosage_units = verdict.mass, verdict.dosage_units
    findings = []
    if mass.outcome == "fails":
        told = f"{of_drug}{mass.test}: {mass.result} units beyond {mass.limit}."
        findings.append(error("E_UNIFORMITY", told, "Reject the batch, or have quality judge it."))
    if dosage_units.outcome in ("fails", "go to stage 2"):
        told = f"{of_drug}AV {dosage_units.result}, limit {dosage_units.limit}."
        findings.append(error("E_UNIFORMITY", told, "Test further units, or reject the batch."))
    return findings
