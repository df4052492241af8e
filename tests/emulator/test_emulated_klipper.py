"""Recorded conversations of a real Klipper v0.13, played to the emulated printer in Klipper's voice."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from printcare.domain.machine import Box
from printcare.emulator.bench import Bench
from printcare.emulator.build import build_for

WIRE = Path(__file__).parents[1] / "wire" / "klipper"
RECORDINGS = sorted(path.stem for path in WIRE.glob("*.txt"))
_TEMPERATURE = re.compile(r"(?<=[B0]:)\d+\.\d")
FINISH_S = 120.0


def events(name: str) -> list[tuple[float, str, str]]:
    found = []
    for line in (WIRE / f"{name}.txt").read_text(encoding="ascii").splitlines():
        tag, _, text = line[9:].partition(" ")
        found.append((float(line[:8]), tag, text))
    return found


def shapes(lines: list[str]) -> list[str]:
    """Return replies without measured temperatures, each repeated report once."""
    told = [_TEMPERATURE.sub("#", line) for line in lines]
    return [line for index, line in enumerate(told) if index == 0 or line != told[index - 1] or "B:" not in line]


class Player:
    """Plays the sends and keeps what the emulated printer says."""

    def __init__(self, profile) -> None:
        build = build_for(profile, 1.0)
        build = replace(
            build, dialect="klipper", speed=None, space=Box(0, 0, 0, 200, 200, 200), min_extrude_c=0.0,
            jacket=replace(build.jacket, capacity_j_k=15.0, loss_w_k=0.2), ambient_c=21.9, homing_extra_s=3.0,
        )  # fmt: skip
        self.bench = Bench(profile, build=build)
        self.bench.advance(1.1)
        self.heard: list[tuple[float, str]] = []
        self._part = b""

    @property
    def oks(self) -> int:
        """Return how many oks were heard."""
        return sum(line.startswith("ok") for _, line in self.heard)

    def run(self, to_s: float, wanted_oks: int | None = None) -> None:
        """Let time pass to a moment or until enough oks were heard."""
        while self.bench.now_s < to_s and (wanted_oks is None or self.oks < wanted_oks):
            for _, data in self.bench.advance(to_s, stop_at_output=True):
                *lines, self._part = (self._part + data).split(b"\n")
                self.heard += [(self.bench.now_s, line.decode("latin-1")) for line in lines]


def play(profile, name: str) -> list[str]:
    player, oks, before = Player(profile), 0, 0.0
    for at_s, tag, text in events(name):
        if tag == "Send:":
            player.run(player.bench.now_s + FINISH_S, oks)
            player.run(player.bench.now_s + max(0.0, at_s - before))
            player.bench.receive("printer", text.encode() + b"\n")
        oks += tag == "Recv:" and text.startswith("ok")
        before = at_s
    player.run(player.bench.now_s + FINISH_S, oks)
    player.run(player.bench.now_s + 3.0)
    return [line for _, line in player.heard]


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_emulated_klipper_answers_as_recorded(profile, name: str) -> None:
    wanted = [text for _, tag, text in events(name) if tag == "Recv:"]
    assert shapes(play(profile, name)) == shapes(wanted)
