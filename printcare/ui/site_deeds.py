"""What the page Administration asks for, each on its own function of the workflow; it says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from printcare.domain.checks import error
from printcare.domain.policy import POLICIES
from printcare.ui.forms import Given
from printcare.ui.typed import Reading
from printcare.ui.words import tr
from printcare.workflow import staff
from printcare.workflow.access import profile_named, set_password_profile
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.entry import Account, Store, authenticate
from printcare.workflow.mode import SWITCH, switch
from printcare.workflow.paper_settings import paper_settings, set_paper_settings
from printcare.workflow.record import backup, retention


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    command, _, mode = given.verb.partition(" ")
    if command == SWITCH:
        switch(records, account, given.password, POLICIES[mode], given.reason)
        return ""
    return DEEDS[command](records, account, given)


def _paper(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    wanted = replace(
        paper_settings(records),
        language=asked["language"],
        country=asked["country"],
        label_size=asked["label_size"],
        pharmacy=asked["pharmacy"],
        address=asked["address"],
        phone=asked["phone"],
    )
    set_paper_settings(records, account, given.password, wanted)
    return tr("Documents are written this way from now on.")


def _passwords(records: Store, account: Account, given: Given) -> str:
    words = tuple(given.fields["blocked"].replace(",", " ").split())
    profile = profile_named(given.fields["profile"], words)
    set_password_profile(records, account, given.password, profile, given.reason)
    return tr("New passwords need {} characters at least.").format(profile.least)


# ---- people


def _added(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    checker = _two(records, given)
    key = staff.add(records, account, checker, asked["login"], asked["name"], _roles(asked), asked["new"])
    return tr("The account {} is there.").format(key)


def _roled(records: Store, account: Account, given: Given) -> str:
    login, roles = _login(records, account, given), _roles(given.fields)
    second = authenticate(records, given.signers[1].login, given.signers[1].password)
    staff.change_roles(records, account, given.password, second, login, roles, given.fields["reason"])
    return tr("{} has these roles now: {}.").format(login, ", ".join(map(tr, roles)))


def _reset(records: Store, account: Account, given: Given) -> str:
    login = _login(records, account, given)
    staff.reset(records, account, login, given.fields["new"], given.fields["reason"])
    return tr("{} changes this password before the first signature.").format(login)


def _changed(change: Callable[[Store, Account, str, str], None]) -> Callable[[Store, Account, Given], str]:
    def changed(records: Store, account: Account, given: Given) -> str:
        change(records, account, _login(records, account, given), given.fields["reason"])
        return ""

    return changed


def _two(records: Store, given: Given) -> Account:
    """Return the second signer, both passwords being right; raises PrintcareError LOGIN_REFUSED."""
    first, second = given.signers
    authenticate(records, first.login, first.password)
    return authenticate(records, second.login, second.password)


def _login(records: Store, account: Account, given: Given) -> str:
    return next(str(each["login"]) for each in staff.listed(records, account) if each["id"] == given.key)


def _roles(asked: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(role for number in (1, 2, 3) if (role := asked[f"role_{number}"])))


# ---- the record


def _years(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    name, years = given.fields["class"], read.whole("years")
    read.close()
    retention.set_years(records, account, given.password, {name: years}, given.reason)
    return tr("{} is kept for {} years.").format(name, years)


def _held(records: Store, account: Account, given: Given) -> str:
    key = retention.place_hold(records, account, given.fields["scope"], given.fields["reason"])
    return tr("The hold {} stands.").format(key)


def _lifted(records: Store, account: Account, given: Given) -> str:
    retention.lift_hold(records, account, given.fields["hold"], given.fields["reason"])
    return tr("The hold {} is lifted.").format(given.fields["hold"])


def _erased(records: Store, account: Account, given: Given) -> str:
    table, _, key = given.fields["scope"].partition("/")
    retention.erase(records, account, table, key, given.fields["reason"])
    return tr("{} identifies nobody any more.").format(given.fields["scope"])


def _backed_up(records: Store, account: Account, given: Given) -> str:
    path = _file(given)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = backup.make_backup(records, account, path)
    return tr("{}: {} events, verified, SHA-256 {}. File: {}").format(made["key"], made["size"], made["sha256"], path)


def _checked(records: Store, account: Account, given: Given) -> str:
    told = backup.check_backup(records, account, _file(given))
    ours = tr("of this record") if told["is_of_this_record"] else tr("not of this record")
    return tr("{}: {} events, {}.").format(told["verdict"], told["size"], ours)


def _file(given: Given) -> Path:
    """Return the file that is named: by its path, or in the folder of the backups."""
    name = given.fields["file"]
    if not name:
        raise Refused((error("E_BACKUP_TARGET", "No file is named.", "Name a new file.", "file"),))
    path = Path(name).expanduser()
    return path if path.is_absolute() else given.folder.parent / "backups" / path.name


def _checkpoint(records: Store, account: Account, given: Given) -> str:
    from printcare.workflow.record.trail import checkpoint  # the verifier costs a start-up its imports

    return tr("Line for paper: {}").format(checkpoint(records, account).paper)


def _delivered(records: Store, account: Account, given: Given) -> str:
    from printcare.workflow.record.anchoring import deliver, site_sink  # certificates cost a start-up 0.1 s

    allowed(records, account, given.verb)
    sink = site_sink(records)
    count = 0 if sink is None else deliver(records, sink)
    return tr("{} checkpoints were delivered.").format(count)


DEEDS: Mapping[str, Callable[[Store, Account, Given], str]] = {
    "paper.set": _paper,
    "passwords.set": _passwords,
    "account.add": _added,
    "account.roles": _roled,
    "account.reset": _reset,
    "account.lock": _changed(staff.lock),
    "account.unlock": _changed(staff.unlock),
    "account.withdraw": _changed(staff.withdraw),
    "retention.set": _years,
    retention.HOLD: _held,
    retention.LIFT: _lifted,
    retention.ERASE: _erased,
    backup.MAKE: _backed_up,
    backup.CHECK: _checked,
    "audit.checkpoint": _checkpoint,
    "audit.anchor": _delivered,
}
