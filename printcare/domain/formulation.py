"""The pharma-ink as a formulation: drug and excipients in mg per g, strength, storage, limits and legal routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from printcare.domain.cartridge import Cartridge, CartridgeStatus
from printcare.domain.checks import Finding, error
from printcare.domain.ink_lot import Determination, InkLot, LedgerEntry, LotStatus, TransportLog
from printcare.domain.legal import LegalRoute
from printcare.domain.numbers import plain
from printcare.domain.strength import salt_factor
from printcare.domain.substances import substance_name

__all__ = [
    "Cartridge",
    "CartridgeStatus",
    "Determination",
    "Excipient",
    "InkLot",
    "LedgerEntry",
    "LotStatus",
    "PharmaInk",
    "TransportLog",
]

WHOLE_MG_PER_G = Decimal(1000)
SUM_TOLERANCE_MG_PER_G = Decimal("0.1")
FACTOR_TOLERANCE = Decimal("0.00005")  # of the tabulated factors of dosing.md §9
NOT_HAZARDOUS = ("", "none")


@dataclass(frozen=True, slots=True)
class Excipient:
    """One excipient of the ink as printed."""

    name: str
    mg_per_g: Decimal
    function: str


@dataclass(frozen=True, slots=True)
class PharmaInk:
    """An approved composition; the digest binds its approval to its content.

    `drug_mg_per_g` is mg of `form` per g of ink as printed; `factor` is mg of `form` per mg of `expressed_as`.
    """

    id: str
    version: int
    title: str
    demonstration: bool
    author: str
    inn: str
    form: str
    expressed_as: str
    factor: Decimal
    drug_mg_per_g: Decimal
    strength_mg_per_g: Decimal
    strength_basis: str  # as_printed | dried
    nominal_lod_pct: Decimal
    excipients: tuple[Excipient, ...]
    storage: str
    storage_c: tuple[Decimal, Decimal]
    shelf_life_days: int
    in_use_h: Decimal  # of an opened lot
    warm_max_h: Decimal  # at printing temperature, over all batches of a cartridge
    water_activity: str
    hazard_class: str
    legal: tuple[LegalRoute, ...]
    digest: str

    @property
    def is_hazardous(self) -> bool:
        """Whether its waste is destroyed before a witness."""
        return self.hazard_class not in NOT_HAZARDOUS

    def composition(self) -> tuple[tuple[str, Decimal], ...]:
        """Return drug and excipients with their mg per g as printed."""
        return ((self.form, self.drug_mg_per_g), *((each.name, each.mg_per_g) for each in self.excipients))

    def objections(self) -> Iterator[Finding]:
        """Yield every way in which the composition does not hold together."""
        whole = sum((mg_per_g for _, mg_per_g in self.composition()), Decimal(0))
        if abs(whole - WHOLE_MG_PER_G) > SUM_TOLERANCE_MG_PER_G:
            told = f"Drug and excipients add up to {plain(whole)} mg/g, not 1000."
            yield error("F_INK_SUM", told, "Correct the amounts.", "excipient")
        names = [substance_name(name) for name, _ in self.composition()]
        if len(set(names)) < len(names):
            yield error("F_INK_TWICE", "A substance stands there twice.", "Give it one amount.", "excipient")
        wet = self.strength_mg_per_g
        if self.strength_basis == "dried":
            wet = wet * (100 - self.nominal_lod_pct) / 100
        if abs(wet - self.drug_mg_per_g) > SUM_TOLERANCE_MG_PER_G:
            told = f"The strength means {plain(wet)} mg/g as printed, the composition {plain(self.drug_mg_per_g)} mg/g."
            yield error("F_INK_STRENGTH", told, "Correct strength, basis or amount.", "strength_mg_per_g")
        factor = salt_factor(self.form, self.expressed_as)
        if factor is None:
            told = f"No factor is known from {self.form} to {self.expressed_as}."
            yield error("F_INK_FACTOR", told, "State two forms of the table of dosing.md §9.", "factor")
        elif abs(Decimal(factor.numerator) / Decimal(factor.denominator) - self.factor) > FACTOR_TOLERANCE:
            told = f"{plain(self.factor)} mg of {self.form} do not carry 1 mg of {self.expressed_as}; "
            told += f"{float(factor):.6f} mg do."
            yield error("F_INK_FACTOR", told, "Correct the factor.", "factor")

    def lot_objections(self, lot: InkLot) -> Iterator[Finding]:
        """Yield every way in which a lot is not of this formulation."""
        wanted = {
            "ink_id": (lot.ink_id, self.id),
            "formulation_version": (lot.formulation_version, self.version),
            "form": (lot.form, self.form),
            "strength_mg_per_g": (lot.strength_mg_per_g, self.strength_mg_per_g),
            "strength_basis": (lot.strength_basis, self.strength_basis),
            "storage_c": (lot.storage_c, self.storage_c),
            "excipients": (_names(lot.excipients), _names(each.name for each in self.excipients)),
        }
        differing = [name for name, (own, approved) in wanted.items() if own != approved]
        if differing:
            told = f"Lot {lot.id} differs from {self.id} version {self.version} in {', '.join(differing)}."
            yield error("E_LOT_FORMULATION", told, "Reject it, or correct its file.", "lot")
        if lot.expires_on - lot.manufactured_on > timedelta(days=self.shelf_life_days):
            told = f"Lot {lot.id} claims more than the shelf life of {self.shelf_life_days} days."
            yield error("E_LOT_SHELF_LIFE", told, "Correct the expiry date.", "lot")
        if lot.in_use_h is not None and lot.in_use_h > self.in_use_h:
            told = f"Lot {lot.id} claims {plain(lot.in_use_h)} h in use, {plain(self.in_use_h)} h are validated."
            yield error("E_LOT_SHELF_LIFE", told, "Correct the time in use.", "lot")

    def cartridge_objections(self, cartridge: Cartridge) -> Iterator[Finding]:
        """Yield why a cartridge's own limits are wider than what is validated."""
        if cartridge.use_within_h > self.warm_max_h:
            told = f"Cartridge {cartridge.id} claims {plain(cartridge.use_within_h)} h at temperature; "
            told += f"{plain(self.warm_max_h)} h are validated."
            yield error("E_CARTRIDGE_LIMIT", told, "Correct its limit.", "cartridge")
        if not cartridge.fill_g > cartridge.dead_g >= 0:
            told = f"Cartridge {cartridge.id} of {plain(cartridge.fill_g)} g has {plain(cartridge.dead_g)} g dead."
            yield error("E_CARTRIDGE_LIMIT", told, "Correct fill and dead volume.", "cartridge")


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(substance_name(name) for name in names)
