"""Write docs/roles.md from the core: who may do what, every move of a version, and what each mode and state allows."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from printcare.domain.cartridge import CARTRIDGE_MOVES
from printcare.domain.ink_lot import LOT_MOVES, LotStatus
from printcare.domain.people import APART_FROM_ADMINISTRATOR, CONTROLLED, PERMISSIONS, Role
from printcare.domain.policy import POLICIES
from printcare.domain.recipe_life import MOVES, NOT_IN_FORCE, LifeState
from printcare.workflow.ink.formulations import FORMULATION_MOVES

PAGE = Path(__file__).parents[1] / "docs" / "roles.md"
USABLE_LOTS = frozenset({LotStatus.RELEASED})
OPENING = """# Roles, moves and modes
Who may do what. `python tests/write_roles.py` writes this page from the core; one test compares it with the core, and
another attempts every command in every role and state (tests/scenarios/test_roles_allow_what_the_table_says.py). What
is not in a table is refused, and each refusal is an event of the record with its code.

A person may hold several roles, and signs in one of them at a time. Never together: operator and releaser of one batch;
author and approver of one version; auditee and audit reviewer; administrator and {apart}.
"""
MEANINGS = {
    "mode": "stamped on every event and document",
    "band": "across the top of every page",
    "needs_effective_recipe": "recipe, rule and site table must be in force and signed",
    "counts_besides": "states that count though they are not in force",
    "needs_verified_order": "an order two people stand for",
    "allows_parameter_edits": "parameters may be changed",
    "allows_release": "a batch may be released",
    "needs_second_preparer": "a second person checks and signs the preparation",
    "needs_required_caps": "the firmware must have what its profile requires",
    "ends_at_rejects": "too many rejected units end the batch (a fault of a device does in any mode)",
    "unattended_units": "a new unit may begin without a window",
    "needs_checked_balance": "every unit is weighed, by a balance whose checks on record stand",
    "needs_current": "printer, balance, recipe, training, upkeep and cleaning must be current on record",
    "accepts_scaled_time": "a simulated bench may run faster than the clock",
}


def page() -> str:
    """Return the page."""
    apart = ", ".join(sorted(APART_FROM_ADMINISTRATOR))
    parts = [OPENING.format(apart=apart), commands(), moves(), states(), modes()]
    return "\n".join(parts)


def commands() -> str:
    """Return the table of commands by role; a kind of document is written once for all three."""
    every = sorted(set().union(*PERMISSIONS.values()))
    lines = ["## Commands", "", f"| command | {' | '.join(Role)} |", "|---|" + ":-:|" * len(Role)]
    for command in every:
        marks = ["●" if command in PERMISSIONS[role] else "" for role in Role]
        lines.append(f"| `{command}` | {' | '.join(marks)} |")
    anybody = "A running job is held or stopped by **anybody** who stands at it: no role and no password is asked for."
    return "\n".join([*lines, "", anybody, ""])


def moves() -> str:
    """Return the table of moves."""
    lines = ["## Moves of a version", ""]
    lines += [f"For each of {', '.join(CONTROLLED)}: every move is signed, with a reason."]
    lines += [
        "",
        "| command | from | to | role | the signature means | never by an author |",
        "|---|---|---|---|---|:-:|",
    ]
    for move in MOVES:
        origins, by = ", ".join(move.origins), "●" if move.by_another else ""
        command = f"`*.{move.verb}`"
        lines.append(f"| {command} | {origins} | {move.target} | {move.role} | {move.meaning} | {by} |")
    lines += [
        "",
        "The version before is *superseded* in the transaction, and under the signature, of `*.make_effective`.",
    ]
    return "\n".join([*lines, ""])


def states() -> str:
    """Return what may be printed from in which state of recipe and lot."""
    lines = [
        "## States",
        "",
        f"| version | {' | '.join(POLICIES)} | refused with |",
        "|---|" + ":-:|" * len(POLICIES) + "---|",
    ]
    for state in LifeState:
        marks = [counts(state, mode) for mode in POLICIES]
        lines.append(f"| {state} | {' | '.join(marks)} | `{NOT_IN_FORCE[state][0]}` |")
    lines += ["", "An effective version counts from its date, a superseded one until the date of the next.", ""]
    lines += ["| ink lot | printed from |", "|---|:-:|"]
    lines += [f"| {status} | {'●' if status in USABLE_LOTS else ''} |" for status in LotStatus]
    lines += ["", "| moves an ink lot | from | to | roles |", "|---|---|---|---|"]
    for start, end, command in LOT_MOVES:
        lines.append(f"| `{command}` | {start or 'not on record'} | {end} | {', '.join(roles_of(command))} |")
    for what, table in (("a cartridge", CARTRIDGE_MOVES), ("a formulation", FORMULATION_MOVES)):
        lines += ["", f"| moves {what} | from | to | roles |", "|---|---|---|---|"]
        for before, after, command in table:
            by = ", ".join(roles_of(command)) or "the job itself"
            lines.append(f"| `{command}` | {before or 'not on record'} | {after} | {by} |")
    return "\n".join([*lines, ""])


def roles_of(command: str) -> list[str]:
    """Return the roles that are permitted a command."""
    return [role.value for role in Role if command in PERMISSIONS[role]]


def counts(state: LifeState, mode: str) -> str:
    """Return the mark of a state that counts in a mode."""
    return "●" if state is LifeState.EFFECTIVE or state in POLICIES[mode].counts_besides else ""


def modes() -> str:
    """Return the fields of each policy."""
    policies = list(POLICIES.values())
    lines = ["## Modes", "", f"| what | {' | '.join(POLICIES)} |", "|---|" + "---|" * len(policies)]
    for field in fields(policies[0]):
        values = [told(getattr(policy, field.name)) for policy in policies]
        lines.append(f"| {MEANINGS[field.name]} | {' | '.join(values)} |")
    return "\n".join([*lines, ""])


def told(value: object) -> str:
    """Return a policy's value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(sorted(value)) or "none" if isinstance(value, frozenset) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
