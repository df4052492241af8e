"""Prime over the purge tray until the pressure stands at the reference (process.md §1.4)."""

from __future__ import annotations

from collections.abc import Callable

from printcare.control.alarms import Tripped, trip
from printcare.control.events import Event, Primed
from printcare.control.plan import JobPart, JobPlan
from printcare.control.watch import Watch

MEAN_OVER_S = 1.0  # process seconds of readings behind one judgement
IN_FLIGHT_S = 0.4  # process seconds of motion left when the next chunk goes out; the printer accepts far ahead
STEADY_PCT_S = 2.0  # a plateau: the pressure changes by less than this a second


def prime(plan: JobPlan, part: JobPart, watch: Watch, report: Callable[[Event], None]) -> None:
    """Prime one tool chunk by chunk; the watch keeps the volume spent.

    The prime ends when the pressure has reached its target share of the predicted one, or stands on a plateau inside
    the proven share: nozzle and ink are then the recipe's. Otherwise it trips A04 or A05 and names the likely cause.
    """
    fraction = part.parameters.prime_pressure_fraction
    spent_mm3, ends_s = 0.0, watch.process_s()
    tool = watch.tool
    tool.begin_prime()
    for chunk in plan.program.of_kind("prime"):
        if chunk.part != part.number:
            continue
        spent_mm3 += chunk.volume_mm3
        watch.unit_volume_mm3 = spent_mm3  # from its first line on: a prime that is stopped has used ink too
        watch.send(plan.program.lines_of(chunk))
        watch.until_idle()
        ends_s = max(ends_s, watch.process_s()) + chunk.volume_mm3 / part.flow_mm3_s
        watch.pause(ends_s - IN_FLIGHT_S - watch.process_s())
        mean_kpa = tool.mean_kpa(MEAN_OVER_S)
        share = mean_kpa / part.predicted_kpa
        is_steady = abs(tool.slope_kpa_s()) < STEADY_PCT_S / 100 * part.predicted_kpa
        if share >= float(fraction.target) or (is_steady and fraction.is_proven(round(share, 4))):
            break
    mean_kpa = tool.mean_kpa(MEAN_OVER_S)
    share = mean_kpa / part.predicted_kpa
    for ending in plan.program.of_kind("prime_end"):
        if ending.part == part.number:
            watch.send(plan.program.lines_of(ending))
    watch.until_idle()
    if not fraction.is_proven(round(share, 4)):
        seen = (
            f"primed {spent_mm3:.0f} mm³ and stands at {mean_kpa:.0f} kPa, predicted {part.predicted_kpa:.0f} kPa "
            f"(proven {fraction.proven[0]} to {fraction.proven[1]} of it): wrong nozzle, wrong or cold ink, or air"
        )
        raise Tripped(trip("A04" if share > 1 else "A05", seen))
    tool.set_reference(mean_kpa)
    report(Primed(mean_kpa, part.predicted_kpa, spent_mm3, part.number))
