"""The paper form for the time without the program: printed beforehand, each under a number the record knows."""

from __future__ import annotations

from printcare.domain.checks import error
from printcare.formats.fallback_form import FallbackForm, fallback_pdf
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.mode import present
from printcare.workflow.paper.batch_content import anchor_now
from printcare.workflow.paper_settings import paper_settings

COMMAND, TABLE, KIND = "label.print", "document", "paper form"
MOST = 50


def paper_form(records: Store, account: Account, count: int, language: str = "") -> tuple[tuple[str, ...], bytes]:
    """Return the numbers of new forms and their PDF; each number is on record before its paper is.

    Raises Refused, recorded, for no form or more than anybody can keep count of.
    """
    actor = allowed(records, account, COMMAND)
    if not 1 <= count <= MOST:
        wrong = (error("E_FORM_COUNT", f"{count} forms were asked for.", f"Ask for 1 to {MOST}.", "count"),)
        refuse(records, actor, COMMAND, "document", "paper form", wrong)
        raise Refused(wrong)
    at = records.context.clock()
    with records.transaction(actor) as tx:
        first = len(records.all(TABLE, kind=KIND)) + 1
        numbers = tuple(f"PF-{number:04d}" for number in range(first, first + count))
        for number in numbers:
            row = {"batch_id": "", "kind": KIND, "status": "printed", "at": at.isoformat(timespec="seconds")}
            tx.record("form.printed", TABLE, number, row)
    anchor, policy = anchor_now(records), present(records)
    form = FallbackForm(
        site=records.site(),
        mode=policy.mode,
        band=policy.band,
        application=f"printcare {records.context.app_version}",
        numbers=numbers,
        printed_at=at.strftime("%Y-%m-%d %H:%M %z"),
        anchor_size=anchor.size,
        anchor_paper=anchor.paper,
        language=language or paper_settings(records).language,
    )
    return numbers, fallback_pdf(form)
