"""`printcare recipe`: list, show and check recipes and dosing rules."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from printcare.domain.checks import Finding, error
from printcare.errors import PrintcareError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    parser = subparsers.add_parser("recipe", help="list, show and check recipes and dosing rules")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="every recipe this site has")
    show = verbs.add_parser("show", help="one recipe, parameter by parameter")
    show.add_argument("recipe", metavar="ID", help="id or path of a recipe")
    check = verbs.add_parser("check", help="read files and report every problem")
    check.add_argument("files", nargs="+", metavar="FILE", type=Path)
    for verb in (listing, show, check):
        verb.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run the verb and return the exit code."""
    verbs = {"list": _list, "show": _show, "check": _check}
    return verbs[arguments.verb](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from printcare.formats.find import ids
    from printcare.formats.recipe import load_recipe

    rows = []
    for name in ids("recipes"):
        recipe = load_recipe(name)
        status = "demonstration" if recipe.demonstration else "draft"
        rows.append({"id": recipe.id, "version": recipe.version, "status": status, "product": recipe.product.tall_man})
    if arguments.json:
        print(json.dumps({"status": "ok", "recipes": rows}))
        return 0
    for row in rows:
        print(f"{row['id']:32} v{row['version']}  {row['status']:14} {row['product']}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict

    from printcare.formats.recipe import load_recipe

    recipe = load_recipe(arguments.recipe)
    if arguments.json:
        print(json.dumps({"status": "ok", "recipe": asdict(recipe)}, default=str))
        return 0
    print(f"{recipe.title}\n{recipe.id} version {recipe.version}, digest {recipe.digest}")
    product = recipe.product
    print(f"{product.tall_man} {product.dosage_form}, {product.route}; strengths as {product.strength_form}")
    low, high = recipe.unit_range.dose_mg
    print(
        f"validated dose per unit {low} to {high} mg\n\n{'parameter':26}{'target':>10}  {'NOR':>16}  {'PAR':>16}  unit"
    )
    for name, value in ((name, asdict(value)) for name, value in recipe.parameters.every()):
        normal, proven = (f"{value[key][0]} – {value[key][1]}" for key in ("normal", "proven"))
        print(f"{name:26}{value['target']:>10}  {normal:>16}  {proven:>16}  {value['unit']}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    findings: list[Finding] = []
    for path in arguments.files:
        findings += _problems(path)
    told = [finding.as_dict() for finding in findings]
    if arguments.json:
        print(json.dumps({"status": "refused" if findings else "ok", "files": len(arguments.files), "findings": told}))
    else:
        for finding in findings:
            print(f"{finding.code}  {finding.reason}  {finding.remedy}")
        print(f"{len(arguments.files)} file(s) read, {len(findings)} problem(s)")
    return 1 if findings else 0


def _problems(path: Path) -> list[Finding]:
    """Return every problem of one file, told with its name."""
    from printcare.formats.kinds import read_any
    from printcare.formats.tables import FileProblems

    try:
        read_any(path.read_bytes(), path.name)
    except FileProblems as fault:
        return [error(item.code, f"{path}: {item.reason}", item.remedy, item.where) for item in fault.findings]
    except PrintcareError as fault:
        return [error(fault.code, f"{path}: {fault.message}", fault.remedy)]
    except OSError as fault:
        return [error("FILE_UNREADABLE", f"{path} cannot be read: {fault.strerror}.", "Check the path.")]
    return []
