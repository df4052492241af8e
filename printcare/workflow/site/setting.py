"""A site's own schedule or limits, set by who configures the site: every figure above nothing, for a stated reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any  # a schedule holds what its own dataclass says

from printcare.domain.checks import Finding, error
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.states import state_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

COMMAND, TABLE = "site.configure", "site_setting"


def change_setting(
    records: Store,
    account: Account,
    name: str,
    wanted: DataclassInstance,
    reason: str,
    further: Mapping[str, int] | None = None,
) -> None:
    """Put a setting on record; `further` are figures inside it, by name.

    Raises Refused, recorded, without a reason, and for a time or limit that is not above nothing.
    """
    actor = allowed(records, account, COMMAND)
    figures = {**_figures(wanted), **(further or {})}
    stop_where(records, actor, COMMAND, TABLE, name, _stops(figures, reason))
    with records.transaction(actor) as tx:
        tx.record(f"site.{name}", TABLE, name, state_of(wanted), reason_text=reason)


def _figures(wanted: DataclassInstance) -> dict[str, Any]:
    values = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    return {name: value for name, value in values.items() if isinstance(value, Decimal | int)}


def _stops(figures: Mapping[str, Decimal | int], reason: str) -> Iterator[Finding]:
    for name, figure in figures.items():
        if figure <= 0:
            told = f"{name} is {figure}; a time or limit is above nothing."
            yield error("E_SETTING_NUMBER", told, "Give a number above 0.", name)
    if not reason.strip():
        yield error("E_REASON_MISSING", "A site setting is changed for a reason.", "State it.", "reason")
