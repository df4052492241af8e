"""What may become of a printed batch: assessed on accepted units, decided by a rule, never by a greyed button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from printcare.domain.batch import Unit, UnitState, reconcile
from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.content_uniformity import TEST_OF_FORM, uniformity_of_content
from printcare.domain.large_sample import SMALLEST, parametric
from printcare.domain.policy import Policy
from printcare.domain.uniformity import L1, L2, Verdict, uniformity_of_dosage_units, uniformity_of_mass

SAMPLE, SECOND_STAGE = 10, 30  # 2.9.40
MASS_SAMPLE = 20  # 2.9.5
TO_STAGE_2 = "go to stage 2"


@dataclass(frozen=True, slots=True)
class LabelledDrug:
    """One drug of the units: what a gram of its ink holds as assayed, what the label says of a unit, how it is judged.

    `justification` names the recipe's evidence that mass may stand for content, `contents` are what the laboratory
    found in single units, in the order of testing; both may be empty.
    """

    drug: str
    strength_mg_per_g: Decimal
    label_mg: Decimal
    form: str = "tablet"
    target_pct: Decimal = Decimal(100)
    l1: Decimal = L1
    l2: Decimal = L2
    justification: str = ""
    contents: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class DrugVerdict:
    """What the figures of one drug say: uniformity of its mass, and of its content estimated from that.

    `every_unit` are the figures of all printed units, rejected ones too, which stand beside the accepted ones and judge
    nothing; `content` is 2.9.6 where there are results, `large` 2.9.47 where there are a hundred units or more.
    """

    drug: str
    mass: Verdict
    dosage_units: Verdict
    every_unit: Verdict
    content: Verdict | None = None
    large: Verdict | None = None

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Return those verdicts that can speak against the batch."""
        return tuple(each for each in (self.mass, self.dosage_units, self.content, self.large) if each is not None)


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
    rejects_max: int | None = None,
    further: Sequence[Finding] = (),
) -> ReleaseDecision:
    """Return the decision's grounds: uniformity on accepted units, reconciliation, deviations, and what may be signed.

    Of each drug contents are w·c/label with the assayed strength c in mg/g, an estimate from mass and called so
    (quality.md §3); the same units are the sample of every drug, and one drug that fails fails the batch. Rejects
    beyond `rejects_max` reject the batch: nobody sorts into compliance. `further` is what else was found, by the ledger
    or the laboratory. Simulated batches and those of research mode may be rehearsed or rejected, never released.
    """
    weighed = {
        unit.index: unit.masses_mg
        for unit in units
        if unit.state is UnitState.ACCEPTED and None not in unit.masses_mg and len(unit.masses_mg) == len(drugs)
    }
    order = tuple(index for index in drawn if index in weighed)
    sample = order[:SAMPLE]
    verdicts = tuple(_verdict(drug, place, units, weighed, order) for place, drug in enumerate(drugs))
    findings = [*reconcile(units, planned), *further]
    rejected = sum(unit.state is UnitState.REJECTED for unit in units)
    if rejects_max is not None and rejected > rejects_max:
        told = f"{rejected} units were rejected, the recipe allows {rejects_max}; there is no sorting into compliance."
        findings.append(error("E_REJECTS", told, "Reject the batch and find out why."))
    if not is_complete:
        findings.append(
            error("E_BATCH_INCOMPLETE", "The job did not complete.", "Reject it, and print the order in a new batch.")
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
    drug: LabelledDrug,
    place: int,
    units: Sequence[Unit],
    weighed: Mapping[int, tuple[Decimal | None, ...]],
    order: Sequence[int],
) -> DrugVerdict:
    """Return the verdicts on one drug; a sample that has to go on to stage 2 goes on where the units were weighed."""
    masses_mg = {index: mass for index in weighed if (mass := weighed[index][place]) is not None}
    taken = order[:MASS_SAMPLE] if len(order) >= MASS_SAMPLE else sorted(masses_mg)
    contents = [masses_mg[index] * drug.strength_mg_per_g / 1000 / drug.label_mg * 100 for index in order]
    dosage_units = _of_dosage_units(drug, contents[:SAMPLE])
    if dosage_units.outcome == TO_STAGE_2 and len(contents) >= SECOND_STAGE:
        dosage_units = _of_dosage_units(drug, contents[:SECOND_STAGE])
    test = TEST_OF_FORM.get(drug.form, "")
    return DrugVerdict(
        drug.drug,
        uniformity_of_mass([masses_mg[index] for index in taken], drug.form),
        dosage_units,
        _of_every_unit(units, place, drug.form),
        uniformity_of_content(drug.contents, test) if drug.contents else None,
        _of_large_sample(drug, contents),
    )


def _of_dosage_units(drug: LabelledDrug, contents_pct: Sequence[Decimal]) -> Verdict:
    return uniformity_of_dosage_units(
        contents_pct, True, drug.target_pct, l1=drug.l1, l2=drug.l2, justification=drug.justification
    )


def _of_large_sample(drug: LabelledDrug, contents_pct: Sequence[Decimal]) -> Verdict | None:
    if len(contents_pct) < SMALLEST:
        return None
    is_estimate = not drug.justification
    return parametric(contents_pct, is_mass_based=is_estimate, target_pct=drug.target_pct, l1=drug.l1, l2=drug.l2)


def _of_every_unit(units: Sequence[Unit], place: int, form: str) -> Verdict:
    """Return the figures of every unit that was weighed, which are no test of any chapter."""
    masses_mg = [mass for unit in units for mass in unit.masses_mg[place : place + 1] if mass is not None]
    verdict = uniformity_of_mass(masses_mg, form)
    outcome = verdict.outcome if verdict.outcome == "not applicable" else "estimate only"
    return replace(verdict, test=f"all printed units, n = {len(masses_mg)}, not a 2.9.5 result", outcome=outcome)


def _objections(verdict: DrugVerdict, of_drug: str) -> list[Finding]:
    findings = []
    for each in verdict.verdicts:
        if each.outcome not in ("fails", TO_STAGE_2):
            continue
        told = f"{of_drug}{each.test}: {each.result}; limit {each.limit}."
        remedy = "Test further units, or reject the batch."
        if each.outcome == "fails":
            remedy = "Reject the batch, or have quality judge it."
        findings.append(error("E_UNIFORMITY", told, remedy))
    return findings
