"""`printcare print`: the whole job of a verified order without a window, up to the quarantine its review waits in."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from decimal import Decimal

    from printcare.control.events import Event
    from printcare.devices.ports import SerialPorts
    from printcare.domain.control_recipe import DoseTime, PartDose
    from printcare.domain.formulation import Cartridge, InkLot
    from printcare.domain.machine import FirmwareProfile
    from printcare.domain.prescription import Prescription
    from printcare.domain.recipe import MasterRecipe
    from printcare.records.accounts import Account
    from printcare.records.store import Store
    from printcare.workflow.batch.plan import PlannedBatch

FAILED, INTERRUPTED = 3, 130


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    from printcare.cli.settings import add_identity_options, add_language_option, add_record_options

    parser = subparsers.add_parser("print", help="print a verified order without a window")
    parser.add_argument("--order", metavar="ID", required=True, help="a verified order on record")
    parser.add_argument(
        "--cartridge", metavar="ID", action="append", required=True, help="on record; one for each ink, in print order"
    )
    parser.add_argument("--printer", metavar="URL", required=True)
    parser.add_argument("--balance", metavar="URL", required=True)
    parser.add_argument(
        "--pressure", metavar="URL", action="append", default=[], help="one for each tool that has a transmitter"
    )
    parser.add_argument("--printer-name", metavar="NAME", help="on the register, where several have the same profile")
    parser.add_argument("--profile", metavar="ID", help="the printer's profile, where several fit the recipe")
    parser.add_argument(
        "--room", nargs=3, metavar=("CLASS", "C", "PCT"), help="the room at line clearance: class, °C, %% humidity"
    )
    parser.add_argument(
        "--scan", metavar="WHAT=CODE", action="append", default=[],
        help="what the scanner read, held against the plan: cartridge, lot, nozzle (cartridge-2 of a second ink)",
    )  # fmt: skip
    parser.add_argument("--recipe", metavar="ID", help="recipe, where several are made of these inks")
    parser.add_argument("--days", metavar="N", type=int, help="of the course (default: all that was ordered)")
    parser.add_argument("--step", metavar="N", type=int, help="of an order in steps: the step, from 1")
    parser.add_argument("--at", metavar="HH:MM", help="and the dose's time of the day")
    parser.add_argument("--balance-id", metavar="SERIAL", help="of the balance, where several have checks on record")
    parser.add_argument(
        "--endpoint", metavar="PATH", type=Path, help="where `printcare steer` reaches the job, in a folder of your own"
    )
    parser.add_argument("--seed", metavar="N", type=int, help="of the sample's order (default: drawn)")
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path(), help="where the documents go")
    add_language_option(parser)
    add_record_options(parser)
    add_identity_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the batch and return the exit code of where it stands: quarantine is 3 until somebody has reviewed it."""
    from printcare.cli.identity import SECOND, entered_with, existing_record

    if (arguments.step is None) != (arguments.at is None):
        raise PrintcareError("USAGE", "A step and a time of the day belong together.", "Give --step N and --at HH:MM.")
    room = None if arguments.room is None else _room_of(arguments.room)
    with existing_record(arguments) as records:
        operator, password = entered_with(records, arguments.user)
        second, second_password = entered_with(records, arguments.second_user, SECOND)
        return _print(records, arguments, (operator, password), (second, second_password), room)


def _print(
    records: Store,
    arguments: argparse.Namespace,
    operator: tuple[Account, str],
    second: tuple[Account, str],
    room: tuple[str, Decimal, Decimal] | None,
) -> int:
    from printcare.cli.attendant import Attendant
    from printcare.cli.progress import ProgressBar
    from printcare.devices.transport import transport_findings
    from printcare.domain.checks import blocking
    from printcare.workflow.authority import Refused
    from printcare.workflow.batch.produce import prepare, produce
    from printcare.workflow.batch.scanned import compare_scan
    from printcare.workflow.order.receive import pseudonym_key
    from printcare.workflow.order.worklist import order_of
    from printcare.workflow.release.review import draw, finish
    from printcare.workflow.site.room import enter_room
    from printcare.workstation.bench import open_ports
    from printcare.workstation.settings import data_directory

    order = order_of(records, arguments.order, pseudonym_key(data_directory(records.url)))
    planned = _plan(records, arguments, operator[0], order)
    for scan in arguments.scan:
        what, _, read = scan.partition("=")
        compare_scan(records, operator[0], planned, what, read)
    urls = urls_of(arguments, planned.profile)
    stops = blocking(transport_findings(planned.profile, arguments.printer))
    if stops:
        raise Refused(stops)
    # A port that is not there is told before anybody signs: a prepared batch would keep the cartridge to itself.
    show, ports = ProgressBar(planned.recipe.units_total), open_ports(urls, planned.profile.link.bauds)
    try:
        draw(records, operator[0], planned, secrets.randbelow(2**31) if arguments.seed is None else arguments.seed)
        if room is not None:
            enter_room(records, operator[0], planned.id, *room)
        prepare(records, *operator, *second, planned)
        with _steered(records, arguments.endpoint, planned, ports) as publish:
            told = (show, publish, Attendant(ports.post, operator[0].id, is_json=arguments.json))
            ended = produce(records, operator[0], planned.job, planned.cartridge.id, ports, partial(_tell_each, told))
    finally:
        ports.close()
        show.close()
    if ended.outcome.value != "completed":  # said now: what follows needs a record that may be why
        with suppress(OSError):
            print(f"Printing ended: {ended.reason}\nSee that the printer stands still and cools.", file=sys.stderr)
    if is_finished_at_once(records.get("batch", planned.id) or {}):
        finish(records, operator[0], planned, operator[1])
    files = _documents(records, arguments, operator[0], planned, order)
    return _tell(records, arguments, planned, ended.reason, files)


def is_finished_at_once(state: Mapping[str, Any]) -> bool:
    """Whether nobody has to dry, inspect and pack what was printed: units of a simulated bench are not there.

    Who finished real units signs that afterwards, with `printcare batch finish`.
    """
    return state["status"] == "finishing" and bool(state["simulated"])


def _tell_each(told: tuple[Callable[[Event], None], ...], event: Event) -> None:
    for tell in told:
        tell(event)


@contextmanager
def _steered(
    records: Store, path: Path | None, planned: PlannedBatch, ports: SerialPorts
) -> Iterator[Callable[[Event], None]]:
    """Let the job be heard and steered at a path while it runs, or at none."""
    from printcare.runner import listening

    if path is None:
        yield lambda _event: None
        return
    endpoint = listening(records, planned.id, path, ports, time.monotonic, planned.job.policy)
    try:
        yield endpoint.publish
    finally:
        endpoint.close()


def _room_of(told: list[str]) -> tuple[str, Decimal, Decimal]:
    """Return class, temperature in °C and relative humidity in %; raises PrintcareError USAGE."""
    from decimal import Decimal, InvalidOperation

    try:
        return told[0], Decimal(told[1]), Decimal(told[2])
    except InvalidOperation as fault:
        raise PrintcareError("USAGE", "The room has numbers for °C and %.", "Give --room CLASS 21.5 45.") from fault


def _plan(records: Store, arguments: argparse.Namespace, operator: Account, order: Prescription) -> PlannedBatch:
    """Return the planned batch of what the record knows; raises Refused with every objection."""
    from printcare.domain.control_recipe import DoseTime
    from printcare.workflow.batch.plan import plan_batch
    from printcare.workflow.mode import present
    from printcare.workflow.site.balance import balance_for

    policy, today = present(records), datetime.now().astimezone().date()
    at = None if arguments.step is None else DoseTime(arguments.step, arguments.at)
    materials = [material(records, each) for each in arguments.cartridge]
    recipe = _recipe(records, order, arguments.recipe, [lot for lot, _ in materials])
    return plan_batch(
        records,
        operator,
        order.id,
        recipe,
        _doses(records, order, recipe, materials, at),
        profile_for(recipe, arguments.profile or _profile_of(records, arguments.printer_name)),
        balance_for(records, arguments.balance_id),
        policy,
        arguments.days or _days(order, at),
        today,
        at=at,
        printer=arguments.printer_name,
    )


def _profile_of(records: Store, name: str | None) -> str | None:
    """Return the profile a named printer stands on the register with; the plan refuses one that stands nowhere."""
    from printcare.workflow.site.equipment import equipment_of

    known = None if name is None else equipment_of(records, name)
    return None if known is None else known.profile_id or None


def _doses(
    records: Store,
    order: Prescription,
    recipe: MasterRecipe,
    materials: list[tuple[InkLot, Cartridge]],
    at: DoseTime | None,
) -> list[PartDose]:
    from printcare.domain.control_recipe import PartDose
    from printcare.formats.dosing_rule import load_rules
    from printcare.workflow.order.verified import verified_doses

    today = datetime.now().astimezone().date()
    verified = verified_doses(records, order, load_rules(), recipe, [lot for lot, _ in materials], today, at)
    return [PartDose(dose, *material) for dose, material in zip(verified, materials, strict=True)]


def _days(order: Prescription, at: DoseTime | None) -> int:
    if at is None:
        return order.duration_days
    return order.steps[at.step - 1].days if 1 <= at.step <= len(order.steps) else 0


def material(records: Store, cartridge_id: str) -> tuple[InkLot, Cartridge]:
    """Return a cartridge and its lot as they are on record; raises Refused for one nobody received."""
    from printcare.domain.checks import error
    from printcare.workflow.authority import Refused
    from printcare.workflow.ink.materials import cartridge_from
    from printcare.workflow.order.worklist import lot_of

    state = records.get("cartridge", cartridge_id)
    if state is None:
        told = f"The cartridge {cartridge_id} is not on record."
        raise Refused((error("E_CARTRIDGE_UNKNOWN", told, "See `printcare ink list`.", "cartridge"),))
    cartridge = cartridge_from(records, state)
    return lot_of(records, "", cartridge.lot_id), cartridge


def _recipe(records: Store, order: Prescription, wanted: str | None, lots: list[InkLot]) -> MasterRecipe:
    """Return the one approved recipe of the ordered drugs made of these inks; raises Refused for none or several."""
    from printcare.domain.checks import error
    from printcare.formats.find import ids
    from printcare.formats.recipe import load_recipe
    from printcare.workflow.authority import Refused
    from printcare.workflow.recipe.approvals import effective_recipe

    if wanted is not None:
        recipe = load_recipe(wanted)
        if len(recipe.parts) != len(lots):
            told = f"{recipe.id} is printed from {len(recipe.parts)} cartridges, {len(lots)} were named."
            raise Refused((error("E_CARTRIDGE_COUNT", told, "Name one for each ink, in print order.", "cartridge"),))
        return recipe
    drugs = {each.product_code.casefold() for each in order.components} or {order.product_code.casefold()}
    inks = [lot.ink_id for lot in lots]
    known = [load_recipe(each) for each in ids("recipes")]
    fitting = [
        recipe
        for recipe in known
        if [part.ink.ink_id for part in recipe.parts] == inks
        and {part.product.inn.casefold() for part in recipe.parts} == drugs
    ]
    approved = [recipe for recipe in fitting if not effective_recipe(records, recipe)]
    if len(approved) == 1:
        return approved[0]
    told = f"{len(approved)} approved recipes make {' and '.join(sorted(drugs))} of {', '.join(inks)}."
    raise Refused((error("E_RECIPE_NONE", told, "Name the recipe, or other cartridges.", "recipe"),))


def profile_for(recipe: MasterRecipe, wanted: str | None) -> FirmwareProfile:
    """Return the profile that is named, else the one that fits the recipe; raises PrintcareError USAGE for several."""
    from printcare.formats.find import ids
    from printcare.formats.profile import load_profile

    if wanted is not None:
        return load_profile(wanted)
    every = [load_profile(each) for each in ids("firmware_profiles")]
    fitting = [profile for profile in every if profile.printer_class in recipe.printer_classes]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(profile.id for profile in fitting)
    raise PrintcareError("USAGE", f"These profiles fit {recipe.id}: {names}.", "Name the printer's with --profile.")


def urls_of(arguments: argparse.Namespace, profile: FirmwareProfile) -> dict[str, str]:
    """Return the URL of every device by its role; a filament's tool has no transmitter."""
    from printcare.protocol.wire import BALANCE, PRINTER, pressure_role

    roles = [pressure_role(number) for number, tool in enumerate(profile.tools) if tool.has_transmitter]
    if len(roles) != len(arguments.pressure):
        told = f"{profile.id} has {len(roles)} pressure transmitters, {len(arguments.pressure)} were named."
        raise PrintcareError("USAGE", told, "Repeat --pressure URL for each, T0 first.")
    return {
        PRINTER: arguments.printer,
        BALANCE: arguments.balance,
        **dict(zip(roles, arguments.pressure, strict=True)),
    }


def _documents(
    records: Store, arguments: argparse.Namespace, operator: Account, planned: PlannedBatch, order: Prescription
) -> list[str]:
    from printcare.formats.dosing_rule import load_rules
    from printcare.workflow.batch.produce import policy_of
    from printcare.workflow.order.verified import calculations_of
    from printcare.workflow.paper.documents import Pharmacy, write_documents

    received = records.kept("received_message", order.received_sha256)
    state = records.get("batch", planned.id) or {}
    return write_documents(
        records,
        operator,
        arguments.out,
        planned,
        order,
        received or b"",
        calculations_of(records, order.id, planned.recipe, load_rules()),
        None,
        policy_of(state),
        Pharmacy(records.site(), "", ""),
        arguments.language,
    )


def _tell(records: Store, arguments: argparse.Namespace, planned: PlannedBatch, reason: str, files: list[str]) -> int:
    """Show where the batch stands; it is released or rehearsed by another person's signature alone."""
    from printcare.workflow.batch.plan import units_of
    from printcare.workflow.release.review import review_recorded

    state, rows = records.get("batch", planned.id) or {}, units_of(records, planned.id)
    decision = review_recorded(records, planned.id)
    alarms = records.all("alarm", batch_id=planned.id).values()
    told: dict[str, object] = {
        "status": state["status"],
        "batch": planned.id,
        "units": len(rows),
        "accepted": sum(row["status"] == "accepted" for row in rows),
        "rejected": sum(row["status"] == "rejected" for row in rows),
        "acceptance_value": decision.acceptance_value,
        "may_be": list(decision.may_be),
        "alarms": [
            {"id": alarm["alarm"], "unit": alarm["unit"], "reason": f"{alarm['title']}: {alarm['seen']}"}
            for alarm in alarms
        ],
        "reason": reason,
        "files": files,
    }
    if arguments.json:
        print(json.dumps(told))
    else:
        print(f"Batch {planned.id}: {state['status']}, {told['accepted']} of {len(rows)} units accepted. {reason}")
        if state["status"] == "finishing":
            print(f"Dry, inspect and pack the units, then sign that: printcare batch finish {planned.id}")
        print(f"It may be {' or '.join(decision.may_be)}: printcare batch review {planned.id}")
    return INTERRUPTED if reason.startswith("interrupted") else FAILED
