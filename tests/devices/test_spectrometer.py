"""A spectrometer is recognised, darkened, referenced and measured; damaged light is none, and advice is advice."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from spectrometer_twin import BANDS, POINTS, SpectrometerPorts

from printcare.devices import registry
from printcare.devices.spectrometer import Spectrometer, advise
from printcare.errors import LinkLost, PrintcareError


def measured(ports: SpectrometerPorts):
    device = registry.spectrometer_driver()(ports)
    device.recognise()
    device.take_dark(20.0)
    device.take_reference()
    return device.take_sample()


def code_of(act) -> str:
    with pytest.raises(PrintcareError) as refused:
        act()
    return refused.value.code


@pytest.mark.parametrize("technique", ["NIR", "Raman"])
def test_it_says_who_it_is_and_that_it_is_simulated(technique: str) -> None:
    identity = Spectrometer(SpectrometerPorts(technique)).recognise()
    assert (identity.model, identity.serial, identity.simulated, identity.speed) == (
        f"SP1 {technique}",
        "SP0001",
        True,
        50,
    )


def test_a_nir_sample_is_absorbance_with_its_bands_at_their_places() -> None:
    found = measured(SpectrometerPorts("NIR"))
    assert (found.axis_unit, found.axis.shape, found.integration_ms) == ("nm", (POINTS,), 20.0)
    # The strongest band of the made-up ink: 0.6 at 1450 nm.
    centre, _, height = BANDS["NIR"][1]
    assert found.axis[np.argmax(found.signal)] == pytest.approx(centre, abs=10)
    assert found.signal.max() == pytest.approx(height, abs=0.02)


def test_a_raman_sample_is_counts_over_the_dark_and_needs_no_reference() -> None:
    device = Spectrometer(SpectrometerPorts("Raman"))
    device.recognise()
    device.take_dark(20.0)
    found = device.take_sample()
    assert found.axis_unit == "cm-1"
    assert found.axis[np.argmax(found.signal)] == pytest.approx(1004.0, abs=12)
    assert abs(np.median(found.signal)) < 100


def test_advice_tells_another_ink_and_decides_nothing() -> None:
    known = measured(SpectrometerPorts("NIR", seed=1))
    other = SpectrometerPorts("NIR", seed=2)
    other.shift = 90.0
    same, different = advise(measured(SpectrometerPorts("NIR", seed=3)), known), advise(measured(other), known)
    assert not same.is_doubtful
    assert different.is_doubtful
    assert "Advice only" in same.text
    assert not hasattr(same, "accepted")


def test_spectra_of_two_techniques_are_not_compared() -> None:
    raman = Spectrometer(SpectrometerPorts("Raman"))
    raman.recognise()
    raman.take_dark(20.0)
    assert code_of(lambda: advise(raman.take_sample(), measured(SpectrometerPorts("NIR")))) == "SPECTRA_DIFFER"


def test_two_flat_spectra_agree_in_nothing() -> None:
    sample = measured(SpectrometerPorts("NIR"))
    flat = type(sample)(sample.technique, sample.axis_unit, sample.axis, np.zeros(POINTS), 1.0, 0.0, sample.source)
    assert advise(flat, flat).agreement == 0.0


def test_nothing_is_measured_out_of_order() -> None:
    device = Spectrometer(SpectrometerPorts("NIR"))
    assert code_of(lambda: device.take_dark(20.0)) == "SPECTROMETER_ORDER"
    device.recognise()
    assert code_of(device.take_reference) == "SPECTROMETER_ORDER"
    device.take_dark(20.0)
    assert code_of(device.take_sample) == "SPECTROMETER_ORDER"
    device.take_reference()
    device.take_dark(10.0)  # another time: the reference is gone
    assert code_of(device.take_sample) == "SPECTROMETER_ORDER"


def test_saturated_light_is_no_spectrum() -> None:
    ports = SpectrometerPorts("NIR")
    ports.light = 50.0
    assert code_of(lambda: measured(ports)) == "SPECTROMETER_FAILED"


def test_a_silent_one_is_refused_within_its_time() -> None:
    ports = SpectrometerPorts("NIR")
    ports.is_dead = True
    assert code_of(Spectrometer(ports).recognise) == "SPECTROMETER_NO_ANSWER"
    assert ports.time_s < 10


def test_damage_on_the_way_is_no_spectrum() -> None:
    ports = SpectrometerPorts("NIR")
    device = Spectrometer(ports)
    device.recognise()
    device.take_dark(20.0)
    ports.damage = (300, 0)
    assert code_of(device.take_reference) == "SPECTROMETER_FAILED"


def test_a_pulled_cable_is_a_lost_link() -> None:
    ports = SpectrometerPorts("NIR")
    ports.is_pulled = True
    with pytest.raises(LinkLost):
        Spectrometer(ports).recognise()


def test_an_axis_that_does_not_rise_is_refused() -> None:
    ports = SpectrometerPorts("NIR")
    ports.axis = lambda: [5.0] * POINTS
    assert code_of(Spectrometer(ports).recognise) == "SPECTROMETER_FAILED"


def test_a_plug_in_adds_a_spectrometer(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [SimpleNamespace(name="maker-x", load=lambda: int)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.SPECTROMETERS else [])
    assert registry.spectrometer_driver("maker-x") is int
    assert code_of(lambda: registry.spectrometer_driver("maker-y")) == "DRIVER_UNKNOWN"
