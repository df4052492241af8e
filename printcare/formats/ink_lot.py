"""An ink lot's file becomes the lot and its filled cartridges, or a list of everything that is wrong with it."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.formulation import Cartridge, InkLot, LotStatus
from printcare.formats.find import data_file
from printcare.formats.tables import Table, parse, refuse


def read_ink_lot(data: bytes, name: str) -> tuple[InkLot, tuple[Cartridge, ...]]:
    """Return the lot and its cartridges; all problems are reported at once."""
    problems: list[Finding] = []
    zero = Decimal(0)
    root = Table(parse(data, name), "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("ink_lot",))
    lot = InkLot(
        id=root.text("id"),
        ink_id=root.text("ink_id"),
        form=root.text("form"),
        strength_mg_per_g=root.decimal("strength_mg_per_g", above=zero),
        strength_basis=root.one_of("strength_basis", ("as_printed", "dried")),
        assay_pct_of_label=root.decimal("assay_pct_of_label", above=zero),
        assay_limits_pct=root.interval("assay_limits_pct"),
        lod_pct=root.decimal("lod_pct"),
        excipients=root.texts("excipients"),
        supplier=root.text("supplier"),
        supplier_agreement_until=root.day("supplier_agreement_until"),
        manufactured_on=root.day("manufactured_on"),
        expires_on=root.day("expires_on"),
        status=_status(root),
        certificate=root.text("certificate"),
        excursions_judged=root.boolean("excursions_judged"),
    )
    cartridges = tuple(_cartridge(table, lot.id) for table in root.tables("cartridge"))
    root.close()
    refuse(problems, name)
    return lot, cartridges


def _status(root: Table) -> LotStatus:
    known = tuple(status.value for status in LotStatus)
    text = root.one_of("status", known)
    return LotStatus(text) if text in known else LotStatus.QUARANTINE


def _cartridge(table: Table, lot_id: str) -> Cartridge:
    zero = Decimal(0)
    cartridge = Cartridge(
        id=table.text("id"),
        lot_id=lot_id,
        fill_g=table.decimal("fill_g", above=zero),
        dead_g=table.decimal("dead_g"),
        filled_on=table.day("filled_on"),
        use_within_h=table.decimal("use_within_h", above=zero),
        warm_h=table.decimal("warm_h"),
        is_single_use=table.boolean("is_single_use"),
    )
    table.close()
    return cartridge


def load_ink_lot(id_or_path: str) -> tuple[InkLot, tuple[Cartridge, ...]]:
    """Return a shipped demonstration lot by its id (`CP-2601-A`) or any lot by its file; raises PrintcareError."""
    is_path = id_or_path.endswith(".toml") or "/" in id_or_path
    name, data = data_file("recipes/demonstration", id_or_path if is_path else f"lot-{id_or_path}")
    return read_ink_lot(data, name)
