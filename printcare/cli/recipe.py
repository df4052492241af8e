"""`printcare recipe`: list, show and check recipes, dosing rules and site tables; their life is in recipe_life."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any  # a state of the record is parsed JSON

from printcare.domain.checks import Finding, error
from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.domain.difference import Change
    from printcare.domain.recipe import MasterRecipe
    from printcare.records.store import Store

NOT_ON_RECORD = "not on record"  # a shipped file nobody submitted here: it counts for nothing
SQLITE = "sqlite:///"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli import recipe_bundle, recipe_life
    from printcare.cli.settings import add_record_options

    parser = subparsers.add_parser("recipe", help="recipes and dosing rules, and their life from draft to retirement")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="every recipe this site has, and where each version stands")
    show = verbs.add_parser("show", help="one recipe, parameter by parameter")
    show.add_argument("recipe", metavar="ID", help="id or path of a recipe; ID/VERSION for one on record")
    show.add_argument("--against", metavar="VERSION", help="show what differs from this version, or this file")
    check = verbs.add_parser("check", help="read files and report every problem")
    check.add_argument("files", nargs="+", metavar="FILE", type=Path)
    for verb in (listing, show):
        add_record_options(verb)
    for verb in (listing, show, check):
        verb.add_argument("--json", action="store_true", help="print one JSON object")
    recipe_life.add_verbs(verbs)
    recipe_bundle.add_verbs(verbs)


def run(arguments: argparse.Namespace) -> int:
    """Run the verb and return the exit code."""
    from printcare.cli import recipe_bundle, recipe_life

    own = {"list": _list, "show": _show, "check": _check}
    verbs: dict[str, Callable[[argparse.Namespace], int]] = {**own, **recipe_life.VERBS, **recipe_bundle.VERBS}
    return verbs[arguments.verb](arguments)


def _record(arguments: argparse.Namespace) -> Store | None:
    """Return the site's record, or None where there is none yet and none was named."""
    from printcare.cli.identity import existing_record
    from printcare.cli.settings import database_url

    url = database_url(arguments)
    is_there = not url.startswith(SQLITE) or Path(url.removeprefix(SQLITE)).is_file()
    return existing_record(arguments) if is_there or arguments.db else None


def _list(arguments: argparse.Namespace) -> int:
    from printcare.formats.find import ids
    from printcare.formats.recipe import load_recipe

    records = _record(arguments)
    rows: list[dict[str, Any]] = []
    if records is not None:
        with records:
            rows = [_row(state) for state in records.all("recipe_version").values()]
    known = {(row["id"], row["version"]) for row in rows}
    for recipe in map(load_recipe, ids("recipes")):
        if (recipe.id, recipe.version) not in known:
            product = recipe.product.tall_man
            rows.append({"id": recipe.id, "version": recipe.version, "status": NOT_ON_RECORD, "product": product})
    rows.sort(key=lambda row: (row["id"], row["version"]))
    if arguments.json:
        print(json.dumps({"status": "ok", "recipes": rows}))
        return 0
    for row in rows:
        print(f"{row['id']:32} v{row['version']}  {row['status']:14} {row['product']}")
    return 0


def _row(state: dict[str, Any]) -> dict[str, Any]:
    product = state["content"]["product"]["tall_man"]
    row = {"id": state["recipe_id"], "version": state["version"], "status": state["status"], "product": product}
    return row | {name: state[name] for name in ("effective_from", "effective_until") if state[name]}


def _show(arguments: argparse.Namespace) -> int:
    from printcare.domain.difference import differences
    from printcare.domain.plain import state_of

    content = other = None
    records = _record(arguments)
    if records is not None:
        with records:
            content = _content(records, arguments.recipe)
            other = _content(records, _other(arguments)) if arguments.against else None
    content = content or state_of(_load(arguments.recipe))
    if arguments.against:
        return _tell_difference(arguments, differences(other or state_of(_load(arguments.against)), content))
    if arguments.json:
        print(json.dumps({"status": "ok", "recipe": content}))
        return 0
    _tell(content)
    return 0


def _other(arguments: argparse.Namespace) -> str:
    """Return the version to compare with: a number is one of the same recipe."""
    against = str(arguments.against)
    return f"{arguments.recipe.split('/')[0]}/{against}" if against.isdigit() else against


def _content(records: Store, named: str) -> dict[str, Any] | None:
    """Return the content of a version on record, or None for what is none: a shipped recipe or a file."""
    state = records.get("recipe_version", named)
    return None if state is None else dict(state["content"])


def _load(named: str) -> MasterRecipe:
    from printcare.formats.recipe import load_recipe

    return load_recipe(named)


def _tell(content: dict[str, Any]) -> None:
    print(f"{content['title']}\n{content['id']} version {content['version']}, digest {content['digest']}")
    product = content["product"]
    strengths = f"strengths as {product['strength_form']}"
    print(f"{product['tall_man']} {product['dosage_form']}, {product['route']}; {strengths}")
    low, high = content["unit_range"]["dose_mg"]
    head = f"{'parameter':26}{'target':>10}  {'NOR':>16}  {'PAR':>16}  unit"
    print(f"validated dose per unit {low} to {high} mg\n\n{head}")
    for name, value in content["parameters"].items():
        if value is not None:
            normal, proven = (f"{value[key][0]} – {value[key][1]}" for key in ("normal", "proven"))
            print(f"{name:26}{value['target']:>10}  {normal:>16}  {proven:>16}  {value['unit']}")


def _tell_difference(arguments: argparse.Namespace, changes: tuple[Change, ...]) -> int:
    from printcare.cli.recipe_life import told_change
    from printcare.domain.plain import state_of

    if arguments.json:
        print(json.dumps({"status": "ok", "differences": [state_of(change) for change in changes]}))
        return 0
    for change in changes:
        print(told_change(state_of(change)))
    print(f"{len(changes)} difference(s)")
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
        read_any(path.read_bytes(), path.name, path.parent)
    except FileProblems as fault:
        return [error(item.code, f"{path}: {item.reason}", item.remedy, item.where) for item in fault.findings]
    except PrintcareError as fault:
        return [error(fault.code, f"{path}: {fault.message}", fault.remedy)]
    except OSError as fault:
        return [error("FILE_UNREADABLE", f"{path} cannot be read: {fault.strerror}.", "Check the path.")]
    return []
