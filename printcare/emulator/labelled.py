"""The inks of a recipe as the bench holds them: flow law, density and needle of the label, with imperfections."""

from __future__ import annotations

from dataclasses import replace

from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe, Part
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
        channel=Channel(bore_mm=float(nozzle.bore_mm), needle_mm=float(nozzle.length_mm)),
    )
