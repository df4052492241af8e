"""`printcare order`: the worklist, and the pharmacist's verification with the second person's blind entry."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any  # a state of the record is parsed JSON

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.domain.dose_case import Override
    from printcare.domain.formulation import InkLot
    from printcare.domain.prescription import GivenBefore, Prescription
    from printcare.domain.recipe import MasterRecipe
    from printcare.domain.verification import SecondEntry
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0


@dataclass(frozen=True, slots=True)
class Present:
    """The two people at this verification, with what they sign with."""

    first: Account
    first_password: str
    second: Account
    second_password: str


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("order", help="list the orders, verify or refuse one")
    verbs = parser.add_subparsers(dest="order_command", required=True)
    listed = verbs.add_parser("list", help="list the orders on record")
    verify = verbs.add_parser("verify", help="calculate an order and let two people stand for its dose")
    verify.add_argument("id", metavar="ID", help="number of the order")
    verify.add_argument("--recipe", metavar="ID", help="recipe, where several make the product")
    verify.add_argument("--lot", metavar="LOT", help="ink lot on record, or the file of one")
    entry = verify.add_argument_group("the second person's blind entry (asked for on a terminal)")
    entry.add_argument("--weight", metavar="KG", help="weight in kg, typed from the source")
    entry.add_argument("--height", metavar="CM", help="height in cm, typed from the source")
    entry.add_argument(
        "--dose", metavar="MG", action="append", default=[], help="dose in mg; for steps once for each dose, in order"
    )
    more = verify.add_argument_group("the pharmacist's own statements")
    more.add_argument("--enter-dose", metavar="MG", help="the dose, where the order holds no amount in mg")
    more.add_argument("--acknowledge", metavar="CODE=REASON", action="append", default=[], help="take a warning on")
    more.add_argument(
        "--given-before", metavar="OVER:UNIT:AMOUNT", action="append", default=[], help="such as lifetime:mg/m2:120"
    )
    more.add_argument("--override", metavar="REASON", help="why the limits for age do not hold here")
    more.add_argument("--second-override", metavar="REASON", help="why, in the second pharmacist's words")
    more.add_argument("--remeasured-weight", metavar="KG", help="the weight, measured again for this")
    refuse = verbs.add_parser("refuse", help="refuse an order that waits for its verification, signed")
    refuse.add_argument("id", metavar="ID", help="number of the order")
    refuse.add_argument("--reason", metavar="TEXT", default="", help="why, for the prescriber")
    for verb in (listed, verify, refuse):
        add_record_options(verb)
        add_identity_options(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; refusals are raised and told by the front door."""
    return {"list": _list, "verify": _verify, "refuse": _refuse}[arguments.order_command](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered, existing_record
    from printcare.workflow.order.worklist import orders

    with existing_record(arguments) as records:
        listed = orders(records, entered(records, arguments.user))
    if arguments.json:
        print(json.dumps({"status": "ok", "orders": listed}, ensure_ascii=False))
        return DONE
    for row in listed:
        dose = f"{row['ordered_dose_mg']} mg" if row["ordered_dose_mg"] else "see order"
        print(f"{row['id']:<20} {row['status']:<12} {row['patient']}  {row['product_code']}  {dose}")
    if not listed:
        print("No order is on record.")
    return DONE


def _refuse(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered_with, existing_record
    from printcare.cli.telling import tell
    from printcare.workflow.order.refuse_order import refuse_order

    with existing_record(arguments) as records:
        account, password = entered_with(records, arguments.user)
        refuse_order(records, account, password, arguments.id, arguments.reason)
    tell({"order": arguments.id, "is": "refused"}, is_json=arguments.json)
    return DONE


def _verify(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import SECOND, entered_with, existing_record
    from printcare.domain.verification import Acknowledgement
    from printcare.formats.calculation_sheet import sheet_text
    from printcare.formats.dosing_rule import load_rules
    from printcare.workflow.order import kinds
    from printcare.workflow.order.receive import pseudonym_key
    from printcare.workflow.order.worklist import order_of
    from printcare.workstation.settings import data_directory

    statements, reasons = _statements(arguments), _reasons(arguments.acknowledge)
    with existing_record(arguments) as records:
        present = Present(*entered_with(records, arguments.user), *entered_with(records, arguments.second_user, SECOND))
        order = order_of(records, arguments.id, pseudonym_key(data_directory(records.url)))
        recipe, lots = _materials(arguments, records, order)
        # Asked for before anything is calculated: on one screen the sheet would tell the second person the numbers.
        entry = _second_entry(arguments, order, present.second)
        calculated = kinds.calculate(
            records,
            present.first,
            order,
            load_rules(),
            recipe,
            lots,
            datetime.now().astimezone().date(),
            override=_override(arguments, present),
            given_before=statements,
        )
        _show_sheets(arguments, [sheet_text(dose.calculation) for dose in kinds.doses_of(calculated)])
        kinds.verify(
            records,
            present.first,
            present.first_password,
            present.second_password,
            order,
            calculated,
            present.second,
            entry,
            arguments.dose,
            tuple(Acknowledgement(code, reason, present.first.id) for code, reason in reasons),
            {"": _amount(arguments.enter_dose, "--enter-dose")} if arguments.enter_dose else {},
        )
        state = records.get("verified_dose", order.id) or {}
    if order.components:
        _tell_unit(arguments, order.id, {row["drug"]: row["printed_dose_mg"] for row in state["components"]})
        return DONE
    told = {"status": "ok", "verified": {"id": order.id, **_without_lines(state)}}
    print(json.dumps(told, ensure_ascii=False) if arguments.json else _as_text(order.id, state))
    return DONE


def _materials(arguments: argparse.Namespace, records: Store, order: Prescription) -> tuple[MasterRecipe, list[InkLot]]:
    """Return the recipe of an order and the lot of each of its parts."""
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.order.worklist import lot_of

    if not order.components:
        recipe = _recipe(records, order, arguments.recipe)
        return recipe, [_lot(records, recipe, arguments.lot)]
    if arguments.recipe is None:
        raise PrintcareError("USAGE", f"{order.id} is for several drugs in a unit.", "Name their recipe with --recipe.")
    recipe = load_recipe(arguments.recipe)
    return recipe, [lot_of(records, part.ink.ink_id, None) for part in recipe.parts]


def _tell_unit(arguments: argparse.Namespace, order_id: str, doses_mg: dict[str, str]) -> None:
    if arguments.json:
        print(json.dumps({"status": "ok", "verified": {"id": order_id, "doses_mg": doses_mg}}, ensure_ascii=False))
        return
    print(f"Order {order_id}: VERIFIED, " + ", ".join(f"{drug} {dose_mg} mg" for drug, dose_mg in doses_mg.items()))


def _recipe(records: Store, order: Prescription, wanted: str | None) -> MasterRecipe:
    from printcare.formats.find import ids
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.order.worklist import recipe_for

    return recipe_for(records, [load_recipe(each) for each in ([wanted] if wanted else ids("recipes"))], order)


def _lot(records: Store, recipe: MasterRecipe, wanted: str | None) -> InkLot:
    from printcare.formats.find import data_file
    from printcare.formats.ink_lot import read_ink_lot
    from printcare.workflow.order.worklist import lot_of

    if wanted is not None and wanted.endswith(".toml"):
        name, data = data_file("recipes", wanted)
        return read_ink_lot(data, name)[0]
    return lot_of(records, recipe.ink.ink_id, wanted)


def _second_entry(arguments: argparse.Namespace, order: Prescription, second: Account) -> SecondEntry:
    from printcare.domain.dose_case import Quantity
    from printcare.domain.verification import SecondEntry

    if not arguments.dose:
        if not sys.stdin.isatty() or arguments.json:
            remedy = "Add --weight, --height and --dose as the second person reads them from the source."
            raise PrintcareError("USAGE", "The second person's own entry is missing.", remedy)
        _ask(arguments, order, second)
    weight = Quantity(arguments.weight, "kg") if arguments.weight else None
    height = Quantity(arguments.height, "cm") if arguments.height else None
    return SecondEntry(second.id, weight, height, arguments.dose[0])


def _ask(arguments: argparse.Namespace, order: Prescription, second: Account) -> None:
    """Let the second person type what they read; nothing that was entered before is shown."""
    print(f"{second.name}: type from the prescription and the chart; leave empty what the order does not state.")
    arguments.weight = input("Weight in kg: ").strip() or None
    arguments.height = input("Height in cm: ").strip() or None
    if order.components:
        arguments.dose = [input(f"{each.product_code}, dose in mg: ").strip() for each in order.components]
    elif not order.steps:
        arguments.dose = [input("Dose in mg: ").strip()]
    for number, step in enumerate(order.steps, start=1):
        for dose in step.doses:
            arguments.dose.append(input(f"Step {number}, {dose.time_of_day}, dose in mg: ").strip())


def _reasons(words: list[str]) -> list[tuple[str, str]]:
    """Return code and reason of each acknowledged warning."""
    given = []
    for word in words:
        code, _, reason = word.partition("=")
        if not reason.strip():
            raise PrintcareError("USAGE", f"{word!r} gives no reason.", "Write --acknowledge CODE='the reason'.")
        given.append((code, reason))
    return given


def _statements(arguments: argparse.Namespace) -> tuple[GivenBefore, ...]:
    from printcare.domain.ledger import COURSE, LIFETIME, UNITS
    from printcare.domain.prescription import GivenBefore

    given = []
    for word in arguments.given_before:
        over, _, rest = word.partition(":")
        unit, _, amount = rest.partition(":")
        if over not in (COURSE, LIFETIME) or unit not in UNITS:
            raise PrintcareError("USAGE", f"{word!r} is not understood.", "Write OVER:UNIT:AMOUNT, lifetime:mg/m2:120.")
        given.append(GivenBefore(over, unit, _amount(amount, "--given-before")))
    return tuple(given)


def _override(arguments: argparse.Namespace, present: Present) -> Override | None:
    from printcare.domain.dose_case import Override

    stated = (arguments.override, arguments.second_override, arguments.remeasured_weight)
    if not any(stated):
        return None
    reason, second_reason, weight = (each or "" for each in stated)
    return Override(present.first.id, reason, present.second.id, second_reason, weight)


def _amount(text: str, option: str) -> Decimal:
    from printcare.domain.checks import Finding
    from printcare.domain.numbers import as_decimal, read_number

    number = read_number(text, option)
    if isinstance(number, Finding) or number < 0:
        reason = number.reason if isinstance(number, Finding) else f"{text} is negative."
        raise PrintcareError("USAGE", reason, f"Write {option} as plain digits with a point.")
    return as_decimal(number)


def _show_sheets(arguments: argparse.Namespace, sheets: list[str]) -> None:
    if not arguments.json:
        print("\n".join(sheets))


def _without_lines(state: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in state.items() if name != "lines"}
    for step in shown.get("steps", []):
        for dose in step["doses"]:
            dose.pop("lines", None)
    return shown


def _as_text(order_id: str, state: dict[str, Any]) -> str:
    lines = [f"Order {order_id}: VERIFIED by {state['pharmacist']} and {state['second']}, rule {state['rule']}"]
    if state.get("steps"):
        for step in state["steps"]:
            doses = ", ".join(f"{dose['printed_dose_mg']} mg at {dose['at']}" for dose in step["doses"])
            lines.append(f"  {step['days']} days: {doses}")
    else:
        units, mass = state["units_per_dose"], state["target_wet_mass_mg"]
        lines.append(f"  {state['printed_dose_mg']} mg ({state['origin']}): {units} unit(s) of {mass} mg")
    lines += [f"  {finding['code']}: {finding['reason']}" for finding in state["warnings"]]
    return "\n".join(lines)
