"""The mark in the system's keystore: it holds a record to the last head seen, whatever became of the private file."""

from __future__ import annotations

import json
import shutil
import sys
import types

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked

from printcare.cli.main import run as main
from printcare.domain.events import RecordUnwritable
from printcare.domain.people import Actor
from printcare.domain.policy import LOCKED, REHEARSAL
from printcare.errors import PrintcareError
from printcare.records import keystore
from printcare.records.keystore import SERVICE, offered
from printcare.workstation.opening import memory_of, open_record

OPERATOR = Actor("u-0009", "operator", "s-1")
ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux's")


class Kept(KeyringBackend):
    """A backend of keyring that keeps what it is given as long as it lives."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):  # noqa: D102
        return self.kept.get((service, username))

    def set_password(self, service, username, password):  # noqa: D102
        self.kept[service, username] = password


class Refusing(Kept):
    """One whose owner does not unlock it."""

    def get_password(self, service, username):  # noqa: D102
        raise KeyringLocked(username)

    def set_password(self, service, username, password):  # noqa: D102
        raise KeyringLocked(username)


@pytest.fixture
def url(tmp_path):
    (tmp_path / "record").mkdir()
    return f"sqlite:///{tmp_path}/record/record.sqlite"


@pytest.fixture
def use(monkeypatch):
    """Let this system offer a keystore with the backend given."""

    def use(kind=Kept):
        module = types.ModuleType("kept_backend")
        made = kind()
        module.Kept = type("Offered", (), {"priority": kind.priority, "__new__": lambda _: made})
        monkeypatch.setitem(sys.modules, "kept_backend", module)
        monkeypatch.setattr(keystore, "BACKENDS", {sys.platform: ("a keystore for tests", "kept_backend", "Kept")})
        monkeypatch.setattr(keystore, "_is_locked", lambda: False)
        monkeypatch.setenv(keystore.BUS, "unix:path=none")
        return made

    return use


def weighed(url, number):
    records, _ = open_record(url, LOCKED)
    with records:
        with records.transaction(OPERATOR) as tx:
            tx.record("unit.weighed", "unit", f"B-1/{number}", new={"batch_id": "B-1", "status": "accepted"})
        records.checkpoint()


def mark(backend, url):
    return backend.kept.get((SERVICE, memory_of(url).key))


def test_the_keystore_keeps_the_last_head_seen_and_never_a_lower_one(url, use):
    backend = use()
    weighed(url, 1)
    open_record(url, LOCKED)[0].close()
    assert mark(backend, url) == memory_of(url).note()
    high = mark(backend, url)
    weighed(url, 2)
    open_record(url, LOCKED)[0].close()
    low, raised = high.split("\n")[1], mark(backend, url).split("\n")[1]
    assert int(low) < int(raised)


def test_an_older_copy_of_record_and_private_file_together_is_caught_by_the_keystore(url, use, tmp_path):
    use()
    weighed(url, 1)
    shutil.copytree(tmp_path / "record", tmp_path / "backup")
    remembered = memory_of(url).note()
    weighed(url, 2)
    open_record(url, LOCKED)[0].close()
    shutil.rmtree(tmp_path / "record")
    shutil.copytree(tmp_path / "backup", tmp_path / "record")
    memory_of(url).keep(remembered)
    with pytest.raises(RecordUnwritable) as refused:
        open_record(url, LOCKED)
    assert refused.value.code == "RECORD_TRUNCATED"


def test_a_job_does_not_ask_the_keystore(url, use):
    backend = use()
    open_record(url, LOCKED, is_job=True)[0].close()
    assert backend.kept == {}


def test_a_rehearsal_leaves_no_mark(url, use):
    backend = use()
    open_record(url, REHEARSAL)[0].close()
    open_record(url, LOCKED)[0].close()
    assert backend.kept == {}


def test_a_keystore_that_does_not_answer_stops_nothing_and_the_private_file_serves(url, use):
    use(Refusing)
    weighed(url, 1)
    assert memory_of(url).note() is not None
    assert not offered().write("head", "text")


def test_a_mark_that_cannot_be_read_is_told(url, use):
    backend = use()
    backend.kept[SERVICE, memory_of(url).key] = "damaged"
    with pytest.raises(PrintcareError, match="MEMORY_UNREADABLE"):
        open_record(url, LOCKED)


@pytest.mark.parametrize("kind", [fail.Keyring, type("Plain", (Kept,), {"priority": 0.5})], ids=["none", "plain file"])
def test_a_backend_that_keeps_nothing_or_keeps_it_in_the_open_is_not_taken(use, kind):
    use(kind)
    assert offered() is None


def test_a_keystore_that_would_ask_to_be_unlocked_is_not_taken(use, monkeypatch):
    use()
    monkeypatch.setattr(keystore, "_is_locked", lambda: True)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(keystore, "BACKENDS", {"linux": next(iter(keystore.BACKENDS.values()))})
    assert offered() is None


@pytest.mark.parametrize("is_locked", [True, False])
def test_whether_the_secret_service_is_locked_is_asked_of_its_own_collection(monkeypatch, is_locked):
    closed = []
    bus = types.SimpleNamespace(close=lambda: closed.append(True))
    collections = {(bus.close, keystore.DEFAULT_COLLECTION): types.SimpleNamespace(is_locked=lambda: int(is_locked))}
    service = types.SimpleNamespace(
        dbus_init=lambda: bus, Collection=lambda connection, path: collections[connection.close, path]
    )
    monkeypatch.setitem(sys.modules, "secretstorage", service)
    assert keystore._is_locked() is is_locked
    assert closed == [True]


@ONLY_LINUX
def test_a_backend_that_does_not_work_here_is_none(monkeypatch):
    monkeypatch.setattr(keystore, "BACKENDS", {"linux": ("Windows", "keyring.backends.Windows", "WinVaultKeyring")})
    monkeypatch.setenv(keystore.BUS, "unix:path=none")
    assert offered() is None


@ONLY_LINUX
def test_without_a_session_s_bus_keyring_is_not_even_imported(monkeypatch):
    monkeypatch.setattr(keystore, "import_module", pytest.fail)
    assert offered() is None


@ONLY_LINUX
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its library leaves the socket open
def test_a_bus_nobody_answers_on_is_no_keystore(monkeypatch, tmp_path):
    monkeypatch.setenv(keystore.BUS, f"unix:path={tmp_path}/nobody")
    assert offered() is None


def test_the_verdict_and_the_doctor_say_where_the_head_is_remembered(url, use, capsys):
    backend = use()
    weighed(url, 1)
    assert main(["audit", "verify", "--db", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["keystore"] == "a keystore for tests"
    assert main(["audit", "verify", "--db", url]) == 0
    assert "a private file and a keystore for tests" in capsys.readouterr().out
    main(["doctor", "--db", url])
    assert "the last head is in a keystore for tests too" in capsys.readouterr().out
    backend.kept[SERVICE, memory_of(url).key] = memory_of(url).note().replace("/epoch-1", "/epoch-7", 1)
    assert main(["audit", "verify", "--db", url]) == 4
