"""Lots, cartridges and formulations: where each stands, what speaks against it, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding
from printcare.domain.ink_lot import LOT_MOVES, SUPPLIER, InkLot, LedgerEntry, LotStatus
from printcare.domain.people import may
from printcare.ui.figures import exact
from printcare.ui.forms import FormDeed, Given
from printcare.ui.models import Fact, RegisterEntry, RegisterRow, Section, objections
from printcare.ui.register_parts import content, signed
from printcare.ui.words import phrase, tr
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store
from printcare.workflow.ink import inks
from printcare.workflow.ink.materials import RELEASED, cartridge_from, lot_stops, recorded_lot
from printcare.workflow.ink.recall import recall

LOT_WORDS = {
    "ink_lot.release": (phrase("Release"), RELEASED),
    "ink_lot.reject": (phrase("Reject for good"), "rejected"),
    "ink_lot.quarantine": (phrase("Put back into quarantine"), "put back into quarantine"),
    "ink_lot.recall": (phrase("Recall the lot"), "recalled"),
}
State = Mapping[str, Any]


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return every lot, cartridge and formulation."""
    allowed(records, account, "ink_lot.show")
    return (
        *(RegisterRow(f"lot|{lot.id}", f"{tr('Lot')} {lot.id}", tr(lot.status.value)) for lot in inks.lots(records)),
        *_rows(records, "cartridge", tr("Cartridge")),
        *_rows(records, "ink_formulation", tr("Formulation")),
    )


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one lot, cartridge or formulation."""
    what, _, key = named.partition("|")
    if what == "lot":
        return _lot(records, account, named, key)
    state = records.get(what, key) or {}
    if what == "cartridge":
        return _cartridge(records, named, state)
    status, title = tr(str(state["status"])), f"{tr('Formulation')} {key}"
    facts = (Fact(tr("Status"), status), Fact(tr("Digest"), str(state["digest"])[:16], "…"))
    return RegisterEntry(named, title, status, facts, (*content(state), signed(records, what, key)), (), ())


def _lot(records: Store, account: Account, named: str, key: str) -> RegisterEntry:
    lot = recorded_lot(records, key)
    state = records.get("ink_lot", key) or {}
    if lot is None:
        return RegisterEntry(named, f"{tr('Lot')} {key}", tr("not on record"), (), (), (), ())
    now = records.context.clock()
    findings: tuple[Finding, ...] = (*lot.objections(now.date()), *lot_stops(records, lot, now))
    if lot.status is LotStatus.QUARANTINE:
        findings = (*findings, *(each for each in lot.release_objections(now.date()) if each not in findings))
    facts = (
        Fact(tr("Ink"), lot.ink_id, "", lot.form),
        Fact(tr("Strength"), exact(lot.strength_mg_per_g), "mg/g", lot.strength_basis.replace("_", " ")),
        Fact(tr("Assay of label"), exact(lot.assay_pct_of_label), "%", lot.certificate),
        Fact(tr("Expires"), lot.expires_on.isoformat()),
        Fact(tr("Left of the lot"), exact(lot.left_g), "g", tr("of {}").format(f"{exact(lot.mass_g)} g")),
        Fact(tr("Transport"), lot.excursion(), "", tr("judged") if lot.excursions_judged else tr("not judged")),
    )
    sections = (_ledger(lot.ledger), signed(records, "ink_lot", key))
    deeds = tuple(_lot_deeds(account, lot, state))
    return RegisterEntry(
        named, f"{tr('Lot')} {key}", tr(lot.status.value), facts, sections, objections(findings), deeds
    )


def _lot_deeds(account: Account, lot: InkLot, state: State) -> Iterator[FormDeed]:
    role = ", ".join(account.roles)
    if lot.status is LotStatus.QUARANTINE and state.get("origin") == SUPPLIER and may(account.roles, "ink_lot.judge"):
        yield FormDeed(
            "judge.harmless", tr("Judge the transport harmless"), role, "transport judged harmless", wants_reason=True
        )
        yield FormDeed(
            "judge.harmful", tr("Judge the transport harmful"), role, "transport judged harmful", wants_reason=True
        )
    for start, _, command in LOT_MOVES:
        if start is lot.status and may(account.roles, command):
            words, meaning = LOT_WORDS[command]
            yield FormDeed(command, tr(words), role, meaning, wants_reason=True)
    if lot.status is LotStatus.RELEASED and lot.opened_at is None and may(account.roles, "ink_lot.open"):
        yield FormDeed("ink_lot.open", tr("Open the lot"), role, "opened", is_signed=False)


def _cartridge(records: Store, named: str, state: State) -> RegisterEntry:
    cartridge = cartridge_from(records, state)
    now = records.context.clock()
    facts = (
        Fact(tr("Lot"), cartridge.lot_id, "", tr("filled {}").format(cartridge.filled_on)),
        Fact(
            tr("Left"),
            exact(cartridge.left_g),
            "g",
            tr("of {} g, dead volume taken off").format(exact(cartridge.fill_g)),
        ),
        Fact(tr("Warm"), exact(cartridge.warm_h), "h", tr("of {}").format(f"{exact(cartridge.use_within_h)} h")),
        Fact(tr("Loaded for"), str(state.get("loaded_for") or "–")),
    )
    sections = (_ledger(cartridge.ledger), signed(records, "cartridge", cartridge.id))
    stops = objections(cartridge.time_objections(now, Decimal(0)))
    return RegisterEntry(
        named, f"{tr('Cartridge')} {cartridge.id}", tr(str(state["status"])), facts, sections, stops, ()
    )


def _ledger(entries: tuple[LedgerEntry, ...]) -> Section:
    rows = tuple(
        (f"{e.at:%Y-%m-%d %H:%M}", f"{exact(e.mass_g)} g", f"{exact(e.warm_h)} h", e.reason, e.batch_id or "–")
        for e in entries
    )
    heads = (tr("When"), tr("Grams"), tr("Warm"), tr("Why"), tr("Batch"))
    return Section(tr("Ledger"), heads, rows or ((tr("nothing booked yet"), *[""] * 4),))


def do(records: Store, account: Account, given: Given) -> str:
    """Move a lot; raises Refused, recorded, with every objection."""
    _lot_deed(given.verb)(records, account, given.password, given.key, given.reason)
    return ""


def _lot_deed(verb: str) -> Callable[[Store, Account, str, str, str], object]:
    return {
        "ink_lot.release": lambda r, a, p, k, why: inks.release_lot(r, a, p, k, why, r.context.clock().date()),
        "ink_lot.reject": inks.reject_lot,
        "ink_lot.quarantine": inks.quarantine_lot,
        "ink_lot.recall": recall,
        "ink_lot.open": lambda r, a, _p, k, _why: inks.open_lot(r, a, k),
        "judge.harmless": lambda r, a, p, k, why: inks.judge_transport(r, a, p, k, is_usable=True, reason=why),
        "judge.harmful": lambda r, a, p, k, why: inks.judge_transport(r, a, p, k, is_usable=False, reason=why),
    }[verb]


def _rows(records: Store, table: str, words: str) -> Iterator[RegisterRow]:
    for key, state in records.all(table).items():
        yield RegisterRow(f"{table}|{key}", f"{words} {key}", tr(str(state["status"])))
