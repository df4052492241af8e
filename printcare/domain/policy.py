"""What a mode allows: LOCKED and RESEARCH are two values of one type, and nothing else asks which mode it is."""

from __future__ import annotations

from dataclasses import dataclass, replace


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
    accepts_scaled_time: bool  # may a simulated bench run faster than the clock on the wall


LOCKED = Policy(
    mode="locked",
    band="LOCKED MODE · validated recipes only",
    needs_effective_recipe=True,
    needs_verified_order=True,
    allows_parameter_edits=False,
    allows_release=True,
    needs_required_caps=True,
    unattended_units=False,
    accepts_scaled_time=False,
)
# Locked mode rehearsed on a simulated bench in scaled time: every rule of locked mode, and nothing can be released.
REHEARSAL = replace(
    LOCKED, band="LOCKED MODE · rehearsal, not for patients", allows_release=False, accepts_scaled_time=True
)
RESEARCH = Policy(
    mode="research",
    band="RESEARCH MODE · not for patients",
    needs_effective_recipe=False,
    needs_verified_order=False,
    allows_parameter_edits=True,
    allows_release=False,
    needs_required_caps=False,
    unattended_units=False,
    accepts_scaled_time=True,
)
