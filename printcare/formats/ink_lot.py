"""An ink lot's file becomes the lot and its filled cartridges, or a list of everything that is wrong with it."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.cartridge import KINDS, SYRINGE
from printcare.domain.checks import Finding
from printcare.domain.formulation import Cartridge, Determination, InkLot, LotStatus, TransportLog
from printcare.domain.ink_lot import IN_HOUSE, ORIGINS, SUPPLIER
from printcare.formats.find import data_file
from printcare.formats.tables import Table, parse, refuse

WHOLE = 2  # from this schema on a file states everything a release needs; one of schema 1 is read and never released
_ZERO = Decimal(0)


def read_ink_lot(data: bytes, name: str) -> tuple[InkLot, tuple[Cartridge, ...]]:
    """Return the lot and its cartridges; all problems are reported at once."""
    problems: list[Finding] = []
    root = Table(parse(data, name), "", problems)
    is_whole = root.integer("schema", least=1) >= WHOLE
    root.one_of("kind", ("ink_lot",))
    origin = root.one_of("origin", ORIGINS) if is_whole else SUPPLIER
    expires_on = root.day("expires_on")
    is_bought = origin != IN_HOUSE
    lot = InkLot(
        id=root.text("id"),
        ink_id=root.text("ink_id"),
        form=root.text("form"),
        strength_mg_per_g=root.decimal("strength_mg_per_g", above=_ZERO),
        strength_basis=root.one_of("strength_basis", ("as_printed", "dried")),
        assay_pct_of_label=root.decimal("assay_pct_of_label", above=_ZERO),
        assay_limits_pct=root.interval("assay_limits_pct"),
        lod_pct=root.decimal("lod_pct"),
        excipients=root.texts("excipients"),
        supplier=root.text("supplier"),
        supplier_agreement_until=root.day("supplier_agreement_until") if is_bought else expires_on,
        manufactured_on=root.day("manufactured_on"),
        expires_on=expires_on,
        status=_status(root),
        certificate=root.text("certificate"),
        excursions_judged=root.boolean("excursions_judged") if is_bought else True,
        origin=origin,
        formulation_version=root.integer("formulation_version", least=1) if is_whole else 0,
        mass_g=root.decimal("mass_g", above=_ZERO) if is_whole else _ZERO,
        assay=_determination(root, "assay") if is_whole else None,
        lod=_determination(root, "loss_on_drying") if is_whole else None,
        storage=root.text("storage") if is_whole else "",
        storage_c=root.interval("storage_c") if is_whole else None,
        in_use_h=root.decimal("in_use_h", above=_ZERO) if is_whole else None,
        transport=_transport(root) if is_whole and is_bought else None,
    )
    cartridges = tuple(_cartridge(table, lot.id) for table in root.tables("cartridge")) if root.has("cartridge") else ()
    root.close()
    refuse(problems, name)
    return lot, cartridges


def _status(root: Table) -> LotStatus:
    known = tuple(status.value for status in LotStatus)
    text = root.one_of("status", known)
    return LotStatus(text) if text in known else LotStatus.QUARANTINE


def _determination(root: Table, key: str) -> Determination:
    table = root.table(key)
    found = Determination(
        measured_on=table.day("measured_on"),
        method=table.text("method"),
        uncertainty_pct=table.decimal("uncertainty_pct", above=_ZERO),
        laboratory=table.text("laboratory"),
    )
    table.close()
    return found


def _transport(root: Table) -> TransportLog | None:
    """Return the logger's figures; a parcel without a logger has none, and quality judges that as well."""
    if not root.has("transport"):
        return None
    table = root.table("transport")
    log = TransportLog(
        logger=table.text("logger"),
        min_c=table.decimal("min_c"),
        max_c=table.decimal("max_c"),
        outside_min=table.decimal("outside_min"),
    )
    if log.min_c > log.max_c or log.outside_min < 0:
        table.object("min_c", "F_RANGE_ORDER", "the figures contradict each other", "Copy them from the logger.")
    table.close()
    return log


def _cartridge(table: Table, lot_id: str) -> Cartridge:
    cartridge = Cartridge(
        id=table.text("id"),
        lot_id=lot_id,
        fill_g=table.decimal("fill_g", above=_ZERO),
        dead_g=table.decimal("dead_g"),
        filled_on=table.day("filled_on"),
        use_within_h=table.decimal("use_within_h", above=_ZERO),
        warm_h=table.decimal("warm_h"),
        is_single_use=table.boolean("is_single_use"),
        kind=table.one_of("kind", KINDS) if table.has("kind") else SYRINGE,
        code=table.text("code") if table.has("code") else "",
        in_use_h=table.decimal("in_use_h", above=_ZERO) if table.has("in_use_h") else None,
        humidity_max_pct=table.decimal("humidity_max_pct", above=_ZERO) if table.has("humidity_max_pct") else None,
    )
    table.close()
    return cartridge


def load_ink_lot(id_or_path: str) -> tuple[InkLot, tuple[Cartridge, ...]]:
    """Return a shipped demonstration lot by its id (`CP-2601-A`) or any lot by its file; raises PrintcareError."""
    is_path = id_or_path.endswith(".toml") or "/" in id_or_path
    name, data = data_file("recipes/demonstration", id_or_path if is_path else f"lot-{id_or_path}")
    return read_ink_lot(data, name)
