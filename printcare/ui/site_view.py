"""A site as its page shows it: mode, settings, people, and what keeps the record; each with what may be done to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any  # a state is parsed JSON

from printcare.domain.people import Role, may
from printcare.domain.policy import POLICIES
from printcare.formats.label_templates import COUNTRIES, SIZES_MM
from printcare.formats.wording import LANGUAGES
from printcare.ui.forms import Asked, FormDeed, choice, text
from printcare.ui.models import Fact, Objection, RegisterEntry, RegisterRow, Section
from printcare.ui.register_parts import who
from printcare.ui.site_deeds import DEEDS, do
from printcare.ui.words import tr
from printcare.workflow import access, staff
from printcare.workflow.entry import Account, Store
from printcare.workflow.mode import SWITCH, open_batches, present
from printcare.workflow.paper_settings import COMMAND as CONFIGURE
from printcare.workflow.paper_settings import paper_settings
from printcare.workflow.record import backup, retention

__all__ = ["DEEDS", "do", "entry", "rows"]
MANAGE, UNLOCK, ANCHOR = "account.manage", "account.unlock", "audit.anchor"
PEOPLE, MODE, PAPER, YEARS, HOLDS, COPIES, ANCHORS = "account", "mode", "paper", "years", "holds", "copies", "anchors"
State = Mapping[str, Any]
LATEST, ROOT_SIGNS = 20, 16


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return mode, settings, people and the record's keeping, as far as they are somebody's to see."""
    found = [RegisterRow(f"{MODE}|present", tr("Mode of the site"), present(records).mode)]
    offered = (
        (PAPER, tr("Documents and passwords"), (CONFIGURE,)),
        (YEARS, tr("How long records are kept"), (CONFIGURE, retention.HOLD)),
        (HOLDS, tr("Holds and erasure"), (retention.HOLD,)),
        (COPIES, tr("Backups and restore"), (backup.MAKE, backup.CHECK)),
        (ANCHORS, tr("Anchors"), (ANCHOR, "audit.checkpoint")),
    )
    for key, words, commands in offered:
        if any(may(account.roles, command) for command in commands):
            found.append(RegisterRow(f"{key}|", words, _status(records, key)))
    if may(account.roles, MANAGE):
        found.append(RegisterRow(f"{PEOPLE}|", tr("New account"), ""))
        for each in staff.listed(records, account):
            found.append(RegisterRow(f"{PEOPLE}|{each['id']}", str(each["name"]), tr(str(each["status"]))))
    return tuple(found)


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one of them with what may be done to it."""
    what, _, key = named.partition("|")
    if what == PEOPLE:
        return _person(records, account, named, key) if key else _new_person(records, account, named)
    return _ENTRIES[what](records, account, named)


def _status(records: Store, key: str) -> str:
    if key == HOLDS:
        standing = [row for row in records.all(retention.HOLDS).values() if row["status"] == retention.PLACED]
        return tr("{} stand").format(len(standing))
    if key == COPIES:
        return next(reversed(records.all(backup.TABLE)), tr("none yet"))
    if key == ANCHORS:
        return tr("{} checkpoints").format(len(records.checkpoints()))
    return ""


def _own(account: Account) -> str:
    return ", ".join(account.roles)


# ---- mode and settings


def _mode(records: Store, account: Account, named: str) -> RegisterEntry:
    policy, opened = present(records), open_batches(records)
    events = records.events(object_type="mode")
    lines = tuple(
        (str(e.content["ts_utc"])[:19].replace("T", " "), who(records, e.content), _of(e.content))
        for e in reversed(events)
    )
    facts = (
        Fact(tr("Present mode"), policy.mode, "", policy.band),
        Fact(tr("Release"), tr("allowed") if policy.allows_release else tr("never")),
        Fact(tr("Open batches"), ", ".join(opened) or tr("none")),
    )
    deeds = tuple(
        FormDeed(
            f"{SWITCH} {each.mode}",
            tr("Switch to {}").format(each.mode),
            "process owner",
            f"switched to {each.mode} mode",
            wants_reason=True,
        )
        for each in POLICIES.values()
        if each != policy and may(account.roles, SWITCH)
    )
    sections = (Section(tr("How it came to be"), (tr("When, UTC"), tr("Who"), tr("Switched to")), lines),)
    return RegisterEntry(named, tr("Mode of the site"), policy.mode, facts, sections, (), deeds)


def _of(content: State) -> str:
    to = (content.get("new") or {}).get("status", "")
    return f"{to} · {content['outcome']}" + (f" · {content['reason_code']}" if content.get("reason_code") else "")


def _paper(records: Store, account: Account, named: str) -> RegisterEntry:
    now = paper_settings(records)
    facts = (
        Fact(tr("Language of documents"), LANGUAGES[now.language]),
        Fact(tr("Label"), now.label_size, "mm", now.country),
        Fact(tr("Pharmacy"), now.pharmacy or "–", "", now.address),
    )
    deeds = (
        FormDeed(
            "paper.set", tr("Change how documents are written"), "process owner", "sets how documents are written",
            fields=(
                choice("language", tr("Language"), tuple(LANGUAGES), now.language),
                choice("country", tr("Country of the label"), COUNTRIES, now.country),
                choice("label_size", tr("Size of the label, in mm"), tuple(SIZES_MM), now.label_size),
                text("pharmacy", tr("Pharmacy, as on the label"), now.pharmacy),
                text("address", tr("Address"), now.address), text("phone", tr("Telephone"), now.phone),
            ),
        ),
        FormDeed(
            "passwords.set", tr("Change what passwords need"), "process owner", "sets what passwords need",
            fields=(
                choice("profile", tr("Profile"), access.PROFILE_NAMES),
                text("blocked", tr("Further words that are refused")),
            ),
            wants_reason=True,
        ),
    )  # fmt: skip
    shown = deeds if may(account.roles, CONFIGURE) else ()
    return RegisterEntry(named, tr("Documents and passwords"), "", facts, (), (), shown)


# ---- people


def _roles(chosen: tuple[str, ...] = ()) -> tuple[Asked, ...]:
    begun = (*chosen, "", "", "")[:3]
    choices = (("", "–"), *((role.value, tr(role.value)) for role in Role))
    return tuple(
        Asked(f"role_{number}", tr("Role {}").format(number), choices, begun[number - 1]) for number in (1, 2, 3)
    )


def _new_person(records: Store, account: Account, named: str) -> RegisterEntry:
    told = staff.listed(records, account)
    lines = tuple((t["login"], t["name"], ", ".join(map(tr, t["roles"])), tr(t["status"])) for t in told)
    heads = (tr("Sign-in name"), tr("Name"), tr("Roles"), tr("Status"))
    fields = (
        text("login", tr("Sign-in name")), text("name", tr("Name under a signature")), *_roles(),
        Asked("new", tr("Password, typed by that person"), is_secret=True),
    )  # fmt: skip
    deed = FormDeed(
        "account.add", tr("Add an account"), _own(account), "stands for the new account", fields=fields,
        second="quality", second_meaning=tr("saw the identity paper"),
    )  # fmt: skip
    return RegisterEntry(
        named, tr("Accounts"), "", (), (Section(tr("Everybody who has one"), heads, lines),), (), (deed,)
    )


def _person(records: Store, account: Account, named: str, key: str) -> RegisterEntry:
    told = next(each for each in staff.listed(records, account) if each["id"] == key)
    facts = (
        Fact(tr("Sign-in name"), told["login"]),
        Fact(tr("Roles"), ", ".join(map(tr, told["roles"]))),
        Fact(tr("Status"), tr(told["status"]), "", tr("identity checked by {}").format(told["identity_checked_by"])),
    )
    deeds = tuple(_of_person(account, told))
    return RegisterEntry(named, told["name"], told["id"], facts, (), (), deeds)


def _of_person(account: Account, told: State) -> Iterator[FormDeed]:
    reason = text("reason", tr("Reason"))
    if told["status"] == "locked" and may(account.roles, UNLOCK):
        yield FormDeed("account.unlock", tr("Unlock"), "", "", is_signed=False, fields=(reason,))
    if told["status"] == "active":
        yield FormDeed("account.lock", tr("Lock the account"), "", "", is_signed=False, fields=(reason,))
    if told["status"] != "withdrawn":
        yield FormDeed(
            "account.roles", tr("Change the roles"), _own(account), "stands for the roles",
            fields=(*_roles(tuple(told["roles"])), reason),
            second="quality", second_meaning=tr("stands for it as well"),
        )  # fmt: skip
        new = Asked("new", tr("New password, to be changed before the first signature"), is_secret=True)
        yield FormDeed("account.reset", tr("Give a new password"), "", "", is_signed=False, fields=(new, reason))
        yield FormDeed("account.withdraw", tr("Withdraw for ever"), "", "", is_signed=False, fields=(reason,))


# ---- the record's keeping


def _years(records: Store, account: Account, named: str) -> RegisterEntry:
    known = retention.years(records)
    lines = tuple((name, str(years)) for name, years in known.items())
    section = Section(tr("How long records are kept"), (tr("Class"), tr("Years")), lines)
    deed = FormDeed(
        "retention.set", tr("Change how long a class is kept"), "process owner", "set how long records are kept",
        fields=(choice("class", tr("Class"), tuple(known)), text("years", tr("Years"))), wants_reason=True,
    )  # fmt: skip
    deeds = (deed,) if may(account.roles, CONFIGURE) else ()
    return RegisterEntry(named, tr("How long records are kept"), "", (), (section,), (), deeds)


def _holds(records: Store, account: Account, named: str) -> RegisterEntry:
    known = records.all(retention.HOLDS)
    lines = tuple((key, tr(str(row["status"])), str(row["scope"])) for key, row in known.items())
    section = Section(
        tr("Holds"), (tr("Number"), tr("Status"), tr("What is held")), lines or ((tr("none yet"), "", ""),)
    )
    standing = tuple(key for key, row in known.items() if row["status"] == retention.PLACED)
    reason, scope = text("reason", tr("Reason")), text("scope", tr("TABLE/KEY, or everything"))
    offered = [(retention.HOLD, tr("Place a hold"), (scope, reason))]
    if standing:
        offered.append((retention.LIFT, tr("Lift a hold"), (choice("hold", tr("Hold"), standing), reason)))
    offered.append(
        (
            retention.ERASE,
            tr("Erase what identifies a person"),
            (text("scope", tr("person/KEY or received_message/KEY")), reason),
        )
    )
    deeds = tuple(
        FormDeed(command, words, "", "", is_signed=False, fields=fields)
        for command, words, fields in offered
        if may(account.roles, command)
    )
    return RegisterEntry(named, tr("Holds and erasure"), "", (), (section,), (), deeds)


def _copies(records: Store, account: Account, named: str) -> RegisterEntry:
    lines = tuple(
        (key, tr(str(row["status"])), str(row["file"]), str(row["size"]), str(row["sha256"])[:16] + "…")
        for key, row in records.all(backup.TABLE).items()
    )
    heads = (tr("Number"), tr("Status"), tr("File"), tr("Events"), "SHA-256")
    section = Section(tr("Backups"), heads, lines or ((tr("none yet"), "", "", "", ""),))
    name = f"printcare-{records.context.clock():%Y-%m-%d}.sqlite"
    offered = (
        (backup.MAKE, tr("Make a backup"), tr("Name of the file"), name),
        (
            backup.CHECK,
            tr("Verify a backup"),
            tr("File of the backup"),
            next((line[2] for line in reversed(lines)), ""),
        ),
    )
    deeds = tuple(
        FormDeed(command, words, "", "", is_signed=False, fields=(text("file", asked, begun),))
        for command, words, asked, begun in offered
        if may(account.roles, command)
    )
    told = Objection(
        "RESTORE_OUTSIDE", "info",
        tr("A restore is not done in the window: a record that is open here is never written over."),
        tr(
            "Close every station, put the verified copy in place, then `printcare audit restore` with an anchor; "
            "quality and an administrator sign."
        ),
    )  # fmt: skip
    return RegisterEntry(named, tr("Backups and restore"), "", (), (section,), (told,), deeds)


def _anchors(records: Store, account: Account, named: str) -> RegisterEntry:
    notes = records.checkpoints()
    sink = records.context.anchor_sink
    facts = (
        Fact(tr("Checkpoints"), str(len(notes))),
        Fact(tr("Outside memory"), tr("a share of the site") if sink else tr("none is set up")),
        Fact(tr("Waiting since"), _waiting(records)),
    )
    heads_signed = [(str(number), *note.splitlines()[1:3]) for number, note in reversed(notes[-LATEST:])]
    lines = tuple((number, size, f"{root[:ROOT_SIGNS]}…") for number, size, root in heads_signed)
    heads = (tr("Number"), tr("Events"), tr("Root begins with"))
    section = Section(tr("Latest checkpoints"), heads, lines or ((tr("none yet"), "", ""),))
    offered = (
        ("audit.checkpoint", tr("Sign a checkpoint now")),
        (ANCHOR, tr("Deliver to the outside memory")),
    )
    deeds = tuple(
        FormDeed(command, words, "", "", is_signed=False)
        for command, words in offered
        if may(account.roles, command) and (sink is not None or command != ANCHOR)
    )
    told = () if sink is not None else (
        Objection("ANCHOR_SINK", "info", tr("Checkpoints stay on this machine: no outside memory is set up."),
                  tr("Name a share as anchor_sink in settings.toml; until then compare the printed line.")),
    )  # fmt: skip
    return RegisterEntry(named, tr("Anchors"), "", facts, (section,), told, deeds)


def _waiting(records: Store) -> str:
    from printcare.workflow.record.anchoring import site_sink, unanchored_since  # certificates cost a start-up 0.1 s

    sink = site_sink(records)
    since = None if sink is None else unanchored_since(records, sink)
    return "–" if since is None else since[:16].replace("T", " ")


_ENTRIES: Mapping[str, Callable[[Store, Account, str], RegisterEntry]] = {
    MODE: _mode,
    PAPER: _paper,
    YEARS: _years,
    HOLDS: _holds,
    COPIES: _copies,
    ANCHORS: _anchors,
}
