"""`printcare recipe export|import|keys|trust|revoke|confirm`: supplier bundles, and whose keys count here."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.records.checkpoints import StationKey
    from printcare.records.store import Store

DONE = 0


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs of bundles and keys."""
    from printcare.cli.settings import add_identity_options, add_record_options

    export = verbs.add_parser("export", help="write an approved recipe as a signed bundle")
    export.add_argument("recipe", metavar="ID", help="id or path of the recipe's file")
    ink = "the ink's specification; of a unit of several drugs once for each, in the order of printing"
    export.add_argument("--ink", metavar="FILE", type=Path, action="append", required=True, help=ink)
    export.add_argument("--evidence", metavar="FILE", type=Path, action="append", required=True, help="report, data")
    export.add_argument("--platform", metavar="FILE", type=Path, help="the platform the recipe is a child of")
    export.add_argument("--supplier", metavar="NAME", required=True, help="who stands for it")
    export.add_argument("--key", metavar="FOLDER", type=Path, help="folder of the signing key (default: the station's)")
    export.add_argument("-o", "--out", metavar="FILE", type=Path, required=True)
    bring = verbs.add_parser("import", help="keep a trusted supplier's recipe as a draft")
    bring.add_argument("file", metavar="FILE", type=Path)
    keys = verbs.add_parser("keys", help="whose bundles count here")
    trust = verbs.add_parser("trust", help="trust a supplier's key, its fingerprint typed from the supplier's paper")
    trust.add_argument("public_key", metavar="KEY", help="the public key, 64 hexadecimal characters")
    trust.add_argument("--fingerprint", metavar="TEXT", required=True, help="as the supplier sent it another way")
    trust.add_argument("--supplier", metavar="NAME", required=True)
    revoke = verbs.add_parser("revoke", help="import nothing more from a key")
    revoke.add_argument("fingerprint", metavar="FINGERPRINT")
    confirm = verbs.add_parser("confirm", help="sign the verification record of a supplier's recipe over batches")
    confirm.add_argument("recipe", metavar="ID/VERSION")
    confirm.add_argument("--batch", metavar="ID", action="append", required=True, help="a confirmatory batch")
    confirm.add_argument(
        "--report",
        metavar="BATCH:LABORATORY:FILE",
        action="append",
        default=[],
        help="a laboratory's report on content",
    )
    confirm.add_argument(
        "--justify", metavar="TEXT", default="", help="why fewer than three batches a level are enough"
    )
    for verb in (trust, revoke, confirm):
        verb.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the record")
    for verb in (export, bring, keys, trust, revoke, confirm):
        add_record_options(verb)
        add_identity_options(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object")


def _export(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered, existing_record
    from printcare.formats.bundle import fingerprint
    from printcare.formats.find import data_file
    from printcare.workflow.recipe.bundles import export_bundle

    recipe = data_file("recipes", arguments.recipe)[1]
    evidence = {path.name: _bytes(path) for path in arguments.evidence}
    platform = None if arguments.platform is None else _bytes(arguments.platform)
    with existing_record(arguments) as records:
        account, key = entered(records, arguments.user), _signing_key(records, arguments.key)
        made = export_bundle(
            records,
            account,
            recipe,
            [_bytes(path) for path in arguments.ink],
            evidence,
            arguments.supplier,
            key.public_hex,
            key.private.sign,
            platform,
        )
    try:
        arguments.out.write_bytes(made)
    except OSError as fault:
        told = f"{arguments.out} cannot be written: {fault.strerror}."
        raise PrintcareError("FILE_UNREADABLE", told, "Name a place that can be written.") from fault
    name = fingerprint(key.public_hex)
    told_of = {"file": str(arguments.out), "bytes": len(made), "public_key": key.public_hex, "fingerprint": name}
    return _told(
        arguments, told_of, f"{arguments.out}: {len(made)} bytes\npublic key {key.public_hex}\nfingerprint {name}"
    )


def _import(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered, existing_record
    from printcare.workflow.recipe.bundles import import_bundle

    data = _bytes(arguments.file)
    with existing_record(arguments) as records:
        key = import_bundle(records, entered(records, arguments.user), data)
        origin = (records.get("recipe_version", key) or {})["origin"]
    told = f"recipe {key}: draft, from {origin['supplier']}, key {origin['key']}"
    return _told(arguments, {"version": key, "origin": origin}, told)


def _keys(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered, existing_record
    from printcare.workflow.authority import allowed
    from printcare.workflow.recipe.keys import trusted_keys

    with existing_record(arguments) as records:
        allowed(records, entered(records, arguments.user), "record.read")
        counting = trusted_keys(records)
        rows = [
            {"fingerprint": name, "supplier": state["supplier"], "status": state["status"], "counts": name in counting}
            for name, state in records.all("trusted_key").items()
        ]
    lines = [f"{row['fingerprint']}  {row['status']:9} {row['supplier']}" for row in rows]
    return _told(arguments, {"keys": rows}, "\n".join(lines) or "No key is known here.")


def _trust(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered_with, existing_record
    from printcare.workflow.recipe.keys import trust_key

    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        typed, supplier = arguments.fingerprint, arguments.supplier
        name = trust_key(records, account, secret, arguments.public_key, typed, supplier, arguments.reason)
    return _told(arguments, {"fingerprint": name}, f"trusted: {name}")


def _revoke(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered_with, existing_record
    from printcare.workflow.recipe.keys import revoke_key

    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        revoke_key(records, account, secret, arguments.fingerprint, arguments.reason)
    return _told(arguments, {"fingerprint": arguments.fingerprint}, f"revoked: {arguments.fingerprint}")


def _confirm(arguments: argparse.Namespace) -> int:
    from hashlib import sha256

    from printcare.cli.identity import entered_with, existing_record
    from printcare.domain.confirmation import LaboratoryReport
    from printcare.workflow.recipe.confirm import confirm

    reports = []
    for text in arguments.report:
        batch, _, rest = text.partition(":")
        laboratory, _, file = rest.partition(":")
        if not (batch and laboratory and file):
            raise PrintcareError("USAGE", f"{text!r} is no BATCH:LABORATORY:FILE.", "Write --report B-0001:Lab:a.pdf.")
        reports.append(LaboratoryReport(batch, laboratory, sha256(_bytes(Path(file))).hexdigest()))
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        given = (arguments.recipe, arguments.batch, reports, arguments.reason, arguments.justify)
        confirm(records, account, secret, *given)
    return _told(arguments, {"version": arguments.recipe}, f"verified at this site: {arguments.recipe}")


VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "export": _export,
    "import": _import,
    "keys": _keys,
    "trust": _trust,
    "revoke": _revoke,
    "confirm": _confirm,
}


def _signing_key(records: Store, folder: Path | None) -> StationKey:
    """Return the key of a folder, made there at first use; the station's own stands beside the record."""
    from printcare.records.checkpoints import station_key
    from printcare.workstation.settings import data_directory

    return station_key(folder or data_directory(records.url))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        told = f"{path} cannot be read: {fault.strerror}."
        raise PrintcareError("FILE_UNREADABLE", told, "Check the path and the permissions.") from fault


def _told(arguments: argparse.Namespace, told: Mapping[str, object], words: str) -> int:
    print(json.dumps({"status": "ok", **told}) if arguments.json else words)
    return DONE
