"""Who may do what: the nine roles, one table of permissions, and the duties that one person never joins."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from printcare.domain.checks import Finding, error


class Role(StrEnum):
    """The nine roles of records.md §10."""

    OPERATOR = "operator"
    PHARMACIST = "pharmacist"
    RELEASER = "releaser"
    QUALITY = "quality"
    PROCESS_OWNER = "process owner"
    FORMULATION_SCIENTIST = "formulation scientist"
    MAINTAINER = "maintainer"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which role and session; `system` and devices are named the same way."""

    id: str
    role: str
    session: str | None = None


SYSTEM = Actor("system", "system")

_READING = frozenset({"record.read", "audit.verify", "audit.checkpoint", "batch.show", "order.show", "recipe.show"})

# What is approved before it counts, and the moves of its life (domain/recipe_life.py) by the role that makes them.
CONTROLLED = ("recipe", "dosing_rule", "site_table")
_WRITING = frozenset(f"{kind}.{verb}" for kind in CONTROLLED for verb in ("write", "submit", "withdraw"))
_APPROVING = frozenset(
    f"{kind}.{verb}"
    for kind in CONTROLLED
    for verb in ("validate", "return", "refuse", "approve", "make_effective", "retire")
)

# What is not in this table is refused.   records.md §10, U12
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OPERATOR: _READING
    | {
        "order.receive", "batch.plan", "batch.prepare", "batch.start", "batch.resume",
        "batch.recover", "batch.cancel", "alarm.acknowledge", "line.clear", "ink_lot.receive", "ink_lot.open",
        "cartridge.fill", "cartridge.load", "label.print", "deviation.open", "printer.jog", "audit.export",
    },
    Role.PHARMACIST: _READING
    | {
        "order.receive", "order.verify", "order.refuse", "order.second_entry", "batch.plan", "batch.cancel",
        "batch.check_preparation", "deviation.open", "alarm.acknowledge", "audit.export",
    },
    Role.RELEASER: _READING
    | {
        "batch.review", "batch.release", "batch.reject", "batch.rehearse", "batch.recall", "deviation.open",
        "deviation.accept", "label.print", "audit.export",
    },
    Role.QUALITY: _READING
    | {
        "audit.review", "audit.export", "batch.review", "batch.recover", "batch.recall", "deviation.open",
        "deviation.close", "deviation.accept", "investigation.open", "investigation.close", "access.review",
        "ink_lot.release", "ink_lot.quarantine", "complaint.record", "record.restore",
    },
    Role.PROCESS_OWNER: _READING
    | _APPROVING
    | {"bundle.export", "key.trust", "key.revoke", "mode.switch", "site.configure", "audit.export"},
    Role.FORMULATION_SCIENTIST: _READING
    | _WRITING
    | {"bundle.import", "recipe.verify", "ink.develop", "research.print"},
    Role.MAINTAINER: _READING
    | {"printer.qualify", "printer.calibrate", "printer.maintain", "printer.jog", "balance.qualify", "deviation.open"},
    Role.ADMINISTRATOR: frozenset(
        {"account.manage", "account.unlock", "audit.verify", "audit.checkpoint", "backup.make", "record.restore"}
    ),
    Role.AUDITOR: _READING | {"audit.export"},
}  # fmt: skip

# What each role does with inks besides: who makes and uses them judges and releases none.
_OF_INKS: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset(
        {
            "ink_lot.show", "ink_lot.trace", "ink_lot.prepare", "ink_lot.check", "ink_lot.close", "cartridge.unload",
            "cartridge.open", "cartridge.discard", "cartridge.witness",
        }
    ),
    Role.PHARMACIST: frozenset({"ink_lot.show", "ink_lot.trace", "ink_lot.check", "cartridge.witness"}),
    Role.RELEASER: frozenset({"ink_lot.show", "ink_lot.trace"}),
    Role.QUALITY: frozenset(
        {
            "ink_lot.show", "ink_lot.trace", "ink_lot.judge", "ink_lot.reject", "ink_lot.recall", "ink_lot.drill",
            "cartridge.witness", "supplier.agree",
        }
    ),
    Role.PROCESS_OWNER: frozenset({"ink_lot.show", "ink_formulation.approve", "ink_formulation.retire"}),
    Role.FORMULATION_SCIENTIST: frozenset({"ink_lot.show", "ink_formulation.write"}),
    Role.MAINTAINER: frozenset({"ink_lot.show"}),
    Role.AUDITOR: frozenset({"ink_lot.show", "ink_lot.trace"}),
}  # fmt: skip
PERMISSIONS |= {role: PERMISSIONS[role] | more for role, more in _OF_INKS.items()}

# Who works with a balance checks it; a re-test needs quality, and a second check somebody who did not enter it.
_OF_CHECKS: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset({"balance.check", "laboratory.enter"}),
    Role.PHARMACIST: frozenset({"laboratory.enter", "laboratory.check"}),
    Role.QUALITY: frozenset({"laboratory.enter", "laboratory.check", "investigation.retest"}),
    Role.MAINTAINER: frozenset({"balance.check"}),
}
PERMISSIONS |= {role: PERMISSIONS[role] | more for role, more in _OF_CHECKS.items()}

# Who labels and gives a batch out, and what comes back of it; what leaves the record in other forms.
_OF_PAPERS: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset({"label.account", "complaint.record"}),
    Role.PHARMACIST: frozenset({"label.print", "label.account", "batch.hand_over", "complaint.record", "fhir.export"}),
    Role.RELEASER: frozenset({"label.account", "batch.hand_over", "complaint.record", "fhir.export"}),
    Role.QUALITY: frozenset({"complaint.assess", "complaint.close", "recall.close", "accuracy.export"}),
    Role.PROCESS_OWNER: frozenset({"accuracy.export"}),
    Role.FORMULATION_SCIENTIST: frozenset({"accuracy.export"}),
}
PERMISSIONS |= {role: PERMISSIONS[role] | more for role, more in _OF_PAPERS.items()}

# Who looks after the record itself; holding and erasing personal data is quality's, never who works with it.   §8.10
_OF_RECORDS: dict[Role, frozenset[str]] = {
    Role.QUALITY: frozenset(
        {"audit.archive", "audit.anchor", "hold.place", "hold.lift", "person.erase", "backup.check"}
    ),
    Role.ADMINISTRATOR: frozenset({"audit.anchor", "backup.check"}),
    Role.AUDITOR: frozenset({"audit.archive"}),
}
PERMISSIONS |= {role: PERMISSIONS[role] | more for role, more in _OF_RECORDS.items()}

# Who keeps equipment runs protocols and calibrates; who approves what was run is quality, and never the same person.
_OF_EQUIPMENT: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset({"cleaning.step", "cartridge.calibrate"}),
    Role.PHARMACIST: frozenset({"cleaning.step"}),
    Role.QUALITY: frozenset(
        {
            "qualification.approve", "qualification.refuse", "training.record", "training.revoke", "equipment.take_out",
            "capa.open", "capa.close", "change.approve", "change.close", "quality.review",
        }
    ),
    Role.PROCESS_OWNER: frozenset({"training.record", "change.propose"}),
    Role.MAINTAINER: frozenset(
        {
            "equipment.register", "equipment.change", "equipment.take_into_use", "equipment.take_out",
            "equipment.retire", "cartridge.calibrate", "change.propose",
        }
    ),
}  # fmt: skip
PERMISSIONS |= {role: PERMISSIONS[role] | more for role, more in _OF_EQUIPMENT.items()}

# Who develops a recipe by experiments; what leaves the record as data for learning has nobody in it.
_OF_RESEARCH: dict[Role, frozenset[str]] = {
    Role.QUALITY: frozenset({"research.export"}),
    Role.PROCESS_OWNER: frozenset({"research.export"}),
    Role.FORMULATION_SCIENTIST: frozenset({"experiment.write", "research.export"}),
}
PERMISSIONS |= {role: PERMISSIONS[role] | more for role, more in _OF_RESEARCH.items()}

# Strict profile: who grants access neither prints, verifies nor releases.   D12.3
APART_FROM_ADMINISTRATOR = frozenset(
    {Role.OPERATOR, Role.PHARMACIST, Role.RELEASER, Role.PROCESS_OWNER, Role.FORMULATION_SCIENTIST}
)


def may(roles: Iterable[str], command: str) -> bool:
    """Say whether any of the roles permits the command; an unknown role or command permits nothing."""
    return any(command in PERMISSIONS.get(Role(role), ()) for role in roles if role in set(Role))


def refusal(roles: Iterable[str], command: str) -> Finding | None:
    """Return why none of the roles permits the command, or None if one does."""
    held = tuple(roles)
    if may(held, command):
        return None
    allowed = ", ".join(role.value for role in Role if command in PERMISSIONS[role]) or "nobody"
    return error(
        "NOT_PERMITTED",
        f"The command {command} needs the role {allowed}; held: {', '.join(held) or 'none'}.",
        "Ask a person who holds that role, or have the role granted.",
    )


def together(roles: Collection[str]) -> Finding | None:
    """Return why one account may not hold these roles at once, or None if it may."""
    clashing = sorted(APART_FROM_ADMINISTRATOR & set(roles))
    if Role.ADMINISTRATOR not in roles or not clashing:
        return None
    return error(
        "ROLES_CLASH",
        f"An administrator never prints, verifies, approves or releases, so not also: {', '.join(clashing)}.",
        "Give the two duties to two accounts of two people.",
    )


def release_by(releaser: str, operators: Collection[str]) -> Finding | None:
    """Return why this person may not release, reject or rehearse what these people printed, or None (A15)."""
    if releaser not in operators:
        return None
    return error(
        "OPERATOR_RELEASES",
        "The person who printed a batch never decides on its release, and no setting changes that.",
        "Have another person who holds the role releaser decide.",
    )


def approval_by(approver: str, authors: Collection[str]) -> Finding | None:
    """Return why this person may not approve what these people wrote, or None."""
    if approver not in authors:
        return None
    return error(
        "AUTHOR_APPROVES",
        "Who wrote a recipe or a dosing rule never approves it.",
        "Have another person who holds the role process owner approve it.",
    )


def second_person(first: str, second: str) -> Finding | None:
    """Return why the second signature is no second person's, or None."""
    if first != second:
        return None
    return error(
        "SAME_PERSON",
        "The second check was made by the first person; it counts only when another pair of eyes makes it.",
        "Have another person make the second check.",
    )


def audit_review_by(reviewer: str, auditees: Collection[str]) -> Finding | None:
    """Return why this person may not review these people's entries, or None (D12.6)."""
    if reviewer not in auditees:
        return None
    return error(
        "AUDITEE_REVIEWS",
        "Nobody reviews the audit trail of their own work.",
        "Have a person who took no part in the batch review it.",
    )
