"""How many mg of the ordered form one gram of ink carries as printed: strength, assay, form and basis of a lot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from printcare.domain.checks import Finding, error, warning
from printcare.domain.dose_case import InkEntry, Step
from printcare.domain.numbers import read_number, shown

# IUPAC abridged standard atomic weights 2021.
ATOMIC_WEIGHTS: Mapping[str, Fraction] = {
    "C": Fraction("12.011"),
    "H": Fraction("1.008"),
    "N": Fraction("14.007"),
    "O": Fraction("15.999"),
    "S": Fraction("32.06"),
    "Cl": Fraction("35.45"),
    "P": Fraction("30.974"),
    "Na": Fraction("22.990"),
    "I": Fraction("126.904"),
}
# Molecular formulas of the pure substances; water of a hydrate is part of the formula.
COMPOSITIONS: Mapping[str, str] = {
    "sildenafil": "C22H30N6O4S",
    "sildenafil citrate": "C28H38N6O11S",
    "cyclophosphamide anhydrous": "C7H15Cl2N2O2P",
    "cyclophosphamide monohydrate": "C7H17Cl2N2O3P",
    "hydrocortisone": "C21H30O5",
    "hydrocortisone acetate": "C23H32O6",
    "hydrocortisone hydrogen succinate": "C25H34O8",
    "hydrocortisone sodium succinate": "C25H33NaO8",
    "hydrocortisone sodium phosphate": "C21H29Na2O8P",
    "minoxidil": "C9H15N5O",
    "minoxidil sulfate": "C9H15N5O4S",
    "levothyroxine": "C15H11I4NO4",
    "levothyroxine sodium anhydrous": "C15H10I4NNaO4",
    "propranolol": "C16H21NO2",
    "propranolol hydrochloride": "C16H22ClNO2",
    "prednisolone": "C21H28O5",
    "prednisolone sodium phosphate": "C21H27Na2O8P",
    "ondansetron": "C18H19N3O",
    "ondansetron hydrochloride dihydrate": "C18H24ClN3O3",
}
# Ink form, ordered form. A pair that does not stand here is refused, the reverse of one that does as well.
CONVERSIONS = frozenset(
    {
        ("sildenafil citrate", "sildenafil"),
        ("cyclophosphamide monohydrate", "cyclophosphamide anhydrous"),
        ("hydrocortisone acetate", "hydrocortisone"),
        ("hydrocortisone hydrogen succinate", "hydrocortisone"),
        ("hydrocortisone sodium succinate", "hydrocortisone"),
        ("hydrocortisone sodium phosphate", "hydrocortisone"),
        ("minoxidil sulfate", "minoxidil"),
        ("levothyroxine sodium anhydrous", "levothyroxine"),
        ("propranolol hydrochloride", "propranolol"),
        ("prednisolone sodium phosphate", "prednisolone"),
        ("ondansetron hydrochloride dihydrate", "ondansetron"),
    }
)
_ELEMENT = re.compile(r"([A-Z][a-z]?)([0-9]*)")


@dataclass(frozen=True, slots=True)
class EffectiveStrength:
    """mg of the ordered form per g of ink as printed (wet), and the loss on drying in %."""

    mg_per_g: Fraction
    lod_pct: Fraction
    flags: tuple[Finding, ...]
    steps: tuple[Step, ...]


def molar_mass(form: str) -> Fraction:
    """Return g/mol of a form of COMPOSITIONS."""
    return sum(
        (ATOMIC_WEIGHTS[element] * int(count or 1) for element, count in _ELEMENT.findall(COMPOSITIONS[form])),
        Fraction(0),
    )


def salt_factor(ink_form: str, ordered_form: str) -> Fraction | None:
    """Return mg of ink form per mg ordered: 1 for the same form, None for a pair nobody has vouched for."""
    if ink_form == ordered_form:
        return Fraction(1)
    if (ink_form, ordered_form) not in CONVERSIONS:
        return None
    return molar_mass(ink_form) / molar_mass(ordered_form)


def effective_strength(
    ink: InkEntry, ordered_form: str | None, *, assay_correction: bool
) -> EffectiveStrength | Finding:
    """Return s × assay/100 ÷ factor × (1 − LOD/100 on the dried basis), or the lot's first objection.

    Without `assay_correction` (the recipe's signed choice) the assay is left out and must still lie within its limits.
    """
    strength = _strength(ink)
    if isinstance(strength, Finding):
        return strength
    assay_pct = _assay(ink)
    if isinstance(assay_pct, Finding):
        return assay_pct
    lod_pct = _loss_on_drying(ink)
    if isinstance(lod_pct, Finding):
        return lod_pct
    if ink.strength_basis not in ("as_printed", "dried"):
        return error(
            "E_STRENGTH_BASIS_MISSING",
            f"The basis of the strength is “{ink.strength_basis or ''}”.",
            "State whether the strength is per g as printed (as_printed) or per g dried (dried).",
            "ink.strength_basis",
        )
    factor = salt_factor(ink.form or "", ordered_form or "")
    if not (ink.form or "").strip() or not (ordered_form or "").strip() or factor is None:
        return error(
            "E_FORM_UNSPECIFIED",
            f"The ink is stated as “{ink.form or ''}” and the order means “{ordered_form or ''}”; no factor is known.",
            "State both forms; a pair that is not in the table needs its own signed factor.",
            "ink.form",
        )
    return _combined(strength, assay_pct if assay_correction else Fraction(100), factor, lod_pct, ink, ordered_form)


def _combined(
    strength: Fraction,
    assay_pct: Fraction,
    factor: Fraction,
    lod_pct: Fraction,
    ink: InkEntry,
    ordered_form: str | None,
) -> EffectiveStrength:
    dried = ink.strength_basis == "dried"
    mg_per_g = strength * assay_pct / 100 / factor * ((1 - lod_pct / 100) if dried else 1)
    formula = f"{shown(strength)} × {shown(assay_pct)} ÷ 100 ÷ {shown(factor)}"
    formula += f" × (1 − {shown(lod_pct)} ÷ 100)" if dried else ""
    steps = [Step("effective strength, as printed", formula, shown(mg_per_g), "mg/g", "ink lot: strength, assay, LOD")]
    flags = []
    if assay_pct != 100:
        told = f"The lot was found at {shown(assay_pct)} % of label; the mass is corrected for it."
        flags.append(warning("W_ASSAY_CORRECTED", told, "Check the lot's assay.", "ink.assay_pct_of_label"))
    if factor != 1:
        told = f"The ink is {ink.form}, the order means {ordered_form}: {shown(factor)} mg carry 1 mg."
        flags.append(warning("W_SALT_CONVERTED", told, "Check which form the order means.", "ink.form"))
        masses = shown(molar_mass(ink.form or "")), shown(molar_mass(ordered_form or ""))
        source = "molar masses, IUPAC atomic weights 2021"
        steps.insert(0, Step("salt factor", f"{masses[0]} ÷ {masses[1]}", shown(factor), "mg/mg", source))
    return EffectiveStrength(mg_per_g, lod_pct, tuple(flags), tuple(steps))


def _strength(ink: InkEntry) -> Fraction | Finding:
    strength = read_number(ink.strength_mg_per_g, "ink.strength_mg_per_g")
    if isinstance(strength, Finding) or 0 < strength <= 1000:
        return strength
    return error(
        "E_STRENGTH_RANGE",
        f"The strength is {shown(strength)} mg/g; expected above 0, at most 1000.",
        "Check the strength of the lot and its unit.",
        "ink.strength_mg_per_g",
    )


def _assay(ink: InkEntry) -> Fraction | Finding:
    where = "ink.assay_pct_of_label"
    assay_pct = read_number(ink.assay_pct_of_label, where)
    if isinstance(assay_pct, Finding):
        return assay_pct
    if ink.assay_limits_pct is None or None in ink.assay_limits_pct:
        told = "No assay limits are stated, and there is no default."
        return error("E_ASSAY_OUT_OF_LIMITS", told, "State limits.", "ink.assay_limits_pct")
    low = read_number(ink.assay_limits_pct[0], "ink.assay_limits_pct[0]")
    high = read_number(ink.assay_limits_pct[1], "ink.assay_limits_pct[1]")
    if isinstance(low, Finding):
        return low
    if isinstance(high, Finding):
        return high
    if low <= assay_pct <= high:
        return assay_pct
    told = f"The assay is {shown(assay_pct)} % of label; the limits are {shown(low)} to {shown(high)} %."
    return error("E_ASSAY_OUT_OF_LIMITS", told, "Reject the lot; an assay outside is not corrected.", where)


def _loss_on_drying(ink: InkEntry) -> Fraction | Finding:
    lod_pct = read_number(ink.lod_pct, "ink.lod_pct")
    if isinstance(lod_pct, Finding) or 0 <= lod_pct < 100:
        return lod_pct
    told = f"The loss on drying is {shown(lod_pct)} %; expected 0 up to but not including 100."
    return error("E_LOD_RANGE", told, "Check the lot's loss on drying.", "ink.lod_pct")
