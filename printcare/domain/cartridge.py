"""A filled cartridge or filament spool: its identity, its ledger of grams and warm hours, and its end of life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from printcare.domain.checks import Finding, error
from printcare.domain.ink_lot import InkLot, LedgerEntry, impossible_waste
from printcare.domain.numbers import plain


class CartridgeStatus(StrEnum):
    """Where a cartridge stands."""

    FILLED = "filled"
    LOADED = "loaded"  # in a printer, for one batch
    USED = "used"
    QUARANTINED = "quarantined"  # its job was lost: how long it was warm nobody can say
    DISCARDED = "discarded"


S = CartridgeStatus
# From, to, and the command or event that moves it; what is not here is refused.
CARTRIDGE_MOVES: tuple[tuple[CartridgeStatus | None, CartridgeStatus, str], ...] = (
    (None, S.FILLED, "cartridge.fill"),
    (S.FILLED, S.LOADED, "cartridge.load"),
    (S.USED, S.LOADED, "cartridge.load"),
    (S.LOADED, S.FILLED, "cartridge.unload"),
    (S.LOADED, S.USED, "cartridge.book"),
    (S.LOADED, S.QUARANTINED, "job.lose"),
    (S.FILLED, S.DISCARDED, "cartridge.discard"),
    (S.LOADED, S.DISCARDED, "cartridge.discard"),
    (S.USED, S.DISCARDED, "cartridge.discard"),
    (S.QUARANTINED, S.DISCARDED, "cartridge.discard"),
)
SYRINGE, FILAMENT = "cartridge", "filament"
KINDS = (SYRINGE, FILAMENT)
GS1_DATA_MATRIX, GROUP_SEPARATOR = "]d2", "\x1d"  # what scanners send before a GS1 DataMatrix
ENDED = {
    S.QUARANTINED: "E_CARTRIDGE_QUARANTINED",
    S.DISCARDED: "E_CARTRIDGE_DISCARDED",
}


def cartridge_after(current: CartridgeStatus | None, command: str, cartridge_id: str) -> CartridgeStatus | Finding:
    """Return where a command leads a cartridge, or why the table holds no such move."""
    for start, end, name in CARTRIDGE_MOVES:
        if (start, name) == (current, command):
            return end
    stands = "not on record" if current is None else f"on record as {current.value}"
    told = f"Cartridge {cartridge_id} is {stands}, and from there nobody can {command.removeprefix('cartridge.')} it."
    return error("E_CARTRIDGE_MOVE", told, "See `printcare ink show` for where it stands.", "cartridge")


@dataclass(frozen=True, slots=True)
class Cartridge:
    """A filled syringe or spool with an identity, a ledger of every gram and its time at temperature.

    `in_use_h` counts from `opened_at`: the first loading of a cartridge, the opening of a spool's dry bag. `code` is
    what the scanner reads, GS1 or the site's own; empty means the id itself.
    """

    id: str
    lot_id: str
    fill_g: Decimal
    dead_g: Decimal
    filled_on: date
    use_within_h: Decimal  # at temperature, over all batches
    warm_h: Decimal
    is_single_use: bool
    ledger: tuple[LedgerEntry, ...] = ()
    kind: str = SYRINGE  # of KINDS
    code: str = ""
    in_use_h: Decimal | None = None
    humidity_max_pct: Decimal | None = None  # of the room a spool is opened in
    opened_at: datetime | None = None
    use_by: datetime | None = None  # set where it was filled: of the opened lot it came from

    @property
    def left_g(self) -> Decimal:
        """Return the ink that can still be printed, dead volume taken off."""
        return self.held_g - self.dead_g

    @property
    def ends_at(self) -> datetime | None:
        """Return the earlier of both limits in use, or None where neither runs yet."""
        limits = [] if self.use_by is None else [self.use_by]
        if self.opened_at is not None and self.in_use_h is not None:
            limits.append(self.opened_at + timedelta(hours=float(self.in_use_h)))
        return min(limits, default=None)

    @property
    def held_g(self) -> Decimal:
        """Return the ink that the ledger says is in it, dead volume and all."""
        return self.fill_g + sum((entry.mass_g for entry in self.ledger), Decimal(0))

    def book(self, entries: Iterable[LedgerEntry]) -> Cartridge:
        """Return the cartridge with more entries in its ledger."""
        return replace(self, ledger=(*self.ledger, *entries))

    def answers_to(self, scanned: str) -> bool:
        """Whether a scanned text is this cartridge's own code; a scanner may say first that a symbol is GS1."""
        return scanned.strip().removeprefix(GS1_DATA_MATRIX).lstrip(GROUP_SEPARATOR) == (self.code or self.id)

    def objections(self, needed_g: Decimal, lot: InkLot) -> tuple[Finding, ...]:
        """Return every reason not to print `needed_g` grams of this lot from this cartridge."""
        findings = []
        if self.lot_id != lot.id:
            told = f"Cartridge {self.id} holds lot {self.lot_id}, not {lot.id}."
            findings.append(error("E_CARTRIDGE_LOT", told, "Scan the right cartridge.", "cartridge"))
        if self.is_single_use and self.ledger:
            told = f"Cartridge {self.id} has been used already."
            findings.append(error("E_CARTRIDGE_USED", told, "Take a new cartridge.", "cartridge"))
        if self.warm_h >= self.use_within_h:
            told = f"Cartridge {self.id} has been warm for {self.warm_h} h of {self.use_within_h} h."
            findings.append(error("E_CARTRIDGE_TIME", told, "Discard it and take a new cartridge.", "cartridge"))
        if needed_g > self.left_g:
            told = f"The batch needs {needed_g} g, cartridge {self.id} has {self.left_g} g left."
            findings.append(
                error("E_CARTRIDGE_EMPTY", told, "Plan fewer units or take a fuller cartridge.", "cartridge")
            )
        return tuple(findings)

    def time_objections(self, now: datetime, batch_h: Decimal) -> tuple[Finding, ...]:
        """Return why a batch that keeps it warm for `batch_h` hours from `now` on would outlast it."""
        findings = []
        warm_h = self.warm_h + batch_h
        if self.warm_h < self.use_within_h < warm_h:
            told = f"The batch takes {plain(batch_h)} h; cartridge {self.id} has been warm for {plain(self.warm_h)} h "
            told += f"of {plain(self.use_within_h)} h."
            findings.append(error("E_CARTRIDGE_TIME", told, "Plan fewer units or take a new cartridge.", "cartridge"))
        if self.ends_at is not None and now + timedelta(hours=float(batch_h)) > self.ends_at:
            code = "E_FILAMENT_MOISTURE" if self.kind == FILAMENT else "E_CARTRIDGE_IN_USE"
            told = f"{self.kind.capitalize()} {self.id} may be used until {self.ends_at:%Y-%m-%d %H:%M}, "
            told += "and the batch would end later."
            findings.append(error(code, told, "Discard it and take a new one.", "cartridge"))
        return tuple(findings)

    def opening_objections(self, humidity_pct: Decimal | None) -> tuple[Finding, ...]:
        """Return why a spool may not be opened in a room of this relative humidity."""
        if self.humidity_max_pct is None or (humidity_pct is not None and humidity_pct <= self.humidity_max_pct):
            return ()
        room = "unknown" if humidity_pct is None else f"{plain(humidity_pct)} %"
        told = f"The relative humidity is {room}; {self.id} is opened at {plain(self.humidity_max_pct)} % at most."
        return (error("E_FILAMENT_HUMIDITY", told, "Measure it and dry the room, then open it.", "cartridge"),)

    def reconciliation(self, waste_g: Decimal, limit_pct: Decimal, reason: str) -> tuple[Finding, ...]:
        """Return why grams in are not grams out: printed, and `waste_g` weighed as waste at the end."""
        missing_g = self.held_g - waste_g
        impossible = impossible_waste(waste_g, self.fill_g, limit_pct, "cartridge")
        if impossible or reason.strip() or abs(missing_g) <= self.fill_g * limit_pct / 100:
            return impossible
        told = f"{self.id}: {plain(self.fill_g)} g came in, {plain(missing_g)} g are not accounted for."
        return (error("E_CARTRIDGE_RECONCILIATION", told, "Weigh it again, or state the reason.", "cartridge"),)
