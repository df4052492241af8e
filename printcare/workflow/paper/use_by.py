"""Until when the units of a batch may be used, from what is on record of its materials, and how paper tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain.beyond_use import Material, Term, UseBy, use_by
from printcare.domain.checks import Finding
from printcare.domain.recipe import MasterRecipe
from printcare.formats.batch_content import Fact
from printcare.formats.wording import Tongue
from printcare.records.store import Store
from printcare.workflow.batch.plan import parts_of
from printcare.workflow.order.worklist import lot_of


def found_use_by(records: Store, batch_id: str, state: dict[str, Any], master: MasterRecipe) -> UseBy | Finding:
    """Return the use-by time of a batch with every term, or why there is none."""
    materials = []
    for row in parts_of(state):
        lot = lot_of(records, "", row["lot"])
        materials.append(Material(lot.id, lot.expires_on, lot.use_by))
    classes = [part.ink.water_activity for part in master.parts]
    return use_by(begun_at(records, batch_id) or records.context.clock(), master.beyond_use[0], classes, materials)


def begun_at(records: Store, batch_id: str) -> datetime | None:
    """Return when the preparation began, in the zone of the site: the start of the print."""
    started = records.events(object_id=batch_id, object_type="batch", action="batch.started", limit=1)
    if not started:
        return None
    return datetime.fromisoformat(started[0].content["ts_utc"]).astimezone(records.context.clock().tzinfo)


def use_by_facts(
    records: Store, batch_id: str, state: dict[str, Any], master: MasterRecipe, tongue: Tongue
) -> tuple[Fact, ...]:
    """Return the use-by time with the term that binds, and every later one (records.md §13)."""
    name = tongue("Use by (time of the site)")
    if begun_at(records, batch_id) is None:
        return (Fact(name, tongue("not begun")),)
    found = found_use_by(records, batch_id, state, master)
    if isinstance(found, Finding):
        return (Fact(name, f"{found.code}: {tongue.told(found.reason)}"),)

    def told(term: Term, words: str) -> str:
        return tongue(words, at=f"{term.until:%Y-%m-%d %H:%M}", kind=tongue(term.kind), of=tongue(term.of))

    binding = told(found.binding, "{at}, set by: {kind}, {of}")
    later = "; ".join(told(term, "{at}: {kind}, {of}") for term in found.terms[1:])
    return (Fact(name, binding), Fact(tongue("Later limits"), later or tongue("none")))
