"""Checks of the bench at work: axes, temperature with its soak, pressure at rest, the balance and its corners."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.gate import Weighing
from printcare.domain.uniformity import sample_sd
from printcare.protocol.marlin_reply import Temperatures
from printcare.protocol.wire import PRESSURE
from printcare.workflow.qualify.check_site import Checked, Site, all_of
from printcare.workflow.qualify.talk import Talk

PLACES = 5  # the middle and four corners


def temperature(site: Site) -> Checked:
    """Heat to the recipe's temperature, soak, and hold every reading of the last minute against the limit."""
    talk, limit_k = Talk(site), site.figure("limit_k")
    target_c = Decimal(site.figures.get("target_c") or site.master.parameters.cartridge_c.target)
    talk.lines(f"M104 S{target_c}")
    talk.wait(float(site.figure("heat_s") + site.figure("soak_s")))
    before = len(talk.said(Temperatures))
    for _ in range(12):
        talk.lines("M105")
        talk.wait(5.0)
    shown = [each.actual_c() for each in talk.said(Temperatures)[before:]]
    read_c = [Decimal(str(each)) for each in shown if each is not None]
    talk.lines("M104 S0")
    off_k = max((abs(each - target_c) for each in read_c), default=Decimal(999))
    moved = len(set(read_c)) > 1  # a sensor that never moves by a hundredth is stuck
    return all_of(
        {
            "target": f"{target_c} °C",
            "largest difference in a minute": (off_k <= limit_k, f"{off_k} K, {limit_k} K allowed"),
            "readings": (len(read_c) >= 10 and moved, f"{len(read_c)}, {len(set(read_c))} different"),
        }
    )


def pressure(site: Site) -> Checked:
    """Read every transmitter at rest: alive, near zero, and with the noise of a living sensor."""
    talk, limit_kpa, rows = Talk(site), site.figure("zero_kpa"), {}
    for source, sensor in talk.bench.pressures.items():
        values = []
        for _ in range(10):
            talk.wait(1.0)
            if sensor.latest is not None and not sensor.is_lost:
                values.append(sensor.latest.value)
        worst = max((abs(value) for value in values), default=Decimal(9999))
        rows[f"{source} at rest"] = (len(values) == 10 and worst <= limit_kpa, f"{worst} kPa, {limit_kpa} kPa allowed")
        rows[f"{source} alive"] = (len(set(values)) > 1, f"{len(set(values))} different readings of {len(values)}")
    return all_of(rows) if rows else Checked(True, (("transmitters", f"none on {site.profile.id}, see {PRESSURE}"),))


def repeatability(site: Site) -> Checked:
    """Weigh one weight ten times: s, never below 0.41·d, and the least a unit may weigh (USP <41>)."""
    talk = Talk(site)
    site.rig.put_on(site.profile.tray.size // 2, float(site.figure("weight_mg")))
    talk.wait(30.0)
    shown = [talk.weigh() for _ in range(int(site.figure("weighings")))]
    read_mg = [each for each in shown if each is not None]
    if len(read_mg) < len(shown) or len(read_mg) < 10:
        return all_of({"stable weighings": (False, f"{len(read_mg)} of {len(shown)}, 10 at least")})
    weighing = Weighing(sample_sd(read_mg), Decimal(0), Decimal(0), site.figure("readability_mg"))
    least_mg, limit_mg = weighing.minimum_weight_mg, site.figure("minimum_weight_mg")
    return all_of(
        {
            "stable weighings": str(len(read_mg)),
            "s": f"{weighing.s_mg:.4f} mg",
            "minimum weight": (least_mg <= limit_mg, f"{least_mg:.0f} mg, {limit_mg} mg demanded"),
        }
    )


def corners(site: Site) -> Checked:
    """Weigh one weight in the middle and on four corners, each on an otherwise unchanged tray."""
    weight_mg, limit_pct = site.figure("weight_mg"), site.figure("corner_pct")
    talk, tray = Talk(site), site.profile.tray
    places = (tray.size // 2, 0, tray.columns - 1, tray.size - tray.columns, tray.size - 1)
    shown: list[Decimal] = []
    before_mg = talk.weigh()
    for place in places:
        site.rig.put_on(place, float(weight_mg))
        talk.wait(10.0)
        after_mg = talk.weigh()
        if before_mg is None or after_mg is None:
            return all_of({"stable weighings": (False, f"{len(shown)} of {PLACES}")})
        shown.append(after_mg - before_mg)
        before_mg = after_mg
    off_mg = max(abs(each - shown[0]) for each in shown[1:])
    limit_mg = weight_mg * limit_pct / 100
    rows = {f"place {tray.name(place)}": f"{mass} mg" for place, mass in zip(places, shown, strict=True)}
    return all_of(rows | {"largest corner": (off_mg <= limit_mg, f"{off_mg} mg, {limit_mg} mg allowed")})
