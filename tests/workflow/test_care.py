"""The record looked after: copies, the sink, time-stamps, the archive, holds, erasure and the review of the trail."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from looked_after import PASSWORD, Clock, again, batch, opened, staffed

from printcare.errors import PrintcareError
from printcare.records import audit, timestamps
from printcare.records.anchors import Memory, Sink
from printcare.records.sealing import seal
from printcare.records.signatures import sign
from printcare.verify import kept_anchors, open_note
from printcare.workflow.authority import Refused
from printcare.workflow.record import anchoring, audit_review, retention, search
from printcare.workflow.record.archive import archive
from printcare.workflow.record.backup import check_backup, make_backup, open_backup


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def records(tmp_path, clock, cheap_passwords):
    with opened(tmp_path, clock) as store:
        yield store


@pytest.fixture
def people(records):
    return staffed(records)


def code_of(call, *arguments, **named):
    with pytest.raises(PrintcareError) as refused:
        call(*arguments, **named)
    return refused.value.code


# ---- copies


def test_a_backup_is_verified_recorded_and_found_again(records, people, tmp_path):
    made = make_backup(records, people["ada"], tmp_path / "backup.sqlite")
    assert (made["status"], made["verdict"]) == ("verified", "OK")
    told = check_backup(records, people["quinn"], tmp_path / "backup.sqlite")
    assert (told["backup"], told["is_of_this_record"]) == (made["key"], True)
    assert code_of(make_backup, records, people["ada"], tmp_path / "backup.sqlite") == "E_BACKUP_TARGET"
    assert code_of(check_backup, records, people["ada"], tmp_path / "none.sqlite") == "E_BACKUP_MISSING"


def test_a_sealed_backup_is_verified_found_again_and_opened_for_a_restore(records, people, tmp_path, monkeypatch):
    monkeypatch.setattr("printcare.workflow.record.backup.seal", partial(seal, cost=2))
    file, passphrase = tmp_path / "backup.sealed", "seven wet otters under a bridge"
    made = make_backup(records, people["ada"], file, passphrase)
    assert (made["verdict"], made["sealed"]) == ("OK", True)
    assert b"SQLite" not in file.read_bytes()
    told = check_backup(records, people["quinn"], file, passphrase)
    assert (told["backup"], told["is_of_this_record"]) == (made["key"], True)
    assert code_of(check_backup, records, people["quinn"], file, "another passphrase") == "SEAL_BROKEN"
    opened = open_backup(file, tmp_path / "again.sqlite", passphrase)
    assert (opened["size"], opened["root"]) == (made["size"], made["root"])


def test_what_was_sealed_and_does_not_verify_is_not_left_there(records, people, tmp_path):
    _copy_with_a_change(records.url, f"sqlite:///{tmp_path}/changed.sqlite")
    seal(tmp_path / "changed.sqlite", tmp_path / "sealed", "seven wet otters under a bridge", cost=2)
    arguments = (tmp_path / "sealed", tmp_path / "again.sqlite", "seven wet otters under a bridge")
    assert code_of(open_backup, *arguments) == "E_BACKUP_UNSOUND"
    assert not (tmp_path / "again.sqlite").exists()


def test_another_site_s_backup_is_not_of_this_record(records, people, tmp_path, clock):
    other = tmp_path / "other"
    other.mkdir()
    with opened(other, clock) as store:
        make_backup(store, staffed(store)["ada"], other / "backup.sqlite")
    told = check_backup(records, people["quinn"], other / "backup.sqlite")
    assert (told["backup"], told["is_of_this_record"]) == (None, False)


def test_a_copy_that_does_not_verify_is_no_backup(records, people, tmp_path, monkeypatch):
    monkeypatch.setattr("printcare.workflow.record.backup.copy", _copy_with_a_change)
    assert code_of(make_backup, records, people["ada"], tmp_path / "backup.sqlite") == "E_BACKUP_UNSOUND"
    assert records.get("backup", "BK-0001")["status"] == "failed"


def _copy_with_a_change(source, target):
    import sqlite3

    from printcare.records.copying import copy

    copy(source, target)
    raw = sqlite3.connect(target.removeprefix("sqlite:///"))
    raw.execute("UPDATE account SET status = 'x'")
    raw.commit()
    raw.close()


# ---- anchors


def test_every_checkpoint_reaches_the_sink_once_and_the_sink_anchors_the_record(records, people, tmp_path):
    sink = Sink(tmp_path)
    assert anchoring.deliver(records, sink) == len(records.checkpoints())
    batch(records, people)
    assert anchoring.unanchored_since(records, sink) is not None
    assert anchoring.deliver(records, sink) == 1
    assert (anchoring.deliver(records, sink), anchoring.unanchored_since(records, sink)) == (0, None)
    notes = kept_anchors(sink.file("demo").read_text())
    assert audit.verify(records.url, notes)["verdict"] == "OK"


def test_a_line_cut_short_in_the_sink_is_delivered_again(records, people, tmp_path):
    sink = Sink(tmp_path)
    anchoring.deliver(records, sink)
    text = sink.file("demo").read_text()
    sink.file("demo").write_text(text[:-20] + "\n")
    assert anchoring.deliver(records, sink) == 1


def test_a_sink_that_is_away_stops_nothing_and_is_told_after_a_day_once(records, people, tmp_path, clock):
    sink = Sink(tmp_path / "away")
    assert anchoring.deliver(records, sink) == 0
    assert not records.all("alarm")
    clock.ahead = timedelta(hours=25)
    for _ in range(2):
        assert anchoring.deliver(records, sink) == 0
    (alarm,) = records.all("alarm").values()
    assert alarm["alarm"] == "A_SINK_AWAY"
    assert anchoring.unanchored_since(records, sink) is not None


def test_a_client_s_memory_that_cannot_be_read_is_told(records, people, tmp_path, clock):
    memory = Memory.of(tmp_path, records.url)
    memory.keep(records.checkpoint().note)
    opened(tmp_path, clock, memory=memory).close()
    memory.path.write_text("damaged")
    assert code_of(lambda: opened(tmp_path, clock, memory=memory)) == "MEMORY_UNREADABLE"


def test_another_history_under_the_same_key_is_forked_from_what_the_client_remembers(tmp_path, clock, cheap_passwords):
    memory = Memory.of(tmp_path, "sqlite:///one")
    with opened(tmp_path, clock, memory=memory) as records:
        staffed(records)
    with opened(tmp_path, clock, "rewritten") as records:
        staffed(records)
        batch(records, {"olu": again(records, "olu")})
    assert code_of(lambda: opened(tmp_path, clock, "rewritten", memory=memory)) == "RECORD_FORKED"


def test_whoever_decides_on_a_batch_signs_the_head_it_stands_in(records, people):
    batch(records, people, status="quarantined")
    state = records.get("batch", "B-1") | {"status": "rejected"}
    sign(records, "rita", PASSWORD, "releaser", "rejected", "batch", "B-1", becoming=(("batch.reject", state),))
    note = records.checkpoints()[-1][1]
    assert len(open_note(note).signatures) == 2
    assert f"{records.origin()}/{people['rita'].id} " in note
    assert audit.verify(records.url, note)["verdict"] == "OK"


def test_a_forged_countersignature_is_found(records, people):
    batch(records, people, status="quarantined")
    state = records.get("batch", "B-1") | {"status": "rejected"}
    sign(records, "rita", PASSWORD, "releaser", "rejected", "batch", "B-1", becoming=(("batch.reject", state),))
    head, _, last = records.checkpoints()[-1][1].rstrip("\n").rpartition(" ")
    forged = f"{head} {last[:12]}{'A' if last[12] != 'A' else 'B'}{last[13:]}\n"
    assert audit.verify(records.url, forged)["verdict"] == "MODIFIED"


OPENSSL = shutil.which("openssl")
TSA = """
[tsa]
default_tsa = t
[t]
serial = {0}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[req]
distinguished_name = dn
[dn]
"""


@pytest.fixture
def authority(tmp_path):
    """Make a time-stamp authority of OpenSSL: its root, and what answers a request."""
    folder = tmp_path / "tsa"
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    (folder / "c.cnf").write_text(TSA.format(folder))

    def openssl(*words):
        subprocess.run([OPENSSL, *words], check=True, cwd=folder, capture_output=True)

    new = ("req", "-config", "c.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(*new, "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=root", "-extensions", "ca")
    openssl(*new, "-keyout", "t.key", "-out", "t.csr", "-subj", "/CN=tsa")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "c.cnf", "-extensions", "ext")
    openssl("x509", "-req", "-in", "t.csr", "-out", "t.pem", *signing)

    def post(question, *chain):
        (folder / "q.tsq").write_bytes(question)
        reply = ("-queryfile", "q.tsq", "-signer", "t.pem", "-inkey", "t.key", "-out", "a.tsr", *chain)
        openssl("ts", "-reply", "-config", "c.cnf", *reply)
        return (folder / "a.tsr").read_bytes()

    return timestamps.roots(folder / "ca.pem"), post


def offline(_):
    raise OSError("no network")


@pytest.mark.skipif(OPENSSL is None, reason="the authority is OpenSSL's")
def test_a_time_stamp_waits_while_offline_and_is_verified_when_it_comes(records, people, authority):
    trusted, post = authority
    key = anchoring.ask_time_stamp(records, people["quinn"])
    assert anchoring.ask_time_stamp(records, people["quinn"]) == key
    held, waiting = anchoring.send_time_stamps(records, people["quinn"], offline, trusted)
    assert (held, len(waiting)) == ([], 1)
    held, waiting = anchoring.send_time_stamps(records, people["quinn"], post, trusted)
    assert (held, waiting) == ([key], []), waiting
    (stamp,) = anchoring.stamped(records, trusted)
    assert audit.verify(records.url, stamp["note"])["verdict"] == "OK"
    note = stamp["note"].replace("\n\n", "\n \n")
    state = records.get("anchor", key)
    answer = base64.b64decode(state["token"])
    assert code_of(timestamps.stamped_at, note, int(state["nonce"]), answer, trusted) == "TIMESTAMP_REFUSED"
    assert code_of(timestamps.stamped_at, stamp["note"], 7, answer, trusted) == "TIMESTAMP_REFUSED"
    assert code_of(timestamps.stamped_at, stamp["note"], 7, b"no answer", trusted) == "TIMESTAMP_REFUSED"


@pytest.mark.skipif(OPENSSL is None, reason="the authority is OpenSSL's")
def test_a_time_stamp_with_several_certificates_is_taken_in_whatever_order_they_stand(authority, tmp_path):
    trusted, post = authority
    asked = timestamps.request("a head")
    answer = post(asked.der, "-chain", "ca.pem")
    signer, root = (
        timestamps.roots(tmp_path / "tsa" / name)[0].public_bytes(Encoding.DER) for name in ("t.pem", "ca.pem")
    )
    pair = next(pair for pair in (signer + root, root + signer) if pair in answer)
    for order in (signer + root, root + signer):
        assert timestamps.stamped_at("a head", asked.nonce, answer.replace(pair, order), trusted)
    for damaged in (answer[:-1], answer.replace(root, root[:-1])):
        assert code_of(timestamps.stamped_at, "a head", asked.nonce, damaged, trusted) == "TIMESTAMP_REFUSED"


def test_roots_that_cannot_be_read_are_told(tmp_path):
    assert code_of(timestamps.roots, tmp_path / "none.pem") == "TIMESTAMP_ROOTS"


# ---- archive


def test_the_archive_is_read_and_verified_without_the_program(records, people, tmp_path):
    batch(records, people)
    paper = tmp_path / "papers"
    paper.mkdir()
    (paper / "batch-record.pdf").write_bytes(b"%PDF of the batch")
    (paper / "holiday.jpg").write_bytes(b"no record of ours")
    with records.transaction(people["olu"].actor("operator")) as tx:
        sha256 = hashlib.sha256(b"%PDF of the batch").hexdigest()
        tx.record("document.made", "document", "B-1/record", {"batch_id": "B-1", "kind": "pdf", "sha256": sha256})
    told = archive(records, people["aud"], tmp_path / "archive.zip", paper)
    assert told["documents"] == ["batch-record.pdf"]
    with zipfile.ZipFile(tmp_path / "archive.zip") as file:
        assert {"README.txt", "record.jsonl", "events.csv", "contents.pdf", "verify.py"} <= set(file.namelist())
        rows = list(csv.DictReader(io.StringIO(file.read("events.csv").decode())))
        assert [int(row["seq"]) for row in rows] == list(range(1, told["size"] + 1))
        batches = list(csv.DictReader(io.StringIO(file.read("tables/batch.csv").decode())))
        assert [(row["key"], row["status"]) for row in batches] == [("B-1", "printing")]
        assert file.read("contents.pdf").startswith(b"%PDF")
        file.extractall(tmp_path / "out")
    words = [sys.executable, "-I", "verify.py", "record.jsonl", "--anchor", told["paper"], "--json"]
    found = subprocess.run(words, cwd=tmp_path / "out", capture_output=True, text=True, check=True)
    assert json.loads(found.stdout)["verdict"] == "OK"
    assert code_of(archive, records, people["aud"], tmp_path / "archive.zip") == "E_ARCHIVE_TARGET"


# ---- retention


@pytest.fixture
def patient(records, people):
    with records.transaction(people["olu"].actor("operator")) as tx:
        tx.keep("person", "patient-P9", b'{"name":"Okonkwo"}', {"kind": "patient"}, action="person.recorded")
        tx.record("order.received", "prescription", "RX-1", {"status": "to verify", "patient": "P9"})
    return ("person", "patient-P9")


def test_what_identifies_a_person_is_erased_after_its_time_and_the_record_stays_whole(records, people, patient, clock):
    quinn = people["quinn"]
    assert code_of(retention.erase, records, quinn, *patient, "asked for") == "E_RETENTION_RUNS"
    clock.ahead = timedelta(days=31 * 366)
    quinn = again(records, "quinn")
    assert code_of(retention.erase, records, quinn, *patient, " ") == "E_REASON_MISSING"
    made = records.checkpoint()
    retention.erase(records, quinn, *patient, "asked for")
    assert records.kept(*patient) is None
    with records.reading() as connection:
        assert connection.exec_driver_sql("SELECT secret FROM person WHERE key = 'patient-P9'").scalar() is None
    assert audit.verify(records.url, made.note)["verdict"] == "OK"
    assert code_of(retention.erase, records, quinn, *patient, "again") == "E_NOTHING_TO_ERASE"
    assert records.events(action="person.erase", outcome="refused")[0].content["reason_code"] == "E_RETENTION_RUNS"


@pytest.mark.parametrize("scope", ["everything", "prescription/RX-1", "person/patient-P9", "batch/B-1"])
def test_a_legal_hold_keeps_what_it_names_and_all_that_belongs_to_it(records, people, patient, clock, scope):
    batch(records, people)
    clock.ahead = timedelta(days=31 * 366)
    quinn, quentin = again(records, "quinn"), again(records, "quentin")
    hold = retention.place_hold(records, quinn, scope, "the court asked")
    assert code_of(retention.erase, records, quinn, *patient, "asked for") == "E_LEGAL_HOLD"
    assert code_of(retention.lift_hold, records, quinn, hold, "done") == "SAME_PERSON"
    assert code_of(retention.lift_hold, records, quentin, hold, " ") == "E_REASON_MISSING"
    retention.lift_hold(records, quentin, hold, "the case is closed")
    assert code_of(retention.lift_hold, records, quentin, hold, "again") == "E_HOLD"
    retention.erase(records, quinn, *patient, "asked for")


def test_a_hold_names_what_is_there_and_why(records, people):
    assert code_of(retention.place_hold, records, people["quinn"], "batch/none", "r") == "E_SCOPE"
    assert code_of(retention.place_hold, records, people["quinn"], "everything", "") == "E_REASON_MISSING"


def test_staff_are_erased_only_after_they_left(records, people, clock):
    clock.ahead = timedelta(days=31 * 366)
    person = records.get("account", people["olu"].id)["person"]
    refused = code_of(retention.erase, records, again(records, "quinn"), "person", person, "asked for")
    assert refused == "E_STILL_EMPLOYED"


def test_the_site_signs_for_its_own_retention(records, people):
    set_years = (records, people["pat"], PASSWORD)
    retention.set_years(*set_years, {"batch": 11}, "the law here")
    assert retention.years(records)["batch"] == 11
    assert code_of(retention.set_years, *set_years, {"batch": 0}, "the law here") == "E_RETENTION"
    assert code_of(retention.set_years, *set_years, {"fish": 3}, "the law here") == "E_RETENTION"
    assert code_of(retention.set_years, *set_years, {"batch": 3}, "") == "E_REASON_MISSING"


# ---- review of the trail


def test_the_trail_of_a_batch_is_reviewed_by_somebody_else_and_a_change_asks_again(records, people):
    batch(records, people)
    with records.transaction(people["olu"].actor("operator")) as tx:
        alarm = {"batch_id": "B-1", "alarm": "A_X"}
        tx.record("alarm.raised", "alarm", "B-1/001", alarm)
        tx.record("unit.printed", "unit", "B-1/01", {"batch_id": "B-1", "status": "accepted", "use": ""})
    quinn = people["quinn"]
    (entry,) = audit_review.critical_entries(records, quinn, "B-1")
    assert entry["action"] == "alarm.raised"
    asked = (records, quinn, PASSWORD, "B-1")
    assert code_of(audit_review.sign_review, *asked, [], "fine") == "E_REVIEW_INCOMPLETE"
    assert code_of(audit_review.sign_review, *asked, [entry["seq"]], " ") == "E_REASON_MISSING"
    assert code_of(audit_review.sign_review, records, quinn, PASSWORD, "B-9", [], "fine") == "BATCH_UNKNOWN"
    assert [found.code for found in audit_review.unreviewed(records, "B-1")] == ["E_TRAIL_UNREVIEWED"]
    audit_review.sign_review(*asked, [entry["seq"]], "the alarm was answered rightly")
    assert audit_review.unreviewed(records, "B-1") == ()
    with records.transaction(people["olu"].actor("operator")) as tx:
        tx.record("alarm.raised", "alarm", "B-1/002", {"batch_id": "B-1", "alarm": "A_X"})
    assert audit_review.unreviewed(records, "B-1")


def test_who_had_a_hand_in_a_batch_does_not_review_it(records, people):
    batch(records, people)
    with records.transaction(people["quinn"].actor("quality")) as tx:
        tx.record("deviation.opened", "deviation", "B-1/D1", {"batch_id": "B-1", "status": "open"})
    seen = [content["seq"] for content in audit_review.critical_entries(records, people["quinn"], "B-1")]
    with pytest.raises(Refused, match="AUDITEE_REVIEWS"):
        audit_review.sign_review(records, people["quinn"], PASSWORD, "B-1", seen, "fine")


def test_events_are_searched_by_who_what_when_and_outcome(records, people, clock):
    with pytest.raises(Refused):
        make_backup(records, people["olu"], None)
    clock.ahead = timedelta(days=1)
    batch(records, people)
    aud = again(records, "aud")
    (refused,) = audit_review.search(records, aud, outcome="refused")
    assert (refused["action"], refused["actor_id"]) == ("backup.make", people["olu"].id)
    since = (clock() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert [found["action"] for found in audit_review.search(records, aud, since=since)] == [
        "batch.started",
        "account.login",
    ]
    assert audit_review.search(records, aud, since="2999") == []
    assert len(audit_review.search(records, aud, actor_id=people["olu"].id, outcome="done")) == 2


def test_the_latest_that_fit_are_found_page_by_page_newest_first(records, people, clock, monkeypatch):
    monkeypatch.setattr(search, "PAGE", 3)
    first = clock().date()
    clock.ahead = timedelta(days=1)
    batch(records, people)
    aud = again(records, "aud")
    every = search.latest(records, aud, search.Search(), 10_000)
    assert [event.seq for event in every] == list(range(records.head()[0], 0, -1))
    earlier = search.latest(records, aud, search.Search(until=first), 10_000)
    later = search.latest(records, aud, search.Search(since=first + timedelta(days=1)), 10_000)
    assert (*later, *earlier) == every
    assert [event.seq for event in search.latest(records, aud, search.Search(until=first), 2)] == [
        event.seq for event in earlier[:2]
    ]
    with pytest.raises(Refused, match="E_NOT_ON_RECORD"):
        search.latest(records, aud, search.Search(person="nobody"), 10)
