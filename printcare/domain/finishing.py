"""What becomes of a printed batch and of the room: finishing steps, storage, handling of the hazard, cleaning.

Named tuples: every `gcode` and `check` reads a recipe whole, and a dataclass takes ten times as long to define.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

STEPS = ("dry", "cure", "cool", "inspect", "remove-rejects", "close", "pack", "reconcile")
CONDITIONED = frozenset({"dry", "cure", "cool"})  # these need time and temperature
HAZARD_CLASSES = ("none", "hormone", "cytotoxic")
WEIGHING = ("under-tray", "beside", "none")  # under the tray, beside the printer, or research only
# Days a preparation keeps without a stability study of its own, by water-activity class.  USP <795> (2023), table 4;
# compare with the edition in force before use. "solid" is non-aqueous and not a liquid.
LONGEST_DAYS = {
    "aqueous": Decimal(14),
    "aqueous-preserved": Decimal(35),
    "non-aqueous": Decimal(90),
    "solid": Decimal(180),
}


class Condition(NamedTuple):
    """A drying, curing or cooling condition, each figure with the ends it may have."""

    hours: tuple[Decimal, Decimal]
    temperature_c: tuple[Decimal, Decimal]
    humidity_pct: tuple[Decimal, Decimal] | None  # relative; None where it does not matter


class FinishingStep(NamedTuple):
    """One step after the last unit, in its order."""

    kind: str  # of STEPS
    instruction: str
    condition: Condition | None = None


class BeyondUse(NamedTuple):
    """How long a unit keeps under one storage; longer than its class allows only by a stability study."""

    storage: str  # the words of the label
    temperature_c: tuple[Decimal, Decimal]
    days: Decimal
    evidence: str  # id of the study, or empty


class Handling(NamedTuple):
    """What the hazard class asks of people and room."""

    ppe: tuple[str, ...]
    containment: str
    spill_kit: str
    has_witnessed_waste: bool


class Cleaning(NamedTuple):
    """Cleaning and changeover (quality.md §11); printers detect no residue, so the record is the control."""

    dirty_hold_h: Decimal  # print end to washing
    clean_hold_h: Decimal  # clean to use
    campaign_batches: int  # of the same ink lot without full cleaning
    campaign_h: Decimal
    has_dedicated_parts: bool  # never shared: hazardous, sensitising or hormone products
    changeover: str


def finishing_told(steps: tuple[FinishingStep, ...]) -> str:
    """Return the steps as one text, in their order, for the batch's record."""
    return " ".join(step.instruction for step in steps)
