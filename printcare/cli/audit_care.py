"""The verbs of `printcare audit` that look after the record: copies, restore, anchors, archive, review, retention."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any  # what is told is plain JSON

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.records.accounts import Account
    from printcare.records.store import Store

DONE = 0
PASSPHRASE = "PRINTCARE_BACKUP_PASSPHRASE_FILE"
# Verb -> what it does, and the options it takes beside who acts.
VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "backup": ("copy the record to a file while it is in use, and verify the copy", ("file", "seal")),
    "check-backup": ("read a backup through and compare it with the record", ("file",)),
    "open-backup": ("write a sealed backup to a new file and verify it, for a restore", ("file", "output")),
    "restore": ("begin a new epoch on a restored copy (--db); quality and --second-user, an administrator, sign",
                ("anchor", "reason")),
    "accept": ("let this client remember the record as it is now, after a lawful restore", ("reason",)),
    "anchor": ("deliver checkpoints to the sink, ask for the day's time-stamp, and send those that wait", ()),
    "archive": ("write the record in forms that outlive this program, with what verifies it", ("file", "documents")),
    "search": ("list events", ("filters",)),
    "find": ("list the latest events of a patient, lot, batch, unit or anything else, newest first", ("find",)),
    "review": ("list the critical entries of a batch; with --conclusion the review is signed by quality", ("batch",)),
    "hold": ("keep TABLE/KEY, or everything, whatever its retention says", ("scope", "reason")),
    "lift": ("lift a hold", ("scope", "reason")),
    "erase": ("destroy what identifies a person (person/KEY) or a message (received_message/KEY)", ("scope", "reason")),
    "keep-for": ("set for how many years a class of records is kept, signed: CLASS=YEARS", ("scope", "reason")),
}  # fmt: skip
FILTERS = ("object-id", "object-type", "action", "actor-id", "outcome", "since")


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs and their options."""
    from printcare.cli.settings import add_identity_options, add_record_options

    for name, (what, options) in VERBS.items():
        one = verbs.add_parser(name, help=what)
        for option in options:
            _OPTIONS[option](one)
        add_record_options(one)
        add_identity_options(one)
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb; refusals are raised and told by the front door."""
    from printcare.cli.identity import entered_with, existing_record

    if arguments.audit_command in _WITHOUT_LOGIN:
        return _told(arguments, _WITHOUT_LOGIN[arguments.audit_command](arguments))
    with existing_record(arguments) as records:
        account, secret = entered_with(records, arguments.user)
        return _told(arguments, _RUN[arguments.audit_command](arguments, records, account, secret))


def _add_filters(one: argparse.ArgumentParser) -> None:
    for name in FILTERS:
        one.add_argument(f"--{name}", metavar="TEXT")
    one.add_argument("--after", type=int, default=0, metavar="SEQ", help="the number the page before ended with")
    one.add_argument("--limit", type=int, default=100, metavar="N")


def _add_find(one: argparse.ArgumentParser) -> None:
    one.add_argument("what", nargs="?", default="", metavar="NAME", help="a patient's pseudonym, an ink lot, any name")
    for name, what in (("action", "as alarm.raised"), ("person", "as they sign in"), ("outcome", "done or refused")):
        one.add_argument(f"--{name}", default="", metavar="TEXT", help=what)
    for name in ("since", "until"):
        one.add_argument(f"--{name}", type=date.fromisoformat, metavar="DATE", help="as 2026-01-31, in UTC")
    one.add_argument("--limit", type=int, default=100, metavar="N")


def _add_batch(one: argparse.ArgumentParser) -> None:
    one.add_argument("batch", metavar="BATCH")
    one.add_argument("--conclusion", metavar="TEXT", help="what the review found; it is then signed")


def _add_anchor(one: argparse.ArgumentParser) -> None:
    one.add_argument("--anchor", metavar="TEXT", action="append", help="a whole checkpoint")
    one.add_argument("--anchors", metavar="FILE", type=Path, help="checkpoints as the outside sink kept them")


_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], object]] = {
    "file": lambda one: one.add_argument("file", type=Path, metavar="FILE"),
    "seal": lambda one: one.add_argument("--seal", action="store_true", help="encrypt the file under a passphrase"),
    "output": lambda one: one.add_argument("-o", "--output", type=Path, required=True, metavar="FILE"),
    "documents": lambda one: one.add_argument("--documents", type=Path, metavar="DIR", help="documents to go in"),
    "reason": lambda one: one.add_argument("--reason", metavar="TEXT", default="", help="why; it stands in the record"),
    "scope": lambda one: one.add_argument("scope", metavar="WHAT"),
    "anchor": _add_anchor,
    "batch": _add_batch,
    "filters": _add_filters,
    "find": _add_find,
}


def _backup(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.cli.settings import new_password
    from printcare.workflow.record.backup import make_backup

    passphrase = new_password("the backup", PASSPHRASE) if arguments.seal else None
    made = make_backup(records, account, arguments.file, passphrase)
    return {"backup": made, "words": f"{made['key']}: {made['size']} events, verified, SHA-256 {made['sha256']}"}


def _check_backup(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.cli.settings import password
    from printcare.records.sealing import is_sealed
    from printcare.workflow.record.backup import check_backup

    sealed = arguments.file.is_file() and is_sealed(arguments.file)
    passphrase = password("the backup", PASSPHRASE) if sealed else None
    return {"backup": check_backup(records, account, arguments.file, passphrase)}


def _open_backup(arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.cli.settings import password
    from printcare.workflow.record.backup import open_backup

    try:
        told = open_backup(arguments.file, arguments.output, password("the backup", PASSPHRASE))
    except OSError as fault:
        message = f"{arguments.file} cannot be opened to {arguments.output}: {fault.strerror}."
        raise PrintcareError("FOLDER_UNUSABLE", message, "Name a backup's file, and a new file beside it.") from fault
    words = f"{arguments.output}: {told['size']} events, {told['verdict']}. Then: `printcare audit restore`."
    return {"backup": told, "words": words}


def _restore(arguments: argparse.Namespace) -> dict[str, Any]:
    """Begin the epoch without opening the copy as a workstation does: nothing is written before the two have signed."""
    from dataclasses import asdict

    from printcare.cli.audit import anchors_of
    from printcare.cli.identity import FIRST, SECOND, identified
    from printcare.cli.settings import database_url
    from printcare.domain.policy import LOCKED
    from printcare.records.store import Store
    from printcare.workflow.record.restore import restore
    from printcare.workstation.opening import record_context
    from printcare.workstation.settings import data_directory

    url = database_url(arguments)
    anchors = anchors_of(arguments)
    with Store.open(url, record_context(LOCKED)) as records:
        quality, first = identified(records, arguments.user, FIRST)
        administrator, second = identified(records, arguments.second_user, SECOND)
        found = restore(records, quality, first, administrator, second, anchors, arguments.reason)
    with Store.open(url, record_context(LOCKED), key_directory=data_directory(url)) as records:
        records.checkpoint()
        origin = records.origin()
    words = f"{origin} begins after {found.size} events; lost: {found.lost or 'nothing that an anchor knows of'}."
    return {"restored": asdict(found), "lost": found.lost, "origin": origin, "words": words}


def _accept(arguments: argparse.Namespace) -> dict[str, Any]:
    from printcare.cli.identity import entered
    from printcare.cli.settings import database_url
    from printcare.domain.policy import LOCKED
    from printcare.records.keystore import offered
    from printcare.workflow.record.anchoring import accept
    from printcare.workstation.opening import memory_of, open_record

    url = database_url(arguments)
    records, _ = open_record(url, LOCKED, remembers=False)
    with records:
        accept(records, entered(records, arguments.user), memory_of(url), arguments.reason, offered())
        size, root = records.head()
    return {"size": size, "root": root, "words": f"This client remembers {size} events from now on."}


def _anchor(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.records import timestamps
    from printcare.records.anchors import Sink
    from printcare.workflow.record import anchoring
    from printcare.workstation.settings import workstation

    here = workstation()
    told: dict[str, Any] = {"delivered": None, "unanchored_since": None, "held": [], "waiting": []}
    if here.anchor_sink is not None:
        sink = Sink(here.anchor_sink)
        told["delivered"] = anchoring.deliver(records, sink)
        told["unanchored_since"] = anchoring.unanchored_since(records, sink)
    if here.timestamp_authority:
        anchoring.ask_time_stamp(records, account)
        trusted = timestamps.roots(here.timestamp_roots) if here.timestamp_roots else []
        told["held"], told["waiting"] = anchoring.send_time_stamps(
            records, account, _poster(here.timestamp_authority), trusted
        )
    return told


def _poster(url: str) -> Callable[[bytes], bytes]:
    from urllib.request import Request, urlopen

    if not url.startswith(("https://", "http://")):
        told = f"The time-stamp authority {url!r} is no web address."
        raise PrintcareError("TIMESTAMP_AUTHORITY", told, "Correct timestamp_authority in settings.toml.")

    def post(question: bytes) -> bytes:
        asked = Request(url, question, {"Content-Type": "application/timestamp-query"})
        with urlopen(asked, timeout=20) as answer:
            return bytes(answer.read(1 << 20))

    return post


def _archive(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.workflow.record.archive import archive

    made = archive(records, account, arguments.file, arguments.documents)
    return {"archive": made, "words": f"{arguments.file}: {made['size']} events, SHA-256 {made['sha256']}"}


def _search(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.workflow.record.audit_review import search

    names = [name.replace("-", "_") for name in FILTERS]
    wanted = {name: getattr(arguments, name) for name in names if getattr(arguments, name)}
    found = search(records, account, **wanted, after=arguments.after, limit=arguments.limit)
    return {"events": found, "words": "\n".join(map(_line, found))}


def _find(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.workflow.record.search import Search, latest

    names = ("what", "action", "person", "since", "until", "outcome")
    wanted = Search(**{name: getattr(arguments, name) for name in names})
    found = [event.content for event in latest(records, account, wanted, arguments.limit)]
    return {"events": found, "words": "\n".join(map(_line, found))}


def _review(arguments: argparse.Namespace, records: Store, account: Account, secret: str) -> dict[str, Any]:
    from printcare.workflow.record.audit_review import critical_entries, sign_review

    found = critical_entries(records, account, arguments.batch)
    told: dict[str, Any] = {"critical": found, "signed": None}
    if arguments.conclusion is not None:
        seen = [content["seq"] for content in found]
        told["signed"] = sign_review(records, account, secret, arguments.batch, seen, arguments.conclusion).id
    return told | {"words": "\n".join([*map(_line, found), f"signed: {told['signed'] or 'not yet'}"])}


def _hold(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.workflow.record.retention import place_hold

    return {"hold": place_hold(records, account, arguments.scope, arguments.reason)}


def _lift(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.workflow.record.retention import lift_hold

    lift_hold(records, account, arguments.scope, arguments.reason)
    return {"hold": arguments.scope}


def _erase(arguments: argparse.Namespace, records: Store, account: Account, _: str) -> dict[str, Any]:
    from printcare.workflow.record.retention import erase

    table, _, key = arguments.scope.partition("/")
    erase(records, account, table, key, arguments.reason)
    return {"erased": arguments.scope}


def _keep_for(arguments: argparse.Namespace, records: Store, account: Account, secret: str) -> dict[str, Any]:
    from printcare.workflow.record.retention import set_years, years

    name, _, count = arguments.scope.partition("=")
    if not count.isdecimal():
        raise PrintcareError("USAGE", f"{arguments.scope!r} is not CLASS=YEARS.", "Write it as batch=30.")
    set_years(records, account, secret, {name: int(count)}, arguments.reason)
    return {"years": years(records)}


_WITHOUT_LOGIN: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "open-backup": _open_backup,
    "restore": _restore,
    "accept": _accept,
}
_RUN: dict[str, Callable[[argparse.Namespace, Store, Account, str], dict[str, Any]]] = {
    "backup": _backup,
    "check-backup": _check_backup,
    "anchor": _anchor,
    "archive": _archive,
    "search": _search,
    "find": _find,
    "review": _review,
    "hold": _hold,
    "lift": _lift,
    "erase": _erase,
    "keep-for": _keep_for,
}


def _line(content: dict[str, Any]) -> str:
    what = f"{content['action']} {content['object_type']}/{content['object_id']}"
    why = content["reason_text"] or content["reason_code"] or ""
    return (
        f"{content['seq']:>7} {content['ts_utc']} {content['actor_id']:<8} {what} {content['outcome']} {why}".rstrip()
    )


def _told(arguments: argparse.Namespace, told: dict[str, Any]) -> int:
    words = told.pop("words", None)
    if arguments.json:
        print(json.dumps({"status": "ok", **told}, ensure_ascii=False))
    else:
        print(words or "\n".join(f"{name}: {value}" for name, value in told.items()))
    return DONE
