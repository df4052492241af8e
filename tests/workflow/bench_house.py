"""A site in research mode with its people, one lot with its cartridge, and benches in this process, virtual time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from printcare.domain.policy import RESEARCH
from printcare.extrusion.designs import Factor
from printcare.formats.profile import load_profile
from printcare.records.store import RecordContext, Store
from printcare.workflow.batch.research import TrialPart
from printcare.workflow.demonstration import BALANCE, PROFILE, Demonstration
from printcare.workflow.study.experiment_runs import Printers, Setup
from printcare.workflow.study.experiments import Response, Study
from printcare.workstation.virtual_bench import VirtualBench

TODAY = date(2026, 3, 2)


class Workbench(Demonstration):
    """A demonstration whose cartridge may be printed from more than once, as a developer's may."""

    def _material(self, name):
        lot, cartridge = super()._material(name)
        return lot, replace(cartridge, is_single_use=False)


class House:
    """The site; `folder` holds its record."""

    def __init__(self, folder):
        now = [datetime(2026, 3, 2, 9, 0, tzinfo=UTC)]

        def clock():
            now[0] += timedelta(milliseconds=10)
            return now[0]

        ticks = count(1)
        context = RecordContext("demo-site", "ws-1", "0.1", "boot", clock, lambda: next(ticks), "research")
        self.records = Store.open(f"sqlite:///{folder}/record.sqlite", context, key_directory=folder)
        self.show = Workbench(self.records, TODAY, policy=RESEARCH)
        self.show.set_up()
        self.recipe, self.profile = self.show.recipe, load_profile(PROFILE)
        self.scientist, self.operator = self.show.people["f.scientist"], self.show.people["a.operator"]
        self.password = self.show.passwords["a.operator"]
        self.bench = VirtualBench(self.profile, self.recipe)

    def part(self, dose_mg="5"):
        """Return a dose with lot and cartridge."""
        return TrialPart(Decimal(dose_mg), *self.show.materials())

    def setup(self, blocks=1, recipe=None):
        """Return what runs are printed with."""
        return Setup(recipe or self.recipe, [self.part()] * blocks, self.profile, BALANCE, RESEARCH, TODAY)

    def printers(self):
        """Return who prints, on a bench switched on for each run."""
        return Printers(self.operator, self.password, lambda run: self.bench.ports(seed=run), lambda _event: None)


def study(key="X-1", factors=(), responses=(), units=2):
    """Return a study of print speed and layer height, unless it is told of others."""
    usual = (
        Factor("print_speed_mm_s", "mm/s", Decimal(16), Decimal(20), Decimal(1)),
        Factor("layer_height_mm", "mm", Decimal("0.38"), Decimal("0.42"), Decimal("0.01")),
    )
    looked_at = (
        Response("mass_bias_pct", "%", Decimal(-3), Decimal(3)),
        Response("pressure_kpa", "kPa", None, Decimal(260)),
        Response("bead_mm", "mm"),
        Response("lag_s", "s"),
        Response("unit_s", "s"),
        Response("mass_rsd_pct", "%"),
        Response("hardness_n", "N", Decimal(20)),
    )
    return Study(key, "speed and layer", Decimal(5), units, tuple(factors) or usual, tuple(responses) or looked_at)
