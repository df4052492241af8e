"""What was made of a lot, a cartridge or an ingredient: the recall list, told in a line and written as CSV and PDF."""

from __future__ import annotations

from pathlib import Path

from printcare.ui.words import tr
from printcare.workflow.entry import Account, Store
from printcare.workflow.ink.ink_papers import recall_papers
from printcare.workflow.ink.recall import trace


def written(records: Store, account: Account, asked: str, folder: Path) -> str:
    """Write the list and say how long it is, how long it took and where it lies; raises Refused for an unknown lot."""
    traced = trace(records, account, asked)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, data in recall_papers(records, account, traced, "trace", ""):
        paths.append(folder / f"{asked.replace('/', '-')}-{name}")
        paths[-1].write_bytes(data)
    told = tr("{} batches, {} units, {} patients; the list was there after {} s.")
    counts = (len(traced.batches), len(traced.units), traced.patient_count, traced.seconds)
    return f"{told.format(*counts)} {' · '.join(map(str, paths))}"
