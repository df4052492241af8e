"""Checks an exported record without the application: standard library and `cryptography` only, in one file.

    python -m printcare.verify EXPORT [--anchor TEXT]... [--anchors FILE] [--json]

An anchor is the outside memory of an earlier head: the line printed on a batch record ("SIZE CODE"), the whole
checkpoint from its QR code, or a file of checkpoints that an outside sink kept. Without one the best verdict is
UNANCHORED, because a log that was cut or rewritten as a whole agrees with itself. Exit code 0 for OK and UNANCHORED, 4
for every other verdict, 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any  # parsed JSON has no narrower type until it is checked

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "printcare-audit-1"
BOUND = frozenset(
    "site station_key account person received_message prescription dosing_rule_approval recipe_approval ink_lot "
    "cartridge verified_dose batch unit alarm deviation signature document job_lease reading_block recipe_version "
    "dosing_rule_version recipe_verification trusted_key site_setting mode ink_formulation ink_preparation supplier "
    "printer balance_check qualification maintenance training cleaning laboratory_result investigation complaint "
    "recall capa change access_review backup legal_hold anchor experiment".split()
)
SIGNED = (
    "id account role meaning object_type object_id object_hash signed_at utc_offset person_commitment "
    "previous public_key"
).split()
# The gravest first: the verdict is the first of these that was found.
GRAVITY = ("REPLACED", "MODIFIED", "TRUNCATED", "FORKED", "STATE_MISMATCH", "KEY_UNKNOWN", "CLOCK_REGRESSION")
# What each verdict means to whoever asked for it.
MEANINGS = {
    "OK": "Nothing was changed, removed or exchanged up to the head that was remembered outside.",
    "UNANCHORED": "The record agrees with itself. That it was not cut short or rewritten as a whole, only a memory "
    "from outside shows: give the line printed on a batch record or label with --anchor.",
    "MODIFIED": "What stands at the places named is not what was recorded there: they were changed or damaged.",
    "TRUNCATED": "The end is missing: events that were recorded are not here.",
    "FORKED": "Up to the remembered head this record says something else: it was rewritten, or the anchor was misread "
    "or is another record's.",
    "REPLACED": "This is another record: another site's, one set up anew, or one signed anew with another key.",
    "STATE_MISMATCH": "A value, signature or guard is not what the events made of it: changed behind the program.",
    "KEY_UNKNOWN": "Something is signed with a key that the record never gave to anybody.",
    "CLOCK_REGRESSION": "The clock went back. The order of the events is sure, their times around that place are not.",
}
HEADER = b'{"epoch":'
# How a canonical line of each kind begins, as its names are sorted.
BEGINNINGS = {"block": b'{"bytes"', "checkpoint": b'{"id"', "event": b'{"action"', "row": b'{"first_event_seq"'}
CLOCK_TOLERANCE = timedelta(seconds=2)
CHUNK_LINES = 256
PAPER_CHARACTERS = 26
ED25519 = b"\x01"  # C2SP signed-note: the algorithm byte of a key id
COSIGNATURE = b"\x04"  # C2SP tlog-cosignature: likewise, over a head and a time
TIME_BYTES, SIGNATURE_BYTES = 8, 64
# Who signs a restore: one of each, and two people (records.md §15).
RESTORERS = ("administrator", "quality")
# One decoder for every event, and none that looks for white space: both cost a tenth of the whole verification.
_scanned = json.JSONDecoder().raw_decode
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True)
class Problem:
    """One thing that does not agree: its verdict code, the place, and why."""

    code: str
    where: str
    reason: str


@dataclass(frozen=True)
class Note:
    """A C2SP checkpoint: origin, size, root, the signed text, and its signatures as (key id, signature)."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Row:
    """One row of a bound table as stored, its state as canonical text."""

    table: str
    key: str
    state: str
    version: int
    first: int
    last: int


@dataclass
class Known:
    """What the events say of one object."""

    first: int
    last: int
    version: int
    new: dict[str, Any]


def canonical(value: object) -> str:
    """Return canonical JSON text (RFC 8785 for values without floats and with names in the basic plane)."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def leaf_hash(payload: bytes) -> bytes:
    """Return the RFC 6962 hash of one leaf."""
    return sha256(b"\x00" + payload).digest()


def key_id(name: str, public: bytes) -> str:
    """Return the C2SP key id of an Ed25519 key under a name: the first four bytes of a hash, in hexadecimal."""
    return sha256(name.encode() + b"\n" + ED25519 + public).hexdigest()[:8]


def cosigner_id(origin: str, account: str, public: bytes) -> str:
    """Return the C2SP key id of a person's key that countersigns heads of a log."""
    return sha256(f"{origin}/{account}\n".encode() + COSIGNATURE + public).hexdigest()[:8]


def cosigned_text(signature: bytes, text: bytes) -> bytes:
    """Return what a cosignature signs: its own time, and the head (C2SP tlog-cosignature v1)."""
    return b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:TIME_BYTES], "big") + text


def open_note(text: str) -> Note:
    """Parse a signed checkpoint of exactly three lines. Raises ValueError if it is none."""
    body, _, tail = text.partition("\n\n")
    origin, size, root = body.split("\n")
    signatures = []
    for line in tail.splitlines():
        dash, _, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if dash != "—" or len(raw) < 4:
            raise ValueError("a signature line begins with a dash and holds a key id")
        signatures.append((raw[:4].hex(), raw[4:]))
    if not size.isdecimal() or str(int(size)) != size:
        raise ValueError("the size is no plain number")
    return Note(origin, int(size), base64.b64decode(root, validate=True), f"{body}\n".encode(), tuple(signatures))


def is_signed(public: bytes, signature: bytes, text: bytes) -> bool:
    """Say whether an Ed25519 signature of the text is the key's."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Epoch:
    """One stretch of a log under one origin: where it begins, and what the restore that ended it says was lost."""

    origin: str
    first: int
    last: int | None = None  # None for the present one
    lost_to: int = 0
    lost_root: str = ""


class Replay:
    """Takes events in one by one, keeps what they say of every object, and checks everything else against it."""

    def __init__(self) -> None:
        self.origin = self.site = self.last_at = ""
        self.epoch = 0
        self.leaves: list[bytes] = []
        self.objects: dict[tuple[str, str], Known] = {}
        self.epochs: list[Epoch] = []
        self.station_keys: dict[str, bytes] = {}
        self.personal_keys: dict[str, str] = {}
        self.problems: list[Problem] = []
        self._seen: set[tuple[str, str]] = set()
        self._levels: list[list[bytes]] = []

    def problem(self, code: str, where: str, reason: str) -> None:
        """Note one thing that does not agree."""
        self.problems.append(Problem(code, where, reason))

    def take(self, payload: bytes, stored_leaf: bytes | None = None) -> dict[str, Any] | None:
        """Take in the next event, with its leaf where one is stored; return it, or None if its bytes are no event."""
        leaf = leaf_hash(payload)
        self.leaves.append(leaf if stored_leaf is None else stored_leaf)
        seq = len(self.leaves)
        if stored_leaf not in (None, leaf):
            self.problem("MODIFIED", f"seq {seq}", "The bytes of the event differ from its leaf in the tree.")
        try:
            text = payload.decode()
            event: dict[str, Any]
            event, end = _scanned(text)
            if end != len(text):
                raise ValueError("something follows the event")
            self._place(event, seq)
            if event["new"] is not None and event["outcome"] == "done" and event["object_type"] in BOUND:
                self._change(event, seq)
        except UNREADABLE:
            self.problem("MODIFIED", f"seq {seq}", "The bytes are no event of the record.")
            return None
        return event

    def _place(self, event: dict[str, Any], seq: int) -> None:
        if seq == 1:
            self.origin, self.site, self.epoch = event["new"]["origin"], event["site"], event["epoch"]
            self.epochs = [Epoch(self.origin, 1)]
        if seq > 1 and event["action"] == "epoch.begun" and event["outcome"] == "done":
            self._begin_epoch(event, seq)
        if event["seq"] != seq:
            self.problem("MODIFIED", f"seq {seq}", f"The event here says it is number {event['seq']}.")
        if event["site"] != self.site or event["epoch"] != self.epoch:
            self.problem("REPLACED", f"seq {seq}", "The event belongs to another site or epoch.")
        if event["ts_utc"] < self.last_at and _at(self.last_at) - _at(event["ts_utc"]) > CLOCK_TOLERANCE:
            self.problem(
                "CLOCK_REGRESSION", f"seq {seq}", f"The clock went back from {self.last_at} to {event['ts_utc']}."
            )
        self.last_at = event["ts_utc"]

    def _begin_epoch(self, event: dict[str, Any], seq: int) -> None:
        """Take a lawful restore for what it is: two people signed what was restored, and what was lost."""
        new, statement = event["new"], event["new"]["restored"]
        root = self._root_of(self.leaves[:-1])
        is_ours = (statement["old_origin"], statement["size"], statement["root"]) == (self.origin, seq - 1, root.hex())
        is_next = (event["epoch"], statement["epoch"], statement["origin"]) == (self.epoch + 1,) * 2 + (new["origin"],)
        if not (is_ours and is_next and self._are_two(new["signatures"], statement)):
            what = "The log goes on after a restore that two people did not sign."
            self.problem("REPLACED", f"seq {seq}", what)
        ended = self.epochs[-1]
        lost_to, lost_root = int(statement["anchor_size"]), str(statement["anchor_root"])
        self.epochs[-1] = Epoch(ended.origin, ended.first, seq - 1, lost_to, lost_root)
        self.origin, self.epoch = str(new["origin"]), event["epoch"]
        self.epochs.append(Epoch(self.origin, seq))

    def _are_two(self, signatures: list[dict[str, Any]], statement: dict[str, Any]) -> bool:
        signed_hash = sha256(canonical(statement).encode()).hexdigest()
        accounts = {state["account"] for state in signatures}
        roles = sorted(state["role"] for state in signatures)
        return (
            len(accounts) == len(signatures)
            and roles == sorted(RESTORERS)
            and all(
                state["object_hash"] == signed_hash
                and self.personal_keys.get(state["public_key"]) == state["account"]
                and is_genuine(state)
                for state in signatures
            )
        )

    def _change(self, event: dict[str, Any], seq: int) -> None:
        name = (event["object_type"], event["object_id"])
        known, new = self.objects.get(name), event["new"]
        if event["old"] != (known.new if known else None):
            what = "The state found before this change is not what the event before it left: changed behind the record."
            self.problem("STATE_MISMATCH", "/".join(name), f"At seq {seq}: {what}")
        if known:
            known.last, known.version, known.new = seq, known.version + 1, new
        else:
            self.objects[name] = Known(seq, seq, 1, new)
        if name[0] == "station_key":
            public = bytes.fromhex(new["public_key"])
            self.station_keys[key_id(self.origin, public)] = public
        if name[0] == "account" and new.get("public_key"):
            self.personal_keys[new["public_key"]] = name[1]

    def levels(self) -> list[list[bytes]]:
        """Return every complete node of the tree, from the leaves up."""
        if not self._levels:
            self._levels = [self.leaves]
            while len(below := self._levels[-1]) > 1:
                pairs = zip(below[::2], below[1::2], strict=False)
                self._levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
        return self._levels

    @staticmethod
    def _root_of(leaves: list[bytes]) -> bytes:
        apart = Replay()
        apart.leaves = leaves
        return apart.root_at(len(leaves))

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` leaves."""
        head, start = b"", size
        for level in range(size.bit_length()):
            if size >> level & 1:
                start -= 1 << level
                left = self.levels()[level][start >> level]
                head = sha256(b"\x01" + left + head).digest() if head else left
        return head or sha256(b"").digest()

    def check_row(self, row: Row) -> None:
        """Compare one row of a bound table with the last event of its object."""
        where, known = f"{row.table}/{row.key}", self.objects.get((row.table, row.key))
        self._seen.add((row.table, row.key))
        if known is None:
            self.problem("STATE_MISMATCH", where, "The row has no event: it was added behind the record.")
        elif row.state != canonical(known.new):
            self.problem("STATE_MISMATCH", where, f"The row differs from what event {known.last} wrote.")
        elif (row.version, row.first, row.last) != (known.version, known.first, known.last):
            self.problem("STATE_MISMATCH", where, "The row names other events than those that made it.")

    def check_missing(self) -> None:
        """Name every object whose row is gone."""
        for table, key in self.objects.keys() - self._seen:
            self.problem("STATE_MISMATCH", f"{table}/{key}", "The row is gone, and no event says so.")

    def check_signatures(self) -> None:
        """Verify every personal signature with a key that an account was given."""
        for (table, key), known in self.objects.items():
            if table == "signature":
                self._check_signature(f"{table}/{key}", known.new)

    def _check_signature(self, where: str, state: dict[str, Any]) -> None:
        public = str(state.get("public_key"))
        if public not in self.personal_keys:
            self.problem("KEY_UNKNOWN", where, f"The key {public[:16]} was never given to an account.")
            return
        if not is_genuine(state):
            self.problem("STATE_MISMATCH", where, "The signature does not verify: it is not what the person signed.")

    def check_checkpoint(self, text: str, where: str, *, is_outside: bool = False) -> int:
        """Check one signed checkpoint against the tree; return how many events it covers. `is_outside`: from paper."""
        try:
            note = open_note(text)
        except UNREADABLE:
            self.problem("MODIFIED", where, "The checkpoint cannot be read.")
            return 0
        epoch = next((epoch for epoch in self.epochs if epoch.origin == note.origin), None)
        if self.leaves and epoch is None:
            self.problem("REPLACED", where, f"The checkpoint is of {note.origin}, the record of {self.origin}.")
            return 0
        ours = [(name, signature) for name, signature in note.signatures if name in self.station_keys]
        self._check_cosignatures(note, where)
        if self.leaves and not ours:
            names = ", ".join(name for name, _ in note.signatures) or "nobody"
            code = "REPLACED" if is_outside else "KEY_UNKNOWN"
            self.problem(code, where, f"The checkpoint is signed by {names}, no key of this record's register.")
        for name, signature in ours:
            if not is_signed(self.station_keys[name], signature, note.text):
                self.problem("MODIFIED", where, f"The checkpoint's signature by {name} does not verify.")
        if epoch is not None and epoch.last is not None and epoch.last < note.size <= epoch.lost_to:
            self._check_lost(epoch, note.size, note.root, where)
            return 0
        if epoch is not None and epoch.last is not None and note.size > epoch.last:
            told = f"{note.size} events were remembered; the restore that was signed speaks of {epoch.lost_to}."
            self.problem("TRUNCATED", where, told)
            return 0
        return self.check_head(note.size, note.root, where)

    def _check_lost(self, epoch: Epoch, size: int, root: bytes, where: str) -> None:
        """Compare what was remembered of the lost range with the one head of it that the restore quotes."""
        if size == epoch.lost_to and epoch.lost_root not in (root.hex(), paper_code(root).decode()):
            self.problem("FORKED", where, "The restore quotes another head than the one remembered.")

    def _check_cosignatures(self, note: Note, where: str) -> None:
        long = [(name, raw) for name, raw in note.signatures if len(raw) == TIME_BYTES + SIGNATURE_BYTES]
        known = {
            cosigner_id(note.origin, account, bytes.fromhex(key)): key for key, account in self.personal_keys.items()
        }
        for name, raw in long:
            text = cosigned_text(raw, note.text)
            if name in known and not is_signed(bytes.fromhex(known[name]), raw[TIME_BYTES:], text):
                self.problem("MODIFIED", where, f"The countersignature by {name} does not verify.")

    def check_head(self, size: int, root: bytes, where: str) -> int:
        """Compare a remembered head with the tree, and return how many events it covers.

        `root` may be the first characters of one, in base32.
        """
        is_ours = size <= len(self.leaves) and root in (self.root_at(size), paper_code(self.root_at(size)))
        if is_ours:
            return size
        if any(epoch.last is not None and epoch.last < size <= epoch.lost_to for epoch in self.epochs):
            return 0  # a number of the lost range; the whole checkpoint would say of which epoch it is
        if size > len(self.leaves):
            self.problem("TRUNCATED", where, f"The log holds {len(self.leaves)} events, and {size} were remembered.")
        else:
            self.problem("FORKED", where, f"The first {size} events are not those that were remembered.")
        return 0

    def check_anchor(self, text: str) -> int:
        """Compare the record with one outside anchor; return what it covers. Raises ValueError if it cannot be read."""
        printed = re.fullmatch(r"(\d+)[\s·:/-]+([A-Z2-7\s-]+)", text.strip().upper())
        if printed:
            size, code = int(printed[1]), re.sub(r"[\s-]", "", printed[2])
            if len(code) != PAPER_CHARACTERS:
                raise ValueError(f"the code of an anchor has {PAPER_CHARACTERS} characters, not {len(code)}")
            return self.check_head(size, code.encode(), f"anchor {size}")
        try:
            size = open_note(text).size
        except UNREADABLE as error:
            raise ValueError("an anchor is a printed line 'SIZE CODE' or a whole checkpoint") from error
        return self.check_checkpoint(text, f"anchor {size}", is_outside=True)

    def judge(self, anchors: str | Sequence[str] | None) -> dict[str, Any]:
        """Return the verdict with size, root, problems (gravest first) and the range no outside memory covers."""
        size = len(self.leaves)
        texts = [anchors] if isinstance(anchors, str) else list(anchors or ())
        covered = max((self.check_anchor(text) for text in texts), default=0)
        found = sorted(self.problems, key=lambda problem: GRAVITY.index(problem.code))
        return {
            "verdict": found[0].code if found else "OK" if covered else "UNANCHORED",
            "size": size,
            "root": self.root_at(size).hex(),
            "problems": [problem.__dict__ for problem in found],
            "unanchored": f"{covered + 1}-{size}" if covered < size else None,
        }


def paper_code(root: bytes) -> bytes:
    """Return what paper carries of a root: its first 26 base32 characters, 130 bits."""
    return base64.b32encode(root)[:PAPER_CHARACTERS]


def is_genuine(state: dict[str, Any]) -> bool:
    """Say whether a personal signature was made by the key it names over exactly what it says."""
    try:
        signed = canonical({name: state[name] for name in SIGNED}).encode()
        return is_signed(bytes.fromhex(state["public_key"]), base64.b64decode(state["value"]), signed)
    except UNREADABLE:
        return False


def kept_anchors(text: str) -> list[str]:
    """Return the checkpoints a sink kept, one JSON object a line. Raises ValueError for a line that is none."""
    try:
        return [str(json.loads(line)["note"]) for line in text.splitlines() if line.strip()]
    except (KeyError, TypeError) as error:
        raise ValueError("a line of the anchors' file holds no checkpoint") from error


def verify_export(data: bytes, anchor: str | Sequence[str] | None = None) -> dict[str, Any]:
    """Return the verdict on the bytes of an export. Raises ValueError if the anchor cannot be read."""
    replay = Replay()
    lines = data.split(b"\n")
    damaged = damage(data, lines)
    counts: dict[str, int] = {}
    for number, line in enumerate(lines[:-1], start=1):
        try:
            if line.startswith(BEGINNINGS["event"]):
                replay.take(line)  # parsed there, and only there: it is most of the work
            else:
                _take_line(replay, json.loads(line), line, number, counts)
        except UNREADABLE:
            replay.problem("MODIFIED", f"line {number}", "The line is none that an export holds.")
    replay.check_missing()
    replay.check_signatures()
    # Once a line is known to be damaged, what follows from the damage would only hide the place.
    replay.problems = damaged or replay.problems
    return replay.judge(anchor)


def _take_line(replay: Replay, content: dict[str, Any], line: bytes, number: int, counts: dict[str, int]) -> None:
    kind = content["kind"]
    counts[kind] = counts.get(kind, 0) + 1
    if kind == "header" and number == 1 and content["format"] == FORMAT:
        counts["stated"] = content["size"]
    elif kind == "row":
        first, last = content["first_event_seq"], content["last_event_seq"]
        replay.check_row(
            Row(content["table"], content["key"], canonical(content["state"]), content["version"], first, last)
        )
    elif kind == "block":
        stated = replay.objects["reading_block", content["key"]].new["sha256"]
        if sha256(base64.b64decode(content["bytes"], validate=True)).hexdigest() != stated:
            replay.problem("STATE_MISMATCH", f"reading_block/{content['key']}", "The readings differ from their hash.")
        counts[content["key"]] = 1
    elif kind == "checkpoint":
        replay.check_checkpoint(content["note"], f"checkpoint {content['id']}")
        if counts["checkpoint"] != content["id"]:
            replay.problem("MODIFIED", f"line {number}", f"Checkpoint {counts['checkpoint']} is missing.")
    elif kind == "close":
        _check_close(replay, counts)
    elif kind != "lines":
        raise ValueError(kind)


def _check_close(replay: Replay, counts: dict[str, int]) -> None:
    if counts.get("stated") != len(replay.leaves):
        replay.problem("MODIFIED", "line 1", f"The header speaks of another size than {len(replay.leaves)} events.")
    for table, key in replay.objects:
        if table == "reading_block" and key not in counts:
            replay.problem("STATE_MISMATCH", f"{table}/{key}", "The readings are missing.")


def damage(data: bytes, lines: Sequence[bytes]) -> list[Problem]:
    """Return which lines are not the bytes that were exported, by the hashes of every line at the end of the file."""
    if not data.startswith(HEADER):
        return [Problem("MODIFIED", "line 1", "The file is no export of a record, or its first line is damaged.")]
    if len(lines) < 3 or lines[-1] or not lines[-2].startswith(b'{"counts":'):
        code = "MODIFIED" if len(lines) > 2 and b'"kind":"lines"' in lines[-3] + lines[-2][:80] else "TRUNCATED"
        where = f"line {len(lines) - (not lines[-1])}"
        return [Problem(code, where, "The closing line is missing or damaged.")]
    last, end = len(lines) - 1, len(data) - len(lines[-2]) - 1
    try:
        close = json.loads(lines[-2])
        stated, whole, manifest_hash = close["lines"], close["sha256"], close["manifest_sha256"]
        chunks = -(-stated // CHUNK_LINES)
        is_canonical = (
            canonical(close).encode() == lines[-2]
            and close["kind"] == "close"
            and "counts" in close
            and 0 < chunks < len(lines)
        )
    except UNREADABLE:
        is_canonical = False
    if not is_canonical:
        return [Problem("MODIFIED", f"line {last}", "The closing line is damaged.")]
    manifest, content = lines[-2 - chunks : -2], lines[: -2 - chunks]
    is_listed = sha256(b"\n".join(manifest) + b"\n").hexdigest() == manifest_hash
    changed = list(_changed(content, manifest, is_listed=is_listed))
    is_whole = sha256(data[:end]).hexdigest() == whole
    if is_whole and is_listed and not changed and len(content) == stated and close["counts"] == _counted(content):
        return []
    if is_whole or not changed:
        return [Problem("MODIFIED", f"line {last}", "The closing line does not fit the lines above it.")]
    moved = "" if len(content) == stated else " Lines were joined, split, removed or added here."
    kept = changed if not moved else changed[:1]
    return [Problem("MODIFIED", f"line {n}", f"{what} is not as exported.{moved}") for n, what in kept]


def _counted(content: Sequence[bytes]) -> dict[str, int]:
    return {kind: sum(line.startswith(begin) for line in content) for kind, begin in BEGINNINGS.items()}


def _changed(content: Sequence[bytes], manifest: Sequence[bytes], *, is_listed: bool) -> Iterable[tuple[int, str]]:
    hashes = [leaf_hash(line).hex() for line in content]
    for place, line in enumerate(manifest):
        first = place * CHUNK_LINES
        actual = hashes[first : first + CHUNK_LINES]
        if canonical({"first": first + 1, "kind": "lines", "sha256": actual}).encode() == line:
            continue
        if not is_listed:
            yield len(content) + place + 1, "The list of hashes"
            continue
        listed = json.loads(line)["sha256"]
        for offset in range(max(len(listed), len(actual))):
            if listed[offset : offset + 1] != actual[offset : offset + 1]:
                yield first + offset + 1, _what(content, first + offset)


def _what(content: Sequence[bytes], place: int) -> str:
    line = content[place] if place < len(content) else b""
    found = re.search(rb'"seq":(\d+)', line) if line.startswith(b'{"action"') else None
    return f"The event of seq {found[1].decode()}" if found else "The line"


def report(result: dict[str, Any]) -> str:
    """Return the verdict in words, for somebody who has never seen one."""
    lines = [f"{result['verdict']}: {result['size']} events, root {result['root']}", f"  {MEANINGS[result['verdict']]}"]
    lines += [f"  {problem['code']} at {problem['where']}: {problem['reason']}" for problem in result["problems"]]
    if result["unanchored"] and result["verdict"] in ("OK", "UNANCHORED"):
        lines.append(f"  No memory from outside covers events {result['unanchored']}.")
    return "\n".join(lines)


def exit_code(result: dict[str, Any]) -> int:
    """Return 0 for OK and UNANCHORED, 4 for every other verdict."""
    return 0 if result["verdict"] in ("OK", "UNANCHORED") else 4


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stand-alone verifier."""
    parser = argparse.ArgumentParser(prog="printcare.verify", description="Verify an exported record.")
    parser.add_argument("export", type=Path)
    parser.add_argument(
        "--anchor", metavar="TEXT", action="append", help="the printed line 'SIZE CODE', or the whole checkpoint"
    )
    parser.add_argument("--anchors", metavar="FILE", type=Path, help="checkpoints as an outside sink kept them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    try:
        kept = kept_anchors(chosen.anchors.read_text("utf-8")) if chosen.anchors else []
        result = verify_export(chosen.export.read_bytes(), [*(chosen.anchor or ()), *kept])
    except (OSError, ValueError, binascii.Error) as error:
        sys.stderr.write(f"Cannot verify: {error}\n")
        return 2
    print(json.dumps(result, ensure_ascii=False) if chosen.json else report(result))
    return exit_code(result)


if __name__ == "__main__":
    sys.exit(main())
