"""What a mode allows: LOCKED and RESEARCH are two values of one type, and nothing else asks which mode it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one mode (records.md Q1)."""

    mode: str  # stamped on every event and document
    band: str  # the words across the top of every page
    needs_effective_recipe: bool
    needs_verified_order: bool
    allows_parameter_edits: bool
    allows_release: bool
    needs_required_caps: bool  # a firmware capability the profile names must be there
    unattended_units: bool  # may a new unit begin while no window is attached


LOCKED = Policy("locked", "LOCKED MODE · validated recipes only", True, True, False, True, True, False)
RESEARCH = Policy("research", "RESEARCH MODE · not for patients", False, False, True, False, False, False)
