"""Memories of the log outside its database: this client's own last head, and a file that only grows (records.md §8.6).

Both hold whole signed checkpoints. The client's memory lies in the user's own state directory, apart from the record:
who puts an old copy of the record back does not put this back with it. Whoever has the user's rights can remove it;
the keystore's mark, the sink and paper are for that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.engine import make_url

from printcare.domain.events import RecordUnwritable
from printcare.errors import PrintcareError
from printcare.records import merkle
from printcare.verify import Note, open_note

Fetch = Callable[[int, int], bytes]
RESTORE = (
    "See `printcare audit verify`. After a lawful restore: `printcare audit restore`, then `printcare audit accept`."
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What this client remembers of one record, in a file of its own."""

    path: Path

    @property
    def key(self) -> str:
        """Return what the record is called in a keystore."""
        return self.path.stem

    @classmethod
    def of(cls, directory: Path, url: str) -> Memory:
        """Return the memory of the record at a URL; whatever password the URL bears, it is the same record."""
        named = make_url(url).set(password=None).render_as_string()
        return cls(directory / f"head-{sha256(named.encode()).hexdigest()[:24]}.txt")

    def note(self) -> str | None:
        """Return the last checkpoint this client saw, or None. Raises PrintcareError MEMORY_UNREADABLE."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise _unreadable(error) from error
        remembered(text)
        return text

    def keep(self, note: str) -> None:
        """Remember a checkpoint instead of the one before; the file is whole at every moment, and the user's alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(note)
        partial.replace(self.path)


def remembered(text: str) -> Note:
    """Return a remembered checkpoint, parsed. Raises PrintcareError MEMORY_UNREADABLE."""
    try:
        return open_note(text)
    except ValueError as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> PrintcareError:
    told = f"What this client remembers of the record cannot be read: {error}."
    return PrintcareError("MEMORY_UNREADABLE", told, RESTORE)


def check(note: Note, origin: str, size: int, root: bytes, fetch: Fetch) -> None:
    """Raise RecordUnwritable unless the log of this head goes on from the one remembered, shown by a consistency proof.

    RECORD_REPLACED for another log, RECORD_TRUNCATED for a shorter one, RECORD_FORKED for another history.
    """
    if note.origin != origin:
        told = f"This client remembers the log {note.origin}; the database holds {origin}."
        raise RecordUnwritable("RECORD_REPLACED", told, RESTORE)
    if note.size > size:
        told = f"This client remembers {note.size} events; the database holds {size}."
        raise RecordUnwritable("RECORD_TRUNCATED", told, RESTORE)
    proof = [] if note.size == size else merkle.consistency_proof(note.size, size, fetch)
    if not merkle.extends(note.size, note.root, size, root, proof):
        told = f"The first {note.size} events are not those this client remembers."
        raise RecordUnwritable("RECORD_FORKED", told, RESTORE)


@dataclass(frozen=True, slots=True)
class Sink:
    """A file on a share that is only ever appended to: one JSON line for each checkpoint."""

    directory: Path

    def file(self, site: str) -> Path:
        """Return the file of one site."""
        return self.directory / f"anchors-{sha256(site.encode()).hexdigest()[:12]}.jsonl"

    def append(self, site: str, notes: Sequence[tuple[int, str]], at: datetime) -> None:
        """Append checkpoints (id, note) and see them on the disk. Raises OSError where the share is not there."""
        lines = [json.dumps({"at": at.isoformat(), "id": number, "note": note}) + "\n" for number, note in notes]
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        descriptor = os.open(self.file(site), flags, 0o640)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write("".join(lines))
            file.flush()
            os.fsync(file.fileno())

    def last(self, site: str) -> int:
        """Return the id of the last checkpoint that is there, 0 for none. Raises OSError."""
        try:
            lines = self.file(site).read_text("utf-8").splitlines()
        except FileNotFoundError:
            if not self.directory.is_dir():
                raise
            return 0
        return max((_id(line) for line in lines), default=0)


def _id(line: str) -> int:
    try:
        return int(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return 0  # a line cut short by a crash: what it held is appended again
