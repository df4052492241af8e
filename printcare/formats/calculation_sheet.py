"""The calculation sheet of one dose: as text a pharmacist redoes by hand, and as one JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.dosing import DoseCalculation, Refusal
from printcare.domain.numbers import shown
from printcare.formats.wording import ENGLISH, Tongue, phrase

_MARK = {"error": phrase("REFUSED"), "warning": phrase("NOTE"), "info": phrase("INFO")}


def sheet_object(calculation: DoseCalculation) -> dict[str, object]:
    """Return the figures under the names of the public contract; doses and masses as text, counts as integers."""
    units = calculation.units
    return {
        "status": "ok",
        "flags": calculation.flag_codes,
        "weight_kg": _text(calculation.weight_kg),
        "height_cm": _text(calculation.height_cm),
        "bsa_m2": _text(calculation.bsa_m2),
        "calc_dose_mg": _text(calculation.calc_dose_mg),
        "dose_after_reduction_and_caps_mg": _text(calculation.dose_after_reduction_and_caps_mg),
        "dose_rounded_mg": _text(calculation.dose_rounded_mg),
        "rounding_deviation_pct": shown(calculation.rounding_deviation_pct, 12),
        "doses_per_day": calculation.doses_per_day,
        "daily_dose_mg": _text(calculation.daily_dose_mg),
        "units_per_dose": units.units_per_dose,
        "dose_per_unit_mg": _text(units.dose_per_unit_mg),
        "effective_strength_mg_per_g_wet": _text(calculation.effective_strength_mg_per_g_wet),
        "unit_wet_mass_mg": _text(units.unit_wet_mass_mg),
        "unit_dry_mass_mg": _text(units.unit_dry_mass_mg),
        "target_wet_mass_mg_0p1": _text(units.target_wet_mass_mg),
        "dose_at_target_mass_mg": _text(units.dose_at_target_mass_mg),
        "findings": [finding.as_dict() for finding in (*calculation.flags, *calculation.notices)],
        "lines": [asdict(line) for line in calculation.lines],
    }


def refusal_object(findings: Iterable[Finding]) -> dict[str, object]:
    """Return a refusal as the command line prints it: findings, and nothing that could be taken for a dose."""
    return {"status": "refused", "findings": [finding.as_dict() for finding in findings]}


def sheet_text(calculation: DoseCalculation, tongue: Tongue = ENGLISH, about: Sequence[str] = ()) -> str:
    """Return the sheet as text: one numbered step after the other, then what must be acknowledged.

    `about` says above them what is calculated for whom, where the sheet leaves the screen it was asked on.
    """
    lines = [tongue("CALCULATION SHEET"), *about, ""]
    for line in calculation.lines:
        lines.append(f"{line.number:>3}  {tongue.told(line.what)}: {tongue.written(line.result)} {tongue(line.unit)}")
        lines.append(
            f"       = {tongue.written(tongue.told(line.formula_with_numbers))}   [{tongue.told(line.source)}]"
        )
    dose, units = tongue.written(shown(calculation.dose_rounded_mg)), calculation.units
    dosed = tongue(
        "Dose: {dose} mg, {count} a day, as {form}",
        dose=dose,
        count=calculation.doses_per_day,
        form=tongue(calculation.case.order.form or ""),
    )
    made = tongue(
        "Units per dose: {count}, each {dose} mg, target wet mass {mass} mg",
        count=units.units_per_dose,
        dose=tongue.written(shown(units.dose_per_unit_mg)),
        mass=tongue.written(shown(units.target_wet_mass_mg)),
    )
    notices = (*calculation.flags, *calculation.notices)
    return "\n".join([*lines, "", dosed, made, *_finding_lines(notices, tongue)]) + "\n"


def refusal_text(refusal: Refusal, tongue: Tongue = ENGLISH) -> str:
    """Return a refusal as text: the reasons with what to do, and no figure."""
    return "\n".join([tongue("NO DOSE"), *_finding_lines(refusal.findings, tongue)]) + "\n"


def _finding_lines(findings: Iterable[Finding], tongue: Tongue) -> list[str]:
    return [
        f"{tongue(_MARK[finding.severity])} {finding.code}: {tongue.told(finding.reason)} {tongue.told(finding.remedy)}"
        for finding in findings
    ]


def _text(number: Decimal | None) -> str | None:
    return None if number is None else shown(number)
