"""`printcare rheology`: an ink's K, n and τ0 by the printer's own pressure, and the density it delivers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from printcare.cli.telling import tell

if TYPE_CHECKING:
    from printcare.extrusion.rheometry import Estimate
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.bench_options import add_bench_options
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("rheology", help="an ink's flow law by the printer's pressure; flow calibration")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in (
        ("sweep", "extrude over the purge slot at several flows and fit K, n and the yield stress"),
        ("trials", "fit them to printed trials at several speeds"),
        ("calibrate", "delivered mass against commanded volume of printed batches"),
    ):
        one = verbs.add_parser(verb, help=what)
        one.add_argument("id", metavar="ID", help="of the new entry of the record")
        if verb != "calibrate":
            one.add_argument("--recipe", metavar="ID", required=True, help="its nozzle and temperature; id or file")
            one.add_argument("--left", metavar="MM3", default="9000", help="ink in the barrel")
            add_bench_options(one)
        if verb == "sweep":
            one.add_argument("--flow", metavar="MM3_S", action="append", default=[], help="three or more")
        else:
            one.add_argument("--batch", metavar="ID", action="append", required=True)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import entered_with, existing_record
    from printcare.workflow.authority import allowed

    with existing_record(arguments) as records:
        account, _ = entered_with(records, arguments.user)
        allowed(records, account, "experiment.write")
        told = (_calibrate if arguments.verb == "calibrate" else _fit)(records, account, arguments)
    tell(told, is_json=arguments.json)
    return DONE


def _fit(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.cli.bench_options import ports_for
    from printcare.cli.print_ import profile_for
    from printcare.cli.trial import number_of
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.study import rheology

    master = load_recipe(arguments.recipe)
    profile = profile_for(master, arguments.profile)
    left_mm3 = float(number_of(arguments.left, "--left"))
    if arguments.verb == "trials":
        found = rheology.sweep_of_batches(records, arguments.batch, left_mm3)
        batches = [records.get("batch", each) or {} for each in arguments.batch]
        is_simulated = any(each.get("simulated") for each in batches)
    else:
        flows = [float(number_of(each, "--flow")) for each in arguments.flow] or list(rheology.FLOWS_MM3_S)
        ports, is_simulated = ports_for(arguments, master, profile)(1), not arguments.printer
        try:
            found = rheology.sweep(ports, profile, master, flows, left_mm3)
        finally:
            ports.close()
    made = rheology.rheogram_of(found, master, profile)
    rheology.keep_rheogram(records, account, arguments.id, master, found, made, simulated=is_simulated)
    return {
        "id": arguments.id,
        "consistency_pa_sn": _told(made.consistency_pa_sn),
        "flow_index": _told(made.flow_index),
        "yield_stress_pa": None if made.yield_stress_pa is None else _told(made.yield_stress_pa),
        "residual_pct": round(made.residual_pct, 2),
        "shear_rates_per_s": [round(each, 2) for each in made.shear_rates_per_s],
        "points": [[each.flow_mm3_s, round(each.pressure_kpa, 2)] for each in found.points],
    }


def _calibrate(records: Store, account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.study.rheology import calibration, keep_calibration

    made = calibration(records, arguments.batch)
    keep_calibration(records, account, arguments.id, arguments.batch, made)
    return {
        "id": arguments.id,
        "density_mg_mm3": _told(made.density_mg_mm3),
        "flow_factor": _told(made.flow_factor),
        "sd_pct": round(made.sd_pct, 3),
        "units": made.units,
    }


def _told(found: Estimate) -> list[float]:
    return [float(f"{each:.5g}") for each in (found.value, found.low, found.high)]
