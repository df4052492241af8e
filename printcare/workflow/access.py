"""The review of access: who may do what, since when, and what quality says of it, signed (records.md D11.10, P22)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any  # a row told is plain JSON

from printcare.domain.canonical import digest
from printcare.domain.checks import error
from printcare.domain.people import Role
from printcare.records import accounts
from printcare.records.accounts import PROFILE, Account
from printcare.records.passwords import PROFILES, Profile
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse

REVIEW, CONFIGURE = "access.review", "site.configure"
TABLE = "access_review"
COUNTED = {"account.login": "logins", "account.locked": "locked", "account.roles_changed": "role_changes"}
MOST_EVENTS = 1_000_000
PROFILE_NAMES = tuple(PROFILES)


def access_report(records: Store, account: Account) -> dict[str, Any]:
    """Return every account with its roles and use since the last review, and every use of the break-glass account."""
    allowed(records, account, REVIEW)
    return _report(records)


def sign_access_review(records: Store, account: Account, password: str, conclusion: str) -> str:
    """Record the report as it stands now with what was concluded, signed by quality; return the review's key."""
    actor = allowed(records, account, REVIEW)
    if not conclusion.strip():
        told = "A review of access says what was found."
        stops = (error("E_REASON_MISSING", told, "State what is to change, or that nothing is.", "conclusion"),)
        refuse(records, actor, REVIEW, TABLE, "new", stops)
        raise Refused(stops)
    report = _report(records)
    key = f"AR-{len(records.all(TABLE)) + 1:04d}"
    state = {"report": report, "report_sha256": digest(report), "conclusion": conclusion, "by": account.id}
    with records.transaction(actor) as tx:
        tx.record("access.reviewed", TABLE, key, state, reason_text=conclusion)
    sign(records, account.login, password, Role.QUALITY, "access reviewed", TABLE, key)
    return key


def profile_named(name: str, blocked: tuple[str, ...]) -> Profile:
    """Return a shipped profile with further words of the place that are refused."""
    return replace(PROFILES[name], blocked=blocked)


def set_password_profile(records: Store, account: Account, password: str, profile: Profile, reason: str) -> None:
    """Set what this site asks of new passwords, signed by a process owner; never less than the floor."""
    actor = allowed(records, account, CONFIGURE)
    stops = list(profile.findings())
    if not reason.strip():
        stops.append(error("E_REASON_MISSING", "A site setting is changed for a reason.", "State it.", "reason"))
    if stops:
        refuse(records, actor, CONFIGURE, "site_setting", PROFILE, tuple(stops))
        raise Refused(tuple(stops))
    state = {
        "least": profile.least,
        "release_least": profile.release_least,
        "classes": profile.classes,
        "blocked": list(profile.blocked),
    }
    if records.get("site_setting", PROFILE) is None:
        begun = PROFILES["default"]
        before = {"least": begun.least, "release_least": begun.release_least, "classes": begun.classes, "blocked": []}
        with records.transaction(actor) as tx:
            tx.record("site.default_noted", "site_setting", PROFILE, before)
    step = (("site.configured", state),)
    meaning, role = "set what passwords need", Role.PROCESS_OWNER
    sign(records, account.login, password, role, meaning, "site_setting", PROFILE, becoming=step, reason=reason)


def _report(records: Store) -> dict[str, Any]:
    reviews = records.all(TABLE)
    last = next(reversed(reviews), None)
    since = 0 if last is None else records.events(object_id=last, object_type=TABLE, limit=1)[0].seq
    people = [_row(records, key, state, since) for key, state in records.all("account").items()]
    broken = [key for key, state in records.all("alarm").items() if state["alarm"] == "A_BREAK_GLASS"]
    return {"since_seq": since, "last_review": last, "accounts": people, "break_glass": broken}


def _row(records: Store, key: str, state: dict[str, Any], since: int) -> dict[str, Any]:
    counts = dict.fromkeys((*COUNTED.values(), "refused_logins"), 0)
    last_at = None
    for action, name in COUNTED.items():
        for event in records.events(
            object_id=key, object_type="account", action=action, after=since, limit=MOST_EVENTS
        ):
            content = event.content
            is_login, is_done = action == "account.login", content["outcome"] == "done"
            counts["refused_logins" if is_login and not is_done else name] += 1
            last_at = content["ts_utc"] if is_login and is_done else last_at
    told = {"id": key, "roles": state["roles"], "status": state["status"], "kind": state.get("kind", "person")}
    checked = {"identity_checked_by": state.get("identity_checked_by"), "roles_agreed_by": state.get("roles_agreed_by")}
    return told | checked | counts | {"last_login_at": last_at}


def names(records: Store, report: dict[str, Any]) -> dict[str, str]:
    """Return the names behind the ids of a report, for the screen alone: they stand in no event."""
    return {row["id"]: accounts.find(records, row["id"]).name for row in report["accounts"]}
