"""What each fault does to the bench when it strikes: one table, kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from printcare.emulator import link
from printcare.emulator.melt import Melt
from printcare.emulator.pneumatic import Pneumatic

if TYPE_CHECKING:
    from printcare.emulator.bench import Bench

Effect = Callable[["Bench", float], None]
TOUCH_S = 3.0
_OF_TOOL = ("ink", "jacket", "core", "sensor")


def strike(bench: Bench, kind: str, value: float) -> None:
    """Let a fault begin now."""
    bench.note(kind, f"value {value:g}")
    if kind in link.KINDS:
        bench.link.arm(kind, value)
    else:
        _EFFECTS[kind](bench, value)


def _part(bench: Bench, part: str) -> object:
    """Return a part of the tool in use, or of the bench."""
    return getattr(bench.active if part in _OF_TOOL else bench, part)


def _set(part: str, **changes: object) -> Effect:
    def effect(bench: Bench, _value: float) -> None:
        for name, value in changes.items():
            setattr(_part(bench, part), name, value)

    return effect


def _value(part: str, name: str, factor: float = 1.0) -> Effect:
    def effect(bench: Bench, value: float) -> None:
        setattr(_part(bench, part), name, value * factor)

    return effect


def _partial_clog(bench: Bench, value: float) -> None:
    bench.active.ink.use(bore_mm=bench.active.ink.bore_mm * value)


def _wrong_nozzle(bench: Bench, value: float) -> None:
    bench.active.ink.use(bore_mm=value)


def _wrong_ink(bench: Bench, value: float) -> None:
    bench.active.ink.use(k_factor=value, n_more=0.1)


def _trapped_air(bench: Bench, value: float) -> None:
    bench.active.ink.air_mm3 += value


def _creep(bench: Bench, value: float) -> None:
    bench.active.ink.creep_share, bench.active.ink.creep_from_mm3 = value / 100, bench.active.ink.out_mm3


def _core_not_soaked(bench: Bench, value: float) -> None:
    bench.active.core.chill(value)


def _lost_xy(bench: Bench, value: float) -> None:
    bench.shift_nozzle(value, 0.0, 0.0)


def _drip(bench: Bench, value: float) -> None:
    bench.drip(value)


def _at_unit_end(action: str) -> Effect:
    def effect(bench: Bench, value: float) -> None:
        bench.when_unit_ends(action, value)

    return effect


def _touched(bench: Bench, value: float) -> None:
    bench.balance.touch_mg = value
    bench.touch_at_next_weighing(TOUCH_S)


def _unstable(bench: Bench, value: float) -> None:
    bench.balance.unstable_until_s = bench.now_s + value


def _reset(bench: Bench, _value: float) -> None:
    bench.reset()


def _tare_lost(bench: Bench, _value: float) -> None:
    bench.balance.power_cycle()


def _unplug(bench: Bench, value: float) -> None:
    bench.unplug(value)


def _replug(bench: Bench, value: float) -> None:
    bench.unplug(value, is_renamed=True)


def _thin(bench: Bench, value: float) -> None:
    ink = bench.active.ink
    if isinstance(ink, Melt):
        ink.mean_mm = value


def _supply(bench: Bench, value: float) -> None:
    ink = bench.active.ink
    if isinstance(ink, Pneumatic):
        ink.supply_factor = value


def _drifting(bench: Bench, value: float) -> None:
    bench.active.sensor.drift(value)


def _mute(bench: Bench, value: float) -> None:
    bench.mute(value)


_EFFECTS: dict[str, Effect] = {
    "clog": _set("ink", is_clogged=True),
    "partial-clog": _partial_clog,
    "air": _value("ink", "slug_mm3"),
    "trapped-air": _trapped_air,
    "empty": _set("ink", is_empty=True),
    "plunger-parted": _set("ink", is_parted=True),
    "plunger-bottomed": _set("ink", is_bottomed=True),
    "leak": _value("ink", "leak_share", 0.01),
    "wrong-nozzle": _wrong_nozzle,
    "wrong-ink": _wrong_ink,
    "creep": _creep,
    "gelling": _value("ink", "gel_after_s"),
    "ink-cold": _value("ink", "offset_target_k"),
    "ink-hot": _value("ink", "offset_target_k"),
    "grinding": _set("ink", is_grinding=True),
    "thin-filament": _thin,
    "moisture": _value("ink", "wet_share", 0.01),
    "supply-low": _supply,
    "heater-failed": _set("jacket", power_factor=0.0),
    "core-not-soaked": _core_not_soaked,
    "skipped-steps": _value("ink", "skip_share", 0.01),
    "lost-xy-steps": _lost_xy,
    "wrong-esteps": _value("ink", "e_factor"),
    "endstop-missed": _set("printer", endstops_work=False),
    "drip": _drip,
    "string": _at_unit_end("string"),
    "unit-taken": _at_unit_end("taken"),
    "unit-stuck": _at_unit_end("stuck"),
    "plate-touched": _touched,
    "balance-drift": _value("balance", "drift_mg_min"),
    "balance-dead": _set("balance", is_dead=True),
    "balance-unstable": _unstable,
    "balance-overload": _set("balance", is_overloaded=True),
    "balance-wrong-unit": _set("balance", unit="mg"),
    "balance-draft": _value("balance", "draft_mg"),
    "balance-tare-lost": _tare_lost,
    "balance-garbled": _set("balance", is_garbling=True),
    "balance-corner": _value("deposits", "corner_share", 0.01),
    "balance-shaken": _value("balance", "shaken_mg"),
    "evaporation": _value("deposits", "flux_mg_cm2_min"),
    "pressure-stuck": _set("sensor", is_stuck=True),
    "pressure-offset": _value("sensor", "jump_kpa"),
    "pressure-drift": _drifting,
    "pressure-saturated": _set("sensor", is_saturated=True),
    "pressure-dead": _set("sensor", is_dead=True),
    "sensor-open": _set("jacket", sensor="open"),
    "sensor-short": _set("jacket", sensor="short"),
    "sensor-stuck": _set("jacket", sensor="stuck"),
    "runaway": _set("jacket", is_runaway=True),
    "reset": _reset,
    "unplug": _unplug,
    "replug": _replug,
    "latency": _value("mouth", "clump_s", 0.001),
    "mute": _mute,
}
MODELLED = frozenset(_EFFECTS) | frozenset(link.KINDS)
