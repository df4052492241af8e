"""The emulated spectrometer: Beer and Lambert between dark, reference and sample."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from emulated_work import IDEAL, Work, hot

from printcare.emulator.bench import Bench
from printcare.emulator.spectrometer import content_of


def spectrum(bench: Bench, kind: str) -> list[float]:
    """Return the values of one answer."""
    bench.receive("spectrometer", f"M {kind}\n".encode())
    said = b"".join(data for source, data in bench.advance(bench.now_s + 1.0) if source == "spectrometer")
    return [float(value) for line in said.decode().splitlines() if line[0] == "D" for value in line.split()[2:]]


def work_of(profile, content_pct: float) -> Work:
    work = Work(hot(Bench(profile, ink=replace(IDEAL, content_pct=content_pct), has_spectrometer=True)))
    work.prime(20.0)
    work.unit(0, 20.0, 5)
    return work


def absorbance(bench: Bench, at_nm: float) -> float:
    """Return log10((reference − dark) / (sample − dark)) at a wavelength, the mean of many answers."""
    axis = spectrum(bench, "axis")
    place = min(range(len(axis)), key=lambda index: abs(axis[index] - at_nm))
    sums = {kind: sum(spectrum(bench, kind)[place] for _ in range(10)) / 10 for kind in ("dark", "reference", "sample")}
    return math.log10((sums["reference"] - sums["dark"]) / (sums["sample"] - sums["dark"]))


def test_it_says_that_it_is_simulated_and_is_there_only_when_wanted(profile):
    assert "spectrometer" not in Bench(profile).sources
    bench = Bench(profile, speed=50, has_spectrometer=True)
    bench.receive("spectrometer", b"?\n")
    said = b"".join(data for source, data in bench.advance(1.0) if source == "spectrometer")
    assert said == b"#SP1 v1 NIR nm 256 sn=SP0001 simulated:1 speed:50\n"


def test_the_drugs_band_grows_with_its_content_and_the_waters_does_not(profile):
    thin, rich = work_of(profile, 2.0).bench, work_of(profile, 8.0).bench
    assert absorbance(rich, 1660.0) - absorbance(thin, 1660.0) == pytest.approx(6 * 0.035, rel=0.08)
    assert absorbance(rich, 1450.0) == pytest.approx(absorbance(thin, 1450.0), abs=0.02)


def test_an_empty_tray_is_the_reference_and_a_lamp_that_is_out_is_the_dark(profile):
    bench = Bench(profile, has_spectrometer=True)
    assert sum(spectrum(bench, "sample")) == pytest.approx(sum(spectrum(bench, "reference")), rel=1e-3)
    bench.spectrometer.is_dark = True
    assert sum(spectrum(bench, "sample")) == pytest.approx(sum(spectrum(bench, "dark")), rel=0.01)
    bench.spectrometer.is_dead = True
    assert spectrum(bench, "sample") == []


def test_the_content_of_several_inks_is_weighted_by_their_mass():
    assert content_of({0: (10.0, 30.0), 1: (5.0, 10.0)}, {0: 4.0, 1: 8.0}) == pytest.approx(5.0)
    assert content_of({0: (0.0, 0.0)}, {0: 4.0}) is None
