"""K, n and τ0 come from the printer's own pressure; a density from delivered mass and commanded volume."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from printcare.emulator.labelled import truths_of
from printcare.errors import PrintcareError
from printcare.extrusion.rheology import Ink
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.workflow.study import rheology
from printcare.workflow.study.rheology import Sweep, calibration, rheogram_of, sweep, sweep_of_batches
from printcare.workstation.virtual_bench import VirtualBench

RECIPE, PROFILE = load_recipe("cyclophosphamide-sse"), load_profile("marlin-syringe")
TRUTH = truths_of(RECIPE, PROFILE)[0]
LEFT_MM3 = 9000.0


# Klipper says nothing while it extrudes for minutes, Marlin that it is busy; these inks wandered the most while
# each flow's mean was shorter, and K came out 12.8 % low and 11.2 % high.
@pytest.mark.parametrize(("profile_id", "seed"), [("marlin-syringe", 8), ("klipper-syringe", 14)])
def test_consistency_and_flow_index_are_found_within_a_tenth_of_the_bench_s_true_ones(profile_id, seed):
    profile = load_profile(profile_id)
    ports = VirtualBench(profile, RECIPE).ports(seed=seed)
    found = sweep(ports, profile, RECIPE, rheology.FLOWS_MM3_S, LEFT_MM3)
    made = rheogram_of(found, RECIPE, profile)
    assert made.consistency_pa_sn.value == pytest.approx(TRUTH.k, rel=0.1)
    assert made.flow_index.value == pytest.approx(TRUTH.n, rel=0.1)
    assert made.yield_stress_pa is not None
    for told, truth in (
        (made.consistency_pa_sn, TRUTH.k),
        (made.flow_index, TRUTH.n),
        (made.yield_stress_pa, TRUTH.tau0_pa),
    ):
        assert told.low < truth < told.high


class Printed:
    """A record that holds units of printed batches and what their primes found."""

    def __init__(self, rows, rest_kpa=1.5):
        self.units, self.reference_kpa, self.rest_kpa = {"B-1": rows}, {}, rest_kpa

    def events(self, object_id, action):
        """Return the prime's finding."""
        content = {"new": {"part": 1, "rest_kpa": str(self.rest_kpa)}}
        return [type("Event", (), {"content": content})]

    def get(self, table, key):
        """Return the batch or its recipe."""
        batch = {"recipe": "r/1", "reference_kpa": self.reference_kpa.get(key)}
        return {"batch": batch, "recipe_version": {"content": {"ink": {"density_mg_mm3": "1.10"}}}}[table]

    def all(self, table, batch_id):
        """Return the units."""
        return {f"{batch_id}/{number}": row | {"index": number} for number, row in enumerate(self.units[batch_id])}


def test_trials_at_several_speeds_give_the_same_ink_with_the_rest_pressure_taken_off():
    ink, channel = Ink(150.0, 0.4), rheology.channel_of(RECIPE, PROFILE, LEFT_MM3)
    printed = Printed([])
    for number, flow in enumerate((1.0, 2.0, 4.0)):
        printed.units[f"B-{number}"] = [{"flow_mm3_s": str(flow)}]
        printed.reference_kpa[f"B-{number}"] = str(channel.pressure_kpa(ink, flow) + 1.5)
    made = rheogram_of(sweep_of_batches(printed, list(printed.units), LEFT_MM3), RECIPE, PROFILE)
    assert (made.consistency_pa_sn.value, made.flow_index.value) == pytest.approx((150.0, 0.4), rel=1e-6)


def test_flow_and_density_come_with_their_interval():
    rows = [{"mass_mg": mass, "volume_mm3": 100.0} for mass in ("111", "113", "112")]
    made = calibration(Printed(rows), ["B-1"])
    reach = 4.302652729911275 * 0.01 / math.sqrt(3)  # t(0.975, 2), tables
    assert made.density_mg_mm3.value == pytest.approx(1.12)
    assert made.density_mg_mm3.high - 1.12 == pytest.approx(reach)
    assert made.flow_factor.value == pytest.approx(float(Decimal("1.12") / Decimal("1.10")))
    assert made.units == 3


@pytest.mark.parametrize("rows", [[], [{"mass_mg": None, "volume_mm3": 1.0}]])
def test_batches_that_tell_nothing_are_refused(rows):
    with pytest.raises(PrintcareError, match="CALIBRATION_UNITS"):
        calibration(Printed(rows), ["B-1"])
    with pytest.raises(PrintcareError, match="RHEOLOGY_DATA"):
        sweep_of_batches(Printed(rows), ["B-1"], LEFT_MM3)


def test_a_bench_that_shows_no_pressure_gives_no_rheogram():
    with pytest.raises(PrintcareError, match="RHEOLOGY_DATA"):
        rheogram_of(Sweep((), 0.0, LEFT_MM3), RECIPE, PROFILE)
