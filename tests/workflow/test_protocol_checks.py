"""Every check passes on a sound bench, and fails there with the matching fault switched on."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing import active_children
from threading import Event
from types import SimpleNamespace

import pytest

from printcare.domain.equipment import PRINTER, Equipment
from printcare.domain.gate import Weighing
from printcare.domain.ink_lot import InkLot
from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.formats.qualification import load_protocol
from printcare.formats.recipe import load_recipe
from printcare.workflow.qualify import bench_job, checks_batch
from printcare.workflow.qualify.check_site import Site
from printcare.workflow.qualify.checks_ink import SOUND_INK, challenges
from printcare.workflow.qualify.protocol_checks import CHECKS
from printcare.workstation import virtual_bench
from printcare.workstation.virtual_bench import VirtualBench

MASTER, PROFILE = load_recipe("cyclophosphamide-sse"), load_profile("marlin-syringe")
FIRMWARE = "FIRMWARE_NAME:Marlin 2.1.2.1 (Jan  1 2000 00:00:00)"
OQ = load_protocol("oq", tuple(CHECKS))
# Step of the OQ -> the fault that makes it fail.
BROKEN = {
    "axes": "lost-xy-steps@line:12",
    "temperature": "sensor-stuck@t:0",
    "pressure": "pressure-offset@t:0",
    "repeatability": "balance-shaken@t:0",
    "corners": "balance-corner@t:0",
    "noisy-wire": "clog@unit:1",
    "extrusion": "wrong-esteps@unit:1",
    "stop-time": "unplug@unit:1",
}
ALARMS = {step.id: dict(step.figures) for step in OQ.steps if step.check == "alarm"}
OTHER_ALARM = {"A13": "pressure-dead@t:1"}  # what ends a job before the alarm that is waited for; else a pulled cable
MASKED = {step: OTHER_ALARM.get(figures["alarms"], "unplug@t:1") for step, figures in ALARMS.items()}
OF_THE_PROGRAM = {"ink", "access", "canary", "restore"}  # no device is asked, so no fault of the bench matches


@pytest.fixture(autouse=True)
def _known_balance(monkeypatch):
    """Let the balance have figures, which a record would hold."""
    figures = Weighing(Decimal("0.10"), Decimal("0.1"), Decimal("0.3"), Decimal("0.1"))
    monkeypatch.setattr(bench_job, "figures_of", lambda _site: figures)


def site(step_figures, *faults, firmware=FIRMWARE, profile=PROFILE):
    own = Equipment("bench", PRINTER, "sse", "1", firmware=firmware, profile_digest=profile.digest)
    rig = VirtualBench(profile, MASTER, faults)
    return Site(None, None, own, profile, MASTER, "0123456789", rig, dict(step_figures))


def made(step_id, *faults, profile=PROFILE.id):
    step = next(each for each in OQ.steps if each.id == step_id)
    try:
        return CHECKS[step.check](site(step.figures, *faults, profile=load_profile(profile))).passed
    except PrintcareError:  # what breaks off has failed: workflow.qualification says so
        return False


@pytest.mark.parametrize("step", [each for each in BROKEN if each != "noisy-wire"])
def test_a_sound_bench_passes(step):
    assert made(step)


@pytest.mark.parametrize(("step", "fault"), [*BROKEN.items(), *MASKED.items()])
def test_a_broken_bench_fails(step, fault):
    assert not made(step, fault)


def test_every_step_that_asks_a_device_is_failed_by_a_fault():
    assert {step.id for step in OQ.steps} - {*BROKEN, *MASKED} == OF_THE_PROGRAM


class Coasting(VirtualBench):
    """A bench whose motors turn on for a while after they were stopped."""

    coasting_s, turned_s = 0.0, -1e9

    def ports(self, faults=(), seed=1):
        """Return ports whose clock is looked at."""
        self.clock = super().ports(faults, seed)
        return self.clock

    def moves(self):
        """Return whether a motor turns, or turned until just now."""
        if super().moves():
            self.turned_s = self.clock.now()
        return self.clock.now() < self.turned_s + self.coasting_s


@pytest.mark.parametrize(("coasting_s", "told"), [(0.5, "0.5"), (1.5, "1.5"), (99, "never")])
def test_the_time_to_standstill_is_measured(coasting_s, told):
    step = next(each for each in OQ.steps if each.id == "stop-time")
    rig = Coasting(PROFILE, MASTER)
    rig.coasting_s = coasting_s
    found = CHECKS["stop time"](replace(site(step.figures), rig=rig))
    assert found.evidence[-1][1].startswith(told)
    assert found.passed is (coasting_s < 1)


def test_every_alarm_that_stops_a_printer_by_a_device_is_provoked():
    wanted = {each for figures in ALARMS.values() for each in figures["alarms"].split()}
    assert {"A02", "A04", "A05", "A06", "A11", "A12", "A13"} <= wanted
    assert "A07" not in wanted  # a warning: it makes nothing safe


@pytest.mark.parametrize("step", ["alarm-pressure-reading-stands", "alarm-thermistor-short"])
def test_an_alarm_of_the_protocol_comes(step):
    assert made(step)


def test_a_heater_that_stays_on_leaves_the_proven_range_before_the_firmware_sees_it():
    figures = ALARMS["alarm-heater-runs-away"]
    assert CHECKS["alarm"](site(figures | {"alarms": "A06"})).passed
    assert not CHECKS["alarm"](site(figures | {"alarms": "A02 A03"})).passed


def test_steps_lost_before_a_homing_are_found_again_by_it():
    assert made("axes", "lost-xy-steps@line:2")


@pytest.mark.parametrize("profile", ["klipper-syringe", "rrf-syringe", "smoothie-syringe"])
def test_end_stops_are_read_as_each_firmware_tells_them(profile):
    assert made("axes", profile=profile)


def test_every_challenge_of_the_ink_is_refused_by_its_own_code_and_sound_ink_by_none():
    offered = challenges(MASTER, datetime(2026, 3, 2, tzinfo=UTC))
    assert offered[SOUND_INK] == (set(), ())
    assert {name: {each.code for each in found} for name, (_, found) in offered.items()} == {
        name: wanted for name, (wanted, _) in offered.items()
    }


def test_a_rule_that_lets_expired_ink_pass_fails_the_step(monkeypatch):
    clock = SimpleNamespace(context=SimpleNamespace(clock=lambda: datetime(2026, 3, 2, tzinfo=UTC)))
    one = replace(site(()), records=clock)
    assert CHECKS["ink"](one).passed
    monkeypatch.setattr(InkLot, "faults", lambda *_: ())
    assert not CHECKS["ink"](one).passed


def test_a_silent_printer_fails_the_axes():
    assert not made("axes", "mute@t:0")


def test_an_alarm_that_does_not_come_fails_its_step():
    figures = {"fault": "latency@t:1", "alarms": "A13", "limit_s": "5", "dose_mg": "5"}
    assert not CHECKS["alarm"](site(figures)).passed


def test_an_alarm_that_comes_late_fails():
    figures = {"fault": "clog@unit:1", "alarms": "A04 A05 A03", "limit_s": "0.01", "dose_mg": "5"}
    assert not CHECKS["alarm"](site(figures)).passed


def test_devices_other_than_registered_fail():
    assert CHECKS["devices"](site(())).passed
    assert not CHECKS["devices"](site((), firmware="another build")).passed
    assert not CHECKS["devices"](site((), "balance-dead@t:0")).passed


def test_another_profile_fails():
    assert CHECKS["profile"](site(())).passed


PQ = {"dose": "minimum", "batches": "1", "units": "10", "av_max": "15.0", "bias_max_pct": "3", "ppk_min": "1.33"}
PQ |= {"between_max_pct": "2"}


def test_confirmatory_batches_are_judged_by_their_figures(monkeypatch):
    monkeypatch.setattr(checks_batch, "loads", lambda *_: [5, 5])
    found = CHECKS["confirmatory batches"](site(PQ))
    assert found.passed, found.evidence
    assert [name for name, _ in found.evidence][-1] == "cartridges"
    spoilt = CHECKS["confirmatory batches"](site(PQ, "wrong-esteps@unit:1:1.3"))
    assert not spoilt.passed


def test_a_batch_is_split_over_tray_and_cartridges():
    small, large = site(PQ | {"units": "20"}), site(PQ)
    assert checks_batch.loads(small, Decimal(5), 20) == [10, 10]
    assert sum(checks_batch.loads(large, Decimal(40), 20)) == 20
    with pytest.raises(PrintcareError, match="STEP_PLAN"):
        checks_batch.loads(large, Decimal(400), 1)


def test_every_shipped_protocol_reads_and_names_checks_there_are():
    for name in ("fat", "sat", "iq", "oq", "pq", "balance-oq", "oq-9x20"):
        assert load_protocol(name, tuple(CHECKS)).steps


def test_a_figure_the_protocol_lacks_is_named():
    with pytest.raises(PrintcareError, match="STEP_FIGURE"):
        site(()).figure("limit_mm")


@pytest.fixture
def two_cores(monkeypatch):
    """Let two jobs be enough to be printed at once."""
    monkeypatch.setattr(virtual_bench.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(virtual_bench, "MANY", 2)


def test_cartridges_printed_at_once_give_the_masses_of_cartridges_printed_in_turn(two_cores, monkeypatch):
    one = site(PQ)
    job = bench_job.short_job(one, Decimal(5), 1)
    given = [(job, 1), (job, 101)]
    at_once = one.rig.each(checks_batch.printed_pct, given)
    assert [len(masses_pct) for masses_pct in at_once] == [1, 1]
    assert at_once[0] != at_once[1]
    monkeypatch.setattr(virtual_bench.os, "cpu_count", lambda: 1)
    assert at_once == one.rig.each(checks_batch.printed_pct, given)


def test_what_one_of_several_processes_cannot_do_is_told_with_its_reason(two_cores):
    rig = site((), "no-such-fault@t:0").rig
    with pytest.raises(PrintcareError, match="FAULT_"):
        rig.each(_end_or_open, ["open"] * 2)
    with pytest.raises(PrintcareError, match="JOB_DIED"):
        rig.each(_end_or_open, ["end"] * 2)
    assert not active_children()


def _end_or_open(rig, word):
    return os._exit(1) if word == "end" else rig.ports()


def test_nothing_is_left_running_by_an_interruption(two_cores, monkeypatch, tmp_path):
    def interrupted(_made):
        raise KeyboardInterrupt

    monkeypatch.setattr(virtual_bench, "_made", interrupted)
    marks = [tmp_path / name for name in "abc"]
    with pytest.raises(KeyboardInterrupt):
        site(()).rig.each(_mark, marks)
    assert not active_children()
    assert [mark.name for mark in marks if mark.exists()] == ["a"]


def _mark(_rig, path):
    """Leave a mark: the first at once, the others only where nobody ends them."""
    Event().wait(0 if path.name == "a" else 60)
    path.touch()
