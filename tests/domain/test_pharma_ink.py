"""A formulation adds up, its factor is the tabulated one, and lots, preparations and grounds are held against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from test_ink_lot import LOT

from printcare.domain.cartridge import Cartridge
from printcare.domain.formulation import Excipient, PharmaInk
from printcare.domain.legal import Justification, LegalGround, LegalRoute, ground_objections
from printcare.domain.preparation import Preparation, WeighedIngredient

INK = PharmaInk(
    id="ink",
    version=1,
    title="A paste",
    demonstration=True,
    author="a",
    inn="sildenafil",
    form="sildenafil citrate",
    expressed_as="sildenafil",
    factor=Decimal("1.4048"),
    drug_mg_per_g=Decimal(40),
    strength_mg_per_g=Decimal(40),
    strength_basis="as_printed",
    nominal_lod_pct=Decimal(12),
    excipients=(Excipient("Water", Decimal(120), "vehicle"), Excipient("hypromellose", Decimal(840), "binder")),
    storage="cold",
    storage_c=(Decimal(2), Decimal(8)),
    shelf_life_days=182,
    in_use_h=Decimal(48),
    warm_max_h=Decimal(8),
    water_activity="aqueous",
    hazard_class="cytotoxic",
    legal=(LegalRoute("DE", "preparation", "§ 1", True), LegalRoute("DE", "trial", "§ 2", False)),
    digest="0" * 64,
)
OWN = replace(LOT, form="sildenafil citrate", excipients=("HYPROMELLOSE", "water"))


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def test_a_composition_that_adds_up_has_no_objection() -> None:
    assert codes(INK.objections()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"excipients": (Excipient("water", Decimal(959), "vehicle"),)}, ["F_INK_SUM"]),
        ({"excipients": (Excipient("water", Decimal("959.9"), "vehicle"),)}, []),
        ({"excipients": (Excipient("w", Decimal(480), ""), Excipient("W ", Decimal(480), ""))}, ["F_INK_TWICE"]),
        ({"strength_mg_per_g": Decimal(41)}, ["F_INK_STRENGTH"]),
        ({"strength_basis": "dried"}, ["F_INK_STRENGTH"]),
        ({"strength_basis": "dried", "strength_mg_per_g": Decimal("45.4545454545")}, []),
        ({"factor": Decimal("1.4050")}, ["F_INK_FACTOR"]),
        ({"factor": Decimal(1)}, ["F_INK_FACTOR"]),
        ({"expressed_as": "minoxidil"}, ["F_INK_FACTOR"]),
    ],
)
def test_a_composition_that_does_not_hold_together_is_refused(changes, expected) -> None:
    assert codes(replace(INK, **changes).objections()) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"ink_id": "other"}, ["E_LOT_FORMULATION"]),
        ({"formulation_version": 2}, ["E_LOT_FORMULATION"]),
        ({"excipients": ("water",)}, ["E_LOT_FORMULATION"]),
        ({"strength_mg_per_g": Decimal(41)}, ["E_LOT_FORMULATION"]),
        ({"expires_on": date(2026, 6, 2)}, ["E_LOT_SHELF_LIFE"]),
        ({"in_use_h": Decimal(49)}, ["E_LOT_SHELF_LIFE"]),
        ({"in_use_h": None}, []),
    ],
)
def test_a_lot_is_of_the_formulation_or_is_refused(changes, expected) -> None:
    assert codes(INK.lot_objections(replace(OWN, **changes))) == expected


@pytest.mark.parametrize(("within_h", "dead_g", "count"), [(8, "0.8", 0), (9, "0.8", 1), (8, "10", 1), (8, "-1", 1)])
def test_a_cartridge_claims_no_more_than_was_validated(within_h, dead_g, count) -> None:
    one = Cartridge("K", "L1", Decimal(10), Decimal(dead_g), date(2026, 1, 4), Decimal(within_h), Decimal(0), True)
    assert codes(INK.cartridge_objections(one)) == ["E_CARTRIDGE_LIMIT"] * count


@pytest.mark.parametrize(
    ("hazard", "is_hazardous"), [("cytotoxic", True), ("hormone", True), ("none", False), ("", False)]
)
def test_a_hazard_class_makes_its_waste_witnessed(hazard, is_hazardous) -> None:
    assert replace(INK, hazard_class=hazard).is_hazardous is is_hazardous


AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def weighed(name: str, planned: str, **changes: object) -> WeighedIngredient:
    one = WeighedIngredient(
        name, "X1", "2026-12-31", Decimal(planned), Decimal(1), Decimal(planned), "B1", "ada", "ben", AT
    )
    return replace(one, **changes)


MADE = Preparation(
    lot_id="L1",
    ink_id="ink",
    formulation_version=1,
    ingredients=(weighed("sildenafil citrate", "4"), weighed("Water", "12"), weighed("hypromellose", "84")),
    equipment=("mixer",),
    deviations=(),
    yield_g=Decimal(98),
    yield_limits_pct=(Decimal(95), Decimal(100)),
)


def other(**changes: object) -> Preparation:
    return replace(MADE, ingredients=(weighed("sildenafil citrate", "4", **changes), *MADE.ingredients[1:]))


def test_a_preparation_by_the_formulation_is_complete() -> None:
    assert codes(MADE.objections(INK)) == []
    assert MADE.people == {"ada", "ben"}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (replace(MADE, ingredients=MADE.ingredients[:2]), ["E_PREPARATION_INGREDIENT", "E_PREPARATION_YIELD"]),
        (replace(MADE, ingredients=(*MADE.ingredients, weighed("sand", "1"))), ["E_PREPARATION_INGREDIENT"]),
        (other(planned_g=Decimal("4.1"), weighed_g=Decimal("4.1")), ["E_PREPARATION_PLAN"]),
        (other(weighed_g=Decimal("4.05")), ["E_PREPARATION_MASS"]),
        (other(weighed_g=Decimal("4.04")), []),
        (other(weighed_g=Decimal("3.95")), ["E_PREPARATION_MASS"]),
        (other(checked_by="ada"), ["E_PREPARATION_ONE_PERSON"]),
        (other(expires_on="2026-01-04"), ["E_INGREDIENT_EXPIRED"]),
        (replace(MADE, formulation_version=2), ["E_PREPARATION_FORMULATION"]),
        (replace(MADE, equipment=()), ["E_PREPARATION_EQUIPMENT"]),
        (replace(MADE, yield_g=Decimal(94)), ["E_PREPARATION_YIELD"]),
        (replace(MADE, yield_g=Decimal(101)), ["E_PREPARATION_YIELD"]),
        (replace(MADE, yield_g=Decimal(94), deviations=("spilt 3 g",)), []),
    ],
)
def test_a_preparation_is_refused_with_its_reason(made, expected) -> None:
    assert codes(made.objections(INK)) == expected


def test_a_preparation_of_nothing_has_no_yield() -> None:
    empty = replace(MADE, ingredients=())
    assert codes(empty.objections(INK)) == ["E_PREPARATION_INGREDIENT", "E_PREPARATION_YIELD"]


NEED = Justification("none licensed", "exact dose", "high", "D-1")


@pytest.mark.parametrize(
    ("ground", "expected"),
    [
        (None, ["E_LEGAL_GROUND_MISSING"]),
        (LegalGround("DE", "preparation", NEED), []),
        (LegalGround("DE", "trial", None), []),
        (LegalGround("FR", "preparation", NEED), ["E_LEGAL_ROUTE"]),
        (LegalGround("DE", "preparation", None), ["E_JUSTIFICATION_MISSING"]),
        (LegalGround("DE", "preparation", replace(NEED, added_value=" ")), ["E_JUSTIFICATION_MISSING"]),
        (LegalGround("DE", "preparation", replace(NEED, risk_level="tiny")), ["E_JUSTIFICATION_MISSING"]),
        (LegalGround("DE", "preparation", replace(NEED, risk_level="")), ["E_JUSTIFICATION_MISSING"]),
    ],
)
def test_a_batch_needs_a_route_of_the_formulation_and_the_need_for_it(ground, expected) -> None:
    assert codes(ground_objections(ground, INK.legal)) == expected


def test_without_any_route_no_ground_is_good() -> None:
    (finding,) = ground_objections(LegalGround("DE", "preparation", NEED), ())
    assert finding.remedy == "Use one of: none."
