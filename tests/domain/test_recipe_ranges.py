"""A recipe's ranges, and the batch made from it: how many units, of what, and why not."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from dosing_cases import dose

from printcare.domain.control_recipe import ControlRecipe, PartDose, before_print, control_recipe, unmatched
from printcare.domain.dose_case import Quantity
from printcare.domain.formulation import Cartridge, InkLot, LotStatus
from printcare.domain.recipe import Allocation, MasterRecipe, Range, recipe_fits, unit_volume_mm3
from printcare.domain.verification import SecondEntry, VerifiedDose, verify
from printcare.formats.recipe import load_recipe

TODAY = date(2026, 11, 22)
MASTER = replace(load_recipe("cyclophosphamide-sse"), allocation=Allocation(retain=1, test=2, spare=3))
LOT = InkLot(
    id="L1",
    ink_id="cyclophosphamide-paste-40",
    form="cyclophosphamide anhydrous",
    strength_mg_per_g=Decimal(40),
    strength_basis="as_printed",
    assay_pct_of_label=Decimal(100),
    assay_limits_pct=(Decimal(95), Decimal(105)),
    lod_pct=Decimal(12),
    excipients=(),
    supplier="demo",
    supplier_agreement_until=date(2030, 1, 1),
    manufactured_on=date(2026, 11, 1),
    expires_on=date(2027, 1, 1),
    status=LotStatus.RELEASED,
    certificate="C1",
    excursions_judged=True,
)
FULL = Cartridge("K1", "L1", Decimal(12), Decimal(1), TODAY, Decimal(8), Decimal(0), is_single_use=True)
SPEED = Range("mm/s", Decimal(8), (Decimal(6), Decimal(10)), (Decimal(4), Decimal(12)))


@pytest.fixture(scope="module")
def verified() -> VerifiedDose:
    """Worked case V01: 17 mg once a day, one unit of 425.0 mg."""
    second = SecondEntry("bela", Quantity("16", "kg"), Quantity("102.0", "cm"), "17")
    found = verify(dose("V01"), Decimal(17), None, "anna", second)
    assert isinstance(found, VerifiedDose)
    return found


def batch(
    verified: VerifiedDose, master: MasterRecipe = MASTER, lot: InkLot = LOT, cartridge: Cartridge = FULL
) -> ControlRecipe:
    return control_recipe(master, [PartDose(verified, lot, cartridge)], days=14)


def codes(recipe: ControlRecipe, printer_class: str = "sse-plunger-10ml") -> list[str]:
    findings = before_print(recipe, printer_class, TODAY)
    assert all(finding.blocks and finding.reason and finding.remedy for finding in findings)
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("value", "is_normal", "is_proven"),
    [
        ("3.999", False, False),
        ("4", False, True),
        ("5.999", False, True),
        ("6", True, True),
        ("10", True, True),
        ("10.001", False, True),
        ("12", False, True),
        ("12.001", False, False),
    ],
)
def test_the_ends_of_a_range_belong_to_it(value: str, is_normal: bool, is_proven: bool) -> None:
    assert (SPEED.is_normal(Decimal(value)), SPEED.is_proven(Decimal(value))) == (is_normal, is_proven)


def test_a_float_is_judged_by_the_figures_it_shows_not_by_its_binary_tail() -> None:
    tenth = replace(SPEED, normal=(Decimal("0.1"), Decimal("0.3")), proven=(Decimal("0.1"), Decimal("0.3")))
    assert tenth.is_normal(0.1)  # the binary 0.1 is above one tenth, the binary 0.3 below three tenths
    assert tenth.is_proven(0.3)
    assert not tenth.is_proven(0.1 + 0.2)


def test_a_mass_becomes_a_volume_by_the_inks_density() -> None:
    ink = replace(MASTER.ink, density_mg_mm3=Decimal("1.12"))
    assert unit_volume_mm3(Decimal(100), ink) == pytest.approx(89.285714)  # dose_to_volume of the reference vectors


def test_a_batch_makes_every_dose_of_every_day_and_retain_test_and_spare_on_top(verified: VerifiedDose) -> None:
    recipe = batch(verified)
    assert (recipe.units_for_patient, recipe.units_total) == (14, 20)


@pytest.mark.parametrize(
    ("case_id", "weight_kg", "height_cm", "dose_mg", "units"),
    [("V04", "25", "125", "46.5", 28), ("V13", "20.0", "115", "10", 42)],  # 2 x 1 x 14, and 1 x 3 x 14
)
def test_several_units_a_dose_and_doses_a_day_all_count(
    case_id: str, weight_kg: str, height_cm: str, dose_mg: str, units: int
) -> None:
    second = SecondEntry("bela", Quantity(weight_kg, "kg"), Quantity(height_cm, "cm"), dose_mg)
    found = verify(dose(case_id), Decimal(dose_mg), None, "anna", second)
    assert isinstance(found, VerifiedDose), found
    assert batch(found).units_for_patient == units


def test_a_batch_makes_the_verified_dose_and_no_other(verified: VerifiedDose) -> None:
    recipe = batch(verified)
    assert (recipe.dose_per_unit_mg, recipe.target_mass_mg, recipe.strength_mg_per_g) == (17, 425, 40)
    assert recipe.first.target_volume_mm3 == pytest.approx(386.363636)  # 425 mg of 1.10 mg/mm3


def test_a_batch_that_fits_in_everything_has_no_objection(verified: VerifiedDose) -> None:
    assert codes(batch(verified)) == []


def test_an_ink_the_recipe_does_not_know_is_refused() -> None:
    assert [finding.code for finding in recipe_fits(MASTER, replace(LOT, ink_id="paste-20"))] == ["E_INK_WRONG"]


def test_another_form_of_the_same_ink_is_refused() -> None:
    lot = replace(LOT, form="cyclophosphamide monohydrate")
    assert [finding.code for finding in recipe_fits(MASTER, lot)] == ["E_INK_FORM"]


def test_a_lot_is_judged_again_before_the_print(verified: VerifiedDose) -> None:
    lot = replace(LOT, ink_id="paste-20", expires_on=date(2026, 11, 21))
    assert codes(batch(verified, lot=lot)) == ["E_INK_WRONG", "E_LOT_EXPIRED"]


def test_the_ink_for_all_units_and_the_prime_has_to_be_in_the_cartridge(verified: VerifiedDose) -> None:
    prime = replace(MASTER.parameters.prime_mm3, target=Decimal(100))
    master = replace(MASTER, parameters=replace(MASTER.parameters, prime_mm3=prime))
    # 20 x 0.425 g and 100 mm3 of 1.10 mg/mm3: 8.610 g
    assert codes(batch(verified, master, cartridge=replace(FULL, fill_g=Decimal("9.610")))) == []
    assert codes(batch(verified, master, cartridge=replace(FULL, fill_g=Decimal("9.609")))) == ["E_CARTRIDGE_EMPTY"]


def test_a_printer_the_recipe_is_not_qualified_for_is_refused(verified: VerifiedDose) -> None:
    assert codes(batch(verified), printer_class="fdm") == ["E_PRINTER_CLASS"]


def test_a_second_drug_nobody_ordered_is_never_given_along(verified: VerifiedDose) -> None:
    two = replace(MASTER, further=load_recipe("spironolactone-hydrochlorothiazide-sse").further)
    assert codes(batch(verified, two)) == ["E_PART_WITHOUT_DOSE"]


TWO = replace(MASTER, further=(replace(MASTER.parts[0], tool=1),))


def of_two(verified: VerifiedDose, second: VerifiedDose, cartridge: str = "K2") -> ControlRecipe:
    return control_recipe(
        TWO,
        [PartDose(verified, LOT, FULL), PartDose(second, LOT, replace(FULL, id=cartridge))],
        days=14,
    )


def test_every_drug_of_a_unit_is_made_from_its_own_dose_lot_and_cartridge(verified: VerifiedDose) -> None:
    recipe = of_two(verified, verified)
    assert [(part.number, part.target_mass_mg, part.cartridge.id) for part in recipe.parts] == [
        (1, 425, "K1"),
        (2, 425, "K2"),
    ]
    assert codes(recipe) == []


def test_one_cartridge_is_not_two(verified: VerifiedDose) -> None:
    assert codes(of_two(verified, verified, cartridge="K1")) == ["E_CARTRIDGE_TWICE"]


def test_drugs_that_need_another_number_of_units_make_no_unit(verified: VerifiedDose) -> None:
    two_units = replace_units(verified, 2)
    assert codes(of_two(verified, two_units)) == ["E_COMPONENT_UNITS"]


def replace_units(verified: VerifiedDose, units: int) -> VerifiedDose:
    """Return a dose of other units, made as a test may: only its plan of units is looked at here."""
    other = copy(verified)
    object.__setattr__(other, "units", replace(verified.units, units_per_dose=units))
    return other


def test_a_drug_that_is_no_part_of_the_recipe_is_not_left_out_silently(verified: VerifiedDose) -> None:
    doses = [PartDose(verified, LOT, FULL)] * 2
    assert [finding.code for finding in unmatched(MASTER, doses)] == ["E_DOSE_WITHOUT_PART"]
    assert unmatched(TWO, doses) == ()


def test_a_part_looked_at_alone_is_a_recipe_of_one_drug() -> None:
    two = load_recipe("spironolactone-hydrochlorothiazide-sse")
    alone = two.of_part(2)
    assert (alone.product.inn, alone.further) == ("hydrochlorothiazide", ())
    assert MASTER.of_part(1) is MASTER


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("17", "40", []),
        ("5", "17", []),
        ("17.01", "40", ["E_DOSE_OUT_OF_RANGE"]),
        ("5", "16.99", ["E_DOSE_OUT_OF_RANGE"]),
    ],
)
def test_a_dose_outside_the_validated_range_is_never_extrapolated(
    verified: VerifiedDose, low: str, high: str, expected: list[str]
) -> None:
    limits = replace(MASTER.unit_range, dose_mg=(Decimal(low), Decimal(high)))
    assert codes(batch(verified, replace(MASTER, unit_range=limits))) == expected
