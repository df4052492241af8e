"""The check that what is no good ink is refused: each challenge is one that sound ink would have passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from printcare.domain.cartridge import Cartridge
from printcare.domain.checks import Finding
from printcare.domain.ink_lot import InkLot, LotStatus
from printcare.domain.recipe import MasterRecipe, recipe_fits
from printcare.workflow.qualify.bench_job import INK_G
from printcare.workflow.qualify.check_site import Checked, Site, all_of

SOUND_INK = "sound ink, as a control"
DAY = timedelta(days=1)


def ink_refused(site: Site) -> Checked:
    """Offer sound ink, then wrong, expired and unreleased ink and another cartridge, and want each refused by name."""
    rows = {}
    for name, (wanted, findings) in challenges(site.master, site.records.context.clock()).items():
        codes = {finding.code for finding in findings}
        rows[name] = (codes == wanted, ", ".join(sorted(codes)) or "accepted")
    return all_of(rows)


def challenges(master: MasterRecipe, now: datetime) -> Mapping[str, tuple[set[str], tuple[Finding, ...]]]:
    """Return what is offered, the codes it has to be refused with, and what the rules of a plan said."""
    lot, cartridge = _lot(master, now), _cartridge(now)
    offered = {
        SOUND_INK: (set(), lot, cartridge),
        "wrong ink": ({"E_INK_WRONG"}, replace(lot, ink_id=f"not {lot.ink_id}"), cartridge),
        "another form of the drug": ({"E_INK_FORM"}, replace(lot, form=f"not {lot.form}"), cartridge),
        "expired lot": ({"E_LOT_EXPIRED"}, replace(lot, expires_on=(now - DAY).date()), cartridge),
        "lot in quarantine": ({"E_LOT_STATUS"}, replace(lot, status=LotStatus.QUARANTINE), cartridge),
        "assay out of limits": ({"E_ASSAY_OUT_OF_LIMITS"}, replace(lot, assay_pct_of_label=Decimal(80)), cartridge),
        "cartridge of another lot": ({"E_CARTRIDGE_LOT"}, lot, replace(cartridge, lot_id="OTHER")),
        "cartridge over its time in use": ({"E_CARTRIDGE_IN_USE"}, lot, replace(cartridge, use_by=now - DAY)),
        "cartridge too long warm": ({"E_CARTRIDGE_TIME"}, lot, replace(cartridge, warm_h=cartridge.use_within_h)),
        "cartridge nearly empty": ({"E_CARTRIDGE_EMPTY"}, lot, replace(cartridge, fill_g=cartridge.dead_g)),
    }
    return {name: (wanted, _stops(master, one, other, now)) for name, (wanted, one, other) in offered.items()}


def _stops(master: MasterRecipe, lot: InkLot, cartridge: Cartridge, now: datetime) -> tuple[Finding, ...]:
    return (
        *recipe_fits(master, lot),
        *lot.objections(now.date()),
        *cartridge.objections(Decimal(1), lot),
        *cartridge.time_objections(now, Decimal(0)),
    )


def _lot(master: MasterRecipe, now: datetime) -> InkLot:
    """Return a lot against which nothing speaks."""
    today, later = now.date(), (now + 365 * DAY).date()
    return InkLot(
        id="PROTOCOL",
        ink_id=master.ink.ink_id,
        form=master.ink.form,
        strength_mg_per_g=master.ink.nominal_strength_mg_per_g,
        strength_basis="as_printed",
        assay_pct_of_label=Decimal(100),
        assay_limits_pct=(Decimal(95), Decimal(105)),
        lod_pct=Decimal(0),
        excipients=(),
        supplier="protocol",
        supplier_agreement_until=later,
        manufactured_on=today,
        expires_on=later,
        status=LotStatus.RELEASED,
        certificate="protocol",
        excursions_judged=True,
    )


def _cartridge(now: datetime) -> Cartridge:
    return Cartridge("PROTOCOL-1", "PROTOCOL", INK_G, Decimal(1), now.date(), Decimal(8), Decimal(0), True)
