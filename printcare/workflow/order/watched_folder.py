"""A folder that a prescribing system writes into: each file is taken once, when it has stopped growing, and moved.

A file is read only if size and time of change were the same at the scan before, and are the same after reading: half a
message is never taken. What was read goes to `accepted` or `refused`, with its findings beside it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from printcare.domain.checks import Finding, error
from printcare.errors import PrintcareError
from printcare.formats.strict_json import MAX_BYTES

ACCEPTED, REFUSED = "accepted", "refused"
SUFFIX, FINDINGS = ".json", ".findings.json"
MOST_FILES = 1000  # of one scan; the rest waits for the next

Sightings = Mapping[str, tuple[int, int]]
Take = Callable[[str, bytes], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """One file that was taken: its name as it came, where it is now, and every finding."""

    name: str
    outcome: str  # accepted | refused
    moved_to: Path
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """One look at the folder: what was taken, and what the next look compares sizes with."""

    taken: tuple[Taken, ...]
    seen: Sightings


def scan(folder: Path, before: Sightings, take: Take) -> Scan:
    """Look once: take every file that stands still since `before`, and return the sightings for the next look.

    `take` reads and keeps one message and returns what speaks against it. Hidden files, folders, links and files of
    other names are left alone. Raises PrintcareError WATCHED_FOLDER where the folder cannot be read or written.
    """
    try:
        for outcome in (ACCEPTED, REFUSED):
            (folder / outcome).mkdir(exist_ok=True)
        seen = dict(_candidates(folder))
        taken = []
        for name, sighting in seen.items():
            if before.get(name) == sighting:
                data = _read_whole(folder / name, sighting)
                if data is not None:
                    taken.append(_take(folder, name, data, take))
    except OSError as fault:
        message = f"The watched folder {folder} cannot be used: {fault.strerror or type(fault).__name__}."
        raise PrintcareError("WATCHED_FOLDER", message, "Check the folder and its permissions.") from fault
    gone = {each.name for each in taken}
    return Scan(tuple(taken), {name: sighting for name, sighting in seen.items() if name not in gone})


def _candidates(folder: Path) -> list[tuple[str, tuple[int, int]]]:
    """Return name, size and time of change of the waiting files, by name."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if (
                entry.name.startswith(".")
                or not entry.name.endswith(SUFFIX)
                or not entry.is_file(follow_symlinks=False)
            ):
                continue
            state = entry.stat(follow_symlinks=False)
            if state.st_size:
                found.append((entry.name, (state.st_size, state.st_mtime_ns)))
    return sorted(found)[:MOST_FILES]


def _read_whole(path: Path, sighting: tuple[int, int]) -> bytes | None:
    """Return the bytes, one more than allowed at most, or None for a file that changed or is not what it was."""
    try:
        # A link put in the file's place between look and read would lead out of the folder.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, PermissionError):
        return None  # the writer holds it or took it away; the next look decides
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        data = file.read(MAX_BYTES + 1)
        after = os.fstat(file.fileno())
    return data if (after.st_size, after.st_mtime_ns) == sighting else None


def _take(folder: Path, name: str, data: bytes, take: Take) -> Taken:
    try:
        findings = take(name, data)
    except PrintcareError as fault:
        if fault.code.startswith("RECORD_"):
            raise  # without a record nothing is taken: the file stays where it is
        findings = (error(fault.code, fault.message, fault.remedy, name),)
    outcome = REFUSED if any(finding.blocks for finding in findings) else ACCEPTED
    target = _free(folder / outcome, name)
    told = {"file": name, "outcome": outcome, "findings": [finding.as_dict() for finding in findings]}
    # The findings first: a moved file without them would be a refusal without a reason.
    unfinished = folder / outcome / f".{target.name}.tmp"
    unfinished.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    unfinished.replace(target.with_name(target.name + FINDINGS))
    (folder / name).rename(target)
    return Taken(name, outcome, target, findings)


def _free(folder: Path, name: str) -> Path:
    """Return a name nothing has in the folder yet: what came before is never written over."""
    target, number = folder / name, 1
    while target.exists() or target.with_name(target.name + FINDINGS).exists():
        target, number = folder / f"{name.removesuffix(SUFFIX)}-{number}{SUFFIX}", number + 1
    return target
