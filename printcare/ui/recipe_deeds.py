"""What the page Recipes asks for beside a version's moves: files, bundles in and out, suppliers' keys, verification."""

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
from printcare.formats.bundle import fingerprint
from printcare.formats.find import data_file
from printcare.formats.kinds import read_any
from printcare.formats.platform import parent_beside
from printcare.formats.recipe import read_recipe, shipped_platform
from printcare.formats.tables import FileProblems
from printcare.ui.forms import Asked, Given, Grid, GridRow, a_file, a_folder, text
from printcare.ui.offers import (
    Offer,
    State,
    by_name,
    chosen_folder,
    file_bytes,
    folder_field,
    kept,
    signed_with_reason,
)
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.authority import Refused
from printcare.workflow.entry import Account, Store, station_key
from printcare.workflow.recipe import confirm, keys
from printcare.workflow.recipe.bundles import EXPORTED, export_bundle, import_bundle
from printcare.workflow.recipe.versions import write
from printcare.workflow.states import object_of

REPORTS = range(1, 4)  # at both ends and in the middle of the dose range
CELLS = ("batch", "laboratory", "file")
INK, EVIDENCE = "ink-", ("evidence", "evidence-2", "evidence-3")


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


def _exported(records: Store, account: Account, given: Given) -> str:
    """Write a bundle under the key of the folder that was named; that folder has a key from then on."""
    read = Reading(given.fields)
    supplier, keys_in = read.required("supplier"), read.required("key")
    read.close()
    recipe, platform = _exported_files(given)
    inks = [file_bytes(given, name)[0] for name in given.fields if name.startswith(INK)]
    named = [name for name in EVIDENCE if name == EVIDENCE[0] or given.fields[name]]
    evidence = {name: data for data, name in (file_bytes(given, each) for each in named)}
    key = station_key(Path(keys_in).expanduser())
    made = export_bundle(records, account, recipe, inks, evidence, supplier, key.public_hex, key.private.sign, platform)
    told = kept(chosen_folder(given), f"{given.key.replace('/', '-')}.printcare", made)
    send = tr("Public key {}, fingerprint {}: send the supplied site the fingerprint another way.")
    return f"{told} {send.format(key.public_hex, fingerprint(key.public_hex))}"


def _exported_files(given: Given) -> tuple[bytes, bytes | None]:
    """Return the file of a recipe, and of its platform where it has one."""
    found: list[bytes] = []
    is_named = bool(given.fields["recipe"])
    folder = Path(given.fields["recipe"]).expanduser().parent
    data, name = file_bytes(given, "recipe") if is_named else base_file(given, given.key)[::-1]
    beside = parent_beside(folder) if is_named else shipped_platform

    def parent(platform_id: str) -> bytes:
        found.append(beside(platform_id))
        return found[-1]

    try:
        read_recipe(data, name, parent)
    except FileProblems as fault:
        raise Refused(fault.findings) from fault
    return data, found[0] if found else None


def base_file(given: Given, key: str) -> tuple[str, bytes]:
    """Return the file of a version: one the editor wrote, else the shipped one."""
    own = given.folder / f"{key.replace('/', '-')}.toml"
    return (own.name, own.read_bytes()) if own.is_file() else data_file("recipes", key.partition("/")[0])


def _of_export(_records: Store, state: State) -> tuple[Asked, ...]:
    parts = object_of(MasterRecipe, state["content"]).parts
    words = tr("The ink's specification") if len(parts) == 1 else tr("The ink's specification, of {}")
    return (
        text("supplier", tr("Who stands for it")),
        a_folder("key", tr("Folder of the key that signs; a new one is made there")),
        *(a_file(f"{INK}{n}", words.format(part.product.tall_man)) for n, part in enumerate(parts, start=1)),
        a_file(EVIDENCE[0], tr("Evidence: report or data")),
        *(a_file(each, tr("Further evidence")) for each in EVIDENCE[1:]),
        a_file("recipe", tr("The recipe's own file; empty: the one that is known here")),
        folder_field(),
    )


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
EXPORT = (Offer("bundle.export", phrase("Write it as a signed bundle"), _exported, _of_export, statuses=EXPORTED),)
DEEDS = by_name(EVERYTHING, KEY, RECIPE, EXPORT)
