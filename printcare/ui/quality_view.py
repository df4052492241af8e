"""Quality as its page shows it: deviations, actions, changes, reports and recalls, each with what may be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain.laboratory import ResultStatus
from printcare.domain.people import may
from printcare.ui import laboratory_deeds, quality_deeds
from printcare.ui.forms import Given
from printcare.ui.models import Fact, RegisterEntry, RegisterRow, Section
from printcare.ui.offers import offered
from printcare.ui.words import tr
from printcare.workflow import access
from printcare.workflow.authority import allowed
from printcare.workflow.batch.laboratory import INVESTIGATION, RESULT
from printcare.workflow.entry import Account, Store, find, signatures_of
from printcare.workflow.quality import complaints, deviations, recalls

ALL, ACCESS = "all", "access"
State = Mapping[str, Any]
FOLLOWING = quality_deeds.FOLLOWING | laboratory_deeds.FOLLOWING
TABLES = tuple(FOLLOWING)
NOT_SHOWN = frozenset({"batches", "lots", "units", "deviations", "cancelled", "raw_sha256"})
ENDED = frozenset({"closed", "drill", ResultStatus.CHECKED.value, ResultStatus.OUT.value})


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return what is open first, then what is closed, and the review of access for who may make it."""
    allowed(records, account, "record.read")
    known = [(table, key, str(row["status"])) for table in TABLES for key, row in records.all(table).items()]
    known.sort(key=lambda each: each[2] in ENDED)
    words = _table_words()
    reviews = (RegisterRow(f"{ACCESS}|", tr("Review of access"), _last_review(records)),)
    return (
        RegisterRow(f"{ALL}|", tr("Everything"), tr("{} open").format(sum(s not in ENDED for _, _, s in known))),
        *(reviews if may(account.roles, access.REVIEW) else ()),
        *(RegisterRow(f"{table}|{key}", f"{words[table]} {key}", status) for table, key, status in known),
    )


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return everything that is known of one of them, or how many there are of each."""
    allowed(records, account, "record.read")
    table, _, key = named.partition("|")
    if table == ALL:
        return _all(records, account)
    if table == ACCESS:
        return _access(records, account)
    state = records.get(table, key) or {}
    told = {name: value for name, value in state.items() if name != "result"} | (
        state["result"] if table == RESULT else {}
    )
    facts = tuple(_fact(records, name, value) for name, value in told.items() if name not in NOT_SHOWN)
    sections = [
        Section(tr("Belongs to it"), (tr("What"), tr("Which")), _belonging(told)),
        Section(
            tr("Signatures"),
            (tr("Who"), tr("Role"), tr("Meaning"), tr("When, UTC")),
            tuple((s.name, s.role, s.meaning, s.signed_at[:19]) for s in signatures_of(records, table, key)),
        ),
    ]
    title = f"{_table_words()[table]} {key}"
    shown = tuple(each for each in sections if each.rows)
    deeds = tuple(offered(FOLLOWING[table], records, account, state))
    return RegisterEntry(named, title, str(state["status"]), facts, shown, (), deeds)


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    return (quality_deeds.DEEDS | laboratory_deeds.DEEDS)[given.verb](records, account, given)


def _table_words() -> dict[str, str]:
    return {
        deviations.DEVIATION: tr("Deviation"),
        deviations.CAPA: tr("Action"),
        deviations.CHANGE: tr("Change"),
        complaints.TABLE: tr("Report"),
        recalls.TABLE: tr("Recall"),
        RESULT: tr("Laboratory result"),
        INVESTIGATION: tr("Investigation"),
    }


def _fact(records: Store, name: str, value: object) -> Fact:
    told = _name(records, value)
    if isinstance(value, bool):
        told = tr("yes") if value else tr("no")
    elif isinstance(value, list):
        told = "; ".join(map(str, value))
    return Fact(_field_words().get(name, name.replace("_", " ")), "–" if value in (None, "") else told)


def _field_words() -> dict[str, str]:
    return {
        "batch_id": tr("Batch"),
        "status": tr("Status"),
        "what": tr("What happened"),
        "opened_by": tr("Opened by"),
        "recorded_by": tr("Put on record by"),
        "closed_by": tr("Closed by"),
        "cause": tr("Cause"),
        "impact": tr("What it means"),
        "equipment": tr("Equipment"),
        "seconds": tr("Seconds until the list was there"),
        "patients": tr("Patients"),
        "reason": tr("Reason"),
        "asked": tr("Asked for"),
        "entered_by": tr("Entered by"),
        "checked_by": tr("Checked by"),
        "conclusion": tr("Conclusion"),
        "retest": tr("A re-test is allowed"),
        "drug": tr("Drug"),
        "test": tr("Test"),
        "method": tr("Method"),
        "analyst": tr("Analyst"),
        "values": tr("Values"),
        "unit": tr("Unit"),
        "low": tr("Lower limit"),
        "high": tr("Upper limit"),
        "raw_name": tr("The instrument's own file"),
        "retests": tr("Repeats the result"),
    }


def _name(records: Store, value: object) -> str:
    return find(records, str(value)).name if str(value).startswith("u-") else str(value)


def _belonging(state: State) -> tuple[tuple[str, ...], ...]:
    found = []
    for name in sorted(NOT_SHOWN & set(state)):
        value = state[name]
        told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        found.append((name, told or "–"))
    return tuple(found)


def _all(records: Store, account: Account) -> RegisterEntry:
    lines = []
    words = _table_words()
    for table in TABLES:
        statuses = [str(row["status"]) for row in records.all(table).values()]
        still = sum(status not in ENDED for status in statuses)
        lines.append((words[table], str(still), str(len(statuses) - still)))
    section = Section(tr("By kind"), (tr("What"), tr("Still open"), tr("Closed")), tuple(lines))
    reviewed = tuple(
        (str(each.content["object_id"]), str(each.content.get("reason_text")), _name(records, each.content["actor_id"]))
        for each in records.events(object_type="review", action="quality.reviewed")
    )
    reviews = Section(tr("Periodic reviews"), (tr("From and to"), tr("Conclusion"), tr("By")), reviewed)
    drills = tuple(
        (key, str(row["status"]), str(row["asked"]), str(row["units"]), f"{row['seconds']} s")
        for key, row in records.all(recalls.TABLE).items()
    )
    heads = (tr("Number"), tr("Status"), tr("Asked for"), tr("Units"), tr("List after"))
    recalled = Section(tr("Recalls and drills: the list within 60 s"), heads, drills)
    shown = tuple(each for each in (section, recalled, reviews) if each.rows)
    deeds = tuple(offered((*quality_deeds.OPENINGS, *laboratory_deeds.ENTRY), records, account, {}))
    return RegisterEntry(f"{ALL}|", tr("Quality"), "", (), shown, (), deeds)


def _access(records: Store, account: Account) -> RegisterEntry:
    report = access.access_report(records, account)
    named = access.names(records, report)
    lines = tuple(
        (
            named[row["id"]],
            ", ".join(row["roles"]),
            str(row["status"]),
            str(row["logins"]),
            str(row["refused_logins"]),
            str(row["last_login_at"] or "–")[:16].replace("T", " "),
        )
        for row in report["accounts"]
    )
    heads = (tr("Who"), tr("Roles"), tr("Status"), tr("Signed in"), tr("Refused"), tr("Last"))
    facts = (
        Fact(tr("Last review"), str(report["last_review"] or tr("never"))),
        Fact(tr("Break-glass account used"), str(len(report["break_glass"]))),
    )
    sections = (Section(tr("Accounts since the last review"), heads, lines),)
    deeds = tuple(offered(quality_deeds.ACCESS, records, account, {}))
    return RegisterEntry(f"{ACCESS}|", tr("Review of access"), _last_review(records), facts, sections, (), deeds)


def _last_review(records: Store) -> str:
    return next(reversed(records.all(access.TABLE)), tr("never"))
