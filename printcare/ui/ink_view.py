"""Lots, cartridges and formulations: where each stands, what speaks against it, and what may be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.cartridge import CartridgeStatus
from printcare.domain.checks import Finding
from printcare.domain.ink_lot import LedgerEntry, LotStatus
from printcare.ui.figures import exact
from printcare.ui.forms import Given
from printcare.ui.ink_deeds import CARTRIDGE, DEEDS, EVERYTHING, FORMULATION, LOT
from printcare.ui.models import Fact, RegisterEntry, RegisterRow, Section, objections
from printcare.ui.offers import offered
from printcare.ui.register_parts import content, signed
from printcare.ui.words import tr
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store
from printcare.workflow.ink import inks
from printcare.workflow.ink.materials import cartridge_from, lot_stops, recorded_lot

ALL = "all"
USABLE = (CartridgeStatus.FILLED, CartridgeStatus.LOADED, CartridgeStatus.USED)
State = Mapping[str, Any]


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return everything, then every lot, cartridge and formulation."""
    allowed(records, account, "ink_lot.show")
    return (
        RegisterRow(f"{ALL}|", tr("Everything"), tr("{} lots").format(len(records.all("ink_lot")))),
        *(RegisterRow(f"lot|{lot.id}", f"{tr('Lot')} {lot.id}", tr(lot.status.value)) for lot in inks.lots(records)),
        *_rows(records, "cartridge", tr("Cartridge")),
        *_rows(records, "ink_formulation", tr("Formulation")),
    )


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one lot, cartridge or formulation."""
    allowed(records, account, "ink_lot.show")
    what, _, key = named.partition("|")
    if what == ALL:
        return _all(records, account)
    if what == "lot":
        return _lot(records, account, named, key)
    state = records.get(what, key) or {}
    if what == "cartridge":
        return _cartridge(records, account, named, state)
    status = tr(str(state["status"]))
    facts = (Fact(tr("Status"), status), Fact(tr("Digest"), str(state["digest"])[:16], "…"))
    sections = (*content(state), signed(records, what, key))
    deeds = tuple(offered(FORMULATION, records, account, state))
    return RegisterEntry(named, key, "", facts, sections, (), deeds)


def _all(records: Store, account: Account) -> RegisterEntry:
    """Return how much there is of everything, the suppliers' agreements, and what may come in."""
    cartridges = records.all("cartridge").values()
    usable = sum(CartridgeStatus(each["status"]) in USABLE for each in cartridges)
    facts = (
        Fact(tr("Lots"), str(len(records.all("ink_lot")))),
        Fact(tr("Cartridges that can be printed from"), str(usable)),
        Fact(tr("Formulations"), str(len(records.all("ink_formulation")))),
    )
    agreed = tuple(
        (name, str(row["agreement"]), str(row["until"]), tr(str(row["status"])))
        for name, row in records.all("supplier").items()
    )
    heads = (tr("Supplier"), tr("Agreement"), tr("Until"), tr("Status"))
    sections = (Section(tr("Suppliers' agreements"), heads, agreed),) if agreed else ()
    return RegisterEntry(
        f"{ALL}|", tr("Inks"), "", facts, sections, (), tuple(offered(EVERYTHING, records, account, {}))
    )


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
    deeds = tuple(offered(LOT, records, account, state))
    return RegisterEntry(
        named, f"{tr('Lot')} {key}", tr(lot.status.value), facts, sections, objections(findings), deeds
    )


def _cartridge(records: Store, account: Account, named: str, state: State) -> RegisterEntry:
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
    deeds = tuple(offered(CARTRIDGE, records, account, state))
    return RegisterEntry(
        named, f"{tr('Cartridge')} {cartridge.id}", tr(str(state["status"])), facts, sections, stops, deeds
    )


def _ledger(entries: tuple[LedgerEntry, ...]) -> Section:
    rows = tuple(
        (f"{e.at:%Y-%m-%d %H:%M}", f"{exact(e.mass_g)} g", f"{exact(e.warm_h)} h", e.reason, e.batch_id or "–")
        for e in entries
    )
    heads = (tr("When"), tr("Grams"), tr("Warm"), tr("Why"), tr("Batch"))
    return Section(tr("Ledger"), heads, rows or ((tr("nothing booked yet"), *[""] * 4),))


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    return DEEDS[given.verb](records, account, given)


def _rows(records: Store, table: str, words: str) -> Iterator[RegisterRow]:
    for key, state in records.all(table).items():
        yield RegisterRow(f"{table}|{key}", f"{words} {key}", tr(str(state["status"])))
