"""`printcare deviation`: deviations, corrective actions, changes and the periodic review of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.cli.telling import tell

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
# Verb -> what it does, whether it names an id, and its own options, all of them texts.
VERBS: dict[str, tuple[str, bool, tuple[str, ...]]] = {
    "list": ("list deviations, actions and changes", False, ()),
    "open": ("open a deviation of a batch or of equipment", False, ("batch", "equipment", "what")),
    "close": ("sign its end with cause and impact", True, ("cause", "impact")),
    "action": ("open a corrective action for a deviation", True, ("what", "owner", "due")),
    "done": ("sign that an action was done and worked", True, ("effect",)),
    "change": ("propose a change", False, ("what", "impact", "requalify")),
    "approve": ("sign that a change may be made", True, ()),
    "made": ("sign that a change was made", True, ("effect",)),
    "review": ("record the periodic review", False, ("since", "until", "what")),
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its verbs."""
    from printcare.cli.settings import add_identity_options, add_record_options

    parser = subparsers.add_parser("deviation", help="deviations, corrective actions, changes, periodic review")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb, (what, names, options) in VERBS.items():
        one = verbs.add_parser(verb, help=what)
        if names:
            one.add_argument("id", metavar="ID")
        for option in options:
            one.add_argument(f"--{option}", metavar="TEXT", default="")
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; a refusal is raised and told by the front door."""
    from printcare.cli.identity import entered_with, existing_record

    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        told = _do(records, account, secret, arguments)
    tell(told, is_json=arguments.json)
    return DONE


def _do(records: Store, account: Account, secret: str, given: argparse.Namespace) -> dict[str, Any]:
    from printcare.workflow.authority import allowed
    from printcare.workflow.quality import deviations

    if given.verb == "list":
        allowed(records, account, "record.read")
        return {table: records.all(table) for table in (deviations.DEVIATION, deviations.CAPA, deviations.CHANGE)}
    if given.verb == "open":
        return {"id": deviations.open_deviation(records, account, given.batch, given.what, given.equipment)}
    if given.verb == "action":
        return {"id": deviations.open_capa(records, account, given.id, given.what, given.owner, given.due)}
    if given.verb == "change":
        return {"id": deviations.propose_change(records, account, given.what, given.impact, given.requalify)}
    if given.verb == "review":
        return {"review": dict(deviations.review_quality(records, account, given.since, given.until, given.what))}
    signed = {
        "close": lambda: deviations.close_deviation(records, account, secret, given.id, given.cause, given.impact),
        "done": lambda: deviations.close_capa(records, account, secret, given.id, given.effect),
        "approve": lambda: deviations.approve_change(records, account, secret, given.id),
        "made": lambda: deviations.close_change(records, account, secret, given.id, given.effect),
    }
    signed[given.verb]()
    return {"id": given.id, "signed": given.verb}
