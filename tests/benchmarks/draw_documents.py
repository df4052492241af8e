"""Draw every document in every language as a picture.

`python tests/benchmarks/draw_documents.py` writes docs/pictures/documents; somebody then looks at each.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "formats"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenarios"))

from rehearsing import prepared_in
from sample_label import label

from printcare.formats.fallback_form import FallbackForm, fallback_pdf
from printcare.formats.label import label_pdf
from printcare.formats.label_templates import label_template
from printcare.formats.recall_list import RecallHead, RecallLine, recall_pdf
from printcare.formats.wording import LANGUAGES, Tongue, tongue_of
from printcare.workflow.demonstration import PHARMACY
from printcare.workflow.ink.ink_papers import certificate
from printcare.workflow.paper.documents import write_documents

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "documents"
COUNTRY = {"en": "GB", "fr": "FR", "es": "ES"}
EXCIPIENTS = ("mannitol", "water", "hypromellose", "sucralose", "strawberry flavour")


def draw(data: bytes, name: str, scale: float) -> None:
    """Write each page of a document as a picture of 64 colours."""
    document = pypdfium2.PdfDocument(data)
    for number, page in enumerate(document, start=1):
        path = PICTURES / f"{name}-{number}.png"
        page.render(scale=scale).to_pil().quantize(64).save(path, optimize=True)
        page.close()
    document.close()


def final_label(tongue: Tongue) -> bytes:
    """Return a final label as a released batch would have it, in its country's words."""
    give = "Chew, or disperse in 5 mL of water, and give all of it. Never give part of a unit."
    storage = tongue("Store at 2 to 8 degC, in the closed container.").replace("degC", "°C")
    return label_pdf(
        label(
            template=label_template(COUNTRY[tongue.code], "105x74", tongue.code),
            is_simulated=False,
            product=tongue("cycloPHOSphamide"),
            expressed_as=tongue("cyclophosphamide anhydrous"),
            dosage_form=tongue("chewable unit"),
            route=tongue("oral"),
            give=tongue(give),
            storage=storage,
            excipients=tuple(tongue(name) for name in EXCIPIENTS),
        )
    )


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


def main() -> None:
    """Draw everything."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        one = prepared_in(Path(folder)).whole()
        people, policy = one.demonstration.people, one.demonstration.policy
        for code in LANGUAGES:
            tongue, out = tongue_of(code), Path(folder) / code
            papers = (one.planned, one.order, one.message, one.calculated, one.decision, policy, PHARMACY, code)
            write_documents(one.records, people["r.releaser"], out, *papers)
            draw((out / "batch-record.pdf").read_bytes(), f"batch-record-{code}", 1.3)
            draw((out / "label.pdf").read_bytes(), f"label-quarantine-{code}", 3)
            draw(final_label(tongue), f"label-final-{code}", 3)
            lot = one.planned.recipe.lot.id
            draw(certificate(one.records, people["a.operator"], lot, code), f"certificate-{code}", 1.3)
            draw(recall_paper(code), f"recall-list-{code}", 1.3)
            form = FallbackForm(
                "demo-site", "locked", "LOCKED MODE · validated recipes only", "printcare", ("PF-0001",),
                "2026-01-05 09:00", 412, "412 LXE5U6NHAZM2TLKVTSZQDXWZUK", code,
            )  # fmt: skip
            draw(fallback_pdf(form), f"paper-form-{code}", 1.3)
        one.records.close()


if __name__ == "__main__":
    main()
