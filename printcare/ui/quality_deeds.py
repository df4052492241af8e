"""What the page Quality asks for: tables of deeds, each on its own function of the workflow."""

from __future__ import annotations

from printcare.ui.forms import Asked, Given, choice, text
from printcare.ui.offers import Offer, State, by_name
from printcare.ui.words import phrase, tr
from printcare.workflow import access
from printcare.workflow.entry import Account, Store
from printcare.workflow.ink.recall import drill
from printcare.workflow.quality import complaints, deviations, recalls
from printcare.workflow.site.equipment import TABLE as EQUIPMENT

NO_COUNT = -1  # no number was typed: the workflow refuses it
YES, NO = "yes", "no"


# ---- what is opened


def _opened(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    key = deviations.open_deviation(records, account, asked["batch"], asked["reason"], asked["equipment"])
    return tr("Deviation {} is open.").format(key)


def _proposed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    key = deviations.propose_change(records, account, asked["reason"], asked["impact"], asked["requalify"])
    return tr("Change {} is proposed.").format(key)


def _reported(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    units = tuple(int(each) if each.isdigit() else 0 for each in asked["units"].replace(",", " ").split())
    kind = complaints.Kind(asked["kind"])
    report = complaints.Report(asked["batch"], kind, asked["what"], asked["source"], units)
    return tr("Report {} is on record.").format(complaints.record_report(records, account, report))


def _drilled(records: Store, account: Account, given: Given) -> str:
    found = drill(records, account, given.fields["lot"], given.fields["reason"])
    told = tr("{} batches, {} units, {} patients; the list was there after {} s.")
    return told.format(len(found.batches), len(found.units), found.patient_count, found.seconds)


def _reviewed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    deviations.review_quality(records, account, asked["since"], asked["until"], asked["reason"])
    return tr("The review from {} to {} is on record.").format(asked["since"], asked["until"])


def _access(records: Store, account: Account, given: Given) -> str:
    key = access.sign_access_review(records, account, given.password, given.fields["conclusion"])
    return tr("The review of access {} is signed.").format(key)


def _of_deviation(records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        choice("batch", tr("Batch"), ("", *records.all("batch"))),
        choice("equipment", tr("or equipment"), ("", *records.all(EQUIPMENT))),
        text("reason", tr("What happened")),
    )


def _of_change(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        text("reason", tr("What changes")),
        text("impact", tr("Its impact, assessed")),
        text("requalify", tr("What is qualified again, or why nothing is")),
    )


def _of_report(records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        choice("batch", tr("Batch"), ("", *records.all("batch"))),
        choice("kind", tr("Kind"), tuple(each.value for each in complaints.Kind)),
        text("what", tr("What was told, without a name")),
        text("source", tr("Told by, as function")),
        text("units", tr("Numbers of the units, as 1 2; none: all")),
    )


def _of_drill(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("lot", tr("Lot, cartridge or ingredient")), text("reason", tr("Reason"))


def _of_review(records: Store, _state: State) -> tuple[Asked, ...]:
    day = f"{records.context.clock():%Y-%m-%d}"
    return text("since", tr("Since"), day), text("until", tr("Until"), day), text("reason", tr("Conclusion"))


def _of_access(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (text("conclusion", tr("What is to change, or that nothing is")),)


OPENINGS = (
    Offer("deviation.open", phrase("Open a deviation"), _opened, _of_deviation),
    Offer("change.propose", phrase("Propose a change"), _proposed, _of_change),
    Offer("complaint.record", phrase("Put a report on record"), _reported, _of_report),
    Offer("ink_lot.drill", phrase("Recall drill"), _drilled, _of_drill),
    Offer("quality.review", phrase("Periodic review"), _reviewed, _of_review),
)
ACCESS = (Offer(access.REVIEW, phrase("Sign the review of access"), _access, _of_access, "access reviewed"),)


# ---- what follows


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


def _approved(records: Store, account: Account, given: Given) -> str:
    deviations.approve_change(records, account, given.password, given.key)
    return tr("Change {} may be made.").format(given.key)


def _change_closed(records: Store, account: Account, given: Given) -> str:
    deviations.close_change(records, account, given.password, given.key, given.fields["reason"])
    return tr("{} is closed.").format(given.key)


def _assessed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    serious = asked["serious"] == YES
    opened = complaints.assess_report(records, account, given.password, given.key, asked["assessment"], serious=serious)
    told = tr("Report {} is assessed.").format(given.key)
    return told if opened is None else f"{told} {tr('Deviation {} is open.').format(opened)}"


def _report_closed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    complaints.close_report(records, account, given.password, given.key, asked["conclusion"], asked["reported"])
    return tr("{} is closed.").format(given.key)


def _called_back(records: Store, account: Account, given: Given) -> str:
    batch = given.fields["batch"]
    recalls.call_back(records, account, given.password, given.key, batch, given.fields["reason"])
    return tr("Batch {} is called back.").format(batch)


def _recall_closed(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    returned = int(asked["returned"]) if asked["returned"].isdigit() else NO_COUNT
    recalls.close_recall(records, account, given.password, given.key, returned, asked["reason"])
    return tr("{} is closed.").format(given.key)


def _of_closing(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("reason", tr("Cause")), text("impact", tr("What it means for the product"))


def _of_action(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("reason", tr("What is done")), text("owner", tr("By whom")), text("due", tr("Until which day"))


def _of_effect(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (text("reason", tr("Effect that was found")),)


def _of_change_made(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (text("reason", tr("How it went")),)


def _of_assessment(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("assessment", tr("Assessment")), choice("serious", tr("Serious?"), (NO, YES))


def _of_report_closing(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("conclusion", tr("Conclusion")), text("reported", tr("Number at the authority, if serious"))


def _of_calling_back(_records: Store, state: State) -> tuple[Asked, ...]:
    batches = tuple(state["batches"]) or ("",)
    return choice("batch", tr("Batch"), batches), text("reason", tr("Reason"))


def _of_recall_closing(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("returned", tr("Units that came back")), text("reason", tr("Conclusion"))


CLOSING = "closed"  # the meaning of a signature
FOLLOWING = {
    deviations.DEVIATION: (
        Offer("deviation.close", phrase("Close the deviation"), _closed, _of_closing, CLOSING, (deviations.OPEN,)),
        Offer("capa.open", phrase("Open an action"), _action, _of_action, statuses=(deviations.OPEN,)),
    ),
    deviations.CAPA: (
        Offer("capa.close", phrase("Close the action"), _action_closed, _of_effect, CLOSING, (deviations.OPEN,)),
    ),
    deviations.CHANGE: (
        Offer(
            "change.approve",
            phrase("Approve the change"),
            _approved,
            meaning="approved",
            statuses=(deviations.PROPOSED,),
        ),
        Offer(
            "change.close",
            phrase("Close the change"),
            _change_closed,
            _of_change_made,
            CLOSING,
            (deviations.APPROVED,),
        ),
    ),
    complaints.TABLE: (
        Offer(
            complaints.ASSESS,
            phrase("Assess the report"),
            _assessed,
            _of_assessment,
            "assessed",
            (complaints.Status.OPEN,),
        ),
        Offer(
            complaints.CLOSE,
            phrase("Close the report"),
            _report_closed,
            _of_report_closing,
            CLOSING,
            (complaints.Status.ASSESSED,),
        ),
    ),
    recalls.TABLE: (
        Offer(
            recalls.CALL_BACK,
            phrase("Call a batch back"),
            _called_back,
            _of_calling_back,
            "recalled",
            (recalls.OPEN,),
        ),
        Offer(
            recalls.CLOSE,
            phrase("Close the recall"),
            _recall_closed,
            _of_recall_closing,
            "closed the recall",
            (recalls.OPEN,),
        ),
    ),
}
DEEDS = by_name(OPENINGS, ACCESS, *FOLLOWING.values())
