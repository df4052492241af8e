"""One protocol run on the bench from the window: begun, made step by step, cancelled between two steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from printcare.domain.equipment import BALANCE, Equipment
from printcare.domain.qualification import Protocol, Step, StepOutcome
from printcare.formats.profile import load_profile
from printcare.formats.qualification import load_protocol
from printcare.formats.recipe import load_recipe
from printcare.ui.station import Station
from printcare.ui.words import tr
from printcare.workflow.entry import Account, Store
from printcare.workflow.qualify.check_site import Site
from printcare.workflow.qualify.qualification import begin_run, run_step
from printcare.workflow.site.balance import balance_for
from printcare.workflow.site.equipment import equipment_of

BENCH = "marlin-syringe"  # what a balance's protocol is tried on


class ProtocolRun:
    """A run under way; `begin` and `make` run on the worker, everything else on the window's thread."""

    def __init__(self, records: Store, account: Account, station: Station, ask: Callable[[str], None]) -> None:
        self._ask = ask
        self._records, self._account, self._station = records, account, station
        self._steps: Iterator[Step] = iter(())
        self._step: Step | None = None
        self.is_cancelled = False
        self.key = ""
        self.done = self.count = self.failed = self.waiting = 0

    def begin(self, subject: str, protocol_id: str, typed: Mapping[str, str]) -> str:
        """Begin the run and return its key; raises Refused, recorded, for equipment the register does not hold."""
        protocol = protocol_of(protocol_id)
        equipment = equipment_of(self._records, subject)
        if equipment is None:
            return begin_run(self._records, self._account, protocol, subject, "", is_simulated=True)  # refused there
        site = self._site(equipment, protocol, typed)
        recipe = f"{site.master.id}/{site.master.version}" if protocol.stage == "PQ" else ""
        self.key = begin_run(
            self._records, self._account, protocol, subject, recipe, is_simulated=site.rig.is_simulated
        )
        own = [step for step in protocol.steps if step.is_automatic]
        self.count, self.waiting = len(own), len(protocol.steps) - len(own)
        self._steps = iter(own)
        self._make = partial(run_step, self._records, self._account, protocol, self.key)
        self._at = site
        return self.key

    def next(self) -> Step | None:
        """Return the step that is made next, or None where the run is through or was cancelled."""
        self._step = None if self.is_cancelled else next(self._steps, None)
        return self._step

    def make(self) -> None:
        """Make the step and record what came of it."""
        if self._step is None:
            return
        made = self._make(self._step, replace(self._at, figures=dict(self._step.figures)))
        self.done += 1
        self.failed += made.outcome is StepOutcome.FAILED

    def told(self) -> str:
        """Return how it went, in words."""
        told = tr("Run {}: {} of {} steps made, {} failed, {} questions wait for an answer.")
        return told.format(self.key, self.done, self.count, self.failed, self.waiting)

    def _site(self, equipment: Equipment, protocol: Protocol, typed: Mapping[str, str]) -> Site:
        profile = load_profile(equipment.profile_id or BENCH)
        master = load_recipe(typed["recipe"])
        balance = equipment.serial if protocol.of == BALANCE else balance_for(self._records, None)
        rig = self._station.rig(profile, master, self._ask)
        return Site(self._records, self._account, equipment, profile, master, balance, rig, {})


def protocol_of(name: str) -> Protocol:
    """Return a shipped protocol; raises PrintcareError DATA_UNKNOWN."""
    from printcare.workflow.qualify.protocol_checks import CHECKS  # every room a check looks at

    return load_protocol(name, tuple(CHECKS))
