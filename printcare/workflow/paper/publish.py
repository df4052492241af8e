"""Dose accuracy gathered from every printed batch for publication, with nobody in it, and a list of the digests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import BatchState, UnitState
from printcare.domain.canonical import canonical_bytes
from printcare.domain.uniformity import mean
from printcare.formats.dose_accuracy import (
    AccuracyRow,
    accuracy_csv,
    accuracy_jsonl,
    accuracy_parquet,
    dictionary_csv,
)
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.batch.laboratory import contents_of
from printcare.workflow.batch.plan import parts_of, units_of
from printcare.workflow.paper.batch_content import anchor_now
from printcare.workflow.recipe.controlled import RECIPE

COMMAND = "accuracy.export"
JUDGED = (
    BatchState.RELEASED,
    BatchState.PARTLY_RELEASED,
    BatchState.REJECTED,
    BatchState.REHEARSED,
    BatchState.RECALLED,
)
WEIGHED = frozenset({UnitState.ACCEPTED.value, UnitState.REJECTED.value})
MILLIONTH = Decimal("0.000001")


def accuracy_files(records: Store, account: Account, *, parquet: bool) -> dict[str, bytes]:
    """Return the files of an export: the rows, the dictionary, the digests with the checkpoint they stand under.

    Every unit of every decided batch is in it, rejected ones too; nothing of it leads back to a patient or a day.
    """
    actor = allowed(records, account, COMMAND)
    rows = accuracy_rows(records)
    files = {
        "dose-accuracy.csv": accuracy_csv(rows),
        "dose-accuracy.jsonl": accuracy_jsonl(rows),
        "dose-accuracy-dictionary.csv": dictionary_csv(),
    }
    if parquet:
        files["dose-accuracy.parquet"] = accuracy_parquet(rows)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    with records.transaction(actor) as tx:
        tx.record("accuracy.exported", "export", "dose-accuracy", {"rows": len(rows), "sha256": digests})
    listed = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    return files | {"SHA256SUMS": listed.encode("ascii"), "checkpoint.txt": anchor_now(records).checkpoint.encode()}


def accuracy_rows(records: Store) -> list[AccuracyRow]:
    """Return one row a drug of every weighed or rejected unit of every decided batch, in an order of their own."""
    return [row for _, rows in numbered_rows(records) for row in rows]


def numbered_rows(records: Store) -> list[tuple[str, list[AccuracyRow]]]:
    """Return the same rows by the batch they came from, which no export may name.

    Batches are sorted by what is told of them anyway, so that their numbers say nothing of when within a month.
    """
    groups = []
    for status in JUDGED:
        for batch_id, state in records.all("batch", status=status.value).items():
            groups.append((batch_id, _rows_of(records, batch_id, state)))
    groups = sorted((group for group in groups if group[1]), key=lambda group: [_order(row) for row in group[1]])
    return [
        (batch_id, [AccuracyRow(**_fields(row) | {"batch": number}) for row in rows])
        for number, (batch_id, rows) in enumerate(groups, start=1)
    ]


def _rows_of(records: Store, batch_id: str, state: Mapping[str, Any]) -> list[AccuracyRow]:
    content = (records.get(RECIPE.table, state["recipe"]) or {}).get("content") or {}
    started = records.events(object_id=batch_id, object_type="batch", action="batch.started")
    if not started:
        return []
    value = (state.get("review") or {}).get("acceptance_value")
    units = [row for row in units_of(records, batch_id) if row["status"] in WEIGHED]
    found, site = [], _pseudonym(records)
    for part, own in zip(parts_of(state), [content, *content.get("further", ())], strict=False):
        assayed = contents_of(records, batch_id, part["drug"])
        dose_mg, target_mg = Decimal(part["dose_per_unit_mg"]), Decimal(part["target_mass_mg"])
        content_pct = (mean(assayed)).quantize(MILLIONTH) if assayed else None
        for row in units:
            seen = row if part["number"] == 1 else row.get("parts", {}).get(str(part["number"]), {})
            mass_mg = None if seen.get("mass_mg") is None else Decimal(seen["mass_mg"])
            estimate = None
            if mass_mg is not None:
                estimate = (mass_mg * Decimal(part["strength_mg_per_g"]) / 1000).quantize(MILLIONTH)
            found.append(
                AccuracyRow(
                    site=site,
                    batch=0,
                    month=started[0].content["ts_utc"][:7],
                    recipe_class=_recipe_class(content, own),
                    ink_class=_ink_class(own),
                    printer_class=str(state["profile"]),
                    drug=part["drug"],
                    unit=row["index"],
                    state=row["status"],
                    target_mass_mg=target_mg,
                    mass_mg=mass_mg,
                    target_dose_mg=dose_mg,
                    estimated_dose_mg=estimate,
                    content_pct=content_pct,
                    acceptance_value=None if value is None else Decimal(value),
                    balance_d_mg=Decimal(state["weighing"]["readability_mg"]),
                    balance_s_mg=Decimal(state["weighing"]["s_mg"]),
                    simulated=bool(state["simulated"]),
                    app_version=records.context.app_version,
                )
            )
    return found


def _recipe_class(content: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    product = own.get("product") or content.get("product") or {}
    return str(product.get("dosage_form", "not stated"))


def _ink_class(own: Mapping[str, Any]) -> str:
    ink = own.get("ink") or {}
    return f"{ink.get('drive', 'not stated')}/{ink.get('water_activity', 'not stated')}"


def _pseudonym(records: Store) -> str:
    """Return the site's pseudonym: made of the record's first event, which holds a key nobody can guess."""
    first = records.events(limit=1)[0].content
    return f"S-{hashlib.sha256(canonical_bytes(first)).hexdigest()[:10].upper()}"


def _order(row: AccuracyRow) -> str:
    return repr((row.month, row.recipe_class, row.drug, row.target_mass_mg, row.unit, row.mass_mg))


def _fields(row: AccuracyRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AccuracyRow.__slots__}
