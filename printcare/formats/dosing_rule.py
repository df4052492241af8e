"""A dosing rule file becomes a DosingRule, or a list of everything that is wrong with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from printcare.domain.bsa import ADULT_AGE_YEARS, FORMULAS
from printcare.domain.canonical import digest
from printcare.domain.checks import Finding
from printcare.domain.dosing_rule import (
    AgeGroup,
    CumulativeLimit,
    DosingRule,
    InfantDivisor,
    RoundingRule,
    RuleBand,
    RuleSource,
    SurfaceRule,
    UsualRange,
)
from printcare.domain.rounding import BAND_TABLES, STEP_MODES
from printcare.formats.find import data_file, ids
from printcare.formats.recipe import exact
from printcare.formats.tables import Table, parse, refuse

FOLDER = "recipes/dosing_rules"
_BASES = ("per_m2", "per_kg", "weight_band", "fixed")
_ZERO = Decimal(0)


def load_rules() -> tuple[DosingRule, ...]:
    """Return every shipped rule; raises PrintcareError or FileProblems for a file that is none."""
    return tuple(load_rule(rule_id) for rule_id in ids(FOLDER))


def load_rule(id_or_path: str) -> DosingRule:
    """Return a rule by id or path; raises PrintcareError or FileProblems."""
    name, data = data_file(FOLDER, id_or_path)
    return read_rule(data, name)


def read_rule(data: bytes, name: str) -> DosingRule:
    """Return the rule a file holds; all problems are reported at once with their key paths, unknown keys too."""
    problems: list[Finding] = []
    values = parse(data, name)
    root = Table(values, "", problems)
    root.integer("schema", least=1)
    root.one_of("kind", ("dosing_rule",))
    basis = root.one_of("basis", _BASES)
    caps = root.table("caps")
    rule = DosingRule(
        id=root.text("id"),
        version=root.integer("version", least=1),
        demonstration=root.boolean("demonstration"),
        drug=root.text("drug"),
        indication=root.text("indication"),
        age_group=_age_group(root.table("age_group")),
        ordered_form=root.text("ordered_form"),
        basis=basis,
        surface=_surface(root.table("bsa")) if basis == "per_m2" else None,
        infant_rule=_infant_rule(root, values.get("infant_rule")) if basis == "per_m2" else None,
        bands=_bands(root) if basis == "weight_band" else (),
        max_single_mg=_optional(caps, "max_single_mg"),
        max_daily_mg=_optional(caps, "max_daily_mg"),
        rounding=_rounding(root.table("rounding")),
        usual_range=_usual_range(root.table("usual_range")),
        cumulative_limits=_cumulative(root),
        source=_source(root.table("source")),
        digest=digest(exact(values)),
    )
    caps.close()
    root.close()
    if not problems:
        _make_sense(rule, root)
    refuse(problems, name)
    return rule


def _age_group(table: Table) -> AgeGroup:
    low, below = table.decimal("from_years"), table.decimal("below_years", above=_ZERO)
    if low < 0 or low >= below:
        table.object("from_years", "F_RANGE_ORDER", f"{low} is not below {below}", "State a group of ages from 0.")
    table.close()
    return AgeGroup(low, below)


def _surface(table: Table) -> SurfaceRule:
    offered = tuple(key for key, formula in FORMULAS.items() if formula.may_dose)
    round_dp = table.integer("round_dp", least=1) if table.has("round_dp") else None
    surface = SurfaceRule(table.one_of("formula", offered), round_dp, _optional(table, "cap_m2"))
    table.close()
    return surface


def _infant_rule(root: Table, stated: object) -> InfantDivisor | Literal["none"]:
    """Return the rule object or `none`; a rule per m² says which, because a divisor is never a default."""
    if isinstance(stated, str):
        root.one_of("infant_rule", ("none",))
        return "none"
    table = root.table("infant_rule")
    rule = InfantDivisor(
        _optional(table, "weight_lt_kg"), _optional(table, "age_lt_years"), table.decimal("divisor", above=_ZERO)
    )
    if rule.weight_lt_kg is None and rule.age_lt_years is None:
        table.object("weight_lt_kg", "F_KEY_MISSING", "neither weight nor age is stated", "State where it applies.")
    table.close()
    return rule


def _bands(root: Table) -> tuple[RuleBand, ...]:
    tables = root.tables("bands")
    if root.has("bands") and not tables:
        root.object("bands", "F_KEY_EMPTY", "holds no band", "State at least one weight band.")
    bands = []
    previous: Decimal | None = _ZERO
    for table in tables:
        band = RuleBand(_optional(table, "max_kg"), table.decimal("amount_mg", above=_ZERO))
        if previous is None or (band.max_kg is not None and band.max_kg <= previous):
            table.object("max_kg", "F_RANGE_ORDER", "does not ascend", "Sort the bands, the open end last.")
        previous = band.max_kg
        table.close()
        bands.append(band)
    return tuple(bands)


def _rounding(table: Table) -> RoundingRule:
    mode = table.one_of("mode", ("none", *STEP_MODES, *BAND_TABLES))
    step_mg = table.decimal("step_mg", above=_ZERO) if mode in STEP_MODES else None
    tolerance_pct = table.decimal("tolerance_pct")
    if tolerance_pct < 0:
        table.object("tolerance_pct", "F_KEY_RANGE", f"is {tolerance_pct}", "Use 0 or more.")
    table.close()
    return RoundingRule(mode, step_mg, tolerance_pct)


def _usual_range(table: Table) -> UsualRange:
    names = ("dose_mg", "mg_per_kg_day", "mg_per_m2_day")
    usual = UsualRange(*(table.interval(name) if table.has(name) else None for name in names))
    table.close()
    return usual


def _cumulative(root: Table) -> tuple[CumulativeLimit, ...]:
    if not root.has("cumulative_limits"):
        return ()
    limits = []
    for table in root.tables("cumulative_limits"):
        over, unit = table.one_of("over", ("course", "lifetime")), table.one_of("unit", ("mg", "mg/kg", "mg/m2"))
        limits.append(CumulativeLimit(over, unit, table.decimal("limit", above=_ZERO)))
        table.close()
    return tuple(limits)


def _source(table: Table) -> RuleSource:
    source = RuleSource(
        table.text("citation"), table.text("edition"), table.text("compared_by"), table.day("compared_on")
    )
    table.close()
    return source


def _optional(table: Table, key: str) -> Decimal | None:
    return table.decimal(key, above=_ZERO) if table.has(key) else None


def _make_sense(rule: DosingRule, root: Table) -> None:
    """Report what reads well and cannot be meant."""
    for_children = rule.age_group.from_years < ADULT_AGE_YEARS
    if rule.surface is not None and for_children and not FORMULAS[rule.surface.formula].allowed_under_18y:
        root.object(
            "bsa.formula",
            "F_FORMULA_AGE",
            f"{rule.surface.formula} is not for patients under {ADULT_AGE_YEARS} years",
            "Name a formula for children, or begin the age group at 18 years.",
        )
    single, daily = rule.max_single_mg, rule.max_daily_mg
    if single is not None and daily is not None and single > daily:
        root.object(
            "caps", "F_CAPS_ORDER", f"a single dose of {single} mg is above the daily {daily} mg", "Correct one."
        )
