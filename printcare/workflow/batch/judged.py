"""By what a printed batch is judged: its recipe's acceptance, its laboratory results, and where its ink went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.plan import JobPlan
from printcare.domain.checks import Finding, warning
from printcare.domain.gate import IN_PROCESS
from printcare.domain.ink_balance import InkFound, reconcile_ink
from printcare.domain.policy import Policy
from printcare.domain.release import LabelledDrug
from printcare.domain.sequential import Hopes
from printcare.domain.uniformity import half_up
from printcare.records.store import Store
from printcare.workflow.batch.laboratory import contents_of
from printcare.workflow.batch.plan import parts_of
from printcare.workflow.recipe.controlled import RECIPE

COMPLETED = "completed"


def drugs_of(records: Store, batch_id: str, state: Mapping[str, Any]) -> list[LabelledDrug]:
    """Return each drug of a batch with its approved recipe's limits and the contents the laboratory found."""
    content = _recipe(records, state)
    judged = _acceptance(content)
    return [
        LabelledDrug(
            row["drug"],
            Decimal(row["strength_mg_per_g"]),
            Decimal(row["dose_per_unit_mg"]),
            contents=contents_of(records, batch_id, row["drug"]),
            **judged,
        )
        for row in parts_of(state)
    ]


def rejects_max_of(records: Store, state: Mapping[str, Any], policy: Policy) -> int | None:
    """Return the recipe's largest number of rejects, or None in a mode that does not end a batch at its rejects."""
    content = _recipe(records, state)
    return int(content["limits"]["rejects_total"]) if content and policy.ends_at_rejects else None


def with_hopes(records: Store, state: Mapping[str, Any], job: JobPlan) -> JobPlan:
    """Return a job that knows by what its batch will be judged, so that it stops once that is out of reach.

    A batch short of units is given in part, so that one unit is all it needs; in a mode that does not end a batch at
    its rejects nobody's judgement is waited for.
    """
    rejects_max = rejects_max_of(records, state, job.policy)
    if rejects_max is None:
        return job
    drawn = records.events(object_id=job.batch_id, object_type="job", action="sample.drawn")
    order = tuple(drawn[-1].content["new"]["order"]) if drawn else ()
    hopes = tuple(
        Hopes(
            accepted_mg=part.gate.accepted_mg,
            content_pct_per_mg=drug.strength_mg_per_g / 1000 / drug.label_mg * 100,
            rejects_max=rejects_max,
            needed=1,
            form=drug.form,
            target_pct=drug.target_pct,
            l1=drug.l1,
        )
        for part, drug in zip(job.parts, drugs_of(records, job.batch_id, state), strict=True)
    )
    return replace(job, drawn=order, hopes=hopes)


def ink_stops(
    records: Store, batch_id: str, state: Mapping[str, Any], units: Sequence[Mapping[str, Any]]
) -> tuple[Finding, ...]:
    """Return what balance and ledger say: masses that are no more than a check, and ink that is not found again.

    Of a batch that was not completed nothing is known of its ink.
    The limit joins what a unit may be off with what the correction of E may make of it, both of the recipe.
    """
    content = _recipe(records, state)
    findings = [*in_process_findings(state)]
    if not content or state["outcome"] != COMPLETED:
        return tuple(findings)
    for row, part in zip(parts_of(state), [content, *content.get("further", ())], strict=True):
        low, high = (Decimal(end) for end in part["parameters"]["unit_multiplier"]["proven"])
        limit_pct = Decimal(part["limits"]["mass_pct"]) + max(1 - low, high - 1) * 100
        findings += reconcile_ink([_found(records, batch_id, row, part, units)], limit_pct)
    return tuple(findings)


def in_process_findings(state: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return for each drug that its masses are an in-process check: below what the balance weighs accurately."""
    least_mg = state.get("minimum_weight_mg")
    return tuple(
        warning(
            "W_BELOW_MINIMUM_WEIGHT",
            f"{row['drug']}: a unit of {row['target_mass_mg']} mg is below the balance's minimum weight of {least_mg} "
            "mg; every mass of it is an in-process check and nothing more.",
            "Read every figure made of these masses as such.",
            "balance",
        )
        for row in parts_of(state)
        if row.get("weighing_is") == IN_PROCESS
    )


def _found(
    records: Store,
    batch_id: str,
    row: Mapping[str, Any],
    part: Mapping[str, Any],
    units: Sequence[Mapping[str, Any]],
) -> InkFound:
    cartridge = records.get("cartridge", row["cartridge"]) or {}
    own = [Decimal(each["mass_g"]) for each in cartridge.get("ledger", ()) if each.get("batch_id") == batch_id]
    density = Decimal(part["ink"]["density_mg_mm3"])
    printed = [unit for unit in units if unit["status"] != "unprinted"]
    masses = [_mass(unit, row["number"]) for unit in printed]
    return InkFound(
        drug=row["drug"],
        booked_mg=-sum(own, Decimal(0)) * 1000,
        units_mg=sum((Decimal(mass) for mass in masses if mass is not None), Decimal(0)),
        primed_mg=Decimal(row.get("primed_mm3") or 0) * density,
        purged_mg=Decimal(row.get("purged_mm3") or 0) * density,
        unweighed=sum(mass is None for mass in masses),
        target_mg=Decimal(row["target_mass_mg"]),
    )


def _mass(unit: Mapping[str, Any], part: int) -> str | None:
    own = unit if part == 1 else unit.get("parts", {}).get(str(part), {})
    mass: str | None = own.get("mass_mg")
    return mass


def _recipe(records: Store, state: Mapping[str, Any]) -> dict[str, Any]:
    version = records.get(RECIPE.table, state["recipe"]) or {}
    content: dict[str, Any] = version.get("content") or {}
    return content


def _acceptance(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a recipe has its units judged; evidence it does not hold lets mass stand for nothing."""
    if not content:
        return {}
    acceptance = content["acceptance"]
    known = {evidence["id"] for evidence in content["evidence"]}
    justification = acceptance["mass_for_content"]
    return {
        "form": acceptance["form"],
        "target_pct": Decimal(acceptance["target_content_pct"]),
        "l1": half_up(Decimal(acceptance["l1"]), "0.1"),
        "l2": half_up(Decimal(acceptance["l2"]), "0.1"),
        "justification": justification if justification in known else "",
    }
