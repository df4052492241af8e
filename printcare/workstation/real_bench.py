"""The real bench of a protocol's checks: ports opened anew for each check, weights put on by a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from printcare.domain.machine import FirmwareProfile
from printcare.errors import PrintcareError
from printcare.protocol.wire import Ports
from printcare.workflow.qualify.check_site import Given, Made, Rig
from printcare.workstation.bench import open_ports


class RealBench:
    """A rig (workflow.check_site) on real ports; nothing is provoked on it by the program.

    `asked` shows a person what to do and returns when it was done.
    """

    is_simulated = False

    def __init__(self, profile: FirmwareProfile, urls: Mapping[str, str], asked: Callable[[str], object]) -> None:
        self._profile, self._urls, self._asked = profile, dict(urls), asked
        self._open: Ports | None = None

    def ports(self, faults: tuple[str, ...] = (), seed: int = 1) -> Ports:
        """Return the ports, opened anew; raises PrintcareError FAULT_NOT_PROVOKED for any fault."""
        del seed  # chance is the world's own
        if faults:
            told = f"{', '.join(faults)} cannot be switched on where the devices are real."
            raise PrintcareError("FAULT_NOT_PROVOKED", told, "Provoke it by hand, and answer the step.")
        self.close()
        self._open = open_ports(self._urls, self._profile.link.bauds)
        return self._open

    def close(self) -> None:
        """Let go of the ports."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def put_on(self, position: int, mass_mg: float) -> None:
        """Ask a person to put a weight on a position."""
        self._asked(f"Put {mass_mg:g} mg on {self._profile.tray.name(position)} and leave what lies there.")

    def each(self, work: Callable[[Rig, Given], Made], given: Sequence[Given]) -> list[Made]:
        """Return what `work` makes of each, one after another."""
        return [work(self, one) for one in given]

    def moves(self) -> None:
        """Return None: the program sees no motor; a camera does."""

    def struck_s(self) -> float | None:
        """Return None: nothing strikes here by the program's will."""
        return None
