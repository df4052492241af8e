"""The quality half of a recipe file: attributes, acceptance, tests by risk, finishing, storage, cleaning, evidence."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.finishing import (
    CONDITIONED,
    LONGEST_DAYS,
    STEPS,
    BeyondUse,
    Cleaning,
    Condition,
    FinishingStep,
    Handling,
)
from printcare.domain.quality_plan import FORMS, RISKS, TESTS, Acceptance, Attribute, Evidence, QualityTest
from printcare.domain.recipe import Allocation
from printcare.formats.tables import Table

ZERO = Decimal(0)
ONCE = ("inspect", "remove-rejects", "pack")  # no batch is finished without them


def read_attribute(table: Table) -> Attribute:
    """Return one critical quality attribute."""
    attribute = Attribute(table.text("id"), table.text("name"), table.text("limit"))
    table.close()
    return attribute


def read_acceptance(table: Table) -> Acceptance:
    """Return the criteria of the batch."""
    acceptance = Acceptance(
        form=table.one_of("form", FORMS),
        target_content_pct=table.decimal("target_content_pct", above=ZERO),
        l1=table.decimal("l1", above=ZERO),
        l2=table.decimal("l2", above=ZERO),
        mass_bias_max_pct=table.decimal("mass_bias_max_pct", above=ZERO),
        mass_rsd_max_pct=table.decimal("mass_rsd_max_pct", above=ZERO),
        ppk_min=table.decimal("ppk_min", above=ZERO),
        mass_for_content=table.text("mass_for_content", default=""),
    )
    table.close()
    return acceptance


def read_allocation(table: Table) -> Allocation:
    """Return how many units are not for the patient."""
    allocation = Allocation(table.integer("retain"), table.integer("test"), table.integer("spare"))
    table.close()
    return allocation


def read_plan(root: Table, allocation: Allocation) -> tuple[QualityTest, ...]:
    """Return the quality-control plan: every test of the list answered once, and units enough for them."""
    tests = tuple(_test(table) for table in root.tables("quality"))
    names = [test.name for test in tests]
    for name in sorted({name for name in names if names.count(name) > 1}):
        root.object("quality", "F_TEST_TWICE", f"answers for {name} twice", "Keep one.")
    missing = [name for name in TESTS if name not in names]
    if missing:
        remedy = "Add each with a method, or with the reason it is left out."
        root.object("quality", "F_TEST_MISSING", f"does not answer for {', '.join(missing)}", remedy)
    spent = sum(test.units for test in tests)
    if spent > allocation.test:
        remedy = "Allocate as many test units as the plan spends."
        root.object("allocation.test", "F_TEST_UNITS", f"is {allocation.test}; the plan spends {spent} units", remedy)
    return tests


def _test(table: Table) -> QualityTest:
    test = QualityTest(
        name=table.text("test"),
        risk=table.one_of("risk", RISKS),
        method=table.text("method", default=""),
        limit=table.text("limit", default=""),
        units=table.integer("units") if table.has("units") else 0,
        omitted_because=table.text("omitted_because", default=""),
    )
    if not test.method and not test.omitted_because:
        remedy = "Name a method or justify."
        table.object("omitted_because", "F_TEST_UNJUSTIFIED", "is empty and there is no method", remedy)
    if test.method and (test.omitted_because or not test.limit):
        remedy = "A test that is done has a method and a limit, and no reason to leave it out."
        table.object("limit", "F_TEST_LIMIT", "does not fit a test that is done", remedy)
    table.close()
    return test


def read_finishing(root: Table) -> tuple[FinishingStep, ...]:
    """Return the steps after the last unit, in their order."""
    steps = tuple(_step(table) for table in root.tables("finishing"))
    kinds = [step.kind for step in steps]
    wrong = [kind for kind in ONCE if kinds.count(kind) != 1]
    if wrong:
        root.object("finishing", "F_FINISHING", f"has {', '.join(wrong)} not exactly once", "State each once.")
    return steps


def _step(table: Table) -> FinishingStep:
    kind = table.one_of("step", STEPS)
    condition = None
    if kind in CONDITIONED:
        humidity_pct = table.interval("humidity_pct") if table.has("humidity_pct") else None
        condition = Condition(table.interval("hours"), table.interval("temperature_c"), humidity_pct)
    step = FinishingStep(kind, table.text("instruction"), condition)
    table.close()
    return step


def read_handling(table: Table, hazard_class: str) -> Handling:
    """Return what the hazard asks of people and room; a hazardous product without measures is refused."""
    handling = Handling(
        table.texts("ppe"),
        table.text("containment", default=""),
        table.text("spill_kit", default=""),
        table.boolean("witnessed_waste"),
    )
    measures = (handling.ppe, handling.containment, handling.spill_kit, handling.has_witnessed_waste)
    if hazard_class == "cytotoxic" and not all(measures):
        told = "does not name protection, containment, spill kit and witnessed waste"
        table.object("ppe", "F_HAZARD_MEASURES", told, "State all four for a cytotoxic product.")
    if hazard_class == "hormone" and not handling.ppe:
        table.object("ppe", "F_HAZARD_MEASURES", "is empty", "State what to wear for a hormone product.")
    table.close()
    return handling


def read_beyond_use(root: Table, water_activities: tuple[str, ...]) -> tuple[BeyondUse, ...]:
    """Return every storage with its days, the label's first; longer than the class allows only by a study."""
    longest = min(LONGEST_DAYS.get(name, ZERO) for name in water_activities)
    rules = []
    for table in root.tables("beyond_use"):
        rule = BeyondUse(
            table.text("storage"),
            table.interval("temperature_c"),
            table.decimal("days", above=ZERO),
            table.text("evidence", default=""),
        )
        if rule.days > longest and not rule.evidence and longest:
            told = f"is {rule.days}; the ink's water-activity class allows {longest} without a study of its own"
            table.object("days", "F_BEYOND_USE", told, "Shorten it, or name the stability study in [[evidence]].")
        table.close()
        rules.append(rule)
    if not rules and root.has("beyond_use"):
        root.object("beyond_use", "F_KEY_EMPTY", "is empty", "State at least one storage with its days.")
    return tuple(rules)


def read_cleaning(table: Table, hazard_class: str) -> Cleaning:
    """Return cleaning and changeover; a hazardous product never shares parts."""
    cleaning = Cleaning(
        dirty_hold_h=table.decimal("dirty_hold_h", above=ZERO),
        clean_hold_h=table.decimal("clean_hold_h", above=ZERO),
        campaign_batches=table.integer("campaign_batches", least=1),
        campaign_h=table.decimal("campaign_h", above=ZERO),
        has_dedicated_parts=table.boolean("dedicated_parts"),
        changeover=table.text("changeover"),
    )
    if hazard_class in ("cytotoxic", "hormone") and not cleaning.has_dedicated_parts:
        told = f"is false for a {hazard_class} product"
        table.object("dedicated_parts", "F_DEDICATED_PARTS", told, "Dedicate the parts that touch the product.")
    table.close()
    return cleaning


def read_evidence(table: Table) -> Evidence:
    """Return one document the recipe rests on."""
    evidence = Evidence(table.text("id"), table.text("title"), table.text("proves"))
    table.close()
    return evidence
