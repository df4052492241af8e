"""A recipe's smallest, middle and largest unit laid out, and what their flow asks of pressure, melt and drive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

from printcare.domain.checks import Finding
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe, Nozzle, Part, ProcessParameters, Shape, unit_volume_mm3
from printcare.extrusion.lag import advance_mm3
from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.geometry.form import SolvedForm, solve
from printcare.geometry.layout import Toolpath, lay_out

if TYPE_CHECKING:
    from printcare.formats.recipe_sense import Place

KEPT = 512  # laid-out units
Key = tuple[tuple[float, ...], Shape, tuple[tuple[ProcessParameters, Nozzle], ...], FirmwareProfile]
_known: dict[Key, tuple[tuple[float, ...], tuple[Finding, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Laid:
    """One unit laid out: its doses, the section of each part's thickest bead, or why it cannot be laid."""

    doses_mg: tuple[Decimal, ...]
    bead_areas_mm2: tuple[float, ...]  # of each part
    findings: tuple[Finding, ...]


def laid_over(recipe: MasterRecipe, profile: FirmwareProfile) -> tuple[Laid, ...]:
    """Return the smallest, the middle and the largest unit laid out; of several drugs, every corner of their doses."""
    ranges = [part.unit_range.dose_mg for part in recipe.parts]
    middle = tuple((low + high) / 2 for low, high in ranges)
    return tuple(_laid_unit(recipe, profile, doses_mg) for doses_mg in dict.fromkeys((*product(*ranges), middle)))


def _laid_unit(recipe: MasterRecipe, profile: FirmwareProfile, doses_mg: tuple[Decimal, ...]) -> Laid:
    """Return one unit, remembered by all that decides its path: recipes of one family share most of theirs."""
    parts = recipe.parts
    volumes_mm3 = tuple(
        unit_volume_mm3(dose_mg / part.ink.nominal_strength_mg_per_g * 1000, part.ink)
        for dose_mg, part in zip(doses_mg, parts, strict=True)
    )
    key = (volumes_mm3, recipe.shape, tuple((part.parameters, part.nozzle) for part in parts), profile)
    if key not in _known:
        if len(_known) >= KEPT:
            _known.clear()
        _known[key] = _lay(volumes_mm3, recipe.shape, parts, profile)
    areas_mm2, findings = _known[key]
    return Laid(doses_mg, areas_mm2, findings)


def _lay(
    volumes_mm3: tuple[float, ...], shape: Shape, parts: tuple[Part, ...], profile: FirmwareProfile
) -> tuple[tuple[float, ...], tuple[Finding, ...]]:
    """Return each part's bead section, or why the unit cannot be laid."""
    solved = _solved(volumes_mm3, shape, parts)
    forms = [form for form in solved if isinstance(form, SolvedForm)]
    if len(forms) < len(parts):
        return (), tuple(finding for finding in solved if isinstance(finding, Finding))
    areas_mm2 = []
    for form, part in zip(forms, parts, strict=True):
        path = lay_out(form, 1, profile, part.parameters, part.nozzle, 0.0)
        if not isinstance(path, Toolpath):
            return (), path
        areas_mm2.append(path.bead_area_mm2)
    return tuple(areas_mm2), ()


def _solved(
    volumes_mm3: tuple[float, ...], shape: Shape, parts: tuple[Part, ...]
) -> tuple[SolvedForm, ...] | tuple[Finding, ...]:
    if len(parts) > 1:
        from printcare.geometry.parts import solve_parts  # most recipes have one drug

        return solve_parts(volumes_mm3, shape, parts)
    form = solve(volumes_mm3[0], shape, parts[0].parameters.layer_height_mm, parts[0].nozzle)
    return (form,) if isinstance(form, SolvedForm) else form


def _flows(place: Place, laid: tuple[Laid, ...]) -> tuple[float, float]:
    """Return the least and the greatest flow of a part in any unit over the NOR of the speed, mm³/s."""
    areas, speed = [one.bead_areas_mm2[place.index] for one in laid], place.part.parameters.print_speed_mm_s
    return min(areas) * float(speed.normal[0]), max(areas) * float(speed.normal[1])


def _flow(place: Place, laid: tuple[Laid, ...]) -> Iterator[Finding]:
    least, most = _flows(place, laid)
    for key, value, remedy in _flow_limits(place):
        if not float(value[0]) <= least or not most <= float(value[1]):
            told = f"the units flow at {least:.2f} to {most:.2f} mm³/s over the NOR of the speed, {value[0]:g} to "
            yield place.object(key, "F_SENSE_FLOW", f"{told}{value[1]:g} mm³/s are allowed", remedy)


def _flow_limits(place: Place) -> Iterator[tuple[str, tuple[float | Decimal, float | Decimal], str]]:
    part, tool = place.part, place.tool
    if part.parameters.flow_mm3_s is not None:
        yield "parameters.flow_mm3_s.proven", part.parameters.flow_mm3_s.proven, "Prove the flow the speed asks for."
    if part.ink.filament is not None:
        yield "ink.filament.flow_max_mm3_s", (0.0, part.ink.filament.flow_max_mm3_s), "Print slower than it melts."
    most_mm3_s = tool.max_feed_mm_s * tool.feedstock_area_mm2
    yield "parameters.print_speed_mm_s.normal", tool.flow_mm3_s or (0.0, most_mm3_s), "Stay in what the tool can feed."


def _pressure(place: Place, laid: tuple[Laid, ...]) -> Iterator[Finding]:
    """Object where the envelope does not hold at both ends: cold and fast above, warm and slow below."""
    part, limits = place.part, place.part.limits
    if not part.ink.predicts_pressure:
        return
    (least, most), heat = _flows(place, laid), part.parameters.cartridge_c
    high_kpa = predicted_pressure_kpa(part.ink, part.nozzle, most, float(heat.normal[0]))
    low_kpa = predicted_pressure_kpa(part.ink, part.nozzle, least, float(heat.normal[1]))
    limit_kpa = min(float(limits.pressure_max_kpa), place.tool.max_pressure_kpa)
    if high_kpa > limit_kpa:
        told = f"{most:.2f} mm³/s at {heat.normal[0]} degC need {high_kpa:.0f} kPa, {limit_kpa:g} kPa are allowed"
        yield place.object("limits.pressure_max_kpa", "F_SENSE_PRESSURE_HIGH", told, "Print slower or warmer.")
    if low_kpa < float(limits.pressure_min_kpa):
        told = f"{least:.2f} mm³/s at {heat.normal[1]} degC need {low_kpa:.0f} kPa only"
        yield place.object("limits.pressure_min_kpa", "F_SENSE_PRESSURE_LOW", told, "Lower it, or every unit alarms.")
    yield from _stored(place, most, high_kpa)
    set_kpa = part.parameters.set_pressure_kpa
    if set_kpa is not None and not (float(set_kpa.proven[0]) <= low_kpa and high_kpa <= float(set_kpa.proven[1])):
        told = f"the ink needs {low_kpa:.0f} to {high_kpa:.0f} kPa over the NOR"
        yield place.object("parameters.set_pressure_kpa.proven", "F_SENSE_SET_PRESSURE", told, "Prove that range.")


def _stored(place: Place, flow_mm3_s: float, pressure_kpa: float) -> Iterator[Finding]:
    """Object where more is stored under pressure than is taken back at the end of a unit (process.md §1.4)."""
    retraction = place.part.parameters.retraction_mm3
    stored_mm3 = advance_mm3(place.tool.compliance_mm3_kpa, pressure_kpa)
    if retraction is not None and stored_mm3 > float(retraction.proven[1]):
        told = (
            f"{place.profile.id} stores {stored_mm3:.1f} mm³ at {flow_mm3_s:.2f} mm³/s, {retraction.proven[1]} proven"
        )
        yield place.object("parameters.retraction_mm3.proven", "F_SENSE_RETRACTION", told, "Prove that retraction.")


def _signature(place: Place, laid: tuple[Laid, ...]) -> Iterator[Finding]:
    """Object to prime flows outside the PAR, where nothing is known of nozzle and ink."""
    detectors, flow = place.part.limits.detectors, place.part.parameters.flow_mm3_s
    if detectors is None or flow is None or all(map(flow.is_proven, detectors.prime_flows_mm3_s)):
        return
    told = f"asks for {detectors.prime_flows_mm3_s[0]} and {detectors.prime_flows_mm3_s[1]} mm³/s"
    remedy = "Choose two flows within the PAR."
    yield place.object("limits.detectors.prime_flows_mm3_s", "F_SENSE_SIGNATURE", told, remedy)


FLOW_RULES: tuple[Callable[[Place, tuple[Laid, ...]], Iterator[Finding]], ...] = (_flow, _pressure, _signature)
