"""`printcare emulator`: the emulated bench on pseudo-terminals or TCP, until interrupted."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from printcare.domain.machine import FirmwareProfile
    from printcare.emulator.bench import Bench
    from printcare.emulator.faults import Fault
    from printcare.emulator.ink import InkTruth
    from printcare.emulator.wires import Wire

DONE, USAGE = 0, 2
BALANCES = ("mt-sics", "sbi", "and", "ohaus", "radwag", "modbus")
PRESSURES = ("ps1", "modbus")
ALWAYS_NAMED = ("printer", "balance", "pressure")  # in the first line, null where not there
NOT_MODELLED = (
    "Not modelled: drop impact, line shape, drying inside the nozzle, camera, mains failure, serial line speed, EEPROM "
    "changes (M92, M201, M203 … only report), RepRapFirmware and Smoothieware beyond what their source says, and DTR: "
    "opening the port does not reset the board. Everything that can be set or go wrong stands in docs/bench.md."
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "emulator",
        help="run the emulated bench",
        description="Serve an emulated printer, balance and pressure sensor. The first line of output is a JSON object "
        "with their URLs.",
        epilog=NOT_MODELLED,
    )
    parser.add_argument("--profile", metavar="ID", help="printer profile, by id or file")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--link-dir", metavar="DIR", help="folder for the links to the pseudo-terminals")
    place.add_argument("--tcp", metavar="PORT", type=int, help="serve on PORT, PORT+1 … of 127.0.0.1 instead")
    parser.add_argument("--speed", metavar="X", type=float, default=1.0, help="virtual seconds per second, 0.1 to 1000")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="everything random follows from it")
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help="kind@trigger[:value]")
    parser.add_argument(
        "--ink", metavar="SET", action="append", default=[], help="[TOOL:]NAME=VALUE,… see --list-faults"
    )
    parser.add_argument("--recipe", metavar="ID", help="load the inks of this recipe into the tools")
    parser.add_argument("--noise", metavar="SET", action="append", default=[], help="NAME=VALUE,… of the instruments")
    parser.add_argument("--without", metavar="LIST", default="", help="devices that are not there: balance,pressure")
    parser.add_argument("--force", action="store_true", help="a filament drive has a force sensor, served as pressure")
    parser.add_argument("--spectrometer", action="store_true", help="a NIR spectrometer hangs above the tray")
    parser.add_argument("--log", metavar="FILE", help="write every event as a JSON line, and their hash at the end")
    parser.add_argument("--balance", choices=BALANCES, default=BALANCES[0], help="the balance's protocol")
    parser.add_argument("--pressure", choices=PRESSURES, default=PRESSURES[0], help="the sensors' protocol")
    parser.add_argument("--list-faults", action="store_true", help="print the faults and settings and end")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input ends")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity; the first line is always JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; return 0, or 2 for a wrong fault, setting, device, speed, seed, profile or place."""
    if arguments.list_faults:
        print(_lists())
        return DONE
    from printcare.emulator.faults import parse_fault
    from printcare.formats.profile import load_profile

    try:
        faults = [parse_fault(spec) for spec in arguments.fault]
        _check_numbers(arguments)
    except PrintcareError as fault:
        return _refused(fault)
    profile = load_profile(arguments.profile)
    try:
        log, links = _log(arguments), _claimed(arguments.link_dir)
        bench = _bench(arguments, profile, faults, log)
    except PrintcareError as fault:
        return _refused(fault)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell starts us with SIGINT ignored
    from printcare.workstation.urgency import be_less_urgent

    be_less_urgent()  # the host's job process comes first
    with tempfile.TemporaryDirectory(prefix="printcare-") as private:
        wires = _wires(arguments, bench.sources, Path(private))
        try:
            _serve(arguments, bench, wires)
        finally:
            for wire in wires.values():
                wire.close()
            bench.log.close(bench.now_s)
            if log:
                log.close()
            if links is not None:
                os.close(links)
    return DONE


def _claimed(folder: str | None) -> int | None:
    """Return a folder of links opened and locked while this emulator lives; raises PrintcareError EMULATOR_LINK.

    The system lets go of it when the process ends, however it ends: what a dead one left behind is taken over.
    """
    if not folder or sys.platform == "win32":
        return None
    import fcntl

    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as fault:
        os.close(opened)
        told = f"Another emulator serves its devices in {folder}."
        raise PrintcareError("EMULATOR_LINK", told, "Choose another --link-dir, or end that one.") from fault
    return opened


def _log(arguments: argparse.Namespace) -> TextIO | None:
    """Return the log asked for, once it and the folder of the links are made."""
    try:
        if arguments.link_dir:
            Path(arguments.link_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(arguments.log, "w", encoding="ascii", newline="\n") if arguments.log else None
    except OSError as fault:
        raise PrintcareError(
            "USAGE", f"{fault.filename} cannot be made: {fault.strerror}.", "Choose another --link-dir or --log."
        ) from fault


def _bench(arguments: argparse.Namespace, profile: FirmwareProfile, faults: list[Fault], log: TextIO | None) -> Bench:
    from printcare.emulator.bench import Bench
    from printcare.emulator.settings import inks_for, set_noise

    bench = Bench(
        profile,
        arguments.seed,
        faults,
        arguments.speed,
        _without(arguments.without, len(profile.tools)),
        inks_for(profile, arguments.ink, _loaded(arguments.recipe, profile)),
        balance=arguments.balance,
        pressure=arguments.pressure,
        has_force=arguments.force,
        has_spectrometer=arguments.spectrometer,
        log=log.write if log else None,
    )
    set_noise(bench, arguments.noise)
    return bench


def _loaded(recipe: str | None, profile: FirmwareProfile) -> Sequence[InkTruth]:
    if recipe is None:
        return ()
    from printcare.emulator.labelled import truths_of
    from printcare.formats.recipe import load_recipe

    return truths_of(load_recipe(recipe), profile)


def _refused(fault: PrintcareError) -> int:
    print(f"{fault.code}: {fault.message}\nWhat to do: {fault.remedy}", file=sys.stderr)
    return USAGE


def _lists() -> str:
    from printcare.emulator.faults import fault_table
    from printcare.emulator.settings import setting_table

    return f"{fault_table()}\n\n{setting_table()}"


def _serve(arguments: argparse.Namespace, bench: Bench, wires: dict[str, Wire]) -> None:
    from printcare.emulator.serve import Server

    named = dict.fromkeys((*ALWAYS_NAMED, *bench.sources))
    print(json.dumps({source: wires[source].url if source in wires else None for source in named}), flush=True)
    parent = sys.stdin.fileno() if arguments.until_stdin_closes else None
    Server(bench, wires, time.monotonic, arguments.speed, parent, _tell_again).run()


def _tell_again(url: str) -> None:
    print(json.dumps({"printer": url}), flush=True)


def _wires(arguments: argparse.Namespace, present: Sequence[str], private: Path) -> dict[str, Wire]:
    from printcare.emulator.wires import Listener, Terminal

    if arguments.tcp is not None:
        places = [*ALWAYS_NAMED, *(source for source in present if source not in ALWAYS_NAMED)]
        return {source: Listener(arguments.tcp + places.index(source)) for source in present}
    folder = Path(arguments.link_dir) if arguments.link_dir else private
    return {source: Terminal(folder / source) for source in present}


def _without(text: str, tools: int) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    allowed = ["balance", "pressure", *(f"pressure-{tool}" for tool in range(1, tools))]
    if names - set(allowed):
        raise PrintcareError(
            "USAGE", f"--without {text} names no device that can be left out.", f"Use {','.join(allowed)}."
        )
    return names


def _check_numbers(arguments: argparse.Namespace) -> None:
    if not arguments.profile:
        raise PrintcareError("USAGE", "No printer profile was named.", "Add --profile ID, for example marlin-syringe.")
    if not 0.1 <= arguments.speed <= 1000:
        raise PrintcareError("USAGE", f"--speed {arguments.speed:g} is out of range.", "Use 0.1 to 1000.")
    if arguments.seed < 0:
        raise PrintcareError("USAGE", f"--seed {arguments.seed} is negative.", "Use a whole number from 0.")
    if arguments.tcp is not None and not 1 <= arguments.tcp <= 65533:
        raise PrintcareError("USAGE", f"--tcp {arguments.tcp} is no port with two more after it.", "Use 1 to 65533.")


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(DONE)
