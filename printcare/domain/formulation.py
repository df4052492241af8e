"""The pharma-ink: its lot with assay and loss on drying, and the cartridge it is printed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from printcare.domain.checks import Finding, error


class LotStatus(StrEnum):
    """Where a lot stands."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    REJECTED = "rejected"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class InkLot:
    """One lot of a pharma-ink with what its certificate of analysis says.

    `strength_mg_per_g` is mg of `form` per g of ink, as printed (wet) or dried by `strength_basis`.
    """

    id: str
    ink_id: str
    form: str
    strength_mg_per_g: Decimal
    strength_basis: str  # as_printed | dried
    assay_pct_of_label: Decimal
    assay_limits_pct: tuple[Decimal, Decimal]
    lod_pct: Decimal
    excipients: tuple[str, ...]
    supplier: str
    supplier_agreement_until: date
    manufactured_on: date
    expires_on: date
    status: LotStatus
    certificate: str
    excursions_judged: bool  # transport excursions looked at when the lot was received

    def objections(self, today: date) -> tuple[Finding, ...]:
        """Return every reason not to print from this lot today (records.md §11, materials)."""
        findings = []
        if self.status is not LotStatus.RELEASED:
            findings.append(
                error("E_LOT_STATUS", f"Lot {self.id} is {self.status.value}.", "Use a released lot.", "lot")
            )
        if self.expires_on < today:
            findings.append(
                error(
                    "E_LOT_EXPIRED",
                    f"Lot {self.id} expired on {self.expires_on}.",
                    "Discard it and use another lot.",
                    "lot",
                )
            )
        if self.supplier_agreement_until < today:
            findings.append(
                error(
                    "E_SUPPLIER_AGREEMENT",
                    f"The agreement with {self.supplier} ended on {self.supplier_agreement_until}.",
                    "Renew the agreement before printing from this lot.",
                    "lot",
                )
            )
        if not self.excursions_judged:
            findings.append(
                error(
                    "E_LOT_EXCURSION",
                    f"Transport of lot {self.id} has not been judged.",
                    "Judge the excursion data first.",
                    "lot",
                )
            )
        return tuple(findings)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One gram of ink in or out: positive in, negative out."""

    at: datetime
    mass_g: Decimal
    reason: str
    batch_id: str = ""


@dataclass(frozen=True, slots=True)
class Cartridge:
    """A filled syringe with an identity, a ledger of every gram and its time at temperature."""

    id: str
    lot_id: str
    fill_g: Decimal
    dead_g: Decimal
    filled_on: date
    use_within_h: Decimal  # at temperature
    warm_h: Decimal
    is_single_use: bool
    ledger: tuple[LedgerEntry, ...] = ()

    @property
    def left_g(self) -> Decimal:
        """Return the ink that can still be printed, dead volume taken off."""
        return self.fill_g - self.dead_g + sum((entry.mass_g for entry in self.ledger), Decimal(0))

    def book(self, entries: Iterable[LedgerEntry]) -> Cartridge:
        """Return the cartridge with more entries in its ledger."""
        return replace(self, ledger=(*self.ledger, *entries))

    def objections(self, needed_g: Decimal, lot: InkLot) -> tuple[Finding, ...]:
        """Return every reason not to print `needed_g` grams of this lot from this cartridge."""
        findings = []
        if self.lot_id != lot.id:
            findings.append(
                error(
                    "E_CARTRIDGE_LOT",
                    f"Cartridge {self.id} holds lot {self.lot_id}, not {lot.id}.",
                    "Scan the right cartridge.",
                    "cartridge",
                )
            )
        if self.is_single_use and self.ledger:
            findings.append(
                error(
                    "E_CARTRIDGE_USED",
                    f"Cartridge {self.id} has been used already.",
                    "Take a new cartridge.",
                    "cartridge",
                )
            )
        if self.warm_h >= self.use_within_h:
            findings.append(
                error(
                    "E_CARTRIDGE_TIME",
                    f"Cartridge {self.id} has been warm for {self.warm_h} h of {self.use_within_h} h.",
                    "Discard it and take a new cartridge.",
                    "cartridge",
                )
            )
        if needed_g > self.left_g:
            findings.append(
                error(
                    "E_CARTRIDGE_EMPTY",
                    f"The batch needs {needed_g} g, cartridge {self.id} has {self.left_g} g left.",
                    "Plan fewer units or take a fuller cartridge.",
                    "cartridge",
                )
            )
        return tuple(findings)
