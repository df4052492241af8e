"""What is approved before it counts: recipes, dosing rules and the site's table, and where the record keeps each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import error
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.recipe import MasterRecipe
from printcare.domain.substances import SiteExcipients
from printcare.records.store import Store
from printcare.workflow.authority import Refused

Document = MasterRecipe | DosingRule | SiteExcipients


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document: the prefix of its commands, its table of versions, and what people call it."""

    name: str  # of people.CONTROLLED
    table: str
    member: str  # of the state: whose version it is
    words: str
    prefix: str = ""  # of its keys, where the table holds other things too

    def key(self, document_id: str, version: int) -> str:
        """Return the record's key of one version."""
        return f"{self.prefix}{document_id}/{version}"


RECIPE = Kind("recipe", "recipe_version", "recipe_id", "recipe")
RULE = Kind("dosing_rule", "dosing_rule_version", "rule_id", "rule")
SITE_TABLE = Kind("site_table", "site_setting", "table_id", "site table", "site_table/")
KINDS: Mapping[type, Kind] = {MasterRecipe: RECIPE, DosingRule: RULE, SiteExcipients: SITE_TABLE}
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS.values()}


def kind_of(document: Document) -> Kind:
    """Return the kind of a document."""
    return KINDS[type(document)]


def key_of(document: Document) -> str:
    """Return the record's key of a document's version."""
    return kind_of(document).key(document.id, document.version)


def versions_of(records: Store, kind: Kind, document_id: str) -> dict[str, dict[str, Any]]:
    """Return every version of one document on record, key -> state, in the order they were first written."""
    return records.all(kind.table, **{kind.member: document_id})


def version(records: Store, kind: Kind, key: str) -> dict[str, Any]:
    """Return the state of one version; raises Refused for one the record does not hold."""
    state = records.get(kind.table, key)
    if state is None:
        told = f"The record holds no {kind.words} {key}."
        raise Refused((error("E_VERSION_UNKNOWN", told, "See `printcare recipe list`.", kind.words),))
    return state
