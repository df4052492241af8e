"""Write a batch's documents into a folder, each recorded by its digest before it is handed over."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from printcare.domain.batch import Use
from printcare.domain.control_recipe import ControlRecipe
from printcare.domain.policy import Policy
from printcare.domain.prescription import Prescription
from printcare.domain.release import ReleaseDecision
from printcare.formats.batch_content import BatchRecordContent, UnitLine
from printcare.formats.batch_record import batch_record_pdf
from printcare.formats.calculation_sheet import sheet_object, sheet_text
from printcare.formats.label import LabelContent, label_pdf
from printcare.formats.unit_table import unit_table_csv
from printcare.records.accounts import Account
from printcare.records.export import export
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.batch_content import anchor_now, batch_content
from printcare.workflow.plan import PlannedBatch
from printcare.workflow.verify import Calculations, each_calculation


@dataclass(frozen=True, slots=True)
class Pharmacy:
    """Who prepares, as the label names it."""

    name: str
    address: str
    phone: str


def write_documents(
    records: Store,
    account: Account,
    folder: Path,
    planned: PlannedBatch,
    order: Prescription,
    received: bytes,
    calculated: Calculations,
    decision: ReleaseDecision | None,
    policy: Policy,
    pharmacy: Pharmacy,
) -> list[str]:
    """Write every document of a batch and return their names; the audit export comes last and holds the digests."""
    actor = allowed(records, account, "audit.export")
    content = batch_content(records, planned, order, calculated, decision, policy)
    files = {
        "prescription.fhir.json" if order.source == "fhir" else "prescription.json": received,
        **_sheets(calculated),
        f"{planned.id}.gcode": planned.program.text.encode("ascii"),
        "units.csv": unit_table_csv(planned.id, _rows(planned, content), content.is_simulated),
    }
    with records.transaction(actor) as tx:
        for name, data in files.items():
            tx.record("document.written", "document", f"{planned.id}/{name}", _document(planned.id, name, data))
    content = replace(content, anchor=anchor_now(records))  # the paper anchors the documents before it as well
    papers = {"batch-record.pdf": batch_record_pdf(content)}
    if decision is not None:
        papers["label.pdf"] = label_pdf(_label(planned, order, pharmacy, content, records.context.clock()))
    with records.transaction(actor) as tx:
        for name, data in papers.items():
            tx.record("document.written", "document", f"{planned.id}/{name}", _document(planned.id, name, data))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (files | papers).items():
        (folder / name).write_bytes(data)
    export(records, folder / "audit-export.jsonl", actor)
    return sorted([*files, *papers, "audit-export.jsonl"])


def _forms(recipe: ControlRecipe) -> str:
    """Return the forms the strengths are expressed in; of several drugs nothing where each form is the name itself."""
    products = [part.part.product for part in recipe.parts]
    if len(products) > 1 and all(product.strength_form == product.tall_man for product in products):
        return ""
    return " + ".join(product.strength_form for product in products)


def _rows(planned: PlannedBatch, content: BatchRecordContent) -> list[tuple[str, UnitLine]]:
    """Return drug and unit, unit by unit."""
    rows = zip(*(drug.units for drug in content.drugs), strict=True)
    names = [part.drug for part in planned.recipe.parts]
    return [pair for unit in rows for pair in zip(names, unit, strict=True)]


def _sheets(calculated: Calculations) -> dict[str, bytes]:
    """Return the calculation sheet, of several drugs one for each, named by the drug."""
    files: dict[str, bytes] = {}
    every = each_calculation(calculated)
    for each in every:
        of_drug = f"-{each.rule.drug}" if len(every) > 1 else ""
        files[f"calculation-sheet{of_drug}.txt"] = sheet_text(each.calculation).encode("utf-8")
        files[f"calculation-sheet{of_drug}.json"] = json.dumps(sheet_object(each.calculation), indent=1).encode("utf-8")
    return files


def _document(batch_id: str, name: str, data: bytes) -> dict[str, object]:
    kind = name.rpartition(".")[2]
    return {"batch_id": batch_id, "kind": kind, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _label(
    planned: PlannedBatch, order: Prescription, pharmacy: Pharmacy, content: BatchRecordContent, now: datetime
) -> LabelContent:
    recipe, master = planned.recipe, planned.recipe.master
    return LabelContent(
        pharmacy=pharmacy.name,
        address=pharmacy.address,
        phone=pharmacy.phone,
        product=" + ".join(part.part.product.tall_man for part in recipe.parts),
        product_code=master.id,
        expressed_as=_forms(recipe),
        dosage_form=master.product.dosage_form,
        route=master.product.route,
        doses_per_unit_mg=tuple(part.dose_per_unit_mg for part in recipe.parts),
        units_per_dose=recipe.verified.units.units_per_dose,
        doses_per_day=recipe.verified.doses_per_day,
        count=sum(unit.use == Use.PATIENT.value for unit in content.units),  # what was accepted, not what was planned
        give=master.product.give,
        hazard_class=master.hazard_class,
        excipients=tuple(dict.fromkeys(name for part in recipe.parts for name in part.lot.excipients)),
        storage=master.storage,
        batch_id=planned.id,
        lot_id=" + ".join(part.lot.id for part in recipe.parts),
        order_id=order.id,
        prepared_on=now.date().isoformat(),
        use_by=now + timedelta(days=float(master.beyond_use_days)),
        serial=f"{planned.id}-L1",
        status="quarantine",
        is_simulated=content.is_simulated,
        anchor_size=content.anchor.size,
        anchor_paper=content.anchor.paper,
    )
