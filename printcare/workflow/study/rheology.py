"""Rheology and flow calibration from what the printer itself shows: a sweep over the purge slot, or printed units."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any  # each device has its own events

from printcare.control.instruments import Instruments
from printcare.devices.exchange import Device, exchange
from printcare.domain.checks import blocking
from printcare.domain.machine import FirmwareProfile
from printcare.domain.people import Actor
from printcare.domain.policy import RESEARCH
from printcare.domain.reading import Reading
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.extrusion.rheology import barrel_of, cone_of, tube_of
from printcare.extrusion.rheometry import Channel, Estimate, Rheogram, SteadyPressure, fitted
from printcare.protocol.wire import PRESSURE, Ports
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.batch.plan import units_of
from printcare.workflow.states import as_state
from printcare.workflow.study.experiments import TABLE, WRITE

KIND = "rheology"
FLOWS_MM3_S = (0.03, 0.1, 0.3, 1.0, 3.0)  # two decades: less cannot tell a yield stress from a flow index
CONFIDENCE = 0.95
REST_S, HEAT_S, LONGEST_S = 5.0, 900.0, 7200.0
STEADY_S = 180.0  # an ink wanders over half a minute; its mean is wanted
SETTLE_MM3 = 10.0  # lags of C·n·P/Q, six of them: what goes by before a paste stands


@dataclass(frozen=True, slots=True)
class Sweep:
    """The steady pressure of each flow, the rest pressure that was taken off, and the ink left while it was made."""

    points: tuple[SteadyPressure, ...]
    rest_kpa: float
    left_mm3: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Delivered mass over commanded volume: a density as the printer sees it, and what that makes of the label's."""

    density_mg_mm3: Estimate
    flow_factor: Estimate  # delivered by commanded volume, were the density the recipe's
    sd_pct: float
    units: int


def sweep(
    ports: Ports, profile: FirmwareProfile, master: MasterRecipe, flows_mm3_s: Sequence[float], left_mm3: float
) -> Sweep:
    """Extrude over the purge slot at each flow, up and down again, and return the pressures that stood.

    The nozzle is heated and soaked as for a print; the pressure at rest, before anything presses, is taken off. Raises
    Refused for a printer that is not the profile's, PrintcareError RHEOLOGY_DATA where no pressure was shown.
    """
    bench = Instruments(ports, profile, balance_driver="")
    _, findings = bench.connect(RESEARCH)
    if blocking(findings):
        raise Refused(blocking(findings))
    talk = _Talk(ports, bench)
    target_c = master.parameters.cartridge_c.target
    talk.lines("G21", "G90", "M83", f"M104 S{target_c}", "G28", f"M109 S{target_c}", limit_s=HEAT_S)
    talk.wait(float(master.parameters.soak_min.target) * 60 / bench.speed)
    rest_kpa = talk.median_kpa(REST_S / bench.speed)
    x_mm, y_mm, z_mm = profile.purge_mm
    travel_mm_min = profile.motion.max_feed_xy_mm_s * 60
    talk.lines(f"G0 Z{profile.travel_z_mm:.3f}", f"G0 X{x_mm:.3f} Y{y_mm:.3f} F{travel_mm_min:.0f}", f"G0 Z{z_mm:.3f}")
    flows = sorted(flows_mm3_s, reverse=True)
    rows: dict[float, list[float]] = {flow: [] for flow in flows}
    for flow in (*flows, *reversed(flows)):  # the mean of both ways has little of what drifts meanwhile
        rows[flow].append(talk.steady_kpa(flow, profile.tool.feedstock_area_mm2) - rest_kpa)
    talk.lines("M104 S0")
    points = tuple(SteadyPressure(flow, kpa) for flow in flows for kpa in rows[flow])
    return Sweep(points, rest_kpa, left_mm3)


class _Talk:
    """Lines to the printer one after another, with the pressures that were shown meanwhile."""

    def __init__(self, ports: Ports, bench: Instruments) -> None:
        self._ports, self._bench = ports, bench
        self._devices: Mapping[str, Device] = {"printer": bench.printer, **bench.pressures}
        self._shown: list[tuple[float, float]] = []

    def lines(self, *lines: str, limit_s: float = LONGEST_S) -> None:
        """Send lines and wait until they are done; raises PrintcareError SWEEP_ENDED."""
        printer = self._bench.printer
        printer.queue((*lines, "M400"))
        done = exchange(
            self._ports, self._devices, lambda: printer.idle or printer.ended is not None, limit_s, self._note
        )
        if not done or printer.ended is not None:
            why = "Nothing came in time." if printer.ended is None else printer.ended.reason
            raise PrintcareError("SWEEP_ENDED", f"The sweep ended: {why}", "Look at the printer, then begin again.")

    def wait(self, seconds: float) -> None:
        """Let time pass and listen."""
        exchange(self._ports, self._devices, lambda: False, seconds, self._note)

    def median_kpa(self, seconds: float) -> float:
        """Return the median of what is shown in the next seconds."""
        begun_s = self._ports.now()
        self.wait(seconds)
        return statistics.median(self._since(begun_s))

    def steady_kpa(self, flow_mm3_s: float, area_mm2: float) -> float:
        """Extrude at a flow until the pressure stands, and return its mean from then on."""
        settle_s = SETTLE_MM3 / flow_mm3_s
        length_mm, feed_mm_min = flow_mm3_s * (settle_s + STEADY_S) / area_mm2, flow_mm3_s / area_mm2 * 60
        self._bench.printer.queue((f"G1 E{length_mm:.5f} F{feed_mm_min:.4f}",))
        self.wait(settle_s / self._bench.speed)
        steady_s = self._ports.now()
        self.wait(STEADY_S / self._bench.speed)
        steady_kpa = statistics.fmean(self._since(steady_s))
        self.lines()  # asked only when it is done: not every firmware says that it is busy, and silence ends the link
        return steady_kpa

    def _since(self, begun_s: float) -> list[float]:
        shown = [kpa for at_s, kpa in self._shown if at_s >= begun_s]
        if not shown:
            raise PrintcareError("RHEOLOGY_DATA", "No pressure was shown.", "Look at the transmitter and its cable.")
        return shown

    def _note(self, noted: tuple[str, Any]) -> None:
        source, event = noted
        reading = getattr(event, "reading", None)
        if source == PRESSURE and isinstance(reading, Reading):
            self._shown.append((self._ports.now(), float(reading.value)))


def channel_of(master: MasterRecipe, profile: FirmwareProfile, left_mm3: float) -> Channel:
    """Return what the ink flows through: needle, its hub where the recipe states one, and the ink in the barrel."""
    return Channel(tube_of(master.nozzle), cone_of(master.nozzle), barrel_of(profile.tool, left_mm3))


def rheogram_of(found: Sweep, master: MasterRecipe, profile: FirmwareProfile) -> Rheogram:
    """Return K, n and, where it is certain, τ0 of the ink at the sweep's temperature, with 95 % confidence."""
    return fitted(found.points, channel_of(master, profile, found.left_mm3))


def keep_rheogram(
    records: Store, account: Account, key: str, master: MasterRecipe, found: Sweep, made: Rheogram, *, simulated: bool
) -> None:
    """Put a rheogram on record with every point it was made of; raises PrintcareError EXPERIMENT_TAKEN."""
    actor = allowed(records, account, WRITE)
    row = {
        "status": "measured",
        "kind": KIND,
        "recipe": f"{master.id}/{master.version}",
        "ink": master.ink.ink_id,
        "temperature_c": as_state(master.parameters.cartridge_c.target),
        "points": [[f"{each.flow_mm3_s:g}", f"{each.pressure_kpa:.2f}"] for each in found.points],
        "rest_kpa": f"{found.rest_kpa:.2f}",
        "left_mm3": f"{found.left_mm3:.0f}",
        "consistency_pa_sn": _told(made.consistency_pa_sn),
        "flow_index": _told(made.flow_index),
        "yield_stress_pa": None if made.yield_stress_pa is None else _told(made.yield_stress_pa),
        "residual_pct": f"{made.residual_pct:.2f}",
        "simulated": simulated,
        "by": account.id,
    }
    _keep(records, actor, key, "rheology.measured", row)


def sweep_of_batches(records: Store, batches: Sequence[str], left_mm3: float) -> Sweep:
    """Return the pressure each prime stood at, at the print's own flow, from trials at several speeds.

    What shows at rest is taken off. Raises PrintcareError RHEOLOGY_DATA for batches that tell none.
    """
    points, rests = [], []
    for batch_id in batches:
        told = records.events(object_id=batch_id, action="job.identified")
        reference_kpa = (records.get("batch", batch_id) or {}).get("reference_kpa")
        flows = [float(row["flow_mm3_s"]) for row in units_of(records, batch_id) if row.get("flow_mm3_s") is not None]
        if told and reference_kpa is not None and flows:
            rests.append(float(told[-1].content["new"]["rest_kpa"]))
            points.append(SteadyPressure(statistics.fmean(flows), float(reference_kpa) - rests[-1]))
    if not points:
        raise PrintcareError(
            "RHEOLOGY_DATA", "These batches hold no prime with flow and pressure.", "Name printed ones."
        )
    return Sweep(tuple(points), statistics.fmean(rests), left_mm3)


def calibration(records: Store, batches: Sequence[str]) -> Calibration:
    """Return delivered mass over commanded volume of every weighed unit, with 95 % confidence; rejected ones count.

    The mass says nothing of content. Raises PrintcareError CALIBRATION_UNITS for fewer than two units.
    """
    from scipy.special import stdtrit

    found, nominal = [], []
    for batch_id in batches:
        state = records.get("batch", batch_id) or {}
        content = records.get("recipe_version", str(state.get("recipe"))) or {}
        label = Decimal(((content.get("content") or {}).get("ink") or {}).get("density_mg_mm3", "0"))
        for row in units_of(records, batch_id):
            if row.get("mass_mg") is not None and Decimal(str(row.get("volume_mm3") or 0)) > 0:
                found.append(float(row["mass_mg"]) / float(row["volume_mm3"]))
                nominal.append(float(label))
    if len(found) < 2 or not all(nominal):
        told = f"{len(found)} weighed units of a recipe on record tell no density."
        raise PrintcareError("CALIBRATION_UNITS", told, "Name batches with two weighed units or more.")
    shares = [each / label for each, label in zip(found, nominal, strict=True)]
    reach = float(stdtrit(len(found) - 1, (1 + CONFIDENCE) / 2)) / math.sqrt(len(found))
    return Calibration(_estimate(found, reach), _estimate(shares, reach), 100 * statistics.stdev(shares), len(found))


def keep_calibration(records: Store, account: Account, key: str, batches: Sequence[str], made: Calibration) -> None:
    """Put a calibration on record with the batches it was made of; raises PrintcareError EXPERIMENT_TAKEN."""
    actor = allowed(records, account, WRITE)
    row = {
        "status": "measured",
        "kind": "flow calibration",
        "batches": list(batches),
        "density_mg_mm3": _told(made.density_mg_mm3),
        "flow_factor": _told(made.flow_factor),
        "sd_pct": f"{made.sd_pct:.3f}",
        "units": made.units,
        "by": account.id,
    }
    _keep(records, actor, key, "flow.measured", row)


def _keep(records: Store, actor: Actor, key: str, action: str, row: Mapping[str, object]) -> None:
    with records.transaction(actor) as tx:
        if tx.get(TABLE, key) is not None:
            raise PrintcareError("EXPERIMENT_TAKEN", f"{key} is on record already.", "Choose another id.")
        tx.record(action, TABLE, key, dict(row))


def _estimate(values: Sequence[float], reach: float) -> Estimate:
    at, width = statistics.fmean(values), reach * statistics.stdev(values)
    return Estimate(at, at - width, at + width)


def _told(found: Estimate) -> list[str]:
    return [f"{each:.6g}" for each in (found.value, found.low, found.high)]
