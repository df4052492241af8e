"""A wire that damages, loses, doubles, delays and invents, and boards that restart: once and in order, or the end."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field, replace
from functools import cache

import pytest
from fake_firmware import converse
from hostile_wire import BACK, OUT, HostileFirmware

from printcare.formats.profile import load_profile
from printcare.protocol.dialects import KLIPPER, REPRAPFIRMWARE, SMOOTHIEWARE
from printcare.protocol.marlin_device import MarlinReceiver
from printcare.protocol.marlin_events import Accepted, CommandFailed, Ended, UnsafeForeignLine
from printcare.protocol.marlin_host import MarlinHost
from printcare.protocol.other_devices import KlipperReceiver, RrfReceiver, SmoothieReceiver
from printcare.protocol.single_host import SingleHost

LINK = load_profile("marlin-syringe").link
KLIPPER_LINK = load_profile("klipper-syringe").link
RRF_LINK = replace(LINK, integrity="n_crc16", resend_pattern="(?!)()")
PROGRAM = [f"G1 X{number} E{number / 10}" for number in range(1, 61)]
SEEDS = range(12)
EACH = 15  # runs of a seed
RATES = (0.0, 0.01, 0.05)
RESETS = (0.0, 0.0, 0.005)
ONCE = tuple(kind for kind in OUT if kind != "twice")  # RepRapFirmware takes a line sent twice for two
SAID_ONCE = tuple(kind for kind in BACK if kind != "twice")  # and one line of it is on the way, none of Klipper's named


@dataclass
class Run:
    """One program over one wire."""

    host: MarlinHost | SingleHost
    firmware: HostileFirmware
    events: list = field(default_factory=list)

    def go(self) -> Run:
        """Send the program, then hear the printer out."""
        self.host.open(0.0)
        self.host.queue(PROGRAM)
        self.events, now = converse(self.host, self.firmware, limit_s=10**5)
        while (wake_at := self.firmware.wake_at()) is not None and now < 2 * 10**5:
            now = max(now, wake_at) + 1e-6
            self.events += self.host.receive(self.firmware.read(now), now)
        return self

    def of(self, *kinds: type) -> list:
        """Return the events of these kinds."""
        return [event for event in self.events if isinstance(event, kinds)]


def wire(name: str, rng: random.Random, **harm) -> Run:
    """Return one dialect's two halves; `harm` is that of the wire."""
    if name.startswith("marlin"):
        _, ok, window = name.split("-")
        receiver = MarlinReceiver(128, 4, 95, emergency_parser=True)
        firmware = HostileFirmware(rng, advanced_ok=ok == "advanced", receiver=receiver, **harm)
        return Run(MarlinHost(LINK, int(window)), firmware)
    settings, dialect, receiver, limits = {
        "klipper": (KLIPPER_LINK, KLIPPER, KlipperReceiver(), {"out_rate": 0.0, "back_kinds": SAID_ONCE}),
        "rrf": (RRF_LINK, REPRAPFIRMWARE, RrfReceiver(256, 4), {"out_kinds": ONCE, "back_kinds": SAID_ONCE}),
        "smoothie": (LINK, SMOOTHIEWARE, SmoothieReceiver(256, 4), {}),
    }[name]
    if name == "klipper":
        limits = {**limits, "boot": ("// Klipper state: Disconnect", "// Klipper state: Ready")}
    if name == "rrf":
        limits = {**limits, "boot": ()}  # it says nothing of its start
    return Run(
        SingleHost(settings, dialect), HostileFirmware(rng, advanced_ok=False, receiver=receiver, **harm | limits)
    )


DIALECTS = ("marlin-advanced-1", "marlin-advanced-3", "marlin-plain-1", "marlin-plain-3", "rrf", "smoothie", "klipper")


@cache
def runs(name: str, seed: int) -> tuple[Run, ...]:
    """Return runs of one dialect over wires of every degree of hostility."""
    made = []
    for number in range(EACH):
        rng = random.Random(f"{name} {seed} {number}")
        harm = {"out_rate": rng.choice(RATES), "back_rate": rng.choice(RATES), "reset_rate": rng.choice(RESETS)}
        made.append(wire(name, rng, **harm).go())
    return tuple(made)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DIALECTS)
def test_every_line_is_executed_once_and_in_order_or_the_job_has_ended(name: str, seed: int) -> None:
    for run in runs(name, seed):
        moves, told = run.firmware.moves, run.of(UnsafeForeignLine, CommandFailed)
        # A line whose end was cut off passes the XOR together with the next one in 256 (see `numbered`): the printer
        # then takes the words of both for the first, and the second once more. Absolute words end where they should.
        joints = [line for line in moves if re.fullmatch(r"G1 \S+ \S+\*?\d*N0?\d+ G1 \S+ \S+", line)]
        whole = [line for line in moves if line not in joints]
        assert len(whole) == len(set(whole))
        assert whole == [line for line in PROGRAM if line in set(whole)] or told
        assert run.host.ended or len(whole) + len(joints) == len(PROGRAM) or told
        assert len(joints) <= 1
        if run.host.ended:
            assert run.host.outgoing(10**6) == b""


@pytest.mark.parametrize("name", ["marlin-advanced-1", "marlin-advanced-3", "klipper"])
def test_no_line_is_claimed_that_was_not_executed(name: str) -> None:
    for run in (run for seed in SEEDS for run in runs(name, seed) if not run.of(UnsafeForeignLine, CommandFailed)):
        assert len(run.of(Accepted)) <= len(run.firmware.moves)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_board_that_restarts_is_the_end_of_the_job(name: str) -> None:
    for seed in range(40):
        run = wire(name, random.Random(seed), reset_rate=0.05).go()
        assert (run.firmware.resets > 0) == (run.host.ended is not None)


@pytest.mark.parametrize("name", DIALECTS)
def test_nothing_is_accepted_after_the_end(name: str) -> None:
    for run in (run for seed in SEEDS for run in runs(name, seed) if run.host.ended):
        last = next(place for place, event in enumerate(run.events) if isinstance(event, Ended))
        assert not [event for event in run.events[last:] if isinstance(event, Accepted)]
