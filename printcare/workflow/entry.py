"""Who is at a workstation: sessions begun and ended, passwords checked; what a window may know of accounts."""

from __future__ import annotations

from printcare.records.accounts import Account, authenticate, find, log_in, log_out
from printcare.records.checkpoints import station_key
from printcare.records.signatures import sign, signatures_of
from printcare.records.store import Store
from printcare.workflow.authority import allowed

__all__ = [
    "Account",
    "Store",
    "authenticate",
    "find",
    "log_in",
    "log_out",
    "sign_alarm",
    "signatures_of",
    "station_key",
]


def sign_alarm(records: Store, account: Account, password: str, batch_id: str, number: int, meaning: str) -> None:
    """Sign the row of a batch's alarm with the reason of its acknowledgement; the job is told afterwards.

    Raises Refused, recorded, for who may not acknowledge, and PrintcareError LOGIN_REFUSED.
    """
    actor = allowed(records, account, "alarm.acknowledge")
    sign(records, account.login, password, actor.role, meaning, "alarm", f"{batch_id}/{number:03d}")
