"""`printcare batch`: list and show, cancel, finish, recover an interrupted one, review, release or reject."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.control.events import SafeStateSent
    from printcare.domain.release import ReleaseDecision
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE, REFUSED, FAILED = 0, 1, 3
SQLITE = "sqlite:///"
LISTED = ("status", "recipe", "dose_per_unit_mg", "units", "simulated", "operator", "outcome", "reason")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("batch", help="list, show, cancel, finish, recover, review, release or reject")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, what in (
        ("list", "list every batch"),
        ("show", "show one batch with its units, alarms and deviations"),
        ("finish", "record the finishing of a printed batch, as its operator"),
        ("cancel", "sign that a planned batch is not printed"),
        ("recover", "close an interrupted batch with a deviation"),
        ("review", "say what the figures of a printed batch allow"),
        ("release", "sign a batch as released"),
        ("reject", "sign a batch as rejected"),
    ):
        one = verbs.add_parser(verb, help=what)
        if verb != "list":
            one.add_argument("batch", metavar="ID")
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")
        if verb == "recover":
            one.add_argument("--reason", metavar="TEXT", default="", help="what is known of the interruption")
            one.add_argument("--printer", metavar="URL", help="make this printer safe first")
            one.add_argument("--profile", metavar="ID", help="and this is its profile (default: the batch's)")
        if verb == "cancel":
            one.add_argument("--reason", metavar="TEXT", default="", help="why it is not printed")
        if verb == "release":
            one.add_argument(
                "--rehearsed", action="store_true", help="sign as rehearsed what a simulated bench has made"
            )


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code."""
    from printcare.cli.settings import database_url
    from printcare.cli.telling import tell_interrupted
    from printcare.domain.policy import LOCKED
    from printcare.workstation.opening import open_record

    verbs: dict[str, Callable[[Store, argparse.Namespace], int]] = {
        "list": _list,
        "show": _show,
        "finish": _finish,
        "cancel": _cancel,
        "recover": _recover,
        "review": _review,
        "release": _decide,
        "reject": _decide,
    }
    url = database_url(arguments)
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).is_file():
        if arguments.verb == "list" and not arguments.db:
            return _listed([], arguments)
        raise PrintcareError("NO_RECORD", "There is no record there yet.", "Name the file of a record with --db.")
    records, found = open_record(url, LOCKED)
    tell_interrupted(found)
    with records:
        return verbs[arguments.verb](records, arguments)


def _list(records: Store, arguments: argparse.Namespace) -> int:
    _reader(records, arguments)
    return _listed([_row(records, batch_id, state) for batch_id, state in records.all("batch").items()], arguments)


def _listed(rows: list[dict[str, Any]], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps({"status": "ok", "batch": rows}))
        return DONE
    for row in rows:
        print(_line(row))
    if not rows:
        print("no batches")
    return DONE


def _show(records: Store, arguments: argparse.Namespace) -> int:
    from printcare.workflow.batch.plan import units_of

    _reader(records, arguments)
    batch_id = arguments.batch
    state = _state(records, batch_id)
    units = units_of(records, batch_id)
    told = state | _row(records, batch_id, state)
    for name in ("alarm", "deviation"):
        told[name] = [{"id": key} | row for key, row in records.all(name, batch_id=batch_id).items()]
    if arguments.json:
        print(json.dumps({"status": "ok", "batch": told | {"unit": units}}))
        return DONE
    print(_line(told))
    for unit in units:
        mass = "" if unit["mass_mg"] is None else f"{unit['mass_mg']} mg"
        words = (f"{unit['index']:3d}", unit["position"], unit["status"], unit["use"], mass, unit.get("reason") or "")
        print("  " + "  ".join(word for word in words if word))
    for alarm in told["alarm"]:
        print(f"  alarm {alarm['alarm']} {alarm['title']}: {alarm['seen']}")
    for deviation in told["deviation"]:
        print(f"  deviation {deviation['id']}, {deviation['status']}: {deviation['what']}")
    return DONE


def _finish(records: Store, arguments: argparse.Namespace) -> int:
    """Finish what was printed to its last unit: the window does it on its page, this also where the window is gone."""
    from printcare.workflow.release.review import FINISHING, finish_recorded

    account, secret = _identity(records, arguments)
    finish_recorded(records, account, arguments.batch, secret)
    row = _row(records, arguments.batch, _state(records, arguments.batch))
    if arguments.json:
        print(json.dumps({"status": "quarantined", "batch": row}))
    else:
        print("\n".join((_line(row), *(f"  signed: {step}" for step in FINISHING), "  it waits for its review")))
    return DONE


def _cancel(records: Store, arguments: argparse.Namespace) -> int:
    from printcare.cli.telling import tell
    from printcare.workflow.batch.cancel import cancel_batch

    account, secret = _identity(records, arguments)
    cancel_batch(records, account, secret, arguments.batch, arguments.reason)
    tell({"batch": arguments.batch, "is": "cancelled"}, is_json=arguments.json)
    return DONE


def _recover(records: Store, arguments: argparse.Namespace) -> int:
    """Make the printer safe where one is named, then open the deviation; quarantine came with opening the record.

    A printer that did not confirm is a device that failed, whatever became of the batch.
    """
    from printcare.workflow.batch.recover import close_interrupted, interrupted, left_behind

    if arguments.profile and not arguments.printer:
        raise PrintcareError("USAGE", "--profile is that of a printer.", "Name it with --printer, or neither.")
    account, _ = _identity(records, arguments)
    profile = arguments.profile or str(interrupted(records, arguments.batch)["profile"])
    safe = _made_safe(records, account, arguments.printer, profile) if arguments.printer else None
    key = close_interrupted(records, account, arguments.batch, arguments.reason)
    state = _state(records, arguments.batch)
    left = left_behind(records, arguments.batch)
    told = _row(records, arguments.batch, state) | {"deviation": key}
    told |= {"on_the_tray": dict(left.units), "cartridges": dict(left.cartridges)}
    if safe is not None:
        told["printer"] = {"sent": safe.how, "confirmed": safe.confirmed}
    code = DONE if safe is None or safe.confirmed else FAILED
    if arguments.json:
        print(json.dumps({"status": "quarantined", "batch": told}))
        return code
    if safe is None:
        print("The printer was sent nothing: name it with --printer, or switch it off.")
    else:
        print(f"The printer was sent {safe.how}; it {'has' if safe.confirmed else 'has NOT'} confirmed.")
    if safe is not None and not safe.confirmed:
        print(f"  {safe.reason}\n  Switch it off, let it cool, and only then touch nozzle and tray.")
    print(f"{_line(told)}\n  deviation {key} is open: {state['reason']}")
    for what, found in (("on the tray, none for a patient", left.units), ("cartridge", left.cartridges)):
        print(f"  {what}: " + (", ".join(" ".join(each) for each in found) or "nothing"))
    after = f"then printcare batch reject {arguments.batch}; print the order in a new batch"
    print(f"  next: printcare deviation close {key}, {after}")
    return code


def _made_safe(records: Store, account: Account, url: str, profile_id: str) -> SafeStateSent:
    """Return what a printer was sent; a batch can be closed where its printer is gone, and that is recorded too."""
    from printcare.formats.profile import load_profile
    from printcare.workflow.batch.recover import not_reached, secure_printer
    from printcare.workstation.bench import open_ports

    profile = load_profile(profile_id)
    try:
        ports = open_ports({"printer": url}, profile.link.bauds)
    except PrintcareError as fault:
        return not_reached(records, account, profile, fault)
    try:
        return secure_printer(records, account, ports, profile)
    finally:
        ports.close()


def _review(records: Store, arguments: argparse.Namespace) -> int:
    from printcare.workflow.authority import allowed
    from printcare.workflow.release.review import review_recorded

    account, _ = _identity(records, arguments)
    allowed(records, account, "batch.review")
    return _told(records, arguments, review_recorded(records, arguments.batch), "ok")


def _decide(records: Store, arguments: argparse.Namespace) -> int:
    """Sign the decision; the operator of a batch never decides on it, and what was simulated is never released."""
    from printcare.workflow.release.review import decide_recorded, review_recorded

    wanted = "rejected"
    if arguments.verb == "release":
        wanted = "rehearsed" if arguments.rehearsed else "released"
    account, secret = _identity(records, arguments)
    decision = review_recorded(records, arguments.batch)
    decide_recorded(records, account, secret, arguments.batch, decision, wanted)
    return _told(records, arguments, decision, wanted)


def _told(records: Store, arguments: argparse.Namespace, decision: ReleaseDecision, status: str) -> int:
    """Show what the figures allow; a review of a batch that may only be rejected is a verdict that says no."""
    row = _row(records, arguments.batch, _state(records, arguments.batch))
    row |= {
        "acceptance_value": decision.acceptance_value,
        "may_be": list(decision.may_be),
        "findings": [finding.as_dict() for finding in decision.findings],
    }
    if arguments.json:
        print(json.dumps({"status": status, "batch": row}))
    else:
        print(_line(row))
        print(
            f"  it may be {' or '.join(decision.may_be)}; acceptance value {decision.acceptance_value or 'not formed'}"
        )
        for finding in decision.findings:
            print(f"  {finding.code}  {finding.reason}  {finding.remedy}")
    return REFUSED if status == "ok" and decision.may_be == ("rejected",) else DONE


def _reader(records: Store, arguments: argparse.Namespace) -> None:
    """Record who looks, where a name is given; what is listed names no patient."""
    from printcare.workflow.authority import allowed

    if arguments.user:
        allowed(records, _identity(records, arguments)[0], "batch.show")


def _identity(records: Store, arguments: argparse.Namespace) -> tuple[Account, str]:
    """Return who acts and the password they gave; raises Refused when the two do not belong together."""
    from printcare.cli.settings import password
    from printcare.domain.checks import error
    from printcare.records.accounts import log_in
    from printcare.workflow.authority import Refused

    if not arguments.user:
        raise PrintcareError("USAGE", "This command is recorded with who gave it.", "Add --user NAME.")
    secret = password(arguments.user)
    try:
        return log_in(records, arguments.user, secret), secret
    except PrintcareError as fault:
        if fault.code != "LOGIN_REFUSED":
            raise
        raise Refused((error(fault.code, fault.message, fault.remedy, "user"),)) from fault


def _state(records: Store, batch_id: str) -> dict[str, Any]:
    state = records.get("batch", batch_id)
    if state is None:
        raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.")
    return state


def _row(records: Store, batch_id: str, state: dict[str, Any]) -> dict[str, Any]:
    units = records.all("unit", batch_id=batch_id).values()
    counts = {name: sum(unit["status"] == name for unit in units) for name in ("accepted", "rejected", "unprinted")}
    return {"id": batch_id} | {name: state[name] for name in LISTED} | counts


def _line(row: dict[str, Any]) -> str:
    made = f"{row['accepted']} of {row['units']} accepted, {row['rejected']} rejected"
    simulated = "  simulated" if row["simulated"] else ""
    reason = f"  {row['reason']}" if row["reason"] else ""
    return f"{row['id']}  {row['status']}  {row['recipe']}  {row['dose_per_unit_mg']} mg  {made}{simulated}{reason}"
