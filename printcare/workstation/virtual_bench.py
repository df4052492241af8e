"""The emulated bench of a protocol's checks: in this process, on virtual time, faults given by the check."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context, parent_process
from threading import Thread

from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe
from printcare.emulator.bench import Bench
from printcare.emulator.effects import strike
from printcare.emulator.faults import FAULTS, parse_fault
from printcare.emulator.labelled import truths_of
from printcare.emulator.virtual import VirtualPorts
from printcare.errors import PrintcareError
from printcare.protocol.wire import Ports
from printcare.workflow.qualify.check_site import Given, Made, Rig

MANY, MOST_CORES = 4, 4  # a process of its own takes a second or two to begin


class VirtualBench:
    """A rig (workflow.check_site) that begins anew for each check.

    `standing` faults are there every time; one of `t:0` is there from power-up, as what is broken is, not only from
    the first unit on.
    """

    is_simulated = True

    def __init__(self, profile: FirmwareProfile, master: MasterRecipe, standing: Sequence[str] = ()) -> None:
        self._profile, self._master, self._standing = profile, master, tuple(standing)
        self._bench: Bench | None = None

    def ports(self, faults: tuple[str, ...] = (), seed: int = 1) -> Ports:
        """Return ports onto a bench that was just switched on."""
        inks = truths_of(self._master, self._profile)
        known = [parse_fault(each) for each in (*self._standing, *faults)]
        broken = [each for each in known if (each.trigger, each.at) == ("t", 0.0)]
        later = [each for each in known if each not in broken]
        self._bench = Bench(self._profile, seed=seed, faults=later, ink=inks)
        for each in broken:
            strike(self._bench, each.kind.name, each.value)
        return VirtualPorts(self._bench)

    def each(self, work: Callable[[Rig, Given], Made], given: Sequence[Given]) -> list[Made]:
        """Return what `work` makes of each, in their order: several at once where there are many and cores for them.

        Raises PrintcareError as `work` does, and JOB_DIED where one of the processes was ended from outside.
        """
        alone = VirtualBench(self._profile, self._master, self._standing)  # a bench at work is no message
        cores = min(MOST_CORES, os.cpu_count() or 1)
        if len(given) < MANY or cores < 2:
            return [work(alone, one) for one in given]
        others = active_children()
        pool = ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=_serve)
        try:
            return [_made(one) for one in pool.map(partial(_tried, work, alone), given)]
        except BrokenProcessPool as fault:
            told = "A process that printed on the simulated bench ended without a word."
            raise PrintcareError("JOB_DIED", told, "See that memory suffices, and run the protocol again.") from fault
        except BaseException:  # a person's Ctrl-C too: what the others would still make, nobody waits for
            for child in active_children():
                if child not in others:
                    child.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def put_on(self, position: int, mass_mg: float) -> None:
        """Put a weight on a position of the tray."""
        if self._bench is not None:
            self._bench.deposits.begin(position)
            self._bench.deposits.lay(position, 0.0, mass_mg)

    def moves(self) -> bool:
        """Return whether a motor of the bench turns now."""
        return self._bench is not None and self._bench.printer.planner.running()

    def struck_s(self) -> float | None:
        """Return when the last fault struck, in virtual seconds."""
        noted = () if self._bench is None else self._bench.noted
        return max((at_s for at_s, kind, _ in noted if kind in FAULTS), default=None)


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a PrintcareError said: it would not come through a pipe itself."""

    code: str
    message: str
    remedy: str


def _tried(work: Callable[[Rig, Given], Made], rig: Rig, one: Given) -> Made | _Failed:
    try:
        return work(rig, one)
    except PrintcareError as fault:
        return _Failed(fault.code, fault.message, fault.remedy)


def _made(tried: Made | _Failed) -> Made:
    if isinstance(tried, _Failed):
        raise PrintcareError(tried.code, tried.message, tried.remedy)
    return tried


def _serve() -> None:
    """Leave Ctrl-C to the process that asks, and end where that one has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
