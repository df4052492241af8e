"""One lot of a pharma-ink: what its certificate says, where it stands, who may move it, and every reason against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from printcare.domain.checks import Finding, error
from printcare.domain.numbers import plain


class LotStatus(StrEnum):
    """Where a lot stands."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    REJECTED = "rejected"
    RECALLED = "recalled"


S = LotStatus
# From, to, and the command that moves it; what is not here is refused. A rejected lot may have been used before.
LOT_MOVES: tuple[tuple[LotStatus | None, LotStatus, str], ...] = (
    (None, S.QUARANTINE, "ink_lot.receive"),
    (S.QUARANTINE, S.RELEASED, "ink_lot.release"),
    (S.QUARANTINE, S.REJECTED, "ink_lot.reject"),
    (S.RELEASED, S.QUARANTINE, "ink_lot.quarantine"),
    (S.RELEASED, S.REJECTED, "ink_lot.reject"),
    (S.QUARANTINE, S.RECALLED, "ink_lot.recall"),
    (S.RELEASED, S.RECALLED, "ink_lot.recall"),
    (S.REJECTED, S.RECALLED, "ink_lot.recall"),
)
SUPPLIER, IN_HOUSE = "supplier", "in house"
ORIGINS = (SUPPLIER, IN_HOUSE)


def lot_after(current: LotStatus | None, command: str, lot_id: str) -> LotStatus | Finding:
    """Return where a command leads a lot, or why the table holds no such move."""
    for start, end, name in LOT_MOVES:
        if (start, name) == (current, command):
            return end
    stands = "not on record" if current is None else f"on record as {current.value}"
    verbs = [name.removeprefix("ink_lot.") for start, _, name in LOT_MOVES if start is current]
    told = f"Lot {lot_id} is {stands}, and from there nobody can {command.removeprefix('ink_lot.')} it."
    remedy = f"What can be done with it: {', '.join(verbs)}." if verbs else "Nothing is done with it any more."
    return error("E_LOT_MOVE", told, remedy, "lot")


@dataclass(frozen=True, slots=True)
class Determination:
    """Who found a figure of the lot, when and how, and how well: `uncertainty_pct` is expanded, k = 2."""

    measured_on: date
    method: str
    uncertainty_pct: Decimal
    laboratory: str


@dataclass(frozen=True, slots=True)
class TransportLog:
    """What the logger in the parcel recorded; `outside_min` are minutes outside the storage condition."""

    logger: str
    min_c: Decimal
    max_c: Decimal
    outside_min: Decimal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One gram of ink in or out, positive in and negative out, and the time at temperature that went with it."""

    at: datetime
    mass_g: Decimal
    reason: str
    batch_id: str = ""
    warm_h: Decimal = Decimal(0)
    cartridge_id: str = ""


@dataclass(frozen=True, slots=True)
class InkLot:
    """One lot of a pharma-ink with what its certificate of analysis says.

    `strength_mg_per_g` is mg of `form` per g of ink, as printed (wet) or dried by `strength_basis`. What has a default
    was not always stated in lot files; `unstated` names it, and a lot that lacks it is not released.
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
    excursions_judged: bool  # transport looked at when the lot was received, and found harmless
    origin: str = SUPPLIER  # of ORIGINS
    formulation_version: int = 0
    mass_g: Decimal = Decimal(0)
    assay: Determination | None = None
    lod: Determination | None = None
    storage: str = ""
    storage_c: tuple[Decimal, Decimal] | None = None
    in_use_h: Decimal | None = None  # from its opening
    transport: TransportLog | None = None
    opened_at: datetime | None = None
    ledger: tuple[LedgerEntry, ...] = ()

    @property
    def left_g(self) -> Decimal:
        """Return what the ledger leaves of the received mass."""
        return self.mass_g + sum((entry.mass_g for entry in self.ledger), Decimal(0))

    @property
    def use_by(self) -> datetime | None:
        """Return until when the opened lot may be used; None while it is closed or where no time is stated."""
        if self.opened_at is None or self.in_use_h is None:
            return None
        return self.opened_at + timedelta(hours=float(self.in_use_h))

    def book(self, entry: LedgerEntry) -> InkLot:
        """Return the lot with one more entry in its ledger."""
        return replace(self, ledger=(*self.ledger, entry))

    def objections(self, today: date) -> tuple[Finding, ...]:
        """Return every reason not to print from this lot today (records.md §11, materials)."""
        findings = []
        if self.status is not LotStatus.RELEASED:
            findings.append(
                error("E_LOT_STATUS", f"Lot {self.id} is {self.status.value}.", "Use a released lot.", "lot")
            )
        return (*findings, *self.faults(today))

    def faults(self, today: date) -> tuple[Finding, ...]:
        """Return what speaks against the lot whatever its status: expiry, agreement, transport, assay."""
        findings = []
        if self.expires_on < today:
            told = f"Lot {self.id} expired on {self.expires_on}."
            findings.append(error("E_LOT_EXPIRED", told, "Discard it and use another lot.", "lot"))
        if self.origin == SUPPLIER and self.supplier_agreement_until < today:
            told = f"The agreement with {self.supplier} ended on {self.supplier_agreement_until}."
            findings.append(
                error("E_SUPPLIER_AGREEMENT", told, "Renew the agreement before printing from this lot.", "lot")
            )
        if not self.excursions_judged:
            told = f"Transport of lot {self.id} has not been judged."
            findings.append(error("E_LOT_EXCURSION", told, "Judge the excursion data first.", "lot"))
        low, high = self.assay_limits_pct
        if not low <= self.assay_pct_of_label <= high:
            told = f"The assay of lot {self.id} is {plain(self.assay_pct_of_label)} % of label; "
            told += f"the limits are {plain(low)} to {plain(high)} %."
            findings.append(
                error("E_ASSAY_OUT_OF_LIMITS", told, "Reject the lot; an assay outside is not corrected.", "lot")
            )
        return tuple(findings)

    def in_use_objections(self, now: datetime) -> tuple[Finding, ...]:
        """Return why nothing may be taken from the opened lot any more."""
        if self.use_by is None or now <= self.use_by:
            return ()
        told = f"Lot {self.id} was opened at {self.opened_at:%Y-%m-%d %H:%M} and could be used until "
        told += f"{self.use_by:%Y-%m-%d %H:%M}."
        return (error("E_LOT_IN_USE", told, "Discard what is left and open another lot.", "lot"),)

    def unstated(self) -> tuple[str, ...]:
        """Return what the lot's file does not state and a release needs, by its key."""
        stated: Mapping[str, bool] = {
            "formulation_version": self.formulation_version > 0,
            "mass_g": self.mass_g > 0,
            "assay": self.assay is not None,
            "lod": self.lod is not None,
            "storage": bool(self.storage),
            "storage_c": self.storage_c is not None,
            "in_use_h": self.in_use_h is not None,
            "transport": self.transport is not None or self.origin == IN_HOUSE,
        }
        return tuple(name for name, is_stated in stated.items() if not is_stated)

    def release_objections(self, today: date) -> tuple[Finding, ...]:
        """Return every reason of the lot's own not to release it today."""
        findings = list(self.faults(today))
        missing = self.unstated()
        if missing:
            told = f"Lot {self.id} does not state {', '.join(missing)}."
            findings.append(error("E_LOT_INCOMPLETE", told, "State it in the lot's file and receive it again.", "lot"))
        for name, found in (("assay", self.assay), ("loss on drying", self.lod)):
            if found is not None and not self.manufactured_on <= found.measured_on <= today:
                told = f"The {name} of lot {self.id} is dated {found.measured_on}, outside its life until today."
                findings.append(error("E_DETERMINATION_DATE", told, "Correct the date, or determine it again.", "lot"))
        return tuple(findings)

    def excursion(self) -> str:
        """Return what the transport logger says against the storage condition, for the person who judges it."""
        if self.transport is None or self.storage_c is None:
            return "no temperature log of the transport"
        low, high = self.storage_c
        log = self.transport
        span = f"{plain(log.min_c)} to {plain(log.max_c)} °C, {plain(log.outside_min)} min outside"
        outside = log.min_c < low or log.max_c > high or log.outside_min > 0
        return f"{'excursion' if outside else 'no excursion'}: {span}, storage {plain(low)} to {plain(high)} °C"

    def reconciliation(self, waste_g: Decimal, limit_pct: Decimal, deviation: str = "") -> tuple[Finding, ...]:
        """Return why grams in are not grams out: to cartridges, and `waste_g` weighed as waste at the end.

        A deviation explains a difference; it does not explain a mass that cannot be.
        """
        missing_g = self.left_g - waste_g
        impossible = impossible_waste(waste_g, self.mass_g, limit_pct, "lot")
        if impossible or deviation.strip() or abs(missing_g) <= self.mass_g * limit_pct / 100:
            return impossible
        told = f"Lot {self.id}: {plain(self.mass_g)} g came in, {plain(missing_g)} g are not accounted for."
        return (error("E_LOT_RECONCILIATION", told, "Find them, or state a deviation as the reason.", "lot"),)


def impossible_waste(waste_g: Decimal, came_in_g: Decimal, limit_pct: Decimal, where: str) -> tuple[Finding, ...]:
    """Return why a mass of waste cannot have been weighed: below zero, or more than ever came in and the limit."""
    if 0 <= waste_g <= came_in_g * (1 + limit_pct / 100):
        return ()
    told = f"{plain(waste_g)} g of waste cannot be: {plain(came_in_g)} g came in."
    return (error("E_WASTE_MASS", told, "Weigh it again without its container, and type the grams.", where),)
