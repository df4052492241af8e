"""What the page Quality asks for, each on its own function of the workflow; every one says in words what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from printcare.ui.forms import Given
from printcare.ui.words import tr
from printcare.workflow import access
from printcare.workflow.entry import Account, Store
from printcare.workflow.ink.recall import drill
from printcare.workflow.quality import complaints, deviations, recalls

Deed = Callable[[Store, Account, Given], str]
NO_COUNT = -1  # no number was typed: the workflow refuses it


def _opened(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    key = deviations.open_deviation(records, account, asked["batch"], asked["reason"], asked["equipment"])
    return tr("Deviation {} is open.").format(key)


def _closed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    deviations.close_deviation(records, account, given.password, given.key, asked["reason"], asked["impact"])
    return tr("{} is closed.").format(given.key)


def _action(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    key = deviations.open_capa(records, account, given.key, asked["reason"], asked["owner"], asked["due"])
    return tr("Action {} is open.").format(key)


def _action_closed(records: Store, account: Account, given: Given) -> str:
    deviations.close_capa(records, account, given.password, given.key, given.fields["reason"])
    return tr("{} is closed.").format(given.key)


def _proposed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    key = deviations.propose_change(records, account, asked["reason"], asked["impact"], asked["requalify"])
    return tr("Change {} is proposed.").format(key)


def _approved(records: Store, account: Account, given: Given) -> str:
    deviations.approve_change(records, account, given.password, given.key)
    return tr("Change {} may be made.").format(given.key)


def _change_closed(records: Store, account: Account, given: Given) -> str:
    deviations.close_change(records, account, given.password, given.key, given.fields["reason"])
    return tr("{} is closed.").format(given.key)


def _reported(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    units = tuple(int(each) if each.isdigit() else 0 for each in asked["units"].replace(",", " ").split())
    kind = complaints.Kind(asked["kind"])
    report = complaints.Report(asked["batch"], kind, asked["what"], asked["source"], units)
    return tr("Report {} is on record.").format(complaints.record_report(records, account, report))


def _assessed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    serious = asked["serious"] == "yes"
    opened = complaints.assess_report(records, account, given.password, given.key, asked["assessment"], serious=serious)
    told = tr("Report {} is assessed.").format(given.key)
    return told if opened is None else f"{told} {tr('Deviation {} is open.').format(opened)}"


def _report_closed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    complaints.close_report(records, account, given.password, given.key, asked["conclusion"], asked["reported"])
    return tr("{} is closed.").format(given.key)


def _drilled(records: Store, account: Account, given: Given) -> str:
    found = drill(records, account, given.fields["lot"], given.fields["reason"])
    told = tr("{} batches, {} units, {} patients; the list was there after {} s.")
    return told.format(len(found.batches), len(found.units), found.patient_count, found.seconds)


def _called_back(records: Store, account: Account, given: Given) -> str:
    batch = given.fields["batch"]
    recalls.call_back(records, account, given.password, given.key, batch, given.fields["reason"])
    return tr("Batch {} is called back.").format(batch)


def _recall_closed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    returned = int(asked["returned"]) if asked["returned"].isdigit() else NO_COUNT
    recalls.close_recall(records, account, given.password, given.key, returned, asked["reason"])
    return tr("{} is closed.").format(given.key)


def _reviewed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    deviations.review_quality(records, account, asked["since"], asked["until"], asked["reason"])
    return tr("The review from {} to {} is on record.").format(asked["since"], asked["until"])


def _access(records: Store, account: Account, given: Given) -> str:
    key = access.sign_access_review(records, account, given.password, given.fields["conclusion"])
    return tr("The review of access {} is signed.").format(key)


DEEDS: Mapping[str, Deed] = {
    "deviation.open": _opened,
    "deviation.close": _closed,
    "capa.open": _action,
    "capa.close": _action_closed,
    "change.propose": _proposed,
    "change.approve": _approved,
    "change.close": _change_closed,
    "complaint.record": _reported,
    complaints.ASSESS: _assessed,
    complaints.CLOSE: _report_closed,
    "ink_lot.drill": _drilled,
    recalls.CALL_BACK: _called_back,
    recalls.CLOSE: _recall_closed,
    "quality.review": _reviewed,
    access.REVIEW: _access,
}
