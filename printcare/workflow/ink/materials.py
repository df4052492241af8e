"""Lot and cartridge as the record knows them: what a file says of them counts only until they are on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn  # a state is parsed JSON

from printcare.domain.canonical import digest
from printcare.domain.cartridge import ENDED, CartridgeStatus
from printcare.domain.checks import Finding, error
from printcare.domain.formulation import Cartridge, Determination, InkLot, LedgerEntry, LotStatus, TransportLog
from printcare.domain.ink_lot import SUPPLIER
from printcare.domain.people import Role
from printcare.records.signatures import counting
from printcare.records.store import Actor, Store
from printcare.workflow.authority import Refused, refuse
from printcare.workflow.states import as_state, state_of

BOOKED = "cartridge.booked"
RELEASED = "released for printing"  # the meaning of the signature on a lot
MOST_EVENTS = 100_000
# Members that change while lot and cartridge are used; everything else is what was signed, filled or delivered.
OF_LOT_USE = ("opened_at", "ledger")
NOT_OF_LOT_FILE = (*OF_LOT_USE, "status", "excursions_judged", "supplier_agreement_until")
NOT_OF_CARTRIDGE_FILE = ("ledger", "warm_h", "opened_at", "use_by")


@dataclass(frozen=True, slots=True)
class Materials:
    """Lot and cartridge of a batch as recorded, and every reason why they are not to be used."""

    lot: InkLot
    cartridge: Cartridge
    findings: tuple[Finding, ...]


def stop(records: Store, actor: Actor, command: str, table: str, key: str, finding: Finding) -> NoReturn:
    """Record the refusal for one reason and raise Refused."""
    refuse(records, actor, command, table, key, (finding,))
    raise Refused((finding,))


def lot_from(state: Mapping[str, Any]) -> InkLot:
    """Return a lot from its row, the reverse of `state_of`; rows of an earlier version lack what was added since."""
    low, high = state["assay_limits_pct"]
    storage_c, opened_at = state.get("storage_c"), state.get("opened_at")
    return InkLot(
        id=state["id"],
        ink_id=state["ink_id"],
        form=state["form"],
        strength_mg_per_g=Decimal(state["strength_mg_per_g"]),
        strength_basis=state["strength_basis"],
        assay_pct_of_label=Decimal(state["assay_pct_of_label"]),
        assay_limits_pct=(Decimal(low), Decimal(high)),
        lod_pct=Decimal(state["lod_pct"]),
        excipients=tuple(state["excipients"]),
        supplier=state["supplier"],
        supplier_agreement_until=date.fromisoformat(state["supplier_agreement_until"]),
        manufactured_on=date.fromisoformat(state["manufactured_on"]),
        expires_on=date.fromisoformat(state["expires_on"]),
        status=LotStatus(state["status"]),
        certificate=state["certificate"],
        excursions_judged=state["excursions_judged"],
        origin=state.get("origin", SUPPLIER),
        formulation_version=state.get("formulation_version", 0),
        mass_g=Decimal(state.get("mass_g", "0")),
        assay=_determination(state.get("assay")),
        lod=_determination(state.get("lod")),
        storage=state.get("storage", ""),
        storage_c=None if storage_c is None else (Decimal(storage_c[0]), Decimal(storage_c[1])),
        in_use_h=_optional(state.get("in_use_h")),
        transport=_transport(state.get("transport")),
        opened_at=None if opened_at is None else datetime.fromisoformat(opened_at),
        ledger=tuple(_entry(entry, None) for entry in state.get("ledger", ())),
    )


def recorded_lot(records: Store, lot_id: str) -> InkLot | None:
    """Return a lot as recorded, under its supplier's agreement as it stands now; None where the record has none."""
    state = records.get("ink_lot", lot_id)
    if state is None:
        return None
    lot = lot_from(state)
    supplier = records.get("supplier", lot.supplier)
    if supplier is None:
        return lot
    return replace(lot, supplier_agreement_until=date.fromisoformat(supplier["until"]))


def cartridge_from(records: Store, state: Mapping[str, Any]) -> Cartridge:
    """Return a cartridge from its row, with its ledger and its time at temperature."""
    opened_at, use_by = state.get("opened_at"), state.get("use_by")
    return Cartridge(
        id=state["id"],
        lot_id=state["lot_id"],
        fill_g=Decimal(state["fill_g"]),
        dead_g=Decimal(state["dead_g"]),
        filled_on=date.fromisoformat(state["filled_on"]),
        use_within_h=Decimal(state["use_within_h"]),
        warm_h=Decimal(state["warm_h"]),
        is_single_use=state["is_single_use"],
        ledger=ledger_of(records, state),
        kind=state.get("kind", "cartridge"),
        code=state.get("code", ""),
        in_use_h=_optional(state.get("in_use_h")),
        humidity_max_pct=_optional(state.get("humidity_max_pct")),
        opened_at=None if opened_at is None else datetime.fromisoformat(opened_at),
        use_by=None if use_by is None else datetime.fromisoformat(use_by),
    )


def ledger_of(records: Store, state: Mapping[str, Any]) -> tuple[LedgerEntry, ...]:
    """Return a cartridge's ledger; an entry of an earlier version took its time from the event that booked it."""
    entries = state["ledger"]
    moments: list[str] = []
    if any("at" not in entry for entry in entries):
        moments = [event.content["ts_utc"] for event in records.events(object_id=state["id"], action=BOOKED)]
    moments += [state["filled_on"]] * (len(entries) - len(moments))
    return tuple(_entry(entry, at) for entry, at in zip(entries, moments, strict=False))


def on_record(records: Store, lot: InkLot, cartridge: Cartridge, now: datetime) -> Materials:
    """Return what the record knows of a lot and a cartridge that were named, with every objection of the record's own.

    Status, ledger, opening and time at temperature are the record's; figures that differ from it are another lot.
    """
    return Materials(
        recorded_lot(records, lot.id) or lot,
        _recorded_cartridge(records, cartridge),
        (*lot_stops(records, lot, now), *cartridge_stops(records, cartridge)),
    )


def lot_stops(records: Store, lot: InkLot, now: datetime) -> tuple[Finding, ...]:
    """Return why nothing may be printed from a lot, as far as the record tells and its own objections do not."""
    state = records.get("ink_lot", lot.id)
    if state is None:
        told = f"Lot {lot.id} is not on record."
        return (error("E_LOT_NOT_RECEIVED", told, "Receive it, and have quality release it.", "lot"),)
    findings = []
    recorded = lot_from(state)
    if _fixed(state_of(recorded), NOT_OF_LOT_FILE) != _fixed(state_of(lot), NOT_OF_LOT_FILE):
        told = f"Lot {lot.id} is on record with other figures."
        findings.append(error("E_LOT_DIFFERS", told, "Use the lot as it is on record.", "lot"))
        findings += lot.faults(now.date())  # what the other figures say against themselves is told as well
    if recorded.status is LotStatus.RELEASED and not release_is_signed(records, state):
        told = f"No signature covers the release of lot {lot.id}."
        findings.append(
            error("E_LOT_UNSIGNED", told, "Put it back into quarantine and release it by signature.", "lot")
        )
    return (*findings, *recorded.in_use_objections(now))


def release_is_signed(records: Store, state: Mapping[str, Any]) -> bool:
    """Whether a genuine signature released this lot with these figures; opening it and taking ink changes none."""
    signed = {
        each.object_hash
        for each in counting(records, "ink_lot", state["id"])
        if (each.role, each.meaning) == (Role.QUALITY, RELEASED)
    }
    if not signed:
        return False
    now = _fixed(state, OF_LOT_USE)
    events = records.events(object_id=state["id"], object_type="ink_lot", limit=MOST_EVENTS)
    states = [new for event in events if (new := event.content["new"]) is not None and "status" in new]
    return any(digest(new) in signed and _fixed(new, OF_LOT_USE) == now for new in states)


def cartridge_stops(records: Store, cartridge: Cartridge) -> tuple[Finding, ...]:
    """Return why nothing may be printed from a cartridge, as far as the record tells."""
    state = records.get("cartridge", cartridge.id)
    if state is None:
        told = f"Cartridge {cartridge.id} is not on record."
        return (error("E_CARTRIDGE_NOT_RECEIVED", told, "Receive it with its lot, or fill it.", "cartridge"),)
    findings = []
    status = CartridgeStatus(state["status"])
    if status in ENDED:
        told = f"Cartridge {cartridge.id} is {status.value}."
        findings.append(error(ENDED[status], told, "Take a new cartridge.", "cartridge"))
    own = _fixed(state_of(cartridge), NOT_OF_CARTRIDGE_FILE)
    kept = _fixed(state_of(cartridge_from(records, state)), NOT_OF_CARTRIDGE_FILE)
    if own != kept:
        told = f"Cartridge {cartridge.id} is on record with another filling."
        findings.append(error("E_CARTRIDGE_DIFFERS", told, "Scan the cartridge that lies there.", "cartridge"))
    return tuple(findings)


def _recorded_cartridge(records: Store, cartridge: Cartridge) -> Cartridge:
    state = records.get("cartridge", cartridge.id)
    return cartridge if state is None else cartridge_from(records, state)


def _fixed(state: Mapping[str, Any], without: tuple[str, ...]) -> dict[str, object]:
    return {name: as_state(value) for name, value in state.items() if name not in without}


def _entry(entry: Mapping[str, Any], booked_at: str | None) -> LedgerEntry:
    return LedgerEntry(
        datetime.fromisoformat(entry.get("at") or booked_at or ""),
        Decimal(entry["mass_g"]),
        entry["reason"],
        entry.get("batch_id", ""),
        Decimal(entry.get("warm_h", "0")),
        entry.get("cartridge_id", ""),
    )


def _determination(state: Mapping[str, Any] | None) -> Determination | None:
    if state is None:
        return None
    measured_on = date.fromisoformat(state["measured_on"])
    return Determination(measured_on, state["method"], Decimal(state["uncertainty_pct"]), state["laboratory"])


def _transport(state: Mapping[str, Any] | None) -> TransportLog | None:
    if state is None:
        return None
    figures = (Decimal(state[name]) for name in ("min_c", "max_c", "outside_min"))
    return TransportLog(state["logger"], *figures)


def _optional(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
