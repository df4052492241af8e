"""`printcare experiment`: designs, run queue, results, fits and proposals; studies of an ink; data for learning."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from printcare.cli.telling import tell

if TYPE_CHECKING:
    from printcare.extrusion.designs import Factor
    from printcare.records.accounts import Account
    from printcare.records.store import Store
    from printcare.workflow.study.experiments import Response

DONE = 0
# Verb -> what it does, and whether it names an id.
VERBS = {
    "design": ("lay out a design of runs and put it on record", True),
    "list": ("list everything of the workbench", False),
    "show": ("show one entry", True),
    "run": ("print the next runs as trials; --second-user is the operator", True),
    "enter": ("enter a result measured elsewhere", True),
    "fit": ("fit the responses, with diagnostics", True),
    "space": ("say where all limits are kept, and how probably", True),
    "propose": ("write normal and proven ranges into a recipe draft", True),
    "export": ("write the runs as CSV and Parquet", True),
    "traces": ("lay the readings of units over one another", False),
    "stability": ("enter and evaluate the stability study of an ink", True),
    "homogeneity": ("enter and evaluate the homogeneity study of an ink", True),
    "outcome": ("add a pseudonymous outcome of a batch", False),
    "learn": ("write production, laboratory, flags and outcomes as one table", False),
}
# Verb -> its options: name, what is shown for its value, keyword arguments of argparse.
TEXT: dict[str, Any] = {"metavar": "TEXT", "default": ""}
MANY: dict[str, Any] = {"action": "append", "default": []}
FOLDER: dict[str, Any] = {"metavar": "DIR", "type": Path, "default": Path()}
NUMBER: dict[str, Any] = {"metavar": "N", "type": int}
RAW: dict[str, Any] = {"metavar": "FILE", "type": Path, "help": "the raw file, of which the digest is kept"}
SOURCE = {"method": TEXT, "analyst": TEXT, "raw": RAW}
MODEL: dict[str, Any] = {"default": "quadratic", "choices": ("linear", "interaction", "quadratic")}
OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "design": {
        "recipe": {"metavar": "ID", "required": True, "help": "id or file"},
        "kind": {"metavar": "DESIGN", "required": True, "help": "as box-behnken"},
        "title": TEXT,
        "dose": {"metavar": "MG", "required": True},
        "units": NUMBER | {"default": 3, "help": "of each run"},
        "factor": MANY | {"metavar": "PATH=LOW:HIGH:STEP", "required": True},
        "response": MANY
        | {"metavar": "NAME[@UNIT]=LOW:HIGH", "required": True, "help": "either limit may be left out"},
        "centres": NUMBER | {"default": 3},
        "replicates": NUMBER | {"default": 1},
        "blocks": NUMBER | {"default": 1, "help": "cartridges"},
        "runs": NUMBER | {"default": 0, "help": "of a latin-hypercube"},
        "seed": NUMBER | {"default": 1},
    },
    "run": {
        "recipe": {"metavar": "ID", "required": True, "help": "the one it was designed with"},
        "cartridge": MANY | {"metavar": "ID", "required": True, "help": "one for each block"},
        "count": NUMBER | {"default": 1, "help": "how many of the queue"},
        "balance-id": {"metavar": "SERIAL"},
    },
    "enter": {
        "run": NUMBER | {"required": True},
        "response": {"metavar": "NAME", "required": True},
        "value": {"metavar": "NUMBER", "required": True},
        "reason": TEXT | {"help": "why another value follows one on record"},
        **SOURCE,
    },
    "fit": {"model": MODEL, "figure": {"metavar": "FILE", "type": Path, "help": "fitted against observed, SVG"}},
    "space": {"model": MODEL},
    "propose": {
        "model": MODEL,
        "base": {"metavar": "FILE", "required": True, "help": "the recipe's file, or its id"},
        "version": NUMBER | {"required": True, "help": "of the draft"},
        "probability": {"type": float, "default": 0.9},
        "at": MANY | {"metavar": "PATH=VALUE", "help": "the target (default: the best settings)"},
        "out": {"metavar": "FILE", "type": Path, "required": True},
    },
    "export": {"out": FOLDER, "parquet": {"action": "store_true"}},
    "traces": {
        "unit": MANY | {"metavar": "BATCH/NUMBER", "required": True},
        "sensor": {"default": "pressure_kpa"},
        "out": FOLDER,
        "parquet": {"action": "store_true"},
    },
    "stability": {
        "lot": {"metavar": "ID", "required": True},
        "content": MANY | {"metavar": "DAYS=PERCENT", "required": True},
        "limits": {"metavar": "LOW:HIGH", "default": "95:105"},
        **SOURCE,
    },
    "homogeneity": {
        "lot": {"metavar": "ID", "required": True},
        "content": MANY | {"metavar": "PLACE=PERCENT", "required": True},
        **SOURCE,
    },
    "outcome": {
        "batch": {"metavar": "ID", "required": True},
        "field": {"metavar": "NAME", "required": True},
        "value": {"metavar": "TEXT", "required": True},
        "unit": TEXT,
        "meaning": TEXT,
    },
    "learn": {"out": FOLDER, "parquet": {"action": "store_true"}},
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.bench_options import add_bench_options
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("experiment", help="experiments, studies of an ink, data for learning")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, (what, names) in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        if names:
            one.add_argument("id", metavar="ID")
        for name, how in OPTIONS.get(verb, {}).items():
            one.add_argument(f"--{name}", **how)
        if verb == "run":
            add_bench_options(one)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli import experiment_verbs
    from printcare.cli.identity import entered_with, existing_record

    own = {"design": _design, "run": _run}
    do = own.get(arguments.verb) or getattr(experiment_verbs, f"do_{arguments.verb}")
    with existing_record(arguments) as records:
        account, _ = entered_with(records, arguments.user)
        told = do(records, account, arguments)
    tell(told, is_json=arguments.json)
    return DONE


def _design(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    from printcare.cli.trial import number_of
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.study.experiments import Study, design_experiment

    master = load_recipe(given.recipe)
    study = Study(
        given.id,
        given.title,
        number_of(given.dose, "--dose"),
        given.units,
        tuple(_factor(master, text) for text in given.factor),
        tuple(_response(text) for text in given.response),
    )
    sizes = {name: getattr(given, name) for name in ("centres", "replicates", "blocks", "runs", "seed")}
    design = design_experiment(records, account, study, master, given.kind, **sizes)
    rows = [
        {"run": each.number, "block": each.block, "settings": [str(value) for value in each.settings]}
        for each in design.runs
    ]
    return {"id": given.id, "kind": design.kind, "factors": [each.name for each in design.factors], "runs": rows}


def _run(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    from datetime import datetime
    from decimal import Decimal

    from printcare.cli.bench_options import printers_of
    from printcare.cli.identity import SECOND, entered_with
    from printcare.cli.print_ import material, profile_for
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.batch.research import TrialPart
    from printcare.workflow.mode import present
    from printcare.workflow.site.balance import balance_for
    from printcare.workflow.study.experiment_runs import Setup, next_run, print_run
    from printcare.workflow.study.experiments import experiment_of, run_of

    operator = entered_with(records, given.second_user, SECOND)
    master = load_recipe(given.recipe)
    profile = profile_for(master, given.profile)
    dose_mg = Decimal(experiment_of(records, given.id)["dose_mg"])
    parts = [TrialPart(dose_mg, *material(records, each)) for each in given.cartridge]
    balance, today = balance_for(records, given.balance_id), datetime.now().astimezone().date()
    setup = Setup(master, parts, profile, balance, present(records), today)
    printers = printers_of(given, master, profile, operator)
    done = []
    for _ in range(given.count):
        number = next_run(experiment_of(records, given.id))
        if number is None:
            break
        found = print_run(records, account, given.id, number, setup, printers)
        run = run_of(experiment_of(records, given.id), number)
        results = {name: str(value) for name, value in found.items()}
        done.append({"run": number, "batch": run["batch"], "state": run["status"], "results": results})
    return {"id": given.id, "printed": done, "next": next_run(experiment_of(records, given.id))}


def _factor(master: Any, text: str) -> Factor:
    from printcare.cli.trial import number_of
    from printcare.errors import PrintcareError
    from printcare.workflow.study.experiments import factor_of

    path, _, ends = text.partition("=")
    numbers = [number_of(each, path) for each in ends.split(":")]
    if len(numbers) != 3:
        raise PrintcareError("USAGE", f"{text!r} is no factor.", "Write PATH=LOW:HIGH:STEP.")
    return factor_of(master, path, numbers[0], numbers[1], numbers[2])


def _response(text: str) -> Response:
    from printcare.cli.trial import number_of
    from printcare.workflow.study.experiments import FROM_RECORD, Response

    named, _, ends = text.partition("=")
    name, _, unit = named.partition("@")
    low, _, high = ends.partition(":")
    limits = [number_of(each, name) if each else None for each in (low, high)]
    return Response(name, unit or FROM_RECORD.get(name, ("",))[0], limits[0], limits[1])
