"""What a label says by country, hazard class and size; wording to be compared with the national text in force.

The words of a country stand in its own language; everything else is translated (records.md §12).
"""

from __future__ import annotations

from dataclasses import dataclass

from printcare.errors import PrintcareError
from printcare.formats.wording import phrase


@dataclass(frozen=True, slots=True)
class LabelTemplate:
    """One country's label: its language, its words for an unlicensed product, and its size in mm."""

    country: str
    language: str
    national: str
    width_mm: int
    height_mm: int


# Country -> language and national words. Sources to be compared before use: GB: The Human Medicines Regulations 2012,
# schedule 26; IE: S.I. 540/2003; FR: Code de la santé publique R.5121-146-3 and R.5132-18; ES: RD 175/2001, 3.5.
_COUNTRIES = {
    "INT": ("en", phrase("Unlicensed medicine, prepared for one patient.")),
    "GB": ("en", "Unlicensed medicine (special), prepared for one patient."),
    "IE": ("en", "Exempt medicinal product, prepared for one patient."),
    "FR": ("fr", "Préparation magistrale. Uniquement sur ordonnance. Respecter les doses prescrites."),
    "ES": ("es", "Fórmula magistral. Medicamento sujeto a prescripción médica."),
}
SIZES_MM = {"100x62": (100, 62), "105x74": (105, 74), "148x105": (148, 105)}
COUNTRIES = tuple(_COUNTRIES)
# Handling words by the recipe's hazard class; a class without words here is refused, not printed bare.
HANDLING = {
    "": "",
    "none": "",
    "cytotoxic": phrase(
        "CYTOTOXIC. Wear gloves. Do not crush, cut or break. If spilt, use the spill kit. Return what is not used to "
        "the pharmacy as cytotoxic waste."
    ),
    "hormone": phrase("HORMONE. Wear gloves. Do not crush or break. Not to be handled by anyone pregnant."),
}
CHILDREN = phrase("Keep out of the reach and sight of children.")


def label_template(country: str = "INT", size: str = "105x74", language: str = "") -> LabelTemplate:
    """Return a country's template in a size; raises PrintcareError LABEL_TEMPLATE for one there is not."""
    if country not in _COUNTRIES or size not in SIZES_MM:
        told = f"There is no label for {country} of {size} mm."
        remedy = f"Use one of {', '.join(_COUNTRIES)} and one of {', '.join(SIZES_MM)}."
        raise PrintcareError("LABEL_TEMPLATE", told, remedy)
    own, national = _COUNTRIES[country]
    return LabelTemplate(country, language or own, national, *SIZES_MM[size])


def handling_words(hazard_class: str) -> str:
    """Return the handling words of a hazard class; raises PrintcareError LABEL_HAZARD for a class without."""
    if hazard_class in HANDLING:
        return HANDLING[hazard_class]
    told = f"There are no handling words for the hazard class {hazard_class}."
    raise PrintcareError("LABEL_HAZARD", told, f"Use one of: {', '.join(name for name in HANDLING if name)}.")
