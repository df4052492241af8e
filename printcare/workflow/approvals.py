"""Approve recipes and dosing rules: signed by a person who did not write them, bound to the digest of the content."""

from __future__ import annotations

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.people import Role
from printcare.domain.recipe import MasterRecipe
from printcare.records.accounts import Account
from printcare.records.signatures import is_genuine, sign, signatures_of
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.states import state_of

EFFECTIVE = "effective"


def approve_recipe(records: Store, approver: Account, password: str, recipe: MasterRecipe, author: Account) -> None:
    """Make one version of a recipe effective; raises Refused for its author or a person without the role."""
    state = {"recipe_id": recipe.id, "version": recipe.version, "digest": recipe.digest, "content": state_of(recipe)}
    _approve(records, approver, password, "recipe", f"{recipe.id}/{recipe.version}", state, author)


def approve_rule(records: Store, approver: Account, password: str, rule: DosingRule, author: Account) -> None:
    """Make one version of a dosing rule effective; raises Refused likewise."""
    state = {"rule_id": rule.id, "version": rule.version, "digest": rule.digest, "content": state_of(rule)}
    _approve(records, approver, password, "dosing_rule", f"{rule.id}/{rule.version}", state, author)


def _approve(
    records: Store, approver: Account, password: str, kind: str, key: str, state: dict[str, object], author: Account
) -> None:
    actor = allowed(records, approver, f"{kind}.approve")
    table = f"{kind}_approval"
    objection = people.approval_by(approver.id, (author.id,))
    if objection is not None:
        refuse(records, actor, f"{kind}.approve", table, key, (objection,))
        raise Refused((objection,))
    with records.transaction(actor) as tx:
        tx.record(f"{kind}.approved", table, key, state | {"status": EFFECTIVE, "author": author.id})
    sign(records, approver.login, password, Role.PROCESS_OWNER, "approved", table, key)


def effective_recipe(records: Store, recipe: MasterRecipe) -> tuple[Finding, ...]:
    """Return why this recipe may not be printed from: an edited file is an unapproved recipe."""
    return _effective(records, "recipe_approval", f"{recipe.id}/{recipe.version}", recipe.digest, "recipe")


def effective_recipe_of(records: Store, key: str, digest: str) -> tuple[Finding, ...]:
    """Return why the recipe a batch was planned by, id/version and digest, is no longer one to print from."""
    return _effective(records, "recipe_approval", key, digest, "recipe")


def effective_rule(records: Store, rule: DosingRule) -> tuple[Finding, ...]:
    """Return why no dose may be calculated by this rule in locked mode."""
    return _effective(records, "dosing_rule_approval", f"{rule.id}/{rule.version}", rule.digest, "rule")


def _effective(records: Store, table: str, key: str, digest: str, what: str) -> tuple[Finding, ...]:
    state = records.get(table, key)
    remedy = f"Have the {what} approved by a process owner who did not write it."
    if state is None or state["status"] != EFFECTIVE:
        return (error("E_NOT_APPROVED", f"The {what} {key} is not approved here.", remedy, what),)
    if state["digest"] != digest:
        return (error("E_APPROVAL_BROKEN", f"The {what} {key} was changed after its approval.", remedy, what),)
    if not any(signature.covers(state) and is_genuine(signature) for signature in signatures_of(records, table, key)):
        return (error("E_APPROVAL_UNSIGNED", f"No signature covers the approval of the {what} {key}.", remedy, what),)
    return ()
