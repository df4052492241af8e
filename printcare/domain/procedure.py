"""Cleaning as steps with pictures, and what a hazard class adds: protection, containment, spill, witnessed waste."""

from __future__ import annotations

from dataclasses import dataclass

CYTOTOXIC = "cytotoxic"


@dataclass(frozen=True, slots=True)
class Picture:
    """One step: its words, the picture's name, and whether a second person makes or watches it."""

    name: str
    words: str
    picture: str
    by_two: bool = False

    def as_dict(self) -> dict[str, object]:
        """Return the step as the command line prints it."""
        return {"name": self.name, "words": self.words, "picture": self.picture, "by_two": self.by_two}


COMMON: tuple[Picture, ...] = (
    Picture("take off", "Take off nozzle, holder and tray; lay each on its own marked place.", "clean-take-off"),
    Picture("wash", "Wash each part with the agent of the validation; enter agent and lot.", "clean-wash"),
    Picture("dry", "Dry each part as validated, not with a cloth that leaves fibres.", "clean-dry"),
    Picture("inspect", "Another person looks at every side under the stated light.", "clean-inspect", by_two=True),
    Picture("clean", "Mark each part clean with the date, and put it under its cover.", "clean-cover"),
)
# What comes before and after, by hazard class (the site's own rules come first).
BEFORE: dict[str, tuple[Picture, ...]] = {
    CYTOTOXIC: (
        Picture("protect", "Two pairs of chemotherapy gloves, gown, eye protection, mask.", "ppe-cytotoxic"),
        Picture("contain", "Work in the cabinet, on a plastic-backed mat; nobody else in the zone.", "containment"),
        Picture("spill kit", "Lay the spill kit open beside you; know who is called.", "spill-kit"),
        Picture("deactivate", "Wipe with the deactivating agent of the validation before washing.", "deactivate"),
    ),
    "hazardous": (
        Picture("protect", "Gloves, gown and eye protection as the safety data sheet says.", "ppe-hazardous"),
        Picture("spill kit", "Lay the spill kit beside you.", "spill-kit"),
    ),
}
AFTER: dict[str, tuple[Picture, ...]] = {
    CYTOTOXIC: (
        Picture(
            "waste", "Wipes, gloves and rests into cytotoxic waste, weighed; a witness signs.", "waste", by_two=True
        ),
    ),
    "hazardous": (Picture("waste", "Wipes, gloves and rests into hazardous waste, weighed.", "waste"),),
}


def class_of(hazard: str) -> str:
    """Return the row of the tables a formulation's hazard class belongs to; what nobody knows is the strictest."""
    if hazard in ("none",):
        return ""
    return CYTOTOXIC if not hazard or CYTOTOXIC in hazard or "antineoplastic" in hazard else "hazardous"


def procedure(hazard: str) -> tuple[Picture, ...]:
    """Return the steps of a cleaning after an ink of a hazard class, in their order."""
    known = class_of(hazard)
    return (*BEFORE.get(known, ()), *COMMON, *AFTER.get(known, ()))


def waste_is_witnessed(hazard: str) -> bool:
    """Whether a batch's waste of this hazard class is destroyed before a witness (quality.md §11)."""
    return any(step.by_two for step in AFTER.get(class_of(hazard), ()))
