"""What commands of the workbench print with: the emulated bench in this process, or the devices that are named."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.recipe import MasterRecipe
    from printcare.protocol.wire import Ports
    from printcare.records.accounts import Account
    from printcare.workflow.study.experiment_runs import Printers

NOTHING_NAMED = "without --printer: the emulated bench, in this process and virtual time"


def add_bench_options(parser: argparse.ArgumentParser) -> None:
    """Add the printer's profile and the devices; without any the bench is emulated."""
    parser.add_argument("--profile", metavar="ID", help="the printer's profile, where several fit the recipe")
    parser.add_argument("--printer", metavar="URL", help=f"the printer; {NOTHING_NAMED}")
    parser.add_argument("--balance", metavar="URL")
    parser.add_argument("--pressure", metavar="URL", action="append", default=[], help="one for each transmitter")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of the emulated bench")
    parser.add_argument("--fault", metavar="SPEC", action="append", default=[], help="of the emulated bench")


def ports_for(arguments: argparse.Namespace, master: MasterRecipe, profile: FirmwareProfile) -> Callable[[int], Ports]:
    """Return what opens the devices for a run: a bench switched on anew, or the devices of the command line."""
    if not arguments.printer:
        from printcare.workstation.virtual_bench import VirtualBench

        bench = VirtualBench(profile, master, tuple(arguments.fault))
        return lambda number: bench.ports(seed=1000 * arguments.seed + number)
    from printcare.cli.print_ import urls_of
    from printcare.devices.transport import transport_findings
    from printcare.domain.checks import blocking
    from printcare.workflow.authority import Refused
    from printcare.workstation.bench import open_ports

    stops = blocking(transport_findings(profile, arguments.printer))
    if stops:
        raise Refused(stops)
    urls = {name: url for name, url in urls_of(arguments, profile).items() if url}
    return lambda _number: open_ports(urls, profile.link.bauds)


def printers_of(
    arguments: argparse.Namespace, master: MasterRecipe, profile: FirmwareProfile, operator: tuple[Account, str]
) -> Printers:
    """Return who prints and onto what, with nothing shown meanwhile."""
    from printcare.workflow.study.experiment_runs import Printers

    return Printers(*operator, ports_for(arguments, master, profile), lambda _event: None)
