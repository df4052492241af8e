"""The inks of a recipe as the bench holds them: flow law, density and needle of the label, with imperfections."""

from __future__ import annotations

from dataclasses import replace

from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe, Nozzle, Part
from printcare.emulator.flow import Channel
from printcare.emulator.ink import InkTruth
from printcare.emulator.melt import HOT_MELT


def truths_of(recipe: MasterRecipe, profile: FirmwareProfile) -> list[InkTruth]:
    """Return what each tool of the printer holds when the recipe's inks are loaded; other tools keep the usual ink."""
    truths = [HOT_MELT if tool.kind == "filament" else InkTruth() for tool in profile.tools]
    for part in recipe.parts:
        if part.tool < len(truths):
            truths[part.tool] = _truth(part, truths[part.tool])
    return truths


def _truth(part: Part, usual: InkTruth) -> InkTruth:
    ink, nozzle = part.ink, part.nozzle
    density_mg_mm3, content_pct = float(ink.density_mg_mm3), float(ink.nominal_strength_mg_per_g) / 10
    known = replace(usual, density_mg_mm3=density_mg_mm3, content_pct=content_pct)
    if not ink.predicts_pressure:  # the recipe states no flow law of a melt: the bench's own stays
        return replace(known, reference_c=float(part.parameters.cartridge_c.target))
    return replace(
        known,
        k=float(ink.consistency_pa_sn),
        n=float(ink.flow_index),
        tau0_pa=float(ink.yield_stress_pa),
        activation_kj_mol=float(ink.activation_kj_mol),
        reference_c=float(ink.reference_c),
        channel=_channel(nozzle),
        inhomogeneity=_unevenness(part, usual),
    )


def _channel(nozzle: Nozzle) -> Channel:
    """Return the needle with the hub the recipe states, or the usual one: there is no needle without."""
    channel = Channel(bore_mm=float(nozzle.bore_mm), needle_mm=float(nozzle.length_mm))
    if nozzle.cone is None:
        return channel
    return replace(channel, cone_top_mm=float(nozzle.cone.wide_mm), cone_half_deg=float(nozzle.cone.half_angle_deg))


def _unevenness(part: Part, usual: InkTruth) -> float:
    """Return how much the ink's K wanders, as a standard deviation.

    Behind a regulator Q ∝ K^(−1/n), so that 2 % of K are 4 % of mass (process.md §0.2): an ink whose units scatter as
    little as its qualification says cannot be more uneven than n times that. A plunger gives the same mass of any K.
    """
    detectors = part.limits.detectors
    if part.ink.drive != "pneumatic" or detectors is None:
        return usual.inhomogeneity
    return min(usual.inhomogeneity, float(detectors.unit_mass_sd_pct) / 100 * float(part.ink.flow_index))
