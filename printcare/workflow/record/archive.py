"""The archive: the whole record in forms that outlive this program, with what verifies it inside (records.md A17)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from printcare import verify
from printcare.domain.checks import error
from printcare.records.accounts import Account
from printcare.records.export import export
from printcare.records.schema import BOUND
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse

ARCHIVE = "audit.archive"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # ZIP's own first moment: the same content gives the same bytes
EVENT_COLUMNS = (
    "seq", "epoch", "ts_utc", "utc_offset", "actor_id", "actor_role", "action", "object_type", "object_id",
    "object_version", "outcome", "reason_code", "reason_text", "mode", "workstation",
)  # fmt: skip
PAGE = 5000
READ_ME = """This archive holds the record of the site {site}: {size} events, root {root}.

record.jsonl     the whole record, canonical JSON Lines; every byte counts
events.csv       the same events as a table; tables/*.csv the last state of every object
checkpoint.txt   the signed head, as the paper of a batch bears it: {paper}
contents.pdf     what is here, to be read on paper
documents/       documents whose SHA-256 stands in the record
verify.py        checks record.jsonl with Python 3.11 and the package cryptography, and nothing else:

    python verify.py record.jsonl --anchor "{paper}"

An anchor from outside this archive, such as a printed batch record, proves more than the one above.
"""


def archive(records: Store, account: Account, target: Path, documents: Path | None = None) -> dict[str, object]:
    """Write the archive to a ZIP file and return what is in it.

    `documents` is a folder; of it only files go in whose hash the record holds. Raises Refused, recorded, where the
    file exists.
    """
    actor = allowed(records, account, ARCHIVE)
    if target.exists():
        stops = (error("E_ARCHIVE_TARGET", f"{target.name} exists.", "Name a new file.", "file"),)
        refuse(records, actor, ARCHIVE, "record", records.site(), stops)
        raise Refused(stops)
    lines = target.with_suffix(".jsonl")
    try:
        made = export(records, lines, actor)
        checkpoint = records.checkpoints()[-1:]
        note = checkpoint[0][1] if checkpoint else ""
        paper = f"{made.size} {verify.paper_code(bytes.fromhex(made.root)).decode()}"
        told = {"site": records.site(), "size": made.size, "root": made.root, "paper": paper}
        kept = dict(_kept(records, documents))
        parts: dict[str, bytes] = {
            "README.txt": READ_ME.format(**told).encode(),
            "record.jsonl": lines.read_bytes(),
            "checkpoint.txt": note.encode(),
            "verify.py": Path(verify.__file__).read_bytes(),
            "events.csv": _events(records, made.size),
            "contents.pdf": _contents(records, told, sorted(kept)),
        }
        parts |= {f"tables/{name}.csv": _table(records, name) for name in BOUND}
        parts |= {f"documents/{name}": data for name, data in kept.items()}
        with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as file:
            for name in sorted(parts):
                file.writestr(zipfile.ZipInfo(name, LONG_AGO), parts[name], zipfile.ZIP_DEFLATED)
    finally:
        lines.unlink(missing_ok=True)
    return {**told, "documents": sorted(kept), "sha256": sha256(target.read_bytes()).hexdigest()}


def _kept(records: Store, folder: Path | None) -> Iterator[tuple[str, bytes]]:
    known = {state["sha256"] for state in records.all("document").values() if "sha256" in state}
    for path in sorted(folder.rglob("*")) if folder else ():
        if path.is_file() and sha256(data := path.read_bytes()).hexdigest() in known:
            yield path.relative_to(folder or path).as_posix(), data


def _events(records: Store, size: int) -> bytes:
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow([*EVENT_COLUMNS, "old", "new"])
    after = 0
    while after < size:
        for event in records.events(after=after, limit=min(PAGE, size - after)):
            content = event.content
            states = [None if content[name] is None else _json(content[name]) for name in ("old", "new")]
            table.writerow([content[name] for name in EVENT_COLUMNS] + states)
            after = event.seq
    return text.getvalue().encode()


def _table(records: Store, name: str) -> bytes:
    rows = records.all(name)
    members = sorted({member for state in rows.values() for member in state})
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["key", *members])
    for key, state in rows.items():
        table.writerow([key, *(_cell(state.get(member)) for member in members)])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    return value if value is None or isinstance(value, str | int) else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _contents(records: Store, told: Mapping[str, object], documents: list[str]) -> bytes:
    style = getSampleStyleSheet()
    say: list[Flowable] = [Paragraph(f"Archive of the record of {told['site']}", style["Title"])]
    say += [Paragraph(f"{told['size']} events, root {told['root']}", style["Code"]), Spacer(1, 8)]
    say += [Paragraph(f"Anchor: {told['paper']}", style["Code"]), Spacer(1, 8)]
    batches = [[key, state["status"]] for key, state in records.all("batch").items()]
    counts = [[name, str(len(records.all(name)))] for name in BOUND if records.all(name)]
    for title, rows in (
        ("Batches", batches),
        ("Objects by table", counts),
        ("Documents", [[name] for name in documents]),
    ):
        if rows:
            say += [Paragraph(title, style["Heading2"]), Table(rows, hAlign="LEFT"), Spacer(1, 8)]
    page = io.BytesIO()
    SimpleDocTemplate(page, invariant=1, title="Archive of an electronic record").build(say)
    return page.getvalue()
