"""What may become of a printed batch: assessed on accepted units, decided by a rule, never by a greyed button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from printcare.domain.batch import Unit, UnitState, reconcile
from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.policy import Policy
from printcare.domain.uniformity import Verdict, uniformity_of_dosage_units, uniformity_of_mass

SAMPLE = 10  # 2.9.40, stage 1


@dataclass(frozen=True, slots=True)
class ReleaseDecision:
    """What the figures allow: `may_be` lists what a releaser may sign, each finding says why not the rest."""

    mass: Verdict
    dosage_units: Verdict
    sample: tuple[int, ...]
    findings: tuple[Finding, ...]
    may_be: tuple[str, ...]  # of released, rehearsed, rejected

    @property
    def acceptance_value(self) -> str | None:
        """Return AV as told on paper, or None where it could not be formed."""
        return self.dosage_units.result or None


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
    strength_mg_per_g: Decimal,
    label_mg: Decimal,
    policy: Policy,
    open_deviations: int,
    *,
    is_simulated: bool,
    is_complete: bool,
) -> ReleaseDecision:
    """Return the decision's grounds: uniformity on accepted units, reconciliation, deviations, and what may be signed.

    Contents are w·c/label with the assayed strength c in mg/g, an estimate from mass and called so (quality.md §3).
    Simulated batches and those of research mode may be rehearsed or rejected, never released.
    """
    accepted = {
        unit.index: unit.mass_mg for unit in units if unit.state is UnitState.ACCEPTED and unit.mass_mg is not None
    }
    sample = tuple(index for index in drawn if index in accepted)[:SAMPLE]
    contents = [accepted[index] * strength_mg_per_g / 1000 / label_mg * 100 for index in sample]
    mass = uniformity_of_mass([accepted[index] for index in sorted(accepted)])
    dosage_units = uniformity_of_dosage_units(contents)
    findings = [*reconcile(units, planned)]
    if not is_complete:
        findings.append(
            error("E_BATCH_INCOMPLETE", "The job did not complete.", "Reject, or close the deviation first.")
        )
    if open_deviations:
        told = f"{open_deviations} deviation(s) are open."
        findings.append(error("E_DEVIATION_OPEN", told, "Close or accept them before the decision."))
    if mass.outcome == "fails":
        told = f"{mass.test}: {mass.result} units beyond {mass.limit}."
        findings.append(error("E_UNIFORMITY", told, "Reject the batch, or have quality judge it."))
    if dosage_units.outcome in ("fails", "go to stage 2"):
        told = f"AV {dosage_units.result}, limit {dosage_units.limit}."
        findings.append(error("E_UNIFORMITY", told, "Test further units, or reject the batch."))
    if dosage_units.outcome == "not applicable":
        told = f"Only {len(contents)} accepted units, 10 are needed for an acceptance value."
        findings.append(warning("W_NO_ACCEPTANCE_VALUE", told, "Judge every unit by its own mass."))
    may_release = policy.allows_release and not is_simulated and not blocking(findings)
    may_rehearse = (is_simulated or not policy.allows_release) and is_complete and not blocking(findings)
    may_be = (*(("released",) if may_release else ()), *(("rehearsed",) if may_rehearse else ()), "rejected")
    return ReleaseDecision(mass, dosage_units, sample, tuple(findings), may_be)
