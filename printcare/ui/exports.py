"""What leaves the record for who may have it: the trail, the archive, the accuracy of doses, the data for learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from printcare.ui.words import phrase, tr
from printcare.workflow.entry import Account, Store
from printcare.workflow.paper.publish import accuracy_files
from printcare.workflow.record import archive, trail
from printcare.workflow.study.research_export import learning_files


@dataclass(frozen=True, slots=True)
class Export:
    """One export: its words, a phrase, and what writes it into a folder and says what was written."""

    words: str
    does: Callable[[Store, Account, Path], str]


def _archived(records: Store, account: Account, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"archive-{records.head()[0]}.zip"
    made = archive.archive(records, account, path, folder)
    return tr("{}: {} events, SHA-256 {}").format(path, made["size"], made["sha256"])


def _files(name: str, files: Callable[..., Mapping[str, bytes]]) -> Callable[[Store, Account, Path], str]:
    def written(records: Store, account: Account, folder: Path) -> str:
        made = files(records, account, parquet=False)  # Parquet needs a library of its own: the command line writes it
        own = folder / name
        own.mkdir(parents=True, exist_ok=True)
        for file, data in made.items():
            (own / file).write_bytes(data)
        return f"{own}: {', '.join(sorted(made))}"

    return written


EXPORTS = {
    "audit.export": Export(phrase("Export the record"), trail.exported),
    archive.ARCHIVE: Export(phrase("Write the archive"), _archived),
    "accuracy.export": Export(phrase("Export the accuracy of doses"), _files("dose-accuracy", accuracy_files)),
    "research.export": Export(phrase("Export the data for learning"), _files("learning", learning_files)),
}
