"""Administration: mode, settings, people and the record's keeping, with the codes of the command line."""

import pytest
from caring import Hands, deeds, texts

from printcare.workflow.entry import log_in
from printcare.workflow.record.backup import TABLE as BACKUP

NEW = "Walnut Ladder 9 blue"


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


def _listed(page):
    return {page.list.item(number).text().split("\n")[0] for number in range(page.list.count())}


def _people(window):
    return window.conductor.journey.here.rehearsal.people


def test_everybody_sees_what_is_theirs_and_nothing_else(window):
    page = window.open("admin", "administration")
    assert {"New account", "Backups and restore", "Anchors"} <= _listed(page)
    assert not {"Holds and erasure", "Documents and passwords"} & _listed(page)
    page = window.open("q.quality", "administration")
    assert {"Holds and erasure", "How long records are kept"} <= _listed(page)
    assert not {"New account", "Documents and passwords"} & _listed(page)
    page = window.open("p.owner", "administration")
    assert "Documents and passwords" in _listed(page)
    assert not {"New account", "Holds and erasure"} & _listed(page)
    window.open("a.operator", "worklist")
    assert not window.frame.rail.buttons["administration"].isEnabled()


def test_an_account_is_added_by_two_locked_unlocked_and_withdrawn(window):
    page = window.open("admin", "administration")
    window.choose(page, "account|")
    typed = {"login": "n.new", "name": "Nour New", "role_1": "operator", "new": NEW}
    window.fill(page, "account.add", **typed)
    window.sign()
    key = log_in(window.records, "n.new", NEW).id
    assert window.records.get("account", key)["identity_checked_by"] == _people(window)["q.quality"].id
    window.choose(page, f"account|{key}")
    for verb, status in (("lock", "locked"), ("unlock", "active"), ("withdraw", "withdrawn")):
        window.fill(page, f"account.{verb}", reason="asked for")
        window.quiet()
        assert window.records.get("account", key)["status"] == status
    assert deeds(page) == set()


def test_roles_are_changed_by_two_and_a_password_is_reset(window):
    page, operator = window.open("admin", "administration"), _people(window)["a.operator"].id
    window.choose(page, f"account|{operator}")
    window.fill(page, "account.reset", new="short", reason="forgot it")
    window.quiet()
    assert "PASSWORD" in texts(page)
    window.fill(page, "account.reset", new=NEW, reason="forgot it")
    window.quiet()
    assert log_in(window.records, "a.operator", NEW).id == operator
    window.fill(page, "account.roles", role_2="maintainer", reason="trained")
    window.sign()
    assert {"operator", "maintainer"} <= set(window.records.get("account", operator)["roles"])


def test_a_backup_is_made_verified_and_listed_and_never_written_over(window, station):
    page = window.open("admin", "administration")
    window.choose(page, "copies|")
    assert "RESTORE_OUTSIDE" in texts(page)
    window.fill(page, "backup.make", file="today.sqlite")
    window.quiet()
    (made,) = window.records.all(BACKUP).values()
    assert made["status"] == "verified"
    assert (station.documents().parent / "backups" / "today.sqlite").is_file()
    assert "today.sqlite" in texts(page)
    window.fill(page, "backup.make", file="today.sqlite")
    window.quiet()
    assert "E_BACKUP_TARGET" in page.fields["file"].objection.text()
    window.fill(page, "backup.check", file="today.sqlite")
    window.quiet()
    assert "of this record" in texts(page)


def test_a_checkpoint_is_signed_and_its_line_is_shown(window):
    page = window.open("admin", "administration")
    window.choose(page, "anchors|")
    assert "ANCHOR_SINK" in texts(page)
    assert deeds(page) == {"audit.checkpoint"}  # there is nowhere to deliver to
    before = len(window.records.checkpoints())
    window.press(page, "deed-audit.checkpoint")
    window.quiet()
    assert len(window.records.checkpoints()) == before + 1


def test_a_hold_is_placed_with_a_reason_and_not_lifted_by_who_placed_it(window):
    page = window.open("q.quality", "administration")
    window.choose(page, "holds|")
    window.fill(page, "hold.place", scope="batch/nothing", reason="a claim")
    window.quiet()
    assert "E_SCOPE" in page.fields["scope"].objection.text()
    window.fill(page, "hold.place", scope="everything", reason="a claim")
    window.quiet()
    (held,) = window.records.all("legal_hold").values()
    assert held["status"] == "placed"
    window.fill(page, "hold.lift", reason="over")
    window.quiet()
    assert "SAME_PERSON" in page.fields["hold"].objection.text()


def test_a_site_s_settings_are_signed_by_the_process_owner(window):
    page = window.open("p.owner", "administration")
    window.choose(page, "paper|")
    window.fill(page, "paper.set", language="fr", pharmacy="Pharmacie centrale")
    window.sign()
    assert window.records.get("site_setting", "documents")["language"] == "fr"
    window.choose(page, "years|")
    window.fill(page, "retention.set", **{"class": "batch", "years": "31"})
    window.sign("the law of the place")
    assert window.records.get("site_setting", "retention")["years"]["batch"] == 31
    assert "31" in texts(page)
