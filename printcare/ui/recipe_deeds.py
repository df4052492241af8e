"""What the page Recipes asks for beside the moves of a version: files, suppliers' bundles and keys, verification."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from printcare.domain.checks import error
from printcare.domain.confirmation import LaboratoryReport
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.recipe import MasterRecipe
from printcare.domain.recipe_life import LifeState
from printcare.domain.substances import SiteExcipients
from printcare.errors import PrintcareError
from printcare.formats.kinds import read_any
from printcare.formats.tables import FileProblems
from printcare.ui.forms import Asked, Given, Grid, GridRow, a_file, text
from printcare.ui.offers import Offer, State, by_name, file_bytes, signed_with_reason
from printcare.ui.words import phrase, tr
from printcare.workflow.authority import Refused
from printcare.workflow.entry import Account, Store
from printcare.workflow.recipe import confirm, keys
from printcare.workflow.recipe.bundles import import_bundle
from printcare.workflow.recipe.versions import write

REPORTS = range(1, 4)  # at both ends and in the middle of the dose range
CELLS = ("batch", "laboratory", "file")


def _written(records: Store, account: Account, given: Given) -> str:
    data, name = file_bytes(given)
    try:
        document = read_any(data, name, Path(given.fields["file"]).expanduser().parent)
    except FileProblems as fault:
        raise Refused(fault.findings) from fault
    except PrintcareError as fault:
        raise Refused((error(fault.code, fault.message, fault.remedy, "file"),)) from fault
    if not isinstance(document, MasterRecipe | DosingRule | SiteExcipients):
        told = f"{name} is no recipe, dosing rule or site table."
        raise Refused((error("USAGE", told, "Name what is approved before it counts.", "file"),))
    return tr("The draft {} is kept.").format(write(records, account, document))


def _imported(records: Store, account: Account, given: Given) -> str:
    key = import_bundle(records, account, file_bytes(given, "bundle")[0])
    return tr("The supplier's recipe {} is a draft here, with the bundle as it came.").format(key)


def _trusted(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    named = (asked["key"], asked["fingerprint"], asked["supplier"], asked["reason"])
    return tr("The key {} is trusted.").format(keys.trust_key(records, account, given.password, *named))


def _verified(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    reports = []
    for row in map(_row, REPORTS):
        batch, laboratory, file = (asked[f"{row}.{cell}"] for cell in CELLS)
        if batch or laboratory or file:
            data, _ = file_bytes(given, f"{row}.file")
            reports.append(LaboratoryReport(batch, laboratory, sha256(data).hexdigest()))
    batches = asked["batches"].replace(",", " ").split()
    more = (asked["reason"], asked["justification"])
    confirm.confirm(records, account, given.password, given.key, batches, reports, *more)
    return tr("{} is verified at this site.").format(given.key)


def _of_file(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (a_file("file", tr("File")),)


def _of_bundle(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (a_file("bundle", tr("The supplier's bundle")),)


def _of_key(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        text("key", tr("The public key, 64 characters")),
        text("fingerprint", tr("Its fingerprint, from the supplier's own paper")),
        text("supplier", tr("Supplier")),
        text("reason", tr("Reason")),
    )


def _of_verification(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        text("batches", tr("Confirmatory batches, as B-0001 B-0002")),
        text("reason", tr("Why it holds at this site")),
        text("justification", tr("Why fewer than three batches a level are enough, if so")),
    )


def _of_reports(_records: Store, _state: State) -> tuple[Grid, ...]:
    heads = (tr("Report"), tr("Batch"), tr("Laboratory"), tr("File"))
    rows = tuple(
        GridRow(_row(number), tr("Report {}").format(number), tuple(Asked(cell, "") for cell in CELLS))
        for number in REPORTS
    )
    return (Grid("reports", tr("Content, as laboratories reported it"), heads, rows, is_stacked=True),)


def _row(number: int) -> str:
    return f"{number}.report"


EVERYTHING = (
    Offer("recipe.write", phrase("Keep a recipe, rule or site table as a draft"), _written, _of_file),
    Offer("bundle.import", phrase("Import a supplier's bundle"), _imported, _of_bundle),
    Offer("key.trust", phrase("Trust a supplier's key"), _trusted, _of_key, keys.MEANING),
)
KEY = (
    Offer(
        "key.revoke",
        phrase("Revoke the key"),
        signed_with_reason(keys.revoke_key),
        meaning="revoked the key",
        statuses=(keys.TRUSTED,),
        wants_reason=True,
    ),
)
RECIPE = (
    Offer(
        confirm.COMMAND,
        phrase("Sign its verification at this site"),
        _verified,
        _of_verification,
        confirm.MEANING,
        (LifeState.SUBMITTED, LifeState.IN_VALIDATION, LifeState.APPROVED, LifeState.EFFECTIVE),
        grids=_of_reports,
    ),
)
DEEDS = by_name(EVERYTHING, KEY, RECIPE)
