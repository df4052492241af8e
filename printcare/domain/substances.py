"""Substances a patient must not have, by normalised name, and how much of each excipient a site allows by weight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding, error, warning
from printcare.domain.prescription import Prescription


@dataclass(frozen=True, slots=True)
class ExcipientLimit:
    """The most of an excipient in mg/kg/day, from one age in years to below another; 0 allows none."""

    name: str
    also: tuple[str, ...]  # further names and codes the same substance goes by
    mg_per_kg_day: Decimal
    from_years: Decimal
    below_years: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class SiteExcipients:
    """A site's own table: its limits, and what each ink holds in mg of excipient per g as printed, by ink id."""

    id: str
    version: int
    demonstration: bool
    limits: tuple[ExcipientLimit, ...]
    composition_mg_per_g: Mapping[str, Mapping[str, Decimal]]
    digest: str

    def limits_at(self, age_years: Decimal) -> dict[str, Decimal]:
        """Return the limits in mg/kg/day by normalised name for an age."""
        return {
            substance_name(limit.name): limit.mg_per_kg_day
            for limit in self.limits
            if limit.from_years <= age_years < limit.below_years
        }

    def synonyms(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names, normalised, with every other name the table knows for the same substances."""
        found = {substance_name(name) for name in names}
        for limit in self.limits:
            group = {substance_name(name) for name in (limit.name, *limit.also)}
            found |= group if group & found else set()
        return tuple(sorted(found))

    def composition(self, ink_id: str) -> dict[str, Decimal]:
        """Return mg per g by normalised name, empty for an ink the table does not know."""
        return {substance_name(name): amount for name, amount in self.composition_mg_per_g.get(ink_id, {}).items()}


def substance_name(name: str) -> str:
    """Return a substance's name so that equal names are equal whatever their case and blanks."""
    return " ".join(name.split()).casefold()


def allergy_findings(
    prescription: Prescription, drug_names: Iterable[str], excipients: Iterable[str]
) -> tuple[Finding, ...]:
    """Return a stop for an allergy to the drug, and a warning for every stated allergy that names nothing in the unit.

    `excipients` are the ink's, with their synonyms; those the calculation itself refuses.
    """
    held, drugs = {substance_name(name) for name in excipients}, {substance_name(name) for name in drug_names if name}
    findings = []
    for allergy in prescription.allergies:
        name = substance_name(allergy)
        if name in drugs:
            told = f"The order states an allergy or intolerance to {allergy}, which is the drug itself."
            findings.append(error("E_DRUG_CONTRAINDICATED", told, "Ask the prescriber.", "patient.allergies"))
        elif name not in held:
            told = f"The order states an allergy or intolerance to {allergy}; no substance of the unit has that name."
            remedy = "Compare it with drug and excipients, and acknowledge with a reason."
            findings.append(warning("W_ALLERGY_STATED", told, remedy, "patient.allergies"))
    return tuple(findings)


def unweighed_excipients(
    excipients: Iterable[str], mg_per_g: Mapping[str, Decimal], limits: Mapping[str, Decimal]
) -> tuple[Finding, ...]:
    """Return a warning for each excipient of the ink that has a limit here and no stated amount."""
    return tuple(
        warning(
            "W_EXCIPIENT_UNKNOWN",
            f"The ink holds {name}, of which this site allows {limit} mg/kg a day; how much it holds is not stated.",
            "State the ink's composition in the site's table, or acknowledge with a reason.",
            "ink.excipients",
        )
        for name, limit in limits.items()
        if name in {substance_name(each) for each in excipients} and name not in mg_per_g
    )
