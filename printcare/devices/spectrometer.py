"""A NIR or Raman spectrometer: recognised, darkened, referenced and asked for a sample; what it says is advice only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from printcare.devices.exchange import exchange
from printcare.domain.reading import Identity
from printcare.errors import PrintcareError
from printcare.protocol.spectrometer import Event, Measured, NotMeasured, Ready, Recognised, Sp1
from printcare.protocol.wire import Ports

SPECTROMETER = "spectrometer"
GREETING_S = 10.0
FLOOR_COUNTS = 1.0  # less light than this over the dark is none


@dataclass(frozen=True, slots=True)
class Spectrum:
    """One sample: `axis` (n,) nm or cm-1, `signal` (n,) absorbance (NIR) or counts over the dark (Raman)."""

    technique: str
    axis_unit: str
    axis: NDArray[np.float64]
    signal: NDArray[np.float64]
    integration_ms: float
    at_s: float
    source: Identity


@dataclass(frozen=True, slots=True)
class Advice:
    """How well a sample agrees with what is known of its ink; it never accepts or rejects a unit.

    `agreement` is the correlation of the two signals, 1 for equal shapes (Pearson). Identity and content are decided by
    mass, the ink's assay and the laboratory, whatever a spectrum says.
    """

    agreement: float
    limit: float
    text: str

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look."""
        return self.agreement < self.limit


class SpectrometerDriver(Protocol):
    """What printcare asks of a spectrometer; a plug-in of the group `printcare.spectrometers` has all of it."""

    source: str

    def recognise(self) -> Identity:
        """Greet it and return who it is."""

    def take_dark(self, integration_ms: float) -> None:
        """Measure without light."""

    def take_reference(self) -> None:
        """Measure the white reference."""

    def take_sample(self) -> Spectrum:
        """Measure a sample."""


class Spectrometer:
    """One SP1 spectrometer behind a port, outside a running job: each call waits for its answer.

    Every call raises LinkLost, or PrintcareError SPECTROMETER_NO_ANSWER, SPECTROMETER_FAILED or SPECTROMETER_ORDER.
    """

    def __init__(self, ports: Ports, source: str = SPECTROMETER) -> None:
        self.source = source
        self._ports = ports
        self._sp1 = Sp1()
        self._who: Recognised | None = None
        self._axis: NDArray[np.float64] | None = None
        self._taken: dict[str, NDArray[np.float64]] = {}

    # ---- as a device of the exchange

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Return what received bytes mean."""
        return self._sp1.receive(data, now)

    def pump(self, now: float) -> list[Event]:
        """Let time pass and write what may go out. Raises LinkLost."""
        events = self._sp1.tick(now)
        data = self._sp1.outgoing()
        if data:
            self._ports.send(self.source, data)
        return events

    def deadline(self) -> float | None:
        """Return when `pump` is due at the latest."""
        return self._sp1.deadline()

    def _answer(self, limit_s: float) -> Event:
        """Return the answer to what was asked."""
        answers: list[Event] = []
        wanted = (Recognised, Ready, Measured, NotMeasured)

        def note(noted: tuple[str, Event]) -> None:
            if isinstance(noted[1], wanted):
                answers.append(noted[1])

        exchange(self._ports, {self.source: self}, lambda: bool(answers), limit_s, note)
        if not answers:
            raise PrintcareError(
                "SPECTROMETER_NO_ANSWER", "The spectrometer does not answer.", "Check power, cable and lamp."
            )
        answer = answers[0]
        if isinstance(answer, NotMeasured):
            told = f"The spectrometer gave no {answer.kind}: {answer.reason}."
            code = "SPECTROMETER_NO_ANSWER" if answer.kind == "?" else "SPECTROMETER_FAILED"
            raise PrintcareError(code, told, "Check power, cable and lamp, then measure again.")
        return answer

    # ---- as a person uses it

    def recognise(self) -> Identity:
        """Greet it, read its axis and return who it is."""
        self._sp1.ask_identity(self._ports.now())
        answer = self._answer(GREETING_S)
        if not isinstance(answer, Recognised):
            raise PrintcareError("SPECTROMETER_FAILED", "It answers something else.", "Measure again.")
        self._who = answer
        self._axis = self._measure("axis").copy()
        if not np.all(np.diff(self._axis) > 0):
            raise PrintcareError("SPECTROMETER_FAILED", "Its axis does not rise.", "Have it calibrated.")
        return answer.identity

    def take_dark(self, integration_ms: float) -> None:
        """Set the integration time and measure without light; an earlier reference is of another time and goes."""
        self._known()
        self._taken.clear()
        self._sp1.set_integration(integration_ms, self._ports.now())
        self._answer(GREETING_S)
        self._taken["dark"] = self._measure("dark")

    def take_reference(self) -> None:
        """Measure the white reference, or the light source, at the dark's integration time."""
        self._need("dark")
        self._taken["reference"] = self._measure("reference")

    def take_sample(self) -> Spectrum:
        """Return a sample's spectrum: absorbance against the reference (NIR), counts over the dark (Raman)."""
        who, axis = self._known()
        dark = self._need("dark")
        reference = self._need("reference") if who.technique == "NIR" else None
        counts = self._measure("sample")
        light = counts - dark
        if reference is not None:
            white = np.maximum(reference - dark, FLOOR_COUNTS)
            light = -np.log10(np.maximum(light, FLOOR_COUNTS) / white)
        at_s = self._ports.now()
        return Spectrum(who.technique, who.axis_unit, axis, light, self._sp1.integration_ms, at_s, who.identity)

    def _measure(self, kind: str) -> NDArray[np.float64]:
        self._sp1.measure(kind, self._ports.now())
        answer = self._answer((self._sp1.deadline() or self._ports.now()) - self._ports.now() + GREETING_S)
        if not isinstance(answer, Measured) or answer.is_saturated:
            told = f"The {kind} is saturated: nothing can be said from it."
            raise PrintcareError("SPECTROMETER_FAILED", told, "Shorten the integration time and begin with the dark.")
        return np.array(answer.values, dtype=np.float64)

    def _known(self) -> tuple[Recognised, NDArray[np.float64]]:
        if self._who is None or self._axis is None:
            raise _out_of_order("the spectrometer has not been recognised")
        return self._who, self._axis

    def _need(self, kind: str) -> NDArray[np.float64]:
        if kind not in self._taken:
            raise _out_of_order(f"there is no {kind} at this integration time")
        return self._taken[kind]


def _out_of_order(why: str) -> PrintcareError:
    return PrintcareError("SPECTROMETER_ORDER", f"It is too early: {why}.", "Recognise, dark, reference, then sample.")


def advise(sample: Spectrum, known: Spectrum, limit: float = 0.95) -> Advice:
    """Return how well a sample agrees with a known spectrum of the same kind; advice, never a verdict.

    Raises:
        PrintcareError: SPECTRA_DIFFER, for spectra of two techniques or axes.
    """
    if sample.technique != known.technique or not np.array_equal(sample.axis, known.axis):
        told = "The two spectra were not measured on the same axis."
        raise PrintcareError("SPECTRA_DIFFER", told, "Compare spectra of one spectrometer.")
    one, other = sample.signal - sample.signal.mean(), known.signal - known.signal.mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    agreement = float(one @ other) / size if size > 0 else 0.0
    said = "agrees with" if agreement >= limit else "differs from"
    text = f"The spectrum {said} the known one (correlation {agreement:.4f}, limit {limit:g}). Advice only."
    return Advice(agreement, limit, text)
