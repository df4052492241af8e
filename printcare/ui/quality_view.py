"""Quality as its page shows it: deviations, actions, changes, reports and recalls, each with what may be done to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain.people import may
from printcare.ui.forms import Asked, FormDeed, Given, choice, text
from printcare.ui.models import Fact, RegisterEntry, RegisterRow, Section
from printcare.ui.quality_deeds import DEEDS
from printcare.ui.words import tr
from printcare.workflow import access
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store, find, signatures_of
from printcare.workflow.quality import complaints, deviations, recalls

ALL, ACCESS = "all", "access"
State = Mapping[str, Any]
TABLES = (deviations.DEVIATION, deviations.CAPA, deviations.CHANGE, complaints.TABLE, recalls.TABLE)
NOT_SHOWN = frozenset({"batches", "lots", "units", "deviations", "cancelled"})
CLOSED = "closed"
YES, NO = "yes", "no"


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return what is open first, then what is closed, and the review of access for who may make it."""
    allowed(records, account, "record.read")
    known = [(table, key, str(row["status"])) for table in TABLES for key, row in records.all(table).items()]
    known.sort(key=lambda each: each[2] == CLOSED)
    words = _table_words()
    reviews = (RegisterRow(f"{ACCESS}|", tr("Review of access"), _last_review(records)),)
    return (
        RegisterRow(f"{ALL}|", tr("Everything"), tr("{} open").format(sum(s != CLOSED for _, _, s in known))),
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
    facts = tuple(_fact(records, name, value) for name, value in state.items() if name not in NOT_SHOWN)
    sections = [
        Section(tr("Belongs to it"), (tr("What"), tr("Which")), _belonging(state)),
        Section(
            tr("Signatures"),
            (tr("Who"), tr("Role"), tr("Meaning"), tr("When, UTC")),
            tuple((s.name, s.role, s.meaning, s.signed_at[:19]) for s in signatures_of(records, table, key)),
        ),
    ]
    title = f"{_table_words()[table]} {key}"
    shown = tuple(each for each in sections if each.rows)
    deeds = tuple(_deeds(account, table, state))
    return RegisterEntry(named, title, str(state["status"]), facts, shown, (), deeds)


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    return DEEDS[given.verb](records, account, given)


def _table_words() -> dict[str, str]:
    return {
        deviations.DEVIATION: tr("Deviation"),
        deviations.CAPA: tr("Action"),
        deviations.CHANGE: tr("Change"),
        complaints.TABLE: tr("Report"),
        recalls.TABLE: tr("Recall"),
    }


def _fact(records: Store, name: str, value: object) -> Fact:
    told = _name(records, value)
    if isinstance(value, bool):
        told = tr("yes") if value else tr("no")
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
        still = sum(status != CLOSED for status in statuses)
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
    return RegisterEntry(f"{ALL}|", tr("Quality"), "", (), shown, (), tuple(_openings(records, account)))


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
    role = "quality"
    fields = (text("conclusion", tr("What is to change, or that nothing is")),)
    deed = FormDeed("access.review", tr("Sign the review of access"), role, "access reviewed", fields=fields)
    sections = (Section(tr("Accounts since the last review"), heads, lines),)
    return RegisterEntry(f"{ACCESS}|", tr("Review of access"), _last_review(records), facts, sections, (), (deed,))


def _last_review(records: Store) -> str:
    return next(reversed(records.all(access.TABLE)), tr("never"))


# ---- what may be done


def _openings(records: Store, account: Account) -> Iterator[FormDeed]:
    batches = ("", *records.all("batch"))
    pieces = ("", *records.all("printer"))
    day = f"{records.context.clock():%Y-%m-%d}"
    asked: tuple[tuple[str, str, tuple[Asked, ...]], ...] = (
        (
            "deviation.open",
            tr("Open a deviation"),
            (
                choice("batch", tr("Batch"), batches),
                choice("equipment", tr("or equipment"), pieces),
                text("reason", tr("What happened")),
            ),
        ),
        (
            "change.propose",
            tr("Propose a change"),
            (
                text("reason", tr("What changes")),
                text("impact", tr("Its impact, assessed")),
                text("requalify", tr("What is qualified again, or why nothing is")),
            ),
        ),
        (
            "complaint.record",
            tr("Put a report on record"),
            (
                choice("batch", tr("Batch"), batches),
                choice("kind", tr("Kind"), tuple(each.value for each in complaints.Kind)),
                text("what", tr("What was told, without a name")),
                text("source", tr("Told by, as function")),
                text("units", tr("Numbers of the units, as 1 2; none: all")),
            ),
        ),
        (
            "ink_lot.drill",
            tr("Recall drill"),
            (
                text("lot", tr("Lot, cartridge or ingredient")),
                text("reason", tr("Reason")),
            ),
        ),
        (
            "quality.review",
            tr("Periodic review"),
            (
                text("since", tr("From"), day),
                text("until", tr("To"), day),
                text("reason", tr("Conclusion")),
            ),
        ),
    )
    for command, words, fields in asked:
        if may(account.roles, command):
            yield FormDeed(command, words, _role(account), "", is_signed=False, fields=fields)


def _deeds(account: Account, table: str, state: State) -> Iterator[FormDeed]:
    status = str(state["status"])
    for wanted, at, command, words, meaning, fields in _moves(state):
        if (wanted, at) == (table, status) and may(account.roles, command):
            yield FormDeed(command, words, _role(account), meaning, is_signed=bool(meaning), fields=fields)


def _moves(state: State) -> tuple[tuple[str, str, str, str, str, tuple[Asked, ...]], ...]:
    """Return table, status, command, words, meaning of the signature (none: not signed) and fields of every move."""
    batches = tuple(state.get("batches", ()))
    action = (text("reason", tr("What is done")), text("owner", tr("By whom")), text("due", tr("Until which day")))
    serious = choice("serious", tr("Serious?"), (NO, YES))
    return (
        (
            deviations.DEVIATION,
            deviations.OPEN,
            "deviation.close",
            tr("Close the deviation"),
            "closed",
            (text("reason", tr("Cause")), text("impact", tr("What it means for the product"))),
        ),
        (deviations.DEVIATION, deviations.OPEN, "capa.open", tr("Open an action"), "", action),
        (
            deviations.CAPA,
            deviations.OPEN,
            "capa.close",
            tr("Close the action"),
            "closed",
            (text("reason", tr("Effect that was found")),),
        ),
        (deviations.CHANGE, deviations.PROPOSED, "change.approve", tr("Approve the change"), "approved", ()),
        (
            deviations.CHANGE,
            deviations.APPROVED,
            "change.close",
            tr("Close the change"),
            "closed",
            (text("reason", tr("How it went")),),
        ),
        (
            complaints.TABLE,
            complaints.Status.OPEN.value,
            complaints.ASSESS,
            tr("Assess the report"),
            "assessed",
            (text("assessment", tr("Assessment")), serious),
        ),
        (
            complaints.TABLE,
            complaints.Status.ASSESSED.value,
            complaints.CLOSE,
            tr("Close the report"),
            "closed",
            (text("conclusion", tr("Conclusion")), text("reported", tr("Number at the authority, if serious"))),
        ),
        (
            recalls.TABLE,
            recalls.OPEN,
            recalls.CALL_BACK,
            tr("Call a batch back"),
            "recalled",
            (choice("batch", tr("Batch"), batches or ("",)), text("reason", tr("Reason"))),
        ),
        (
            recalls.TABLE,
            recalls.OPEN,
            recalls.CLOSE,
            tr("Close the recall"),
            "closed the recall",
            (text("returned", tr("Units that came back")), text("reason", tr("Conclusion"))),
        ),
    )


def _role(account: Account) -> str:
    return ", ".join(account.roles)
