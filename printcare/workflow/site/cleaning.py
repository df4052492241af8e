"""Cleaning and line clearance on record: every part's state always known, each step by whom, two persons where due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain import people
from printcare.domain.checks import Finding, error
from printcare.domain.cleaning import BY_ANOTHER, PartRecord, PartState, Rules, dirty_hold_is_over, step_stops
from printcare.records.accounts import Account
from printcare.records.store import Store, Transaction
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.site.equipment import equipment_of
from printcare.workflow.site.setting import change_setting
from printcare.workflow.site.training import not_trained, untrained
from printcare.workflow.states import as_state, object_of, state_of

TABLE, LINE, SETTING = "cleaning", "line", "cleaning_rules"
RECORD_FIELDS = frozenset(PartRecord.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Contact:
    """One ink of a batch and the tool it is printed with."""

    tool: int
    ink: str
    lot: str


def rules_of(records: Store) -> Rules:
    """Return the site's limits, or the shipped ones where it signed none."""
    state = records.get("site_setting", SETTING)
    return Rules() if state is None else object_of(Rules, state)


def set_rules(records: Store, account: Account, rules: Rules, reason: str) -> None:
    """Set the limits of this site's cleaning validation, its dedicated parts and its changeover matrix."""
    change_setting(records, account, SETTING, rules, reason)


def enter_step(
    records: Store, account: Account, printer: str, part: str, step: PartState, evidence: dict[str, str]
) -> PartRecord:
    """Enter one step of a part's cleaning and return where it stands; raises Refused, recorded, out of its order.

    `evidence` names agent and its lot, what was looked at under which light, a swab's result. The inspection is made
    by another person than the washing. A part that waited too long is washed twice (quality.md §11).
    """
    command = "cleaning.step"
    actor = allowed(records, account, command)
    now = records.context.clock()
    known = part_record(records, printer, part)
    state = records.get(TABLE, key_of(printer, part)) or {}
    findings = [*_unknown_part(records, printer, part), *step_stops(known, step, part)]
    findings += untrained(records, account, command, now)
    if step in BY_ANOTHER and state.get("by") is not None:
        same = people.second_person(str(state.get("washed_by")), account.id)
        findings += [] if same is None else [same]
    if not any(value.strip() for value in evidence.values()):
        told = f"The step {step} of {part} says nothing of how it was done."
        findings.append(error("E_CLEANING_EVIDENCE", told, "Name agent and lot, or what was looked at.", "evidence"))
    if findings:
        refuse(records, actor, command, TABLE, key_of(printer, part), tuple(findings))
        raise Refused(tuple(findings))
    is_again = step is PartState.WASHED and dirty_hold_is_over(known, rules_of(records), now)
    reached = PartState.DIRTY if is_again else step
    made = replace(known or PartRecord(part, reached, now), state=reached, since=now)
    if is_again:  # one washing after an overrun counts for none: the clock begins anew
        made = replace(made, dirty_since=now)
    if reached is PartState.CLEAN:
        made = replace(made, batches=0, campaign_since=None, dirty_since=None)
    washed_by = account.id if step is PartState.WASHED else state.get("washed_by")
    own = {"by": account.id, "washed_by": washed_by, "evidence": dict(evidence), "after_overrun": is_again}
    with records.transaction(actor) as tx:
        tx.record(command, TABLE, key_of(printer, part), _row(printer, made) | own)
    return made


def clear_line(records: Store, account: Account, second: Account, printer: str, batch_id: str, inks: str) -> None:
    """Record a line clearance for one batch, performed by one and checked by another; it stands for an hour."""
    command = "line.clear"
    actor = allowed(records, account, command)
    allowed(records, second, "batch.check_preparation")
    not_trained(records, actor, account, command, TABLE, key_of(printer, LINE))
    same = people.second_person(account.id, second.id)
    if same is not None:
        refuse(records, actor, command, TABLE, key_of(printer, LINE), (same,))
        raise Refused((same,))
    with records.transaction(actor) as tx:
        cleared(tx, records, printer, batch_id, inks, account.id, second.id)


def clear_batch(records: Store, account: Account, second: Account, printer: str, batch_id: str) -> None:
    """Clear the line again for a planned batch, where the first clearance has ended; its lots are the record's."""
    rows = (records.get("batch", batch_id) or {}).get("parts") or []
    clear_line(records, account, second, printer, batch_id, " + ".join(str(row["lot"]) for row in rows))


def cleared(
    tx: Transaction, records: Store, printer: str, batch_id: str, inks: str, by: str, checked_by: str | None
) -> None:
    """Record a clearance inside a transaction whose caller asked who does it."""
    row = {"printer": printer, "status": "cleared", "part": LINE, "batch": batch_id, "ink": inks}
    own = {"by": by, "checked_by": checked_by, "since": as_state(records.context.clock()), "simulated": False}
    tx.record("line.cleared", TABLE, key_of(printer, LINE), row | own)


def soiled(tx: Transaction, now: datetime, printer: str, parts: Iterable[str], inks: Iterable[Contact]) -> None:
    """Record that a print begins: every part it touches is dirty from now on, whatever becomes of the print."""
    known = tuple(inks)
    for part in parts:
        ink, lot = ink_on(part, known)
        state = tx.get(TABLE, key_of(printer, part))
        before = None if state is None else _read(state)
        goes_on = before is not None and before.state is PartState.DIRTY and (before.ink, before.lot) == (ink, lot)
        made = PartRecord(
            part,
            PartState.DIRTY,
            now,
            ink,
            lot,
            batches=(before.batches if before is not None and goes_on else 0) + 1,
            campaign_since=before.campaign_since if before is not None and goes_on else now,
            dirty_since=now,
            dedicated_to="" if before is None else before.dedicated_to,
        )
        tx.record("part.soiled", TABLE, key_of(printer, part), _row(printer, made) | _simulation(state))


def ink_on(part: str, inks: Iterable[Contact]) -> tuple[str, str]:
    """Return ink and lot a part touches: its own tool's, or those of every tool for what they share."""
    known = tuple(inks)
    number = part.rpartition(" T")[2]
    own = [each for each in known if number.isdigit() and each.tool == int(number)] or list(known)
    return " + ".join(each.ink for each in own), " + ".join(each.lot for each in own)


def part_record(records: Store, printer: str, part: str) -> PartRecord | None:
    """Return what is on record of a part, or None: then nobody knows where it stands, and nothing is printed."""
    state = records.get(TABLE, key_of(printer, part))
    return None if state is None else _read(state)


def key_of(printer: str, part: str) -> str:
    """Return the record's key of a part."""
    return f"{printer}/{part}"


def new_part(printer: str, part: str, now: datetime) -> dict[str, Any]:
    """Return the row of a part that is clean from now on."""
    return _row(printer, PartRecord(part, PartState.CLEAN, now))


def _row(printer: str, made: PartRecord) -> dict[str, Any]:
    return state_of(made) | {"printer": printer, "status": made.state.value, "state": made.state.value}


def _simulation(state: dict[str, Any] | None) -> dict[str, Any]:
    return {"simulated": bool((state or {}).get("simulated", False))}


def _read(state: dict[str, Any]) -> PartRecord:
    return PartRecord(
        part=state["part"],
        state=PartState(state["status"]),
        since=datetime.fromisoformat(state["since"]),
        ink=state["ink"],
        lot=state["lot"],
        batches=int(state["batches"]),
        campaign_since=_moment(state["campaign_since"]),
        dirty_since=_moment(state["dirty_since"]),
        dedicated_to=state["dedicated_to"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _unknown_part(records: Store, printer: str, part: str) -> tuple[Finding, ...]:
    known = equipment_of(records, printer)
    if known is not None and part in known.parts:
        return ()
    told = f"{printer} has no part {part} on the register."
    return (error("E_PART_UNKNOWN", told, "See `printcare printer show`.", "part"),)
