"""Checks of performance: confirmatory batches at one dose, each from cartridges of its own, and their figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from printcare.control.events import Outcome
from printcare.control.plan import JobPlan
from printcare.domain.batch import UnitState
from printcare.domain.capability import capability, means_differ
from printcare.domain.checks import Finding
from printcare.domain.uniformity import acceptance_value, mean, sample_sd, uniformity_of_mass
from printcare.errors import PrintcareError
from printcare.workflow.qualify.bench_job import INK_G, run_job, short_job
from printcare.workflow.qualify.check_site import Checked, Rig, Row, Site, all_of

PLACES = {"minimum": 0, "maximum": 1}


def dose_of(site: Site) -> Decimal:
    """Return the dose of a step, mg: a figure, or an end or the middle of the recipe's range."""
    word = site.figures.get("dose", "")
    low, high = site.master.unit_range.dose_mg
    if word in PLACES:
        return (low, high)[PLACES[word]]
    if word == "middle":
        return ((low + high) / 2).quantize(Decimal("0.1"))
    return site.figure("dose")


def confirmatory(site: Site) -> Checked:
    """Print the batches of one dose and judge them: uniformity, bias, spread within and between cartridges, Ppk.

    A batch larger than tray or cartridge goes on with the next cartridge. Mass alone: content is the laboratory's.
    """
    dose_mg, batches, units = dose_of(site), int(site.figure("batches")), int(site.figure("units"))
    rows: dict[str, Row] = {"dose": f"{dose_mg} mg"}
    every: list[Decimal] = []
    limit_pct = site.master.limits.mass_pct
    split = loads(site, dose_mg, units)
    jobs = {load: short_job(site, dose_mg, load) for load in dict.fromkeys(split)}
    planned = [
        (jobs[load], site.seed + 100 * batch + place) for batch in range(batches) for place, load in enumerate(split)
    ]
    cartridges = site.rig.each(printed_pct, planned)
    for batch in range(batches):
        own = cartridges[batch * len(split) : (batch + 1) * len(split)]
        masses_pct = [mass for printed in own for mass in printed]
        rows |= _of_batch(site, batch + 1, masses_pct, units)
        every += masses_pct
    if len(every) < units * batches:
        return all_of(rows | {"units": (False, f"{len(every)} of {units * batches}")})
    return all_of(rows | _together(site, every, cartridges, limit_pct))


def loads(site: Site, dose_mg: Decimal, units: int) -> list[int]:
    """Return how many units each cartridge of a batch prints: the tray's places and its ink are the limits."""
    mass_g = dose_mg / site.master.ink.nominal_strength_mg_per_g
    prime_g = site.master.parameters.prime_mm3.target * site.master.ink.density_mg_mm3 / 1000
    most = min(site.profile.tray.size, int((INK_G - prime_g) / mass_g * Decimal("0.8")))
    if most < 1:
        raise PrintcareError("STEP_PLAN", f"A cartridge of {INK_G} g holds no unit of {dose_mg} mg.", "Lower the dose.")
    number = math.ceil(units / most)
    return [units // number + (1 if place < units % number else 0) for place in range(number)]


def printed_pct(rig: Rig, given: tuple[JobPlan, int]) -> list[Decimal]:
    """Return the masses of a load's accepted units, in % of their target; none where its job did not end well."""
    job, seed = given
    told = run_job(rig, job, (), seed)
    if told.ended is None or told.ended.outcome is not Outcome.COMPLETED:
        return []
    target_mg = job.first.gate.target_mg
    kept = [unit for unit in told.units() if unit.state is UnitState.ACCEPTED and unit.mass_mg is not None]
    return [unit.mass_mg * 100 / target_mg for unit in kept if unit.mass_mg is not None]


def _of_batch(site: Site, number: int, masses_pct: Sequence[Decimal], units: int) -> dict[str, Row]:
    name, av_max = f"batch {number}", site.figure("av_max")
    if len(masses_pct) < units:
        return {f"{name}: accepted units": (False, f"{len(masses_pct)} of {units}")}
    av = acceptance_value(masses_pct[:10])[0]
    rows: dict[str, Row] = {
        f"{name}: mean": f"{mean(masses_pct):.2f} % of target, s {sample_sd(masses_pct):.2f} %",
        f"{name}: acceptance value, mass-based estimate": (av <= av_max, f"{av:.1f}, {av_max} allowed"),
    }
    if len(masses_pct) >= 20:
        verdict = uniformity_of_mass(masses_pct[:20], "capsule")
        rows[f"{name}: uniformity of mass, {verdict.edition}"] = (verdict.outcome == "passes", verdict.outcome)
    return rows


def _together(
    site: Site, every: Sequence[Decimal], cartridges: Sequence[Sequence[Decimal]], limit_pct: Decimal
) -> dict[str, Row]:
    bias, spread = mean(every) - 100, sample_sd(every)
    half = Decimal("1.96") * spread / Decimal(len(every)).sqrt()
    index = capability(every, 100 - limit_pct, 100 + limit_pct)
    if isinstance(index, Finding):
        return {"Ppk": (False, index.reason)}
    bias_max, ppk_min = site.figure("bias_max_pct"), site.figure("ppk_min")
    means = [mean(each) for each in cartridges if each]
    between = sample_sd(means) if len(means) > 1 else Decimal(0)
    between_max = site.figure("between_max_pct")
    return {
        "bias": (abs(bias) <= bias_max, f"{bias:.2f} ± {half:.2f} %, {bias_max} % allowed"),
        "RSD of all units": f"{spread:.2f} %",
        "Ppk": (index.ppk.value >= ppk_min, f"{index.ppk.value:.2f} ({index.ppk.low:.2f} to {index.ppk.high:.2f})"),
        "spread between cartridges": (between <= between_max, f"{between:.2f} %, {between_max} % allowed"),
        "cartridges": (len(cartridges) >= 2, f"{len(cartridges)}, means differ: {means_differ(cartridges)}"),
    }
