"""The emulated jacket and the ink core that lags it, against the reference vectors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printcare.emulator.build import JACKET
from printcare.emulator.chance import streams
from printcare.emulator.heat import STEP_S, HeatedBlock, SoakingCore


def block(**changes) -> HeatedBlock:
    return HeatedBlock(replace(JACKET, **changes), 22.0, 0.0, streams(1)["heat"])


def seconds_until(heater: HeatedBlock, reached) -> float:
    steps = 0
    while not reached():
        steps += 1
        heater.step(steps * STEP_S)
    return steps * STEP_S


def test_the_jacket_warms_at_full_power_as_the_vector_says(vectors):
    heater = block(max_c=1000.0, watch_s=1e9)
    heater.set_target(1000.0, 0.0)
    heater.duty = 1.0  # from the first step on, not from the first look of the control
    taken_s = seconds_until(heater, lambda: heater.block_c >= 40.0)
    assert taken_s == pytest.approx(vectors["cartridge_heater"]["t_22_to_40_full_s"], abs=STEP_S)


def test_holding_40_degrees_takes_the_power_of_the_vector(vectors):
    heater = block()
    heater.set_target(40.0, 0.0)
    for i in range(20000):
        heater.step(i * STEP_S)
    assert heater.block_c == pytest.approx(40.0, abs=0.05)
    assert heater.duty * JACKET.power_w == pytest.approx(vectors["cartridge_heater"]["hold_40C_W"], rel=1e-2)


def test_the_ink_core_soaks_as_the_cylinder_series_says(vectors):
    row = vectors["ink_soak_cylinder"]
    core = SoakingCore(2 * row["R_mm"], 22.0)
    assert core.taus_s[0] == pytest.approx(row["tau1_s"], rel=1e-6)
    reached = {}
    for step in range(1, 5000):
        core.step(40.0)
        deficit = (40.0 - core.axis_c()) / 18.0
        for name, share in (("t_axis_95pct_s", 0.05), ("t_axis_99pct_s", 0.01)):
            if deficit <= share:
                reached.setdefault(name, step * STEP_S)
    for name, at_s in reached.items():
        assert at_s == pytest.approx(row[name], rel=1e-3)
    assert len(reached) == 2


@pytest.mark.parametrize(
    ("sensor", "power", "fault"),
    [("open", 1.0, "MINTEMP"), ("short", 1.0, "MAXTEMP"), ("whole", 0.0, "Heating failed")],
)
def test_a_broken_sensor_or_heater_trips_its_protection(sensor, power, fault):
    heater = block()
    heater.set_target(40.0, 0.0)
    heater.sensor, heater.power_factor = sensor, power
    seconds_until(heater, lambda: bool(heater.fault))
    assert heater.fault == fault


def test_heat_lost_at_the_set_point_is_thermal_runaway():
    heater = block()
    heater.set_target(40.0, 0.0)
    for i in range(4000):
        heater.step(i * STEP_S)
    heater.power_factor = 0.0
    for i in range(4000, 20000):
        heater.step(i * STEP_S)
    assert heater.fault == "Thermal Runaway"
