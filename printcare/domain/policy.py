"""What a mode allows: LOCKED, REHEARSAL and RESEARCH are values of one type, and nothing else asks which mode it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one mode (records.md Q1)."""

    mode: str  # stamped on every event and document
    band: str  # the words across the top of every page
    needs_effective_recipe: bool
    counts_besides: frozenset[str]  # states of a version that count though it is not in force
    needs_verified_order: bool
    allows_parameter_edits: bool
    allows_release: bool
    needs_second_preparer: bool  # a second person checks the preparation, and signs
    needs_required_caps: bool  # a firmware capability the profile names must be there
    ends_at_rejects: bool  # rejected units beyond the recipe's number end the batch; machine faults end it in any mode
    unattended_units: bool  # may a new unit begin while no window is attached
    needs_checked_balance: bool  # a unit is judged by a balance whose checks on record stand
    needs_current: bool  # printer, balance, recipe, training, upkeep and cleaning must be current on record
    accepts_scaled_time: bool  # may a simulated bench run faster than the clock on the wall

    @property
    def is_marked(self) -> bool:
        """Whether every program and document bears the mark NOT FOR PATIENTS."""
        return not self.allows_release


LOCKED = Policy(
    mode="locked",
    band="LOCKED MODE · validated recipes only",
    needs_effective_recipe=True,
    counts_besides=frozenset(),
    needs_verified_order=True,
    allows_parameter_edits=False,
    allows_release=True,
    needs_second_preparer=True,
    needs_required_caps=True,
    ends_at_rejects=True,
    unattended_units=False,
    needs_checked_balance=True,
    needs_current=True,
    accepts_scaled_time=False,
)
# Locked mode rehearsed on a simulated bench in scaled time: every rule of locked mode, and nothing can be released.
# What is in validation may be rehearsed: its confirmatory batches have to come from somewhere.   quality.md §9
REHEARSAL = replace(
    LOCKED,
    mode="rehearsal",
    band="LOCKED MODE · rehearsal, not for patients",
    counts_besides=frozenset({"in validation"}),
    allows_release=False,
    accepts_scaled_time=True,
)
RESEARCH = Policy(
    mode="research",
    band="RESEARCH MODE · not for patients",
    needs_effective_recipe=False,
    counts_besides=frozenset({"draft", "submitted", "in validation", "approved", "effective"}),
    needs_verified_order=False,
    allows_parameter_edits=True,
    allows_release=False,
    needs_second_preparer=False,
    needs_required_caps=False,
    ends_at_rejects=False,
    unattended_units=False,
    needs_checked_balance=False,
    needs_current=False,
    accepts_scaled_time=True,
)
POLICIES: Mapping[str, Policy] = {policy.mode: policy for policy in (LOCKED, REHEARSAL, RESEARCH)}
