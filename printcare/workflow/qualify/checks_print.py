"""Checks made on a short print: how long a stop takes, and the mass there is for the volume told."""

from __future__ import annotations

from decimal import Decimal

from printcare.control.events import Outcome, UnitEnded
from printcare.domain.numbers import plain
from printcare.domain.uniformity import mean
from printcare.workflow.qualify.bench_job import run_job, short_job
from printcare.workflow.qualify.check_site import Checked, Row, Site, all_of

HUNDREDTH = Decimal("0.01")


def stop_time(site: Site) -> Checked:
    """Ask for a stop while an axis moves: the time to the stop bytes, and to the last motion.

    Where the program sees no motor, a person times the standstill and answers the step for it.
    """
    sent_max_s, still_max_s = site.figure("sent_s"), site.figure("still_s")
    job = short_job(site, site.figure("dose_mg"), 1)
    told = run_job(site.rig, job, (), site.seed, stop_after_s=float(site.figure("after_s")))
    sent = [each for each in told.stops_s if told.asked_s is not None and each >= told.asked_s]
    if told.asked_s is None or not sent:
        ended = "" if told.ended is None else told.ended.reason
        return all_of({"stop bytes": (False, f"none went out; the job ended: {ended}")})
    is_seen = site.rig.moves() is not None
    rows: dict[str, Row] = {
        "at the request": "a motor turned" if is_seen else "motion not seen by the program",
        "from the request to the stop bytes": _within(sent[0] - told.asked_s, sent_max_s),
        "printer made safe": (told.is_safe(), str(told.is_safe())),
        "job ended as stopped": (told.ended is not None and told.ended.outcome is Outcome.STOPPED, "by the request"),
    }
    if told.still_s is None:
        return all_of(rows | {"standstill": (not is_seen, "never" if is_seen else "timed by a person")})
    return all_of(rows | {"from the request to standstill": _within(told.still_s - told.asked_s, still_max_s)})


def _within(took_s: float, most_s: Decimal) -> tuple[bool, str]:
    rounded_s = Decimal(str(took_s)).quantize(HUNDREDTH)
    return rounded_s <= most_s, f"{f'{rounded_s} s' if rounded_s else 'less than 0.01 s'}, {most_s} s allowed"


def extrusion(site: Site) -> Checked:
    """Weigh what the extruder gives for the volume it was told, before any correction: the first unit of two prints.

    It is the figure that E steps per mm, syringe bore and density make together, whatever the mass gate thinks of it.
    """
    job, density = short_job(site, site.figure("dose_mg"), 1), site.master.ink.density_mg_mm3
    flows_pct = []
    for run in range(int(site.figure("runs"))):
        units = run_job(site.rig, job, (), site.seed + run).units()
        flows_pct += [flow for unit in units if (flow := flow_pct(unit, density)) is not None]
    if len(flows_pct) < int(site.figure("runs")):
        return all_of({"units weighed": (False, f"{len(flows_pct)} of {site.figure('runs')}")})
    limit_pct, found_pct = site.figure("flow_limit_pct"), mean(flows_pct)
    told = f"{found_pct:.2f} %, {plain(limit_pct)} % off is allowed"
    return all_of(
        {
            "each print": ", ".join(f"{each:.2f} %" for each in flows_pct),
            "mass for the volume told": (abs(found_pct - 100) <= limit_pct, told),
        }
    )


def flow_pct(unit: UnitEnded, density_mg_mm3: Decimal) -> Decimal | None:
    """Return a unit's mass in % of its commanded volume's, or None where it was not weighed."""
    if unit.mass_mg is None or unit.volume_mm3 <= 0:
        return None
    return unit.mass_mg * 100 / (Decimal(str(unit.volume_mm3)) * density_mg_mm3)
