"""Body surface area by every formula in use, in decimals, each with its paper and who may use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt

from printcare.domain.checks import Finding, error
from printcare.domain.numbers import decimal_context, shown

# More than the 15 digits shown: rounding and caps must not hang on the last place. Independent of the caller's context.
_PRECISION = decimal_context(50)
ADULT_AGE_YEARS = 18


@dataclass(frozen=True, slots=True)
class Law:
    """One equation: how it is computed from kg and cm, and how it is written so that a person can redo it."""

    written: str  # with {w} kg, {wg} g and {h} cm
    area_m2: Callable[[Fraction, Fraction], Fraction]


@dataclass(frozen=True, slots=True)
class BsaFormula:
    """A published formula: `law` chooses the equation by weight in kg and sex, where it has several."""

    key: str
    law: Callable[[Fraction, str | None], Law]
    citation: str
    validity: str
    allowed_under_18y: bool
    needs_height: bool = True
    needs_sex: bool = False
    may_dose: bool = True

    @property
    def name(self) -> str:
        """Return what a person calls the formula: by its authors."""
        return _NAMES.get(self.key, self.key.capitalize())


def body_surface_area_m2(key: str, weight_kg: Fraction, height_cm: Fraction | None, sex: str | None = None) -> Fraction:
    """Return the area by one formula of FORMULAS, to 50 digits, exactly where it is rational.

    `height_cm` may be None for a formula that does not use it.
    """
    return FORMULAS[key].law(weight_kg, sex).area_m2(weight_kg, height_cm or Fraction(0))


def written(key: str, weight_kg: Fraction, height_cm: Fraction | None, sex: str | None = None) -> str:
    """Return the formula with the patient's numbers in it, redoable by hand."""
    law = FORMULAS[key].law(weight_kg, sex)
    height = "" if height_cm is None else shown(height_cm)
    return law.written.format(w=shown(weight_kg), wg=shown(weight_kg * 1000), h=height)


def objection_to(key: str, age_years: Fraction, sex: str | None, field: str) -> Finding | None:
    """Return why a formula may not be used to dose this patient, or None."""
    formula = FORMULAS[key]
    if age_years < ADULT_AGE_YEARS and not formula.allowed_under_18y:
        return error(
            "E_FORMULA_NOT_ALLOWED_FOR_AGE",
            f"The formula {formula.name} is not for patients under {ADULT_AGE_YEARS} years ({formula.validity}).",
            "Use the formula of an approved dosing rule for this age group.",
            field,
        )
    if formula.needs_sex and sex not in ("F", "M"):
        return error(
            "E_SEX_REQUIRED",
            f"The formula {formula.name} differs by sex, and the sex is not recorded as F or M.",
            "Record the sex, or use a dosing rule whose formula does not need it.",
            field,
        )
    return None


def cross_check_key(key: str, has_height: bool) -> str:
    """Return the second formula shown beside the one that doses."""
    if not has_height:
        return "costeff" if key == "boyd_weight_only" else "boyd_weight_only"
    return "haycock" if key == "mosteller" else "mosteller"


def _sqrt(square: Fraction) -> Fraction:
    """Return the root, exactly where it is rational: a tie in rounding must not fall by a last digit."""
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if root * root == square:
        return root
    with localcontext(_PRECISION):
        return Fraction((Decimal(square.numerator) / Decimal(square.denominator)).sqrt())


def _decimal(number: Fraction) -> Decimal:
    return _PRECISION.divide(Decimal(number.numerator), Decimal(number.denominator))


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    """Return base^exponent for a positive base, in the context of the caller."""
    return (exponent * base.ln()).exp()


def _power_law(coefficient: str, weight_exponent: str, height_exponent: str = "") -> Law:
    """Return coefficient × W^a × H^b, W in kg and H in cm; without b a law of the weight alone."""
    factor, by_weight = Decimal(coefficient), Decimal(weight_exponent)
    by_height = Decimal(height_exponent or "0")

    def area_m2(weight_kg: Fraction, height_cm: Fraction) -> Fraction:
        with localcontext(_PRECISION):
            area = factor * _power(_decimal(weight_kg), by_weight)
            return Fraction(area * _power(_decimal(height_cm), by_height) if height_exponent else area)

    height_term = f" × {{h}}^{height_exponent}" if height_exponent else ""
    return Law(f"{coefficient} × {{w}}^{weight_exponent}{height_term}", area_m2)


def _boyd(coefficient: str, exponent: str, slope: str, *, grams: bool, height_exponent: str = "") -> Law:
    """Return coefficient × W^(a − b·log10 W) × H^c; the exponent belongs to the unit of W and to the decadic log."""
    factor, constant, per_decade = Decimal(coefficient), Decimal(exponent), Decimal(slope)
    by_height = Decimal(height_exponent or "0")

    def area_m2(weight_kg: Fraction, height_cm: Fraction) -> Fraction:
        with localcontext(_PRECISION):
            weight = _decimal(weight_kg * 1000 if grams else weight_kg)
            area = factor * _power(weight, constant - per_decade * weight.log10())
            return Fraction(area * _power(_decimal(height_cm), by_height) if height_exponent else area)

    sign = "{wg}" if grams else "{w}"
    height_term = f" × {{h}}^{height_exponent}" if height_exponent else ""
    return Law(f"{coefficient} × {sign}^({exponent} − {slope} × log10 {sign}){height_term}", area_m2)


def _boyd_weight_only() -> Law:
    law = _boyd("4.688", "0.8168", "0.0154", grams=True)
    return Law(law.written + " ÷ 10000", lambda weight_kg, height_cm: law.area_m2(weight_kg, height_cm) / 10_000)


def _always(law: Law) -> Callable[[Fraction, str | None], Law]:
    return lambda weight_kg, sex: law


_MOSTELLER = Law("√({h} × {w} ÷ 3600)", lambda weight_kg, height_cm: _sqrt(height_cm * weight_kg / 3600))
_COSTEFF = Law("(4 × {w} + 7) ÷ ({w} + 90)", lambda weight_kg, height_cm: (4 * weight_kg + 7) / (weight_kg + 90))
_MATTAR = Law("({h} + {w} − 60) ÷ 100", lambda weight_kg, height_cm: (height_cm + weight_kg - 60) / 100)
_SCHLICH = {"F": _power_law("0.000975482", "0.46", "1.08"), "M": _power_law("0.000579479", "0.38", "1.24")}
_LIVINGSTON_LEE = {"from 10 kg": _power_law("0.1173", "0.6466"), "below 10 kg": _power_law("0.1037", "0.6724")}


def _livingston_lee(weight_kg: Fraction, sex: str | None) -> Law:
    return _LIVINGSTON_LEE["from 10 kg" if weight_kg >= 10 else "below 10 kg"]


_TABLE = (
    BsaFormula("mosteller", _always(_MOSTELLER), "Mosteller RD. N Engl J Med 1987;317:1098", "all ages; default", True),
    BsaFormula(
        "du_bois",
        _always(_power_law("0.007184", "0.425", "0.725")),
        "Du Bois D, Du Bois EF. Arch Intern Med 1916;17:863-71",
        "9 subjects; low in small infants",
        True,
    ),
    BsaFormula(
        "haycock",
        _always(_power_law("0.024265", "0.5378", "0.3964")),
        "Haycock GB et al. J Pediatr 1978;93:62-6",
        "infants to adults",
        True,
    ),
    BsaFormula(
        "gehan_george",
        _always(_power_law("0.0235", "0.51456", "0.42246")),
        "Gehan EA, George SL. Cancer Chemother Rep 1970;54:225-35",
        "401 measured subjects",
        True,
    ),
    BsaFormula(
        "boyd_g",
        _always(_boyd("0.0003207", "0.7285", "0.0188", grams=True, height_exponent="0.3")),
        "Boyd E. Univ. Minnesota Press 1935",
        "weight in grams",
        True,
    ),
    BsaFormula(
        "boyd_kg",
        _always(_boyd("0.03330", "0.6157", "0.0188", grams=False, height_exponent="0.3")),
        "Boyd E. Univ. Minnesota Press 1935 (re-expressed)",
        "weight in kg; 0.0104 % from the gram form",
        True,
    ),
    BsaFormula(
        "boyd_weight_only",
        _always(_boyd_weight_only()),
        "Boyd 1935; Sharkey I et al. Br J Cancer 2001;85:23-8",
        "where the dosing rule says so; caution below 10 kg, in obesity and cachexia",
        True,
        needs_height=False,
    ),
    BsaFormula(
        "costeff",
        _always(_COSTEFF),
        "Costeff H. Arch Dis Child 1966;41:681-3 (verify before clinical use)",
        "fallback only",
        True,
        needs_height=False,
    ),
    BsaFormula(
        "fujimoto",
        _always(_power_law("0.008883", "0.444", "0.663")),
        "Fujimoto S et al. Nippon Eiseigaku Zasshi 1968:443-50 (verify before clinical use)",
        "adults",
        False,
    ),
    BsaFormula("takahira", _always(_power_law("0.007241", "0.425", "0.725")), "Takahira 1925", "adults", False),
    BsaFormula(
        "shuter_aslani",
        _always(_power_law("0.00949", "0.441", "0.655")),
        "Shuter B, Aslani A. Eur J Appl Physiol 2000;82:250-4",
        "adults",
        False,
    ),
    BsaFormula(
        "schlich",
        lambda weight_kg, sex: _SCHLICH[sex or ""],
        "Schlich E, Schumm M, Schlich M. Ernährungs Umschau 2010;57:178-83",
        "adults; 33 to 46 % low under 10 kg",
        False,
        needs_sex=True,
    ),
    BsaFormula(
        "livingston_lee",
        _livingston_lee,
        "Livingston EH, Lee S. Am J Physiol Endocrinol Metab 2001;281:E586-91",
        "adults; a step of 6.6 % at 10 kg",
        False,
        needs_height=False,
    ),
    BsaFormula(
        "lipscombe",
        _always(_power_law("0.00878108", "0.434972", "0.67844")),
        "Lipscombe T 2020 (verify before clinical use)",
        "comparison only",
        False,
        may_dose=False,
    ),
    BsaFormula(
        "mattar",
        _always(_MATTAR),
        "Mattar JA. Crit Care Med 1989;17:846-7 (verify before clinical use)",
        "adults; negative for a neonate",
        False,
    ),
    BsaFormula(
        "nwoye",
        _always(_power_law("0.001315", "0.262", "1.2139")),
        "Nwoye LO. Afr J Med Med Sci 1989;18:305-11 (verify before clinical use)",
        "adults; 12 % high at 70 kg and 170 cm",
        False,
    ),
)
# What `str.capitalize` does not make of a key.
_NAMES = {
    "du_bois": "Du Bois",
    "gehan_george": "Gehan and George",
    "boyd_g": "Boyd, weight in g",
    "boyd_kg": "Boyd, weight in kg",
    "boyd_weight_only": "Boyd, weight alone",
    "shuter_aslani": "Shuter and Aslani",
    "livingston_lee": "Livingston and Lee",
}
FORMULAS: Mapping[str, BsaFormula] = {formula.key: formula for formula in _TABLE}
