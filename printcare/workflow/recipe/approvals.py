"""Say what may be counted on now: recipe, dosing rule or site table in force, unchanged, each of its moves signed."""

from __future__ import annotations

from collections.abc import Mapping

from printcare.domain.checks import Finding, error
from printcare.domain.difference import differences
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.recipe import MasterRecipe
from printcare.domain.recipe_life import not_counted
from printcare.domain.substances import SiteExcipients
from printcare.records.store import Store
from printcare.workflow.mode import present
from printcare.workflow.recipe.controlled import RECIPE, Document, Kind, key_of, kind_of
from printcare.workflow.recipe.signed_life import is_signed_throughout
from printcare.workflow.states import state_of

EMPTY: tuple[object, ...] = (None, "", [], {}, False)


def effective_recipe(records: Store, recipe: MasterRecipe) -> tuple[Finding, ...]:
    """Return why this recipe may not be printed from now: an edited file is an unapproved recipe."""
    return _counted(records, recipe)


def effective_rule(records: Store, rule: DosingRule) -> tuple[Finding, ...]:
    """Return why no dose may be calculated by this rule now."""
    return _counted(records, rule)


def effective_site_table(records: Store, table: SiteExcipients) -> tuple[Finding, ...]:
    """Return why no dose may be held to this table of excipients now."""
    return _counted(records, table)


def effective_recipe_of(records: Store, key: str, digest: str) -> tuple[Finding, ...]:
    """Return why the recipe a batch was planned by, id/version and digest, is no longer one to print from."""
    return _objections(records, RECIPE, key, digest, None)


def _counted(records: Store, document: Document) -> tuple[Finding, ...]:
    return _objections(records, kind_of(document), key_of(document), document.digest, state_of(document))


def _objections(
    records: Store, kind: Kind, key: str, digest: str, content: Mapping[str, object] | None
) -> tuple[Finding, ...]:
    policy, state, what = present(records), records.get(kind.table, key), kind.words
    remedy = f"Have the {what} approved by a process owner who did not write it."
    if state is None:
        told = f"The {what} {key} is not approved here."
        return (error("E_NOT_APPROVED", told, remedy, what),) if policy.needs_effective_recipe else ()
    standing = not_counted(state, records.context.clock(), policy.counts_besides, what)
    if standing is not None:
        return (standing,)
    if policy.allows_parameter_edits:
        return ()  # what is tried out may differ from what was written down; nothing of it is ever released
    if state["digest"] != digest or (content is not None and not _is_same(state["content"], content)):
        return (error("E_APPROVAL_BROKEN", f"The {what} {key} was changed after its approval.", remedy, what),)
    if not is_signed_throughout(records, kind, key, state):
        told = f"No signature of the right role and meaning covers every move of the {what} {key}."
        return (error("E_APPROVAL_UNSIGNED", told, remedy, what),)
    return ()


def _is_same(recorded: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Whether a document reads as it did; what an older program did not know must be empty, or it would count."""
    return all(change.old is None and change.new in EMPTY for change in differences(recorded, now))
