"""What a label says by country, hazard class and size; wording to be compared with the national text in force.

The words of a country stand in its own language; everything else is translated (records.md §12).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from printcare.errors import PrintcareError
from printcare.formats.wording import Tongue, phrase, tongue_of


@dataclass(frozen=True, slots=True)
class LabelTemplate:
    """One country's label: its language, what it says for an unlicensed product and to parents, and its size in mm."""

    country: str
    language: str
    national: str
    children: str
    handling: Mapping[str, str]  # hazard class -> words
    width_mm: int
    height_mm: int

    @property
    def size_mm(self) -> str:
        """Return the size as it is called in SIZES_MM."""
        return f"{self.width_mm}x{self.height_mm}"


SIZES_MM = {"100x62": (100, 62), "105x74": (105, 74), "148x105": (148, 105)}
ANYWHERE = "INT"  # no country's words: the general ones, translated
COUNTRIES = (ANYWHERE, "GB", "IE", "US", "FR", "ES")  # those of label_words.toml, which a start-up does not read
NATIONAL = phrase("Unlicensed medicine, prepared for one patient.")
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


def label_template(country: str = ANYWHERE, size: str = "105x74", language: str = "") -> LabelTemplate:
    """Return a country's template in a size; raises PrintcareError LABEL_TEMPLATE for one there is not.

    `language` is the country's unless it is named. What is national stands in the country's language always; its other
    words only on a label in that language.
    """
    if country not in COUNTRIES or size not in SIZES_MM:
        told = f"There is no label for {country} of {size} mm."
        remedy = f"Use one of {', '.join(COUNTRIES)} and one of {', '.join(SIZES_MM)}."
        raise PrintcareError("LABEL_TEMPLATE", told, remedy)
    words = _national_words().get(country, {})
    own = words.get("language", "en")
    tongue = tongue_of(language or own)
    spoken = words if tongue.code == own else {}
    return LabelTemplate(
        country,
        tongue.code,
        words.get("national") or tongue(NATIONAL),
        spoken.get("children") or tongue(CHILDREN),
        {name: spoken.get(name) or _translated(tongue, general) for name, general in HANDLING.items()},
        *SIZES_MM[size],
    )


def handling_words(template: LabelTemplate, hazard_class: str) -> str:
    """Return the handling words of a hazard class; raises PrintcareError LABEL_HAZARD for a class without."""
    if hazard_class in template.handling:
        return template.handling[hazard_class]
    told = f"There are no handling words for the hazard class {hazard_class}."
    raise PrintcareError("LABEL_HAZARD", told, f"Use one of: {', '.join(name for name in HANDLING if name)}.")


def _translated(tongue: Tongue, words: str) -> str:
    return tongue(words) if words else ""


@cache
def _national_words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("printcare.formats") / "label_words.toml").read_text("utf-8"))
