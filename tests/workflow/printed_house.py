"""A house with one printed batch of ten units, as a job and its finishing leave it, without the cost of either."""

from __future__ import annotations

import json
from pathlib import Path

from ink_house import House, open_house
from ward import PASSWORD

from printcare.domain.people import SYSTEM
from printcare.domain.recipe import MasterRecipe
from printcare.formats.recipe import load_recipe
from printcare.records.signatures import sign
from printcare.workflow.batch.plan import unit_key
from printcare.workflow.order.receive import person_key

BATCH, ORDER, PATIENT = "B-0001", "RX-1", "P-QSK3"
USES = ("patient",) * 7 + ("retain", "test", "spare")
MASSES = ("424.6", "426.1", "423.9", "425.3", "424.4", "425.8", "424.2", "427", "425.1", "424.9")


def recipe() -> MasterRecipe:
    """Return the recipe the batch was made by."""
    return load_recipe("cyclophosphamide-sse")


def batch_state(status: str) -> dict[str, object]:
    """Return the row of the batch."""
    part = {
        "number": 1, "drug": "cyclophosphamide", "tool": 0, "lot": "CP-2601-A", "cartridge": "CP-2601-A-07",
        "dose_per_unit_mg": "17", "target_mass_mg": "425", "strength_mg_per_g": "40",
    }  # fmt: skip
    return part | {
        "status": status, "mode": "locked", "allows_release": True, "simulated": False, "prescription": ORDER,
        "recipe": "cyclophosphamide-sse/1", "recipe_digest": recipe().digest, "profile": "marlin-syringe",
        "parts": [part], "units": 10, "units_for_patient": 7, "days": 7, "step": None, "operator": "u-ada",
        "outcome": "completed", "reason": "every unit printed and judged",
        "weighing": {"readability_mg": "0.1", "s_mg": "0.1"},
    }  # fmt: skip


def printed(folder: Path, status: str = "quarantined") -> House:
    """Return the house with its batch in a state after printing."""
    made = open_house(folder)
    made.released()
    person = {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": "2021-09-14", "sex": "F"}
    order = {"status": "verified", "patient": PATIENT, "doses_per_day": 1, "duration_days": 7}
    with made.records.transaction(SYSTEM) as tx:
        tx.keep(
            "person", person_key(PATIENT), json.dumps(person).encode(), {"kind": "patient"}, action="person.recorded"
        )
        tx.record("order.received", "prescription", ORDER, order)
        tx.record("batch.planned", "batch", BATCH, batch_state("prepared"))
        tx.record("batch.started", "batch", BATCH, batch_state("printing"))
        for role, serial in (("printer", "P-1"), ("balance", "W-1"), ("pressure", "PS-1")):
            tx.record("device.identified", "device", role, {"model": f"{role} model", "serial": serial})
        for index, (use, mass) in enumerate(zip(USES, MASSES, strict=True), start=1):
            unit = {"batch_id": BATCH, "index": index, "position": f"A{index}", "status": "accepted", "reason": ""}
            tx.record("unit.judged", "unit", unit_key(BATCH, index), unit | {"use": use, "mass_mg": mass})
        tx.record("batch.finished", "batch", BATCH, batch_state("quarantined"))
        tx.record("sample.drawn", "job", BATCH, {"seed": 1, "order": list(range(1, 11))})
        document = {"batch_id": BATCH, "kind": "pdf", "sha256": "ab" * 32, "bytes": 1234}
        tx.record("document.written", "document", f"{BATCH}/batch-record.pdf", document)
    if status != "quarantined":
        becoming = (("batch.release", batch_state(status)),)
        sign(made.records, "rita", PASSWORD, "releaser", status, "batch", BATCH, becoming=becoming)
    return made
