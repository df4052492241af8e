"""Draw every document in every language as a picture.

`python tests/benchmarks/draw_documents.py` writes docs/pictures/documents; somebody then looks at each.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pypdfium2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenarios"))

from rehearsing import Rehearsal, prepared_in
from releasing import released_in

from printcare.formats.fallback_form import FallbackForm, fallback_pdf
from printcare.formats.recall_list import RecallHead, RecallLine, recall_pdf
from printcare.formats.wording import LANGUAGES
from printcare.workflow.demonstration import PHARMACY
from printcare.workflow.ink.ink_papers import certificate
from printcare.workflow.paper.documents import write_documents

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "documents"


def draw(data: bytes, name: str, scale: float, pages: int | None = None) -> None:
    """Write each page of a document, or the first ones, as a picture of 64 colours."""
    document = pypdfium2.PdfDocument(data)
    for number, page in enumerate(islice(document, pages), start=1):
        path = PICTURES / f"{name}-{number}.png"
        page.render(scale=scale).to_pil().quantize(64).save(path, optimize=True)
        page.close()
    document.close()


def recall_paper(code: str) -> bytes:
    """Return a recall list of two batches."""
    at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    head = RecallHead(
        "R-0001", "CP-2601-A", "lot", "", "Quinn", at, "0.012", "locked", "LOCKED MODE · validated recipes only", code
    )
    lines = [
        RecallLine(batch, status, "RX-1", "P-QSK3", f"{batch}/{index:02d}", "accepted", "patient", "CP-2601-A", "K-7")
        for batch, status in (("B-0001", "released"), ("B-0002", "quarantined"))
        for index in range(1, 8)
    ]
    return recall_pdf(head, lines)


def write(one: Rehearsal, folder: Path, code: str) -> None:
    """Write the documents of a batch in a language."""
    papers = (one.planned, one.order, one.message, one.calculated, one.decision, one.demonstration.policy)
    write_documents(one.records, one.demonstration.people["r.releaser"], folder, *papers, PHARMACY, code)


def main() -> None:
    """Draw everything: a released batch's record, label and certificate, and a rehearsed one's quarantine label."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for path in PICTURES.glob("*.png"):
        path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        places = {name: Path(folder) / name for name in ("released", "rehearsed", "papers")}
        for place in places.values():
            place.mkdir()
        released = released_in(places["released"])
        rehearsed = prepared_in(places["rehearsed"]).whole()
        papers = places["papers"]
        for code in LANGUAGES:
            write(rehearsed, papers, code)
            draw((papers / "label.pdf").read_bytes(), f"label-quarantine-{code}", 3)
            draw((papers / "batch-record.pdf").read_bytes(), f"batch-record-rehearsed-{code}", 1.3, pages=1)
            write(released, papers, code)
            draw((papers / "label.pdf").read_bytes(), f"label-final-{code}", 3)
            draw((papers / "batch-record.pdf").read_bytes(), f"batch-record-{code}", 1.3)
            lot, operator = released.planned.recipe.lot.id, released.demonstration.people["a.operator"]
            draw(certificate(released.records, operator, lot, code), f"certificate-{code}", 1.3)
            draw(recall_paper(code), f"recall-list-{code}", 1.3)
            form = FallbackForm(
                "demo-site", "locked", "LOCKED MODE · validated recipes only", "printcare", ("PF-0001",),
                "2026-01-05 09:00", 412, "412 LXE5U6NHAZM2TLKVTSZQDXWZUK", code,
            )  # fmt: skip
            draw(fallback_pdf(form), f"paper-form-{code}", 1.3)
        released.close()
        rehearsed.close()


if __name__ == "__main__":
    main()
