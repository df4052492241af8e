"""The papers of an ink: the certificate of a lot, and the recall list as table and paper."""

from __future__ import annotations

from printcare.domain.checks import error
from printcare.formats.certificate import CertificateContent, Signed, certificate_pdf
from printcare.formats.recall_list import RecallHead, RecallLine, recall_csv, recall_pdf
from printcare.records.accounts import Account
from printcare.records.signatures import signatures_of
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.ink.formulations import formulation_of
from printcare.workflow.ink.materials import recorded_lot, stop
from printcare.workflow.ink.preparation import preparation_of
from printcare.workflow.ink.recall import Traced
from printcare.workflow.mode import present
from printcare.workflow.paper_settings import paper_settings


def certificate(records: Store, account: Account, lot_id: str, language: str = "") -> bytes:
    """Return the certificate of a lot as PDF; raises Refused, recorded, for a lot that is not on record."""
    actor, policy = allowed(records, account, "ink_lot.show"), present(records)
    lot = recorded_lot(records, lot_id)
    if lot is None:
        unknown = error("LOT_UNKNOWN", f"There is no lot {lot_id} on record.", "See `printcare ink list`.", "lot")
        stop(records, actor, "ink_lot.show", "ink_lot", lot_id, unknown)
    ink = formulation_of(records, lot.ink_id, lot.formulation_version)
    judgement = (records.get("ink_lot", lot_id) or {}).get("judgement")
    signed = tuple(
        Signed(each.name, each.role, each.meaning, each.signed_at)
        for table in ("ink_preparation", "ink_lot")
        for each in signatures_of(records, table, lot_id)
    )
    content = CertificateContent(
        site=records.site(),
        mode=policy.mode,
        band=policy.band,
        application=f"printcare {records.context.app_version}",
        lot=lot,
        ink=None if isinstance(ink, tuple) else ink,
        preparation=preparation_of(records, lot_id),
        judgement="" if judgement is None else str(judgement["reason"]),
        signatures=signed,
        language=language or paper_settings(records).language,
    )
    return certificate_pdf(content)


def recall_lines(traced: Traced) -> tuple[RecallLine, ...]:
    """Return one line a unit."""
    batches = {row.id: row for row in traced.batches}
    return tuple(
        RecallLine(
            unit.batch_id,
            (batch := batches[unit.batch_id]).status,
            batch.prescription,
            traced.patients[unit.batch_id],
            unit.id,
            unit.status,
            unit.use,
            batch.lot,
            batch.cartridge,
        )
        for unit in traced.units
    )


def recall_papers(
    records: Store, account: Account, traced: Traced, number: str, reason: str, language: str = ""
) -> tuple[tuple[str, bytes], ...]:
    """Return name and bytes of the list of every unit and of the paper by batch and patient."""
    lines, policy = recall_lines(traced), present(records)
    head = RecallHead(
        number=number,
        asked=traced.asked,
        kind=traced.kind,
        reason=reason,
        by=account.name,
        at=records.context.clock(),
        seconds=traced.seconds,
        mode=policy.mode,
        band=policy.band,
        language=language or paper_settings(records).language,
    )
    return (("recall-list.csv", recall_csv(lines)), ("recall-list.pdf", recall_pdf(head, lines)))
