"""What is asked in the signature dialog at each step of an order: title, words, signers and meanings."""

from __future__ import annotations

from printcare.ui.journey import Journey
from printcare.ui.models import SignatureRequest, Signer
from printcare.ui.run_state import RunAlarm
from printcare.ui.words import tr
from printcare.workflow.batch.cancel import MEANING as CANCELLED
from printcare.workflow.order.refuse_order import MEANING as REFUSED
from printcare.workflow.record.audit_review import MEANING
from printcare.workflow.release.review import MEANINGS

COMMANDS = {"released": "batch.release", "rehearsed": "batch.rehearse", "rejected": "batch.reject"}


def to_verify(journey: Journey, product: str) -> SignatureRequest:
    """Ask two pharmacists to stand for a dose."""
    own = journey.here.account.login
    signers = (
        Signer("pharmacist", "verified the dose", own, is_fixed=True),
        Signer("pharmacist", "second entry agrees", journey.here.suggested("order.second_entry", own)),
    )
    told = tr("{}: both entries agree. Two pharmacists stand for this dose.").format(product)
    return SignatureRequest(tr("Verify the dose"), told, signers)


def to_refuse(journey: Journey, product: str) -> SignatureRequest:
    """Ask who is signed in to sign that an order is not made, and why."""
    signers = (Signer("pharmacist", REFUSED, journey.here.account.login, is_fixed=True),)
    told = tr("{}: nothing of this order is made. Say why, for the prescriber.").format(product)
    return SignatureRequest(tr("Refuse the order"), told, signers, wants_reason=True)


def to_cancel(journey: Journey) -> SignatureRequest:
    """Ask who is signed in to sign that a planned batch is not printed, and why."""
    account = journey.here.account
    signers = (Signer(", ".join(account.roles), CANCELLED, account.login, is_fixed=True),)
    told = tr("Batch {} is not printed; its order can be planned again.").format(journey.batch_id())
    return SignatureRequest(tr("Cancel the batch"), told, signers, wants_reason=True)


def to_prepare(journey: Journey) -> SignatureRequest:
    """Ask operator and pharmacist to sign the preparation."""
    operator = journey.here.suggested("batch.prepare")
    signers = (
        Signer("operator", "prepared", operator),
        Signer("pharmacist", "checked the preparation", journey.here.suggested("batch.check_preparation", operator)),
    )
    told = tr("Every step was done and seen. Printing starts with the second signature.")
    return SignatureRequest(tr("Sign the preparation"), told, signers)


def to_finish(journey: Journey) -> SignatureRequest:
    """Ask the operator to sign the finishing."""
    signers = (Signer("operator", "printed and finished", journey.here.suggested("batch.prepare")),)
    return SignatureRequest(
        tr("Sign the finishing"), tr("Every finishing step was done; the units are counted."), signers
    )


def to_decide(journey: Journey, wanted: str) -> SignatureRequest:
    """Ask a releaser to sign a decision."""
    signers = (Signer("releaser", MEANINGS[wanted], journey.here.suggested(COMMANDS[wanted])),)
    told = tr("Batch {} is {}.").format(journey.batch_id(), wanted)
    return SignatureRequest(tr("Sign the decision"), told, signers)


def to_review_trail(journey: Journey) -> SignatureRequest:
    """Ask quality to sign that the critical events of the open batch were looked at, and what was found."""
    signers = (Signer("quality", MEANING, journey.here.suggested("audit.review")),)
    told = tr("Batch {}: every critical event was opened. Say what was found.").format(journey.batch_id())
    return SignatureRequest(tr("Sign the review of the audit trail"), told, signers, wants_reason=True)


def to_acknowledge(journey: Journey, alarm: RunAlarm, meaning: str) -> SignatureRequest:
    """Ask who is signed in to sign the answer to an alarm."""
    account = journey.here.account
    signers = (Signer(", ".join(account.roles), meaning, account.login, is_fixed=True),)
    return SignatureRequest(tr("Acknowledge alarm {}").format(alarm.id), f"{alarm.title}. {alarm.seen}", signers)
