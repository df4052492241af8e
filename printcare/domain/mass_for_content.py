"""When mass may stand for content, and what the documents may then say (quality.md §3; Ph. Eur. 2.9.40)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from printcare.domain.recipe import MasterRecipe

_EXACT = Context(prec=40)
THRESHOLD_MG, THRESHOLD_PCT, RSD_MAX_PCT = Decimal(25), Decimal(25), Decimal(2)
BY_THRESHOLD = frozenset({"tablet", "capsule"})  # uncoated or film-coated tablets, hard capsules
ESTIMATE = "mass-based estimate"


@dataclass(frozen=True, slots=True)
class MassForContent:
    """Whether mass may stand for content, by which rule, and the recipe's evidence for it.

    `reference` alone lets a verdict bear the chapter's number; empty, every figure is called an estimate.
    """

    is_allowed: bool
    rule: str
    reference: str

    @property
    def wording(self) -> str:
        """Return what a figure derived from mass is called."""
        return f"mass for content by {self.reference}" if self.reference else ESTIMATE


def mass_for_content(master: MasterRecipe, dose_mg: Decimal, mass_mg: Decimal) -> MassForContent:
    """Return what the rules say of units of this dose and mass, of each drug by its own.

    The chapter allows it at 25 mg and 25 % of drug in tablets and capsules; below, only the recipe's evidence that the
    concentration's RSD is at most 2 %, accepted by the authority, does.
    """
    acceptance, ids = master.acceptance, {evidence.id for evidence in master.evidence}
    reference = acceptance.mass_for_content if acceptance.mass_for_content in ids else ""
    with localcontext(_EXACT):
        share_pct = dose_mg / mass_mg * 100
    if acceptance.form in BY_THRESHOLD and dose_mg >= THRESHOLD_MG and share_pct >= THRESHOLD_PCT:
        return MassForContent(True, f"{THRESHOLD_MG} mg and {THRESHOLD_PCT} % of drug or more", reference)
    if reference:
        return MassForContent(True, f"concentration RSD at most {RSD_MAX_PCT} % by the recipe's evidence", reference)
    return MassForContent(False, "content has to be determined; mass is an in-process estimate", "")
