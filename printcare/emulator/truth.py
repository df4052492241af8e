"""What is really so on the bench, which no device shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from printcare.emulator.bench import Bench


def true_state(bench: Bench) -> dict[str, Any]:  # a JSON-like report of mixed depth
    """Return pressures, temperatures, the ledger of all tools together, and what lies where, by tool and in all."""
    heads, deposits, tray = bench.heads, bench.deposits, bench.profile.tray
    inks = [head.ink for head in heads]
    first = heads[0].truth()
    masses, volumes = deposits.units_mg, deposits.units_mm3
    parts = {index: [deposits.part(index, head.number) for head in heads] for index in deposits.order}
    return {
        **{name: first[name] for name in _OF_FIRST},
        "position_mm": bench.nozzle_mm(),
        "tool": bench.active.number,
        "tools": [head.truth() for head in heads],
        "ledger_mm3": {
            "pushed": sum(ink.pushed_mm3 for ink in inks),
            "squeezed": sum(ink.squeezed_mm3 for ink in inks),
            "out": sum(ink.out_mm3 for ink in inks),
            "leaked": sum(ink.leaked_mm3 for ink in inks),
            "air": sum(ink.air_out_mm3 for ink in inks),
            "cavity": sum(ink.cavity_mm3 for ink in inks),
            "units": sum(volumes.values()),
            "purge": deposits.purge_mm3,
            "beside": deposits.beside_mm3,
            "left": sum(ink.left_mm3() for ink in inks),
        },
        "masses_mg": {tray.name(index): masses[index] for index in deposits.order},
        "volumes_mm3": {tray.name(index): volumes[index] for index in deposits.order},
        "parts_mg": {tray.name(index): [part[1] for part in parts[index]] for index in deposits.order},
        "parts_mm3": {tray.name(index): [part[0] for part in parts[index]] for index in deposits.order},
        "evaporated_mg": deposits.evaporated_mg,
        "load_mg": deposits.load_mg(),
        "units_begun": len(deposits.order),
        "faults": [{"at_s": at_s, "kind": kind, "what": what} for at_s, kind, what in bench.noted],
    }


_OF_FIRST = ("pressure_kpa", "flow_mm3_s", "plunger_force_n", "jacket_c", "core_c", "ink_c")
