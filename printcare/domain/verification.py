"""Two people stand for one dose: what is printed, the recomputation beside it, and a blind second entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from decimal import Decimal
from fractions import Fraction

from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.dose_basis import over_caps
from printcare.domain.dose_case import Quantity, Step
from printcare.domain.dosing import CalculationLine, DoseCalculation, Refusal, numbered, units_for_printed_dose
from printcare.domain.numbers import HEIGHT_UNITS_CM, WEIGHT_UNITS_KG, as_decimal, read_positive, read_quantity, shown
from printcare.domain.unit_count import UnitPlan
from printcare.errors import PrintcareError

# Warnings that stand only with a reason somebody typed. The others are shown and recorded.
NEED_A_REASON = frozenset(
    {
        "W_GROWTH_CONFIRM_WEIGHT",
        "W_GROWTH_CONFIRM_HEIGHT",
        "W_GROWTH_CONFIRM_BMI",
        "W_LIMIT_OVERRIDDEN",
        "W_MEASUREMENT_OLD",
        "W_REDUCED",
        "W_RECOMPUTATION_DIFFERS",
    }
)
_SEAL = object()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far the printed dose may stand from the recomputed one, in %; a site may tighten, never widen."""

    silent_pct: Fraction = Fraction(1)
    stop_pct: Fraction = Fraction(5)

    def __post_init__(self) -> None:
        if not (0 <= self.silent_pct <= 1 and self.silent_pct <= self.stop_pct <= 5):
            raise PrintcareError(
                "TOLERANCE_WIDENED",
                f"Silent up to {shown(self.silent_pct)} %, stopped above {shown(self.stop_pct)} % was configured.",
                "Configure at most 1 % and 5 %.",
            )


@dataclass(frozen=True, slots=True)
class SecondEntry:
    """What another person typed without seeing the first values: weight, height, and the dose in mg."""

    user_id: str
    weight: Quantity | None
    height: Quantity | None
    dose_mg: str | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A warning somebody took upon themselves, with the reason they typed."""

    code: str
    reason: str
    user_id: str


@dataclass(frozen=True, slots=True)
class VerifiedDose:
    """A dose two people stand for; only `verify` makes one, and a control recipe accepts nothing else.

    `origin` says who wrote the printed dose: `ordered` by the prescriber or `entered` by the pharmacist on a proposal.
    `units` and `lines` belong to the printed dose; `difference_pct` is printed against recomputed.
    """

    calculation: DoseCalculation
    printed_dose_mg: Decimal
    origin: str
    recomputed_dose_mg: Decimal
    difference_pct: Decimal
    doses_per_day: int
    units: UnitPlan
    pharmacist_id: str
    second_id: str
    acknowledgements: tuple[Acknowledgement, ...]
    warnings: tuple[Finding, ...]
    lines: tuple[CalculationLine, ...]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise PrintcareError(
                "VERIFIED_DOSE_FORGED",
                "A verified dose was to be made without verification.",
                "Call verify() with the pharmacist's and the second person's entries.",
            )


def verify(
    calculation: DoseCalculation,
    ordered_dose_mg: Decimal | None,
    proposal_mg: Decimal | None,
    pharmacist_id: str,
    second_entry: SecondEntry,
    acknowledgements: tuple[Acknowledgement, ...] = (),
    ordered_daily_mg: Decimal | None = None,
    tolerance: Tolerance | None = None,
    comparisons: tuple[Finding, ...] = (),
) -> VerifiedDose | Refusal:
    """Return the dose to print, or all that speaks against it (interoperability reference F9, F13, F19).

    An ordered amount is what is printed, and the recomputation lets it pass, warns or stops. Where only mg/m² or mg/kg
    came, `proposal_mg` is what the pharmacist entered on the calculation's proposal, held to the same limits.
    `comparisons` are findings of the comparison with what is usual and what was before: each warning needs a reason.
    """
    people = _people(pharmacist_id, second_entry.user_id)
    if people is not None:
        return Refusal((people,))
    printed_mg = _dose_to_print(ordered_dose_mg, proposal_mg)
    if isinstance(printed_mg, Finding):
        return Refusal((printed_mg,))
    compared = _recomputation(calculation, printed_mg, ordered_daily_mg, tolerance or Tolerance())
    case = calculation.case
    units = units_for_printed_dose(printed_mg, case.ink, case.order.form or "", case.recipe)
    notices = (*calculation.notices, *comparisons)
    raised = (*calculation.flags, *notices, *compared)
    given = {acknowledgement.code: acknowledgement for acknowledgement in acknowledgements}
    objections = [
        *blocking((*compared, *comparisons)),
        *_capped(calculation, printed_mg),
        *((units,) if isinstance(units, Finding) else ()),
        *_mismatches(calculation, printed_mg, second_entry),
        *_unacknowledged(raised, notices, given),
    ]
    if objections or isinstance(units, Finding):
        return Refusal(tuple(objections))
    difference = _difference_pct(printed_mg, calculation.dose_rounded_mg)
    return VerifiedDose(
        calculation=calculation,
        printed_dose_mg=printed_mg,
        origin="entered" if ordered_dose_mg is None else "ordered",
        recomputed_dose_mg=calculation.dose_rounded_mg,
        difference_pct=as_decimal(difference),
        doses_per_day=calculation.doses_per_day,
        units=units,
        pharmacist_id=pharmacist_id,
        second_id=second_entry.user_id,
        acknowledgements=acknowledgements,
        # The units of the printed dose speak for it, not those of the computed one.
        warnings=(*(finding for finding in raised if finding not in calculation.units.flags), *units.flags),
        lines=_lines(calculation, printed_mg, difference, units),
        seal=_SEAL,
    )


def _people(pharmacist_id: str, second_id: str) -> Finding | None:
    if not pharmacist_id.strip() or not second_id.strip():
        told = "The pharmacist or the second person is not named."
        return error("E_PERSON_MISSING", told, "Both log in with their own account.", "verification")
    if pharmacist_id.strip().casefold() == second_id.strip().casefold():
        told = f"{second_id} entered the values and cannot be the second person."
        return error("E_SECOND_PERSON_SAME", told, "Ask another logged-in person.", "verification.second")
    return None


def _dose_to_print(ordered_mg: Decimal | None, proposal_mg: Decimal | None) -> Decimal | Finding:
    where = "verification.dose"
    if ordered_mg is not None and proposal_mg is not None:
        told = "An ordered amount came; a pharmacist's own amount stands beside it."
        return error("E_TWO_DOSES", told, "Print the ordered dose, or have the order changed.", where)
    dose_mg = proposal_mg if ordered_mg is None else ordered_mg
    if dose_mg is None:
        told = "No amount in mg was ordered, and the pharmacist has entered none."
        return error("E_DOSE_NOT_ENTERED", told, "Look at the proposal and enter the dose.", where)
    if not dose_mg.is_finite():
        return error("E_NOT_FINITE", f"The dose is {dose_mg}.", "Enter the dose as a number.", where)
    if dose_mg <= 0:
        return error("E_NON_POSITIVE", f"The dose is {dose_mg} mg.", "Enter a dose above zero.", where)
    return dose_mg


def _difference_pct(dose_mg: Decimal, recomputed_mg: Decimal) -> Fraction:
    return (Fraction(dose_mg) / Fraction(recomputed_mg) - 1) * 100


def _recomputation(
    calculation: DoseCalculation, printed_mg: Decimal, ordered_daily_mg: Decimal | None, tolerance: Tolerance
) -> list[Finding]:
    """Return what the recomputation says, per administration and, where an amount per day came, per day."""
    pairs = [("dose", printed_mg, calculation.dose_rounded_mg)]
    if ordered_daily_mg is not None:
        pairs.append(("daily dose", ordered_daily_mg, calculation.daily_dose_mg))
    findings = []
    for name, written_mg, recomputed_mg in pairs:
        difference = _difference_pct(written_mg, recomputed_mg)
        told = (
            f"The {name} of {shown(written_mg)} mg differs by {shown(difference, 12)} % "
            f"from the recomputed {shown(recomputed_mg)} mg."
        )
        if abs(difference) > tolerance.stop_pct:
            remedy = f"Ask the prescriber; more than {shown(tolerance.stop_pct)} % is not printed."
            findings.append(error("E_RECOMPUTATION_DISAGREES", told, remedy, "order.amount"))
        elif abs(difference) > tolerance.silent_pct:
            findings.append(warning("W_RECOMPUTATION_DIFFERS", told, "Acknowledge with a reason.", "order.amount"))
    return findings


def _capped(calculation: DoseCalculation, printed_mg: Decimal) -> list[Finding]:
    objection = over_caps(Fraction(printed_mg), calculation.caps, calculation.doses_per_day)
    return [] if objection is None else [objection]


def _mismatches(calculation: DoseCalculation, printed_mg: Decimal, second: SecondEntry) -> list[Finding]:
    """Return what the second person typed differently; the first values are not told: the entry is blind."""
    readings = (
        (
            "weight",
            "E_SECOND_ENTRY_WEIGHT",
            calculation.weight_kg,
            _typed(second.weight, WEIGHT_UNITS_KG, "second.weight"),
        ),
        (
            "height",
            "E_SECOND_ENTRY_HEIGHT",
            calculation.height_cm,
            _typed(second.height, HEIGHT_UNITS_CM, "second.height"),
        ),
        ("dose", "E_SECOND_ENTRY_DOSE", printed_mg, read_positive(second.dose_mg, "second.dose_mg")),
    )
    findings = []
    for name, code, first, again in readings:
        if isinstance(again, Finding):
            findings.append(again)
        elif (None if first is None else Fraction(first)) != again:
            told = f"The second person's {name} is not the one first entered."
            remedy = "Both look at the source again, correct the wrong entry and repeat the second entry."
            findings.append(error(code, told, remedy, f"second.{name}"))
    return findings


def _typed(quantity: Quantity | None, units: Mapping[str, Fraction], field: str) -> Fraction | Finding | None:
    return None if quantity is None else read_quantity(quantity.value, quantity.unit, units, field)


def _unacknowledged(
    raised: tuple[Finding, ...], notices: tuple[Finding, ...], given: Mapping[str, Acknowledgement]
) -> list[Finding]:
    warned = [finding for finding in raised if not finding.blocks]
    needed = {finding.code: finding for finding in warned if finding.code in NEED_A_REASON or finding in notices}
    return [
        error("E_ACKNOWLEDGEMENT_MISSING", f"{code} stands without a reason: {finding.reason}", finding.remedy, code)
        for code, finding in needed.items()
        if code not in given or not given[code].reason.strip() or not given[code].user_id.strip()
    ]


def _lines(
    calculation: DoseCalculation, printed_mg: Decimal, difference: Fraction, units: UnitPlan
) -> tuple[CalculationLine, ...]:
    """Return the calculation's lines, the comparison, and the printed dose's own units where it is another dose."""
    formula = f"({shown(printed_mg)} ÷ {shown(calculation.dose_rounded_mg)} − 1) × 100"
    compared = Step("printed dose against recomputed", formula, shown(difference, 12), "%", "order")
    own = units.steps if printed_mg != calculation.dose_rounded_mg else ()
    return (*calculation.lines, *numbered((compared, *own), first=len(calculation.lines) + 1))
