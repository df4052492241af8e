"""A calculated dose belongs to one lot and one recipe; with others it says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from dosing_cases import dose_case

from printcare.domain.dose_case import DoseCase
from printcare.domain.formulation import InkLot, LotStatus
from printcare.domain.ordered_case import calculated_for, ink_entry, recipe_entry
from printcare.domain.recipe import MasterRecipe
from printcare.formats.recipe import load_recipe

MASTER = load_recipe("cyclophosphamide-sse")
LOT = InkLot(
    id="L1",
    ink_id=MASTER.ink.ink_id,
    form="cyclophosphamide anhydrous",
    strength_mg_per_g=Decimal("40.0"),
    strength_basis="as_printed",
    assay_pct_of_label=Decimal("98.2"),
    assay_limits_pct=(Decimal(95), Decimal(105)),
    lod_pct=Decimal(12),
    excipients=("water",),
    supplier="demo",
    supplier_agreement_until=date(2030, 1, 1),
    manufactured_on=date(2026, 11, 1),
    expires_on=date(2027, 1, 1),
    status=LotStatus.RELEASED,
    certificate="C1",
    excursions_judged=True,
)


@pytest.fixture(scope="module")
def case() -> DoseCase:
    """Return the child of worked case V01, dosed from this lot by this recipe."""
    limits = MASTER.unit_range
    corrects = MASTER.ink.corrects_assay
    entry = recipe_entry(limits.dose_mg, limits.wet_mass_g, limits.max_units_per_dose, corrects_assay=corrects)
    order = replace(dose_case("V01").order, form=MASTER.product.strength_form)
    return replace(dose_case("V01"), ink=ink_entry(LOT), recipe=entry, order=order)


def codes(case: DoseCase, lot: InkLot = LOT, master: MasterRecipe = MASTER) -> list[str]:
    findings = calculated_for(case, lot, master)
    assert all(finding.blocks for finding in findings)
    return [finding.code for finding in findings]


def test_a_dose_holds_for_the_lot_and_recipe_it_was_calculated_with(case: DoseCase) -> None:
    assert codes(case) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"assay_pct_of_label": Decimal("98.3")},
        {"strength_mg_per_g": Decimal("40.1")},
        {"lod_pct": Decimal(13)},
        {"form": "cyclophosphamide monohydrate"},
        {"excipients": ("water", "lactose")},
    ],
)
def test_a_lot_of_other_figures_needs_a_new_verification(case: DoseCase, changes: dict[str, object]) -> None:
    assert codes(case, lot=replace(LOT, **changes)) == ["E_LOT_NOT_CALCULATED"]


def test_another_lot_of_the_same_figures_needs_none(case: DoseCase) -> None:
    assert codes(case, lot=replace(LOT, id="L2", certificate="C2", expires_on=date(2027, 2, 1))) == []


def test_a_recipe_of_another_range_needs_a_new_verification(case: DoseCase) -> None:
    limits = replace(MASTER.unit_range, max_units_per_dose=MASTER.unit_range.max_units_per_dose + 1)
    assert codes(case, master=replace(MASTER, unit_range=limits)) == ["E_RECIPE_NOT_CALCULATED"]


def test_a_recipe_that_treats_the_assay_otherwise_needs_a_new_verification(case: DoseCase) -> None:
    ink = replace(MASTER.ink, corrects_assay=not MASTER.ink.corrects_assay)
    assert codes(case, master=replace(MASTER, ink=ink)) == ["E_RECIPE_NOT_CALCULATED"]


def test_a_recipe_whose_strength_means_another_form_needs_a_new_verification(case: DoseCase) -> None:
    product = replace(MASTER.product, strength_form="cyclophosphamide monohydrate")
    assert codes(case, master=replace(MASTER, product=product)) == ["E_RECIPE_NOT_CALCULATED"]
