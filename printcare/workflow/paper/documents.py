"""Write a batch's documents into a folder, each recorded by its digest before it is handed over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from printcare.domain.people import may
from printcare.domain.policy import Policy
from printcare.domain.prescription import Prescription
from printcare.domain.release import ReleaseDecision
from printcare.formats.batch_content import BatchRecordContent, UnitLine
from printcare.formats.batch_record import batch_record_pdf
from printcare.formats.calculation_sheet import sheet_object, sheet_text
from printcare.formats.label import FINAL, QUARANTINE, fitting_label
from printcare.formats.paper import WATERMARK
from printcare.formats.unit_table import unit_table_csv
from printcare.formats.wording import Tongue
from printcare.records.accounts import Account
from printcare.records.export import export
from printcare.records.store import Actor, Store
from printcare.workflow.authority import allowed
from printcare.workflow.batch.plan import PlannedBatch
from printcare.workflow.order.verify import Calculations, each_calculation
from printcare.workflow.paper.batch_content import anchor_now, batch_content
from printcare.workflow.paper.label_book import label_count, label_lines, labels_of
from printcare.workflow.paper.labels import GIVEN, PRINT, batch_state, batch_use_by, label_content, print_label
from printcare.workflow.paper_settings import PaperSettings, paper_settings


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
    language: str = "",
) -> list[str]:
    """Write every document of a batch and return their names; the audit export comes last and holds the digests.

    `language` is the site's unless it is named.
    """
    actor = allowed(records, account, "audit.export")
    settings = _settings(records, pharmacy, language)
    content = batch_content(records, planned, order, calculated, decision, policy, settings.tongue)
    files = {
        "prescription.fhir.json" if order.source == "fhir" else "prescription.json": received,
        **_sheets(calculated, _about(content), settings.tongue),
        f"{planned.id}.gcode": planned.program.text.encode("ascii"),
        "units.csv": unit_table_csv(planned.id, _rows(planned, content), content.is_simulated),
    }
    _record(records, actor, planned.id, files)
    label = {} if decision is None else _label(records, account, planned, settings)
    content = replace(
        content,
        anchor=anchor_now(records),  # the paper anchors the documents before it as well
        labels=label_lines(records, planned.id),
        label_count=label_count(records, planned.id, settings.tongue),
    )
    papers = {"batch-record.pdf": batch_record_pdf(content)}
    _record(records, actor, planned.id, papers, anchor_size=content.anchor.size)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (files | label | papers).items():
        (folder / name).write_bytes(data)
    export(records, folder / "audit-export.jsonl", actor)
    return sorted([*files, *label, *papers, "audit-export.jsonl"])


def _record(
    records: Store, actor: Actor, batch_id: str, files: Mapping[str, bytes], anchor_size: int | None = None
) -> None:
    """Record each document by its digest, and which head of the record stands on it."""
    anchor = {} if anchor_size is None else {"anchor_size": anchor_size}
    with records.transaction(actor) as tx:
        for name, data in files.items():
            told = _document(batch_id, name, data) | anchor
            tx.record("document.written", "document", f"{batch_id}/{name}", told)


def _settings(records: Store, pharmacy: Pharmacy, language: str) -> PaperSettings:
    """Return the site's settings with the pharmacy and the language that were named in this place."""
    own = paper_settings(records)
    named = replace(
        own,
        pharmacy=own.pharmacy or pharmacy.name,
        address=own.address or pharmacy.address,
        phone=own.phone or pharmacy.phone,
    )
    return replace(named, language=language) if language else named


def _label(records: Store, account: Account, planned: PlannedBatch, settings: PaperSettings) -> dict[str, bytes]:
    """Return the label: the first one is printed under a serial, and written again it is the same one, not another."""
    master, state = planned.recipe.master, batch_state(records, planned.id)
    kind = FINAL if state["status"] in GIVEN else QUARANTINE
    printed = [row for row in labels_of(records, planned.id).values() if row["label"] == kind]
    if not printed and not may(account.roles, PRINT):
        return {}  # who may not print labels writes the other documents all the same
    if not printed:
        return {"label.pdf": print_label(records, account, planned.id, master, settings=settings).pdf}
    until = batch_use_by(records, planned.id, master).at
    content = label_content(records, planned.id, state, master, kind, printed[-1]["serial"], until, settings=settings)
    return {"label.pdf": fitting_label(content)[1]}


def _rows(planned: PlannedBatch, content: BatchRecordContent) -> list[tuple[str, UnitLine]]:
    """Return drug and unit, unit by unit."""
    rows = zip(*(drug.units for drug in content.drugs), strict=True)
    names = [part.drug for part in planned.recipe.parts]
    return [pair for unit in rows for pair in zip(names, unit, strict=True)]


def _about(content: BatchRecordContent) -> list[str]:
    """Return what stands above a calculation: the batch and the order it is of, in the words of the batch record."""
    wanted = {content.tongue(name) for name in ("Batch", "Product", "Recipe", "Prescription", "Patient")}
    facts = (*content.identity, *content.prescription)
    told = [f"{fact.name}: {fact.value}" for fact in facts if fact.name in wanted]
    return [content.tongue(WATERMARK), *told] if content.is_simulated else told


def _sheets(calculated: Calculations, about: list[str], tongue: Tongue) -> dict[str, bytes]:
    """Return the calculation sheet, of several drugs one for each, named by the drug."""
    files: dict[str, bytes] = {}
    every = each_calculation(calculated)
    for each in every:
        of_drug = f"-{each.rule.drug}" if len(every) > 1 else ""
        rule = tongue("{id} version {version}", id=each.rule.id, version=each.rule.version)
        text = sheet_text(each.calculation, tongue, [*about, f"{tongue('Dosing rule')}: {rule}"])
        files[f"calculation-sheet{of_drug}.txt"] = text.encode("utf-8")
        files[f"calculation-sheet{of_drug}.json"] = json.dumps(sheet_object(each.calculation), indent=1).encode("utf-8")
    return files


def _document(batch_id: str, name: str, data: bytes) -> dict[str, object]:
    kind = name.rpartition(".")[2]
    return {"batch_id": batch_id, "kind": kind, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
