"""Whether a well-formed recipe can be made at all: on its printers, over its doses, within its own limits.

`read_recipe` judges the form at every load. This needs profiles and geometry and runs in `recipe check`, when a recipe
is submitted and when it is approved. Each rule has a code of its own and a key path (quality.md §8, process.md §8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile, Toolhead
from printcare.domain.numbers import plain
from printcare.domain.recipe import MasterRecipe, Part
from printcare.formats.find import ids
from printcare.formats.profile import load_profile
from printcare.formats.recipe_flow import FLOW_RULES, laid_over

HALF_STEP_SHARE = Decimal("0.005")  # of the smallest unit (process.md §8.3)
PROFILES = "firmware_profiles"
_shipped: dict[str, FirmwareProfile] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """One part of a recipe, 0 the first, on one printer it is qualified for."""

    recipe: MasterRecipe
    index: int
    part: Part
    profile: FirmwareProfile

    @property
    def under(self) -> str:
        """Return where the part's keys stand in the file."""
        return f"part[{self.index - 1}]." if self.index else ""

    @property
    def tool(self) -> Toolhead:
        """Return the tool that holds this part's ink."""
        return self.profile.tools[self.part.tool]

    def object(self, key: str, code: str, reason: str, remedy: str) -> Finding:
        """Return an objection with its key path."""
        where = f"{self.under}{key}"
        return error(code, f"{where}: {reason}", remedy, where)


def shipped_profiles() -> tuple[FirmwareProfile, ...]:
    """Return every shipped profile, each read once."""
    for name in ids(PROFILES):
        if name not in _shipped:
            _shipped[name] = load_profile(name)
    return tuple(_shipped.values())


def make_sense(recipe: MasterRecipe, profiles: tuple[FirmwareProfile, ...]) -> tuple[Finding, ...]:
    """Return every reason why this recipe cannot be right, each told once; `profiles` are the printers there are.

    Tools are looked at on every printer of the classes named, the path on the first of each class.
    """
    findings = [*_corners(recipe), *_plan(recipe)]
    for printer_class in recipe.printer_classes:
        printers = [profile for profile in profiles if profile.printer_class == printer_class]
        if not printers:
            told = f"printer_classes: there is no profile of class {printer_class}"
            remedy = "Correct the name, or add the printer's profile first."
            findings.append(error("F_SENSE_CLASS", told, remedy, "printer_classes"))
        for profile in printers:
            findings += _on_printer(recipe, profile, with_path=profile is printers[0])
    return tuple(dict.fromkeys(findings))


def _on_printer(recipe: MasterRecipe, profile: FirmwareProfile, *, with_path: bool) -> Iterator[Finding]:
    places = [Place(recipe, index, part, profile) for index, part in enumerate(recipe.parts)]
    missing = [place for place in places if place.part.tool >= len(profile.tools)]
    for place in missing:
        told = f"is {place.part.tool}; {profile.id} has {len(profile.tools)} tools"
        yield place.object("tool", "F_SENSE_TOOL", told, "Name a tool the printer has.")
    if missing:
        return
    for place in places:
        for rule in TOOL_RULES:
            yield from rule(place)
    if with_path:
        yield from _paths(places)


def _paths(places: list[Place]) -> Iterator[Finding]:
    laid = laid_over(places[0].recipe, places[0].profile)
    for one in laid:
        doses = " and ".join(plain(dose_mg) for dose_mg in one.doses_mg)
        for finding in one.findings:
            told = f"at {doses} mg on {places[0].profile.id}: {finding.reason}"
            yield places[0].object(finding.where, "F_SENSE_GEOMETRY", told, finding.remedy)
    if any(one.findings for one in laid):
        return
    for place in places:
        for rule in FLOW_RULES:
            yield from rule(place, laid)


def _corners(recipe: MasterRecipe) -> Iterator[Finding]:
    """Object to several edges at once: a PAR is proven for one parameter with the others at target (ICH Q8)."""
    covered = recipe.design_space.covers if recipe.design_space else ()
    for index, part in enumerate(recipe.parts):
        edges = [
            name
            for name, value in part.parameters.every()
            if value.is_critical and value.reaches_its_edge and name not in covered
        ]
        if len(edges) > 1:
            where = f"part[{index - 1}].parameters" if index else "parameters"
            told = (
                f"{where}: the NOR of {', '.join(edges)} reaches the edge of the PAR, and no design space covers them"
            )
            yield error("F_SENSE_CORNER", told, "Narrow the NOR of all but one, or state the design space.", where)


def _plan(recipe: MasterRecipe) -> Iterator[Finding]:
    """Object to doses whose mass, from the nominal ink, lies outside the range of masses."""
    for index, part in enumerate(recipe.parts):
        where = f"{f'part[{index - 1}].' if index else ''}range.wet_mass_g"
        masses = [dose / part.ink.nominal_strength_mg_per_g for dose in part.unit_range.dose_mg]
        low, high = part.unit_range.wet_mass_g
        if masses[0] < low or masses[1] > high:
            told = f"{where}: the doses weigh {masses[0]:.4f} to {masses[1]:.4f} g at nominal strength"
            yield error("F_SENSE_MASS", told, "Let the mass range hold the dose range.", where)


def _drive(place: Place) -> Iterator[Finding]:
    ink, tool = place.part.ink, place.tool
    if tool.kind != ink.drive:
        told = f"is {ink.drive}; tool {place.part.tool} of {place.profile.id} is a {tool.kind}"
        yield place.object("ink.drive", "F_SENSE_DRIVE", told, "Name the classes of the right drive.")
    if ink.filament is not None:
        low, high = ink.filament.diameter_mm
        if not float(low) <= tool.feedstock_diameter_mm <= float(high):
            told = f"does not hold the {tool.feedstock_diameter_mm} mm {place.profile.id} is set for"
            yield place.object("ink.filament.diameter_mm", "F_SENSE_DIAMETER", told, "Use the printer's diameter.")


def _nozzle(place: Place) -> Iterator[Finding]:
    """Object to a nozzle no narrower than what feeds it, or so long that the tool cannot travel above it."""
    bore_mm, tool = float(place.part.nozzle.bore_mm), place.tool
    if tool.kind != "pneumatic" and bore_mm >= tool.feedstock_diameter_mm:  # behind air, E is a flow and no diameter
        told = f"is {bore_mm} mm, {place.profile.id} feeds {tool.feedstock_diameter_mm} mm"
        yield place.object("nozzle.bore_mm", "F_SENSE_NOZZLE", told, "Use a nozzle the tool takes.")
    cone = place.part.nozzle.cone
    if cone is not None and cone.wide_mm <= place.part.nozzle.bore_mm:
        told = f"is {cone.wide_mm} mm, no wider than the needle"
        yield place.object("nozzle.cone.wide_mm", "F_SENSE_NOZZLE", told, "State the bore at the cone's wide end.")
    if float(place.part.nozzle.length_mm) + place.profile.travel_z_mm > place.profile.build.max_z_mm:
        told = f"leaves no travel height below {place.profile.build.max_z_mm} mm on {place.profile.id}"
        yield place.object("nozzle.length_mm", "F_SENSE_NOZZLE", told, "Use a shorter nozzle.")


def _heat(place: Place) -> Iterator[Finding]:
    parameters, vessel = place.part.parameters, place.recipe.shape.vessel
    proven = parameters.cartridge_c.proven
    key = "parameters.nozzle_c.proven" if place.part.ink.filament else "parameters.cartridge_c.proven"
    if float(proven[0]) < place.tool.min_extrude_c:
        told = f"begins at {proven[0]} degC; {place.profile.id} extrudes from {place.tool.min_extrude_c} degC"
        yield place.object(key, "F_SENSE_COLD", told, "Raise the PAR, or the profile's limit.")
    filament = place.part.ink.filament
    if filament is not None and proven[0] < filament.melts_above_c:
        told = f"begins at {proven[0]} degC; the filament melts above {filament.melts_above_c} degC"
        yield place.object(key, "F_SENSE_MELT", told, "Raise the lower PAR limit.")
    hottest = max(heat.proven[1] for heat in (parameters.cartridge_c, parameters.nozzle_c) if heat is not None)
    if vessel is not None and vessel.softens_above_c is not None and hottest >= vessel.softens_above_c:
        told = f"reaches {hottest} degC; {vessel.name} softens at {vessel.softens_above_c} degC"
        yield place.object(key, "F_SENSE_SHELL", told, "Fill cooler, or use another shell.")


def _heaters(place: Place) -> Iterator[Finding]:
    """Object to a heater the printer has not: it would stay cold, and the units would not be the recipe's."""
    parameters, most_c = place.part.parameters, place.profile.bed_max_c
    if parameters.nozzle_c is not None and not place.part.ink.filament:
        told = f"wants a nozzle heated apart from its cartridge; {place.profile.id} has none"
        yield place.object("parameters.nozzle_c", "F_SENSE_HEATER", told, "Leave it out, or heat nozzle and cartridge.")
    if parameters.bed_c is not None and most_c is None:
        told = f"wants a heated bed; {place.profile.id} has none"
        yield place.object("parameters.bed_c", "F_SENSE_HEATER", told, "Leave it out, or use a printer with a bed.")
    elif parameters.bed_c is not None and most_c is not None and float(parameters.bed_c.proven[1]) > most_c:
        told = f"reaches {parameters.bed_c.proven[1]} degC; the bed of {place.profile.id} may get {most_c:g} degC"
        yield place.object("parameters.bed_c.proven", "F_SENSE_HEATER", told, "Lower the upper PAR limit.")


def _capacity(place: Place) -> Iterator[Finding]:
    """Object where one largest unit, those that go with it and the longest prime need more than one filling."""
    part, allocation = place.part, place.recipe.allocation
    units = 1 + allocation.retain + allocation.test + allocation.spare
    needed_mm3 = units * part.unit_range.wet_mass_g[1] * 1000 / part.ink.density_mg_mm3
    needed_mm3 += part.parameters.prime_mm3.proven[1]
    if float(needed_mm3) > place.tool.capacity_mm3:
        told = f"the smallest batch of the largest unit needs {needed_mm3:.0f} mm³, {place.profile.id} holds "
        told += f"{place.tool.capacity_mm3:.0f} mm³"
        yield place.object("range.wet_mass_g", "F_SENSE_CAPACITY", told, "Lower the largest unit, or allocate less.")


def _step(place: Place) -> Iterator[Finding]:
    part = place.part
    smallest_mm3 = part.unit_range.dose_mg[0] / part.ink.nominal_strength_mg_per_g * 1000 / part.ink.density_mg_mm3
    half_step_mm3 = Decimal(str(place.tool.step_volume_mm3)) / 2
    if half_step_mm3 > HALF_STEP_SHARE * smallest_mm3:
        share_pct = half_step_mm3 / smallest_mm3 * 100
        told = f"half a motor step of {place.profile.id} is {share_pct:.2f} % of the smallest unit"
        remedy = "Raise the smallest dose, or use a weaker ink or a finer drive; at most 0.5 % is dose-exact."
        yield place.object("range.dose_mg", "F_SENSE_STEP", told, remedy)


def _speed(place: Place) -> Iterator[Finding]:
    fastest = place.part.parameters.print_speed_mm_s.proven[1]
    if float(fastest) > place.profile.motion.max_feed_xy_mm_s:
        told = f"reaches {fastest} mm/s, {place.profile.id} moves {place.profile.motion.max_feed_xy_mm_s} mm/s"
        yield place.object("parameters.print_speed_mm_s.proven", "F_SENSE_SPEED", told, "Lower the upper PAR limit.")


TOOL_RULES: tuple[Callable[[Place], Iterator[Finding]], ...] = (
    _drive,
    _nozzle,
    _heat,
    _heaters,
    _capacity,
    _step,
    _speed,
)
