"""The FHIR bundle of a hand-over, from the record: nothing leaves before the release, nobody's name leaves at all."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import BatchState
from printcare.domain.checks import Finding, error
from printcare.domain.recipe import MasterRecipe
from printcare.formats.fhir_out import DispenseContent, OutDevice, OutPerson, OutVerdict, dispense_bundle
from printcare.records.accounts import Account
from printcare.records.signatures import signatures_of
from printcare.records.store import Store
from printcare.workflow.authority import allowed, stop_where
from printcare.workflow.batch.plan import parts_of
from printcare.workflow.order.receive import person_of
from printcare.workflow.paper.labels import GIVEN, batch_state, batch_use_by
from printcare.workflow.release.hand_over import handed_over
from printcare.workflow.release.review import review_recorded

COMMAND = "fhir.export"
WITHDRAWN = frozenset({BatchState.RECALLED.value, BatchState.RETURNED.value})
RECORD = "batch-record.pdf"


def fhir_bundle(records: Store, account: Account, batch_id: str, master: MasterRecipe, number: int = 1) -> bytes:
    """Return the bundle of one hand-over of a batch; a batch withdrawn since is told as cancelled, never left out.

    Raises Refused, recorded, before the release, without that hand-over, and without a written batch record.
    """
    actor = allowed(records, account, COMMAND)
    state = batch_state(records, batch_id)
    given = handed_over(records, batch_id).get(f"{batch_id}/hand-over/{number}")
    document = records.get("document", f"{batch_id}/{RECORD}")
    stops: list[Finding] = []
    if state["status"] not in GIVEN | WITHDRAWN:
        told = f"Batch {batch_id} is {state['status']}; nothing is sent before the release."
        stops.append(error("E_BATCH_STATE", told, "Have it released first.", "batch"))
    elif given is None:
        told = f"Hand-over {number} of batch {batch_id} is not on record."
        stops.append(error("E_NOT_HANDED_OVER", told, "Record it: `printcare documents hand-over`.", "number"))
    elif document is None:
        told = f"No batch record of {batch_id} was written yet."
        stops.append(error("E_DOCUMENT_MISSING", told, "Write the documents of the batch first.", "document"))
    stop_where(records, actor, COMMAND, "batch", batch_id, stops)
    content = _content(records, batch_id, state, master, number, given or {}, document or {})
    bundle = dispense_bundle(content)
    with records.transaction(actor) as tx:
        told_of = {"hand_over": number, "sha256": hashlib.sha256(bundle).hexdigest(), "bytes": len(bundle)}
        tx.record("fhir.exported", "export", batch_id, told_of)
    return bundle


def _content(
    records: Store,
    batch_id: str,
    state: dict[str, Any],
    master: MasterRecipe,
    number: int,
    given: dict[str, Any],
    document: dict[str, Any],
) -> DispenseContent:
    order_id = str(state["prescription"])
    order = records.get("prescription", order_id) or {}
    pseudonym = str(order.get("patient", ""))
    rows = parts_of(state)
    started = records.events(object_id=batch_id, object_type="batch", action="batch.started")
    released = [each for each in signatures_of(records, "batch", batch_id) if each.meaning == "released"]
    signed = None
    if released:
        last = released[-1]
        signed = (OutPerson(last.account, last.role), last.signed_at, last.object_hash)
    per_day = 1 if state.get("step") else int(order.get("doses_per_day", 1))
    days = int(state["days"])
    units_per_dose = max(1, int(state["units_for_patient"]) // max(1, days * per_day))
    people = dict.fromkeys(OutPerson(each.account, each.role) for each in signatures_of(records, "batch", batch_id))
    units = int(given["units"])
    return DispenseContent(
        site=records.site(),
        batch_id=batch_id,
        number=number,
        is_withdrawn=state["status"] in WITHDRAWN,
        patient=person_of(records, pseudonym).get("identifier", pseudonym),
        order_id=order_id,
        product=" + ".join(part.product.inn for part in master.parts),
        form=master.product.dosage_form,
        drugs=tuple(
            (part.product.inn, Decimal(row["dose_per_unit_mg"])) for part, row in zip(master.parts, rows, strict=True)
        ),
        units=units,
        days=max(1, units // (units_per_dose * per_day)),
        units_per_dose=units_per_dose,
        doses_per_day=per_day,
        directions=master.product.give,
        use_by=batch_use_by(records, batch_id, master).at.isoformat(timespec="seconds"),
        prepared_at=started[0].content["ts_utc"] if started else given["at"],
        handed_over_at=given["at"],
        recorded_at=records.context.clock().isoformat(timespec="seconds"),
        document=f"{batch_id} {RECORD}",
        document_sha256=document["sha256"],
        document_bytes=document["bytes"],
        people=tuple(people),
        signed=signed,
        devices=_devices(records, rows),
        verdicts=_verdicts(records, batch_id),
    )


def _devices(records: Store, rows: list[dict[str, Any]]) -> tuple[OutDevice, ...]:
    """Return every device as it last identified itself, and the program."""
    roles = ["printer", "balance", "pressure", *(f"pressure-{number}" for number in range(1, len(rows)))]
    found = []
    for role in roles:
        events = records.events(object_id=role, object_type="device", action="device.identified")
        if events:
            who = events[-1].content["new"]
            found.append(OutDevice(role, who["model"], who["serial"] or "not stated", who["model"]))
    version = records.context.app_version
    return (*found, OutDevice("software", "printcare", records.site(), version))


def _verdicts(records: Store, batch_id: str) -> tuple[OutVerdict, ...]:
    return tuple(
        OutVerdict(each.drug, each.dosage_units.test, each.dosage_units.count, Decimal(each.dosage_units.result))
        for each in review_recorded(records, batch_id).drugs
        if each.dosage_units.result
    )
