"""What a job keeps of units that were sent: nothing, however many there are."""

import tracemalloc
from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.devices.printer import host_for
from printcare.domain.recipe import Shape, Vessel
from printcare.formats.profile import load_profile
from printcare.gcode.compose import compose
from printcare.gcode.program import Header

FEW, MANY = 20, 200
GROWTH_KB = 4  # of peak memory for ten times the units: numbers with another digit
LINE_S = 0.001
BOTH_ENDS = 8  # lines of a unit's begin and of its end; what is between is as soon forgotten


@pytest.fixture(scope="module")
def unit(recipe, profile):
    """Return the lines of a unit of few: a dot in a blister, which begins and ends as every unit does."""
    sizes = (Decimal(5), Decimal(24)), (Decimal(2), Decimal(8)), Decimal("0.4"), (Decimal("0.9"), Decimal("1.4"))
    blister = Vessel("blister", Decimal(9), Decimal(5), Decimal("0.9"))
    dotted = replace(recipe, shape=Shape("fill", "dot", *sizes, vessel=blister))
    program = compose(dotted, profile, 30.0, 1, Header("t", "n", "", for_patients=False)).program
    lines = program.unit(1).lines
    return (*lines[:BOTH_ENDS], *lines[-BOTH_ENDS:])


def answered(written):
    """Return an ok for each line as both kinds of firmware give it."""
    for line in written.split(b"\n")[:-1]:
        number = line[1 : line.find(b" ")] if line[:1] == b"N" else b""
        yield b"ok N%s P15 B3\n" % number if number else b"ok\n"


def sent(host, unit, units, now_s):
    """Send a unit so many times, each queued whole when the one before is through, as a job does."""
    for _ in range(units):
        host.queue(unit)
        while not host.idle:
            now_s += LINE_S
            for reply in answered(host.outgoing(now_s)):
                host.receive(reply, now_s)
            host.tick(now_s)
    return now_s


@pytest.mark.parametrize("name", ["marlin-syringe", "klipper-syringe"])
def test_a_link_keeps_nothing_of_the_units_it_has_sent(unit, name):
    host = host_for(load_profile(name), None)
    host.open_at_once(0.0)
    now_s = sent(host, unit, 2, 0.0)
    peaks = []
    tracemalloc.start()
    try:
        for units in (FEW, MANY):
            tracemalloc.reset_peak()
            now_s = sent(host, unit, units, now_s)
            peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert host.count.lines >= (2 + FEW + MANY) * len(unit)
    assert peaks[1] - peaks[0] < GROWTH_KB * 1024
