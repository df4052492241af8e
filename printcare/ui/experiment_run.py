"""One run of an experiment, printed from the window: on a thread and a connection of its own, so that the window lives.

The window's worker stays free meanwhile: a locked window is opened, and the run can be stopped, while it prints.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from functools import partial
from typing import Any  # what a job tells is one of many kinds of event

from PySide6.QtCore import QObject, Signal, Slot

from printcare.formats.recipe import load_recipe
from printcare.protocol.wire import Command, Message, Ports
from printcare.ui.desk import Desk
from printcare.ui.station import Station
from printcare.ui.words import tr
from printcare.ui.worker import Worker
from printcare.workflow.batch.research import TrialPart
from printcare.workflow.entry import Account, Store
from printcare.workflow.ink.materials import cartridge_from
from printcare.workflow.mode import present
from printcare.workflow.order.worklist import lot_of
from printcare.workflow.site.balance import balance_for
from printcare.workflow.study.experiment_runs import Printers, Setup, next_run, print_run, unit_told
from printcare.workflow.study.experiments import experiment_of, run_of


class _Stoppable:
    """Ports through which a person's stop reaches the job, whatever thread it comes from."""

    def __init__(self, ports: Ports, user_id: str) -> None:
        self._ports, self._asked = ports, deque[Command]()
        self._user_id = user_id
        self.now, self.send, self.close = ports.now, ports.send, ports.close

    def receive(self, timeout_s: float) -> Message | None:
        """Return what a person asked first, then the next message."""
        return self._asked.popleft() if self._asked else self._ports.receive(timeout_s)

    def stop(self) -> None:
        """Ask the job to make the printer safe."""
        self._asked.append(Command("stop", self._user_id))


class ExperimentRun(QObject):
    """Prints the next run of an experiment; one at a time."""

    progressed = Signal(str, int, int)  # in words, units done, of how many
    ended = Signal(str)  # in words
    broken = Signal(object)

    def __init__(self, station: Station, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._station = station
        self._worker: Worker | None = None
        self._ports: _Stoppable | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is being printed."""
        return self._worker is not None

    def begin(self, desk: Desk, scientist: Account, key: str, cartridge: str, operator: tuple[Account, str]) -> None:
        """Print the next run of an experiment with a cartridge; `ended` or `broken` tells how it went."""
        self._worker = Worker(self)
        task = partial(self._print, desk, scientist, key, cartridge, operator)
        self._worker.run(task, self._on_done, self._on_broken)

    @Slot()
    def stop(self) -> None:
        """Make the printer safe; what was measured until then is kept."""
        if self._ports is not None:
            self._ports.stop()

    def close(self) -> None:
        """Stop what is printing, and let it end."""
        self.stop()
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _print(self, desk: Desk, scientist: Account, key: str, cartridge: str, operator: tuple[Account, str]) -> str:
        with Store.open(desk.records.url, desk.records.context, key_directory=desk.folder) as records:
            state = experiment_of(records, key)
            number = next_run(state)
            if number is None:
                return tr("Every run of {} is printed.").format(key)
            recipe = load_recipe(str(state["recipe"]).partition("/")[0])
            filled = cartridge_from(records, records.get("cartridge", cartridge) or {})
            block, dose = int(run_of(state, number)["block"]), state["dose_mg"]
            part = TrialPart(Decimal(dose), lot_of(records, "", filled.lot_id), filled)
            profile = desk.profile(recipe)
            setup = Setup(recipe, [part] * block, profile, balance_for(records, desk.balance or None),
                          present(records), desk.today)  # fmt: skip
            rig = self._station.rig(profile, recipe, lambda _: None)

            def opened(seed: int) -> Ports:
                self._ports = _Stoppable(rig.ports(seed=seed), operator[0].id)
                return self._ports

            count = int(state["units"])
            printers = Printers(*operator, opened, partial(self._on_event, number, count))
            found = print_run(records, scientist, key, number, setup, printers)
            batch = run_of(experiment_of(records, key), number)["batch"]
        told = ", ".join(f"{name} {value}" for name, value in found.items())
        return tr("Run {} was printed as batch {}: {}").format(number, batch, told or tr("nothing was measured"))

    def _on_event(self, number: int, count: int, event: Any) -> None:
        """Tell how far the run is; called on the run's own thread."""
        if (unit := unit_told(event)) is not None:
            index, is_judged = unit
            told = tr("Run {}: unit {} of {}").format(number, index, count)
            self.progressed.emit(told, index if is_judged else index - 1, count)

    def _on_done(self, told: str) -> None:
        self._leave()
        self.ended.emit(told)

    def _on_broken(self, fault: BaseException) -> None:
        self._leave()
        self.broken.emit(fault)

    def _leave(self) -> None:
        self._ports = None
        if self._worker is not None:
            self._worker.close()
            self._worker.deleteLater()
            self._worker = None
