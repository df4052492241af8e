"""`printcare audit`: verify the record or an export of it, export it, sign its head, and look after it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any  # a verdict is printed as it comes

from printcare.errors import PrintcareError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its four verbs."""
    parser = subparsers.add_parser("audit", help="verify, export and sign the electronic record")
    verbs = parser.add_subparsers(dest="audit_command", required=True)
    verify = verbs.add_parser("verify", help="say whether the record, or an export of it, was changed, cut or replaced")
    verify.add_argument(
        "export", nargs="?", type=Path, metavar="EXPORT", help="an audit export instead of the database"
    )
    verify.add_argument(
        "--anchor",
        metavar="TEXT",
        action="append",
        help="an outside memory: the printed line 'SIZE CODE' or a checkpoint",
    )
    verify.add_argument("--anchors", metavar="FILE", type=Path, help="checkpoints as the outside sink kept them")
    export = verbs.add_parser("export", help="write the whole record as canonical JSON Lines")
    export.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
    checkpoint = verbs.add_parser("checkpoint", help="sign the present head and show it")
    tables = verbs.add_parser("tables", help="list the tables and whether each is bound to history")
    for verb in (verify, export, checkpoint):
        verb.add_argument("--db", metavar="URL", help="the record's database")
    for verb in (export, checkpoint):
        verb.add_argument("--user", metavar="NAME", help="who asks; the password by prompt or PRINTCARE_PASSWORD_FILE")
    for verb in (verify, export, checkpoint, tables):
        verb.add_argument("--json", action="store_true", help="print one JSON object")
    from printcare.cli import audit_care

    audit_care.add_verbs(verbs)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run one verb and return its exit code: 4 for a failed verification."""
    verbs = {"verify": _verify, "export": _export, "checkpoint": _checkpoint, "tables": _tables}
    if arguments.audit_command in verbs:
        return verbs[arguments.audit_command](arguments)
    from printcare.cli import audit_care

    return audit_care.run(arguments)


def _verify(arguments: argparse.Namespace) -> int:
    from printcare import verify

    if arguments.export is not None and arguments.db:
        raise PrintcareError("ONE_OR_THE_OTHER", "Both an export and a database were named.", "Name one of them.")
    result = _verify_export(arguments) if arguments.export is not None else _verify_database(arguments)
    _show(arguments, result, "\n".join([verify.report(result), *_own_memory(result)]))
    return verify.exit_code(result)


def _verify_export(arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare import verify

    try:
        data = arguments.export.read_bytes()
    except OSError as error:
        what = f"The export {arguments.export} cannot be read: {error.strerror}."
        raise PrintcareError("EXPORT_UNREADABLE", what, "Name an audit export.") from error
    try:
        return verify.verify_export(data, anchors_of(arguments))
    except ValueError as error:
        what = f"The anchor cannot be read: {error}."
        raise PrintcareError("ANCHOR_UNREADABLE", what, "Type it as it is printed: SIZE CODE.") from error


def _verify_database(arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.cli.settings import database_url
    from printcare.records import audit
    from printcare.records.keystore import offered
    from printcare.workstation.opening import memory_of

    url = database_url(arguments)
    memory, keystore = memory_of(url), offered()
    kept = [memory.note(), keystore.read(memory.key) if keystore else None]
    result = audit.verify(url, [*anchors_of(arguments), *(note for note in kept if note is not None)])
    return result | {"keystore": keystore.name if keystore else None}


def _own_memory(result: dict[str, Any]) -> list[str]:
    """Return where this client remembers the last head it saw, for a database; an export is nobody's own."""
    if "keystore" not in result:
        return []
    kept = f"a private file and {result['keystore']}" if result["keystore"] else "a private file; there is no keystore"
    return [f"  This client remembers the last head in {kept}."]


def anchors_of(arguments: argparse.Namespace) -> list[str]:
    """Return the anchors somebody named, typed or in a file of the sink. Raises PrintcareError ANCHOR_UNREADABLE."""
    from printcare import verify

    try:
        kept = verify.kept_anchors(arguments.anchors.read_text("utf-8")) if arguments.anchors else []
    except (OSError, ValueError) as error:
        told = f"The file of anchors cannot be read: {error}."
        raise PrintcareError("ANCHOR_UNREADABLE", told, "Name the sink's own file.") from error
    return [*(arguments.anchor or ()), *kept]


def _export(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered, existing_record
    from printcare.records.export import export
    from printcare.workflow.authority import allowed

    with existing_record(arguments) as records:
        actor = allowed(records, entered(records, arguments.user), "audit.export")
        made = export(records, arguments.output, actor)
    shown = {"status": "ok", "file": str(arguments.output), "size": made.size, "root": made.root, "sha256": made.sha256}
    _show(arguments, shown, f"{arguments.output}: {made.size} events, root {made.root}\nSHA-256 {made.sha256}")
    return 0


def _checkpoint(arguments: argparse.Namespace) -> int:
    from printcare.cli.identity import entered, existing_record
    from printcare.workflow.record.trail import checkpoint

    with existing_record(arguments) as records:
        made = checkpoint(records, entered(records, arguments.user))
    shown = {"status": "ok", "size": made.size, "root": made.root.hex(), "anchor": made.paper, "checkpoint": made.note}
    _show(arguments, shown, f"{made.note}\nFor paper: {made.paper}")
    return 0


def _tables(arguments: argparse.Namespace) -> int:
    from printcare.records.schema import tables

    listed = tables()
    words = [f"{row['name']:<22} {'bound' if row['bound'] else 'not bound: ' + str(row['reason'])}" for row in listed]
    _show(arguments, {"status": "ok", "tables": listed}, "\n".join(words))
    return 0


def _show(arguments: argparse.Namespace, fields: dict[str, Any], words: str) -> None:
    if arguments.json:
        print(json.dumps(fields, ensure_ascii=False))
    else:
        print(words, file=sys.stderr if fields.get("status") == "failed" else sys.stdout)
