"""Labels printed, used, spoilt and destroyed: each under its serial, on record before anybody holds it.

Before the release a batch bears a quarantine label; the final one, with the patient, comes from the released record
alone (records.md §12).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.batch import BatchState, Use
from printcare.domain.beyond_use import UseBy, course_objections
from printcare.domain.checks import Finding, error
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.codes import GROUP_SEPARATOR
from printcare.formats.label import FINAL, QUARANTINE, LabelContent, fitting_label, label_code
from printcare.formats.wording import Tongue
from printcare.records.accounts import Account
from printcare.records.store import Actor, Store
from printcare.workflow.authority import Refused, allowed, stop_where
from printcare.workflow.batch.plan import parts_of, units_of
from printcare.workflow.order.receive import person_of
from printcare.workflow.order.worklist import lot_of
from printcare.workflow.paper.batch_content import anchor_now
from printcare.workflow.paper.label_book import KIND, LABEL_MOVES, TABLE, LabelStatus, label_key, labels_of
from printcare.workflow.paper.use_by import begun_at, found_use_by
from printcare.workflow.paper_settings import PaperSettings, paper_settings

GIVEN = frozenset({BatchState.RELEASED.value, BatchState.PARTLY_RELEASED.value})
PRINTED = frozenset({BatchState.FINISHING.value, BatchState.QUARANTINED.value, BatchState.REHEARSED.value, *GIVEN})
PRINT, ACCOUNT = "label.print", "label.account"
LONGEST_SERIAL = 20  # GS1 AI 21


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """One label as it left the program."""

    serial: str
    kind: str
    pdf: bytes
    code: str  # what a scanner reads
    use_by: datetime
    anchor_size: int  # of the record whose head stands on it
    size_mm: str  # the site's size, or the next larger one that has room for the words


def print_label(
    records: Store,
    account: Account,
    batch_id: str,
    master: MasterRecipe,
    reason: str = "",
    ward: str = "",
    settings: PaperSettings | None = None,
) -> PrintedLabel:
    """Return a new label of a batch under the next serial, recorded; one that is there already is cancelled by it.

    A reprint needs a reason. `ward` stands in the patient's place where the label shall not name anybody. Raises
    Refused, recorded, where the batch is not printed, the reason is missing, or the use-by time does not hold.
    """
    actor = allowed(records, account, PRINT)
    state = batch_state(records, batch_id)
    kind = FINAL if state["status"] in GIVEN else QUARANTINE
    earlier = {key: row for key, row in labels_of(records, batch_id).items() if row["label"] == kind}
    replaced = [key for key, row in earlier.items() if row["status"] in (LabelStatus.PRINTED, LabelStatus.USED)]
    objections = list(_not_yet(batch_id, state, reason, replaced))
    until = found_use_by(records, batch_id, state, master) if not objections else None
    if isinstance(until, Finding):
        objections.append(until)
    elif until is not None and kind == FINAL:
        objections += _too_late(records, batch_id, state, until)
    stop_where(records, actor, PRINT, "batch", batch_id, objections)
    if not isinstance(until, UseBy):  # every other answer was told above
        raise PrintcareError("LABEL_UNDATED", f"{batch_id} has no use-by time.", "See the findings.")
    serial = f"{batch_id}-{kind[0].upper()}{len(earlier) + 1}"[-LONGEST_SERIAL:]
    content = label_content(records, batch_id, state, master, kind, serial, until.at, ward, settings)
    fitted, pdf = fitting_label(content)
    made = PrintedLabel(serial, kind, pdf, label_code(content), until.at, content.anchor_size, fitted.template.size_mm)
    with records.transaction(actor) as tx:
        for key in replaced:
            row = earlier[key] | {"status": LabelStatus.SPOILT.value, "reason": f"replaced by {serial}: {reason}"}
            tx.record("label.spoilt", TABLE, key, row, reason_text=reason)
        row = _row(batch_id, made, account, records.context.clock(), reason)
        tx.record("label.printed", TABLE, label_key(batch_id, serial), row, reason_text=reason or None)
    return made


def use_label(records: Store, account: Account, batch_id: str, serial: str, scanned: str) -> None:
    """Count a label as used: its symbol was read on the container and says what the record says.

    Raises Refused, recorded, for a scan of another label or of none.
    """
    actor = allowed(records, account, ACCOUNT)
    state = _label(records, actor, batch_id, serial, LabelStatus.USED)
    if not _reads(scanned, str(state["code"])):
        told = f"What was scanned is not the symbol of label {serial}."
        remedy = "Scan the symbol on the container; if it is another label, find out why."
        wrong = error("E_LABEL_SCAN", told, remedy, "scan")
        stop_where(records, actor, ACCOUNT, "batch", batch_id, [wrong])
    _move(records, actor, batch_id, serial, state, LabelStatus.USED, "")


def _reads(scanned: str, code: str) -> bool:
    """Whether a scanner read this symbol; one that types like a keyboard leaves the separators out."""
    read = scanned.strip().removeprefix("]d2").lstrip(GROUP_SEPARATOR)
    return read in (code, code.replace(GROUP_SEPARATOR, ""))


def spoil_label(records: Store, account: Account, batch_id: str, serial: str, reason: str) -> None:
    """Count a label as spoilt; it has to be destroyed after."""
    _end(records, account, batch_id, serial, LabelStatus.SPOILT, reason)


def destroy_label(records: Store, account: Account, batch_id: str, serial: str, reason: str) -> None:
    """Count a label as destroyed."""
    _end(records, account, batch_id, serial, LabelStatus.DESTROYED, reason)


def label_content(
    records: Store,
    batch_id: str,
    state: dict[str, Any],
    master: MasterRecipe,
    kind: str,
    serial: str,
    until: datetime,
    ward: str = "",
    settings: PaperSettings | None = None,
) -> LabelContent:
    """Return what the label says, from the record; raises PrintcareError LABEL_WORDS for words nobody translated."""
    own = settings or paper_settings(records)
    tongue, rows = own.tongue, parts_of(state)
    order = records.get("prescription", state["prescription"]) or {}
    pseudonym = str(order.get("patient", ""))
    person = {} if ward else person_of(records, pseudonym)
    per_day = 1 if state.get("step") else int(order.get("doses_per_day", 1))
    product = master.product
    lots = [lot_of(records, "", row["lot"]) for row in rows]
    anchor = anchor_now(records)
    forms = [part.product.strength_form for part in master.parts]
    is_plain = len(forms) > 1 and forms == [part.product.tall_man for part in master.parts]
    return LabelContent(
        pharmacy=own.pharmacy or records.site(),
        address=own.address,
        phone=own.phone,
        patient=ward or person.get("name", pseudonym),
        birth_date=person.get("birth_date") or "",
        product=" + ".join(tongue(part.product.tall_man) for part in master.parts),
        product_code=master.id,
        expressed_as="" if is_plain else " + ".join(tongue(form) for form in forms),
        dosage_form=recipe_words(tongue, product.dosage_form),
        route=recipe_words(tongue, product.route),
        doses_per_unit_mg=tuple(Decimal(row["dose_per_unit_mg"]) for row in rows),
        units_per_dose=max(1, state["units_for_patient"] // max(1, state["days"] * per_day)),
        doses_per_day=per_day,
        count=sum(row.get("use") == Use.PATIENT.value for row in units_of(records, batch_id)),
        give=recipe_words(tongue, product.give),
        hazard_class=master.hazard_class,
        excipients=tuple(dict.fromkeys(tongue(name) for lot in lots for name in lot.excipients)),
        storage=recipe_words(tongue, master.storage).replace("degC", "°C"),
        batch_id=batch_id,
        lot_id=" + ".join(lot.id for lot in lots),
        order_id=state["prescription"],
        prepared_on=_begun(records, batch_id).date().isoformat(),
        use_by=until,
        serial=serial,
        kind=kind,
        is_simulated=bool(state["simulated"]),
        anchor_size=anchor.size,
        anchor_paper=anchor.paper,
        template=own.template,
    )


def recipe_words(tongue: Tongue, text: str) -> str:
    """Return a recipe's words in the language of the label; half a label in another language is refused."""
    if tongue.code == "en" or text in tongue.words:
        return tongue(text)
    told = f"“{text}” has no {tongue.code} words, and no label is written in two languages."
    raise PrintcareError("LABEL_WORDS", told, f"Add them to printcare/formats/languages/{tongue.code}.toml.")


def batch_use_by(records: Store, batch_id: str, master: MasterRecipe) -> UseBy:
    """Return the use-by time of a batch with every term; raises Refused where the engine refuses."""
    found = found_use_by(records, batch_id, batch_state(records, batch_id), master)
    if isinstance(found, Finding):
        raise Refused((found,))
    return found


def _begun(records: Store, batch_id: str) -> datetime:
    return begun_at(records, batch_id) or records.context.clock()


def _not_yet(batch_id: str, state: dict[str, Any], reason: str, replaced: Sequence[str]) -> list[Finding]:
    findings = []
    if state["status"] not in PRINTED:
        told = f"Batch {batch_id} is {state['status']}; a label belongs to units that are printed."
        findings.append(error("E_LABEL_STATE", told, "Print the label when the units are finished.", "batch"))
    if replaced and not reason.strip():
        told = f"{len(replaced)} label(s) of this kind are there already."
        findings.append(error("E_LABEL_REPRINT", told, "State why another one is printed with --reason.", "reason"))
    return findings


def _too_late(records: Store, batch_id: str, state: dict[str, Any], until: UseBy) -> list[Finding]:
    """Return why the final label may not be printed: its time is over, or ends before the course does."""
    findings = list(course_objections(until, _begun(records, batch_id), int(state["days"])))
    if records.context.clock() > until.at:
        told = f"The units could be used until {until.at:%Y-%m-%d %H:%M}."
        findings.append(error("E_BUD_PASSED", told, "Destroy the units and print a new batch.", "use by"))
    return findings


def _row(batch_id: str, made: PrintedLabel, account: Account, at: datetime, reason: str) -> dict[str, object]:
    return {
        "batch_id": batch_id,
        "kind": KIND,
        "label": made.kind,
        "serial": made.serial,
        "status": LabelStatus.PRINTED.value,
        "code": made.code,
        "use_by": made.use_by.isoformat(timespec="seconds"),
        "sha256": hashlib.sha256(made.pdf).hexdigest(),
        "bytes": len(made.pdf),
        "size_mm": made.size_mm,
        "anchor_size": made.anchor_size,
        "at": at.strftime("%Y-%m-%d %H:%M"),
        "by": account.id,
        "reason": reason,
    }


def _end(records: Store, account: Account, batch_id: str, serial: str, wanted: LabelStatus, reason: str) -> None:
    actor = allowed(records, account, ACCOUNT)
    state = _label(records, actor, batch_id, serial, wanted)
    if not reason.strip():
        missing = error("E_REASON_MISSING", "A label that is not used bears a reason.", "State it.", "reason")
        stop_where(records, actor, ACCOUNT, "batch", batch_id, [missing])
    _move(records, actor, batch_id, serial, state, wanted, reason)


def _label(records: Store, actor: Actor, batch_id: str, serial: str, wanted: LabelStatus) -> dict[str, Any]:
    state = records.get(TABLE, label_key(batch_id, serial))
    current = None if state is None else state["status"]
    if state is None or not any((start, end) == (current, wanted) for start, end, _ in LABEL_MOVES):
        told = f"Label {serial} of batch {batch_id} is {current or 'not on record'}; it cannot be {wanted}."
        wrong = error("E_LABEL_MOVE", told, "See `printcare label list`.", "serial")
        stop_where(records, actor, ACCOUNT, "batch", batch_id, [wrong])
    return state or {}


def _move(
    records: Store, actor: Actor, batch_id: str, serial: str, state: dict[str, Any], to: LabelStatus, reason: str
) -> None:
    moved = state | {"status": to.value} | ({"reason": reason} if reason else {})
    with records.transaction(actor) as tx:
        tx.record(f"label.{to.value}", TABLE, label_key(batch_id, serial), moved, reason_text=reason or None)


def batch_state(records: Store, batch_id: str) -> dict[str, Any]:
    """Return a batch's row; raises PrintcareError BATCH_UNKNOWN."""
    state = records.get("batch", batch_id)
    if state is None:
        raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.")
    return state
