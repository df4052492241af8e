"""What may be set before the bench starts: the ink of each tool and the noise of the instruments, by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from printcare.domain.machine import FirmwareProfile
from printcare.emulator.flow import Paste
from printcare.emulator.ink import InkTruth
from printcare.emulator.load_cell import LoadCell
from printcare.emulator.melt import HOT_MELT
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.emulator.bench import Bench

Change = Callable[[InkTruth, float], InkTruth]


@dataclass(frozen=True, slots=True)
class InkSetting:
    """One name of `--ink`; `low` … `high` bound the value."""

    name: str
    unit: str
    low: float
    high: float
    does: str
    change: Change


@dataclass(frozen=True, slots=True)
class NoiseSetting:
    """One name of `--noise`."""

    name: str
    unit: str
    low: float
    high: float
    does: str
    apply: Callable[[Bench, float], None]


def _field(name: str, factor: float = 1.0) -> Change:
    return lambda truth, value: replace(truth, **{name: value * factor})  # type: ignore[arg-type] # a float field by name


def _denser(truth: InkTruth, factor: float) -> InkTruth:
    return replace(truth, density_mg_mm3=truth.density_mg_mm3 * factor)


def _stiff(truth: InkTruth, factor: float) -> InkTruth:
    return replace(truth, paste=Paste().times(factor))


_INK_ROWS = (
    InkSetting("k-factor", "x K", 0.1, 10.0, "consistency of another ink or lot than labelled", _field("k_factor")),
    InkSetting("n-more", "", -0.5, 0.5, "added to the flow exponent of the labelled ink", _field("n_more")),
    InkSetting("bore", "mm", 0.1, 2.0, "another needle: 0.838 is 18G, 0.603 20G, 0.413 22G", _field("bore_mm")),
    InkSetting("stiff", "x", 0.01, 2.0, "a paste whose entry takes pressure (Benbow-Bridgwater)", _stiff),
    InkSetting("colder", "degC", -30.0, 30.0, "ink below its jacket, for good", _field("colder_k")),
    InkSetting("content", "% w/w", 0.0, 100.0, "drug in the ink, which a spectrometer sees", _field("content_pct")),
    InkSetting("density-factor", "x", 0.5, 2.0, "density of the lot against its label", _denser),
    InkSetting("density-sd", "%", 0.0, 20.0, "scatter of the density between lots", _field("lot_density_sd", 0.01)),
    InkSetting("bias", "%", 0.0, 20.0, "half-width of the cartridge's bias in volume", _field("bias", 0.01)),
    InkSetting("inhomogeneity", "%", 0.0, 20.0, "slow scatter of the consistency", _field("inhomogeneity", 0.01)),
    InkSetting("porosity", "%", 0.0, 20.0, "slow scatter of the density within a lot", _field("porosity", 0.01)),
    InkSetting("air", "uL", 0.0, 5000.0, "air trapped in the cartridge", _field("trapped_air_mm3")),
    InkSetting("filled", "mm3", 1.0, 1e6, "what is in the cartridge or on the spool", _field("filled_mm3")),
    InkSetting("leak", "%", 0.0, 95.0, "leak from the start", _field("leak_share", 0.01)),
    InkSetting("compliance", "mm3/kPa", 0.001, 10.0, "of a syringe and its frame", _field("compliance_mm3_kpa")),
    InkSetting("flow", "mm3/s", 0.001, 100.0, "pneumatic: flow the regulator was set for", _field("calibrated_mm3_s")),
    InkSetting("set-pressure", "kPa", 0.1, 1000.0, "pneumatic: the regulator's pressure", _field("set_kpa")),
    InkSetting("diameter", "mm", 0.5, 3.0, "filament: its true mean diameter", _field("diameter_mm")),
    InkSetting("diameter-sd", "mm", 0.0, 0.2, "filament: scatter of the diameter", _field("diameter_sd_mm")),
    InkSetting("moisture", "%", 0.0, 30.0, "filament: share that leaves as steam", _field("moisture", 0.01)),
)
INK_SETTINGS: dict[str, InkSetting] = {row.name: row for row in _INK_ROWS}


def _quiet_pressure(bench: Bench, value: float) -> None:
    for head in bench.heads:
        head.sensor.noise_kpa = value


def _quiet_balance(bench: Bench, value: float) -> None:
    bench.balance.noise_mg = value


def _load_cell(bench: Bench, value: float) -> None:
    cell = LoadCell(rate_hz=value)
    bench.balance.weigh_by(cell.noise_mg, cell.lag_s)


def _air(bench: Bench, value: float) -> None:
    bench.deposits.air_mg_mm3 = value / 1000.0


def _balance_drift(bench: Bench, value: float) -> None:
    bench.balance.drift_mg_min = value


def _quiet_heat(bench: Bench, value: float) -> None:
    for heater in (*bench.printer.jackets, bench.bed):
        heater.noise_k = value


def _evaporation(bench: Bench, value: float) -> None:
    bench.deposits.flux_mg_cm2_min = value


_NOISE_ROWS = (
    NoiseSetting("pressure", "kPa", 0.0, 100.0, "noise of the pressure sensors", _quiet_pressure),
    NoiseSetting("load-cell", "Hz", 10.0, 80.0, "a 100 g load cell with HX711 instead of the balance", _load_cell),
    NoiseSetting("balance", "mg", 0.0, 100.0, "noise of the balance", _quiet_balance),
    NoiseSetting("balance-drift", "mg/min", -100.0, 100.0, "drift of the balance", _balance_drift),
    NoiseSetting("air", "kg/m3", 0.0, 1.4, "air that units displace on the balance: 1.2 at sea level", _air),
    NoiseSetting("temperature", "degC", 0.0, 5.0, "noise of the thermistors", _quiet_heat),
    NoiseSetting("evaporation", "mg/cm2/min", 0.0, 10.0, "solvent leaving the units' free surface", _evaporation),
)
NOISE_SETTINGS: dict[str, NoiseSetting] = {row.name: row for row in _NOISE_ROWS}


def inks_for(profile: FirmwareProfile, specs: Iterable[str], loaded: Sequence[InkTruth] = ()) -> list[InkTruth]:
    """Return what each tool holds after specs like `k-factor=1.5,colder=3` or, for a further tool, `1:bias=5`.

    `loaded` is what the tools hold before, the usual ink without.

    Raises:
        PrintcareError: SETTING_UNKNOWN or SETTING_VALUE, with the legal names or bounds.
    """
    usual = [HOT_MELT if tool.kind == "filament" else InkTruth() for tool in profile.tools]
    truths = list(loaded) or usual
    for spec in specs:
        place, colon, rest = spec.partition(":")
        tool = _tool(place, len(truths), spec) if colon else 0
        for name, value in _pairs(rest if colon else spec):
            row = INK_SETTINGS.get(name) or _refuse(name, INK_SETTINGS)
            truths[tool] = row.change(truths[tool], _bounded(value, row.low, row.high, name))
    return truths


def set_noise(bench: Bench, specs: Iterable[str]) -> None:
    """Set the instruments' noise by specs like `balance=0.2,pressure=1`; raises as `inks_for` does."""
    for spec in specs:
        for name, value in _pairs(spec):
            row = NOISE_SETTINGS.get(name) or _refuse(name, NOISE_SETTINGS)
            row.apply(bench, _bounded(value, row.low, row.high, name))


SETTING_HEADINGS = ("setting", "unit", "from", "to", "what it is")


def setting_rows() -> list[tuple[str, ...]]:
    """Return both tables for people, the option before each name."""
    named = [(f"--ink {row.name}", row) for row in _INK_ROWS]
    rows: list[tuple[str, InkSetting | NoiseSetting]] = [*named, *((f"--noise {row.name}", row) for row in _NOISE_ROWS)]
    return [(name, row.unit or "-", f"{row.low:g}", f"{row.high:g}", row.does) for name, row in rows]


def setting_table() -> str:
    """Return the tables as aligned text."""
    rows = [SETTING_HEADINGS, *setting_rows()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(SETTING_HEADINGS) - 1)]
    return "\n".join("  ".join([*map(str.ljust, row[:-1], widths), row[-1]]) for row in rows)


def _pairs(spec: str) -> list[tuple[str, str]]:
    pairs = [part.partition("=") for part in spec.split(",")]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _tool(text: str, count: int, spec: str) -> int:
    if not text.isdecimal() or int(text) >= count:
        raise PrintcareError("SETTING_UNKNOWN", f"{spec!r} names no tool.", f"Tools are 0 to {count - 1}.")
    return int(text)


def _bounded(text: str, low: float, high: float, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise PrintcareError(
            "SETTING_VALUE", f"{name}={text} is not allowed.", f"Give a number from {low:g} to {high:g}."
        )
    return value


def _refuse(name: str, table: Iterable[str]) -> NoReturn:
    raise PrintcareError("SETTING_UNKNOWN", f"There is no setting {name!r}.", f"Legal names: {', '.join(table)}.")
