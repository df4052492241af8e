"""What the page Quality asks of the laboratory: results, their second check, and what out of specification follows."""

from __future__ import annotations

from dataclasses import replace

from printcare.domain.laboratory import CONTENT, InvestigationStatus, Result, ResultStatus
from printcare.ui.forms import Asked, Given, a_file, choice, text
from printcare.ui.offers import Offer, State, by_name, file_bytes, signed_with_reason
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.batch.laboratory import (
    INVESTIGATION,
    RESULT,
    UNDECIDED,
    allow_retest,
    check_result,
    close_investigation,
    enter_result,
)
from printcare.workflow.entry import Account, Store

NAMED = ("drug", "test", "method", "analyst", "unit")


def _entered(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    result = Result(
        batch_id=read.text("batch"),
        **{name: read.text(name) for name in NAMED},
        values=read.decimals("values"),
        low=read.optional("low"),
        high=read.optional("high"),
        raw_name="",
        raw_sha256="",  # reckoned from the bytes where they are kept
        retests=read.text("retest"),
    )
    read.close()
    raw, name = file_bytes(given, "raw_file")
    key = enter_result(records, account, replace(result, raw_name=name), raw)
    return tr("Result {} is entered; another person checks it.").format(key)


def _checked(records: Store, account: Account, given: Given) -> str:
    opened = check_result(records, account, given.password, given.key)
    if opened is None:
        return tr("Result {} is checked and within its limits.").format(given.key)
    return tr("Result {} is out of specification; investigation {} is open.").format(given.key, opened)


def _of_entry(records: Store, _state: State) -> tuple[Asked, ...]:
    waiting = [key for status in UNDECIDED for key in records.all("batch", status=status.value)]
    return (
        choice("batch", tr("Batch"), (*sorted(waiting), "")),
        text("drug", tr("Drug")),
        text("test", tr("Test"), CONTENT),
        text("method", tr("Method")),
        text("analyst", tr("Analyst")),
        text("values", tr("Each value as found, as 9.8; 10.1")),
        text("unit", tr("Unit")),
        text("low", tr("Lower limit, if there is one")),
        text("high", tr("Upper limit, if there is one")),
        a_file("raw_file", tr("The instrument's own file")),
        choice("retest", tr("Repeats the result"), ("", *records.all(RESULT, status=ResultStatus.OUT.value))),
    )


ENTRY = (Offer("laboratory.enter", phrase("Enter a laboratory result"), _entered, _of_entry),)
FOLLOWING = {
    RESULT: (
        Offer(
            "laboratory.check",
            phrase("Check the result"),
            _checked,
            meaning="checked a laboratory result",
            statuses=(ResultStatus.ENTERED,),
        ),
    ),
    INVESTIGATION: (
        Offer(
            "investigation.retest",
            phrase("Allow a re-test"),
            signed_with_reason(allow_retest),
            meaning="allowed a re-test",
            statuses=(InvestigationStatus.OPEN,),
            wants_reason=True,
        ),
        Offer(
            "investigation.close",
            phrase("Close the investigation"),
            signed_with_reason(close_investigation),
            meaning="closed",
            statuses=(InvestigationStatus.OPEN,),
            wants_reason=True,
        ),
    ),
}
DEEDS = by_name(ENTRY, *FOLLOWING.values())
