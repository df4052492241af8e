"""The closed list of UCUM codes a message may use, each with its dimension and its exact factor to a base unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

SYSTEM = "http://unitsofmeasure.org"
MASS, VOLUME, LENGTH, AREA, TIME, COUNT = "mass", "volume", "length", "area", "time", "count"
MASS_PER_AREA, MASS_PER_MASS, MASS_PER_TIME = "mass/area", "mass/mass", "mass/time"
MASS_PER_AREA_TIME, MASS_PER_MASS_TIME = "mass/area/time", "mass/mass/time"


@dataclass(frozen=True, slots=True)
class Unit:
    """One allowed code; `factor` leads to the base: mg, mL, cm, m2, d, mg/m2, mg/kg, mg/d, mg/m2/d, mg/kg/d.

    `words` are the texts that may stand beside the code; anything else beside it contradicts it.
    """

    code: str
    dimension: str
    factor: Fraction
    internal: str
    words: frozenset[str]


_MILLI = Fraction(1, 1000)
_MG, _G = (
    "mg milligram milligrams milligramme milligrammes miligramo miligramos",
    "g gram grams gramme grammes gramo gramos",
)
_UG = "ug µg μg mcg microgram micrograms microgramme microgrammes microgramo microgramos"
# code, dimension, factor to the base, internal name (dosing.md §3.2), texts accepted beside the code
_TABLE: tuple[tuple[str, str, Fraction, str, str], ...] = (
    ("mg", MASS, Fraction(1), "mg", _MG),
    ("g", MASS, Fraction(1000), "g", _G),
    ("ug", MASS, _MILLI, "ug", _UG),
    ("ng", MASS, _MILLI * _MILLI, "ng", "ng nanogram nanograms nanogramme nanogrammes nanogramo nanogramos"),
    ("kg", MASS, Fraction(1_000_000), "kg", "kg kilogram kilograms kilogramme kilogrammes kilogramo kilogramos"),
    ("[lb_av]", MASS, Fraction("453592.37"), "lb", "lb lbs pound pounds lb_av [lb_av]"),
    ("mL", VOLUME, Fraction(1), "mL", "ml milliliter millilitre milliliters millilitres"),
    ("L", VOLUME, Fraction(1000), "L", "l liter litre liters litres"),
    ("cm", LENGTH, Fraction(1), "cm", "cm centimeter centimetre centimeters centimetres centímetro centímetros"),
    ("m", LENGTH, Fraction(100), "m", "m meter metre meters metres metro metros"),
    ("mm", LENGTH, Fraction(1, 10), "mm", "mm millimeter millimetre millimeters millimetres"),
    ("[in_i]", LENGTH, Fraction("2.54"), "in", "in inch inches in_i [in_i]"),
    ("m2", AREA, Fraction(1), "m2", "m2 m² m^2 sqm"),
    ("mg/m2", MASS_PER_AREA, Fraction(1), "mg/m2", "mg/m2 mg/m² mg/m^2"),
    ("ug/m2", MASS_PER_AREA, _MILLI, "ug/m2", "ug/m2 µg/m2 μg/m2 µg/m² μg/m² mcg/m2 mcg/m²"),
    ("g/m2", MASS_PER_AREA, Fraction(1000), "g/m2", "g/m2 g/m²"),
    ("mg/kg", MASS_PER_MASS, Fraction(1), "mg/kg", "mg/kg"),
    ("ug/kg", MASS_PER_MASS, _MILLI, "ug/kg", "ug/kg µg/kg μg/kg mcg/kg"),
    ("mg/d", MASS_PER_TIME, Fraction(1), "mg/d", "mg/d mg/day mg/24h"),
    ("mg/(24.h)", MASS_PER_TIME, Fraction(1), "mg/d", "mg/(24.h) mg/24h mg/d mg/day"),
    ("mg/m2/d", MASS_PER_AREA_TIME, Fraction(1), "mg/m2/d", "mg/m2/d mg/m²/d mg/m2/day mg/m²/day"),
    ("mg/(m2.d)", MASS_PER_AREA_TIME, Fraction(1), "mg/m2/d", "mg/(m2.d) mg/m2/d mg/m²/d mg/m2/day mg/m²/day"),
    ("mg/kg/d", MASS_PER_MASS_TIME, Fraction(1), "mg/kg/d", "mg/kg/d mg/kg/day"),
    ("mg/(kg.d)", MASS_PER_MASS_TIME, Fraction(1), "mg/kg/d", "mg/(kg.d) mg/kg/d mg/kg/day"),
    ("ug/(kg.d)", MASS_PER_MASS_TIME, _MILLI, "ug/kg/d", "ug/(kg.d) ug/kg/d µg/kg/d μg/kg/d mcg/kg/d mcg/kg/day"),
    ("min", TIME, Fraction(1, 1440), "min", "min minute minutes"),
    ("h", TIME, Fraction(1, 24), "h", "h hour hours hr"),
    ("d", TIME, Fraction(1), "d", "d day days"),
    ("wk", TIME, Fraction(7), "wk", "wk week weeks"),
    # A month or a year has no fixed number of days; neither may count a course.
    ("mo", "month", Fraction(1), "mo", "mo month months"),
    ("a", "year", Fraction(1), "a", "a year years"),
    ("{tbl}", COUNT, Fraction(1), "tablet", "{tbl} tbl tablet tablets"),
    ("{capsule}", COUNT, Fraction(1), "capsule", "{capsule} capsule capsules"),
    ("1", COUNT, Fraction(1), "1", "1 unit units"),
    ("%", "ratio", Fraction(1, 100), "%", "% percent"),
)
UNITS: Mapping[str, Unit] = {
    code: Unit(code, dimension, factor, internal, frozenset(words.split()))
    for code, dimension, factor, internal, words in _TABLE
}
# What people write that is no UCUM code: the reading is offered to a person, never taken.
ALIASES: Mapping[str, str] = {
    "mcg": "ug", "µg": "ug", "μg": "ug", "MG": "mg", "Mg": "mg", "KG": "kg", "Kg": "kg", "kilo": "kg", "gm": "g",
    "m^2": "m2", "m²": "m2", "mg/m²": "mg/m2", "mg/m^2": "mg/m2", "mg/m2/day": "mg/m2/d", "mg/m²/d": "mg/m2/d",
    "mg/kg/day": "mg/kg/d", "cc": "mL", "ml": "mL", "lb": "[lb_av]", "lbs": "[lb_av]", "in": "[in_i]", "inch": "[in_i]",
    "CM": "cm", "day": "d", "days": "d", "week": "wk",
}  # fmt: skip


def text_agrees(unit: Unit, text: str) -> bool:
    """Whether the text beside a code says the same; blanks and the case of whole words do not matter.

    The case of a short sign matters: Mg and M are not mg and m.
    """
    sign = "".join(text.replace(" per ", "/").split())
    return sign in unit.words or (sign.lower() in unit.words and len(sign) > 3 and sign.isalpha())
