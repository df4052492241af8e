"""`printcare ink`: a lot from receipt to recall by command, with the contract's exit codes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from printcare.cli.main import run
from printcare.cli.settings import DOCUMENT_LANGUAGES
from printcare.domain.people import Role
from printcare.domain.policy import LOCKED
from printcare.formats.find import shipped
from printcare.formats.wording import LANGUAGES
from printcare.workflow.demonstration import moved
from printcare.workflow.recipe.set_up import Person, set_up
from printcare.workstation.opening import open_record

PASSWORD = "a passphrase nobody would guess"
STAFF = {
    "owner": (Role.PROCESS_OWNER,),
    "author": (Role.FORMULATION_SCIENTIST,),
    "ada": (Role.OPERATOR,),
    "ben": (Role.PHARMACIST,),
    "quinn": (Role.QUALITY,),
}
INK = "cyclophosphamide-paste-40"


@pytest.fixture
def ink(tmp_path, monkeypatch, capsys, cheap_passwords):
    """Return a command of the ink room, run by somebody: exit code and what it said."""
    url = f"sqlite:///{tmp_path}/record.sqlite"
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, "utf-8")
    for name in ("PRINTCARE_PASSWORD_FILE", "PRINTCARE_SECOND_PASSWORD_FILE"):
        monkeypatch.setenv(name, str(secret))
    records, _ = open_record(url, LOCKED)
    with records:
        staff = [Person(login, f"{login} Example", roles, PASSWORD) for login, roles in STAFF.items()]
        set_up(records, Person("admin", "Avery", (Role.ADMINISTRATOR,), PASSWORD), staff)

    def command(who, *words):
        code = run(["ink", *words, "--db", url, "--user", who, "--json"])
        said = capsys.readouterr().out
        return code, json.loads(said)

    return command


@pytest.fixture
def lot_file(tmp_path):
    """Return the shipped lot with its dates moved to today, as the demonstration moves them."""
    path = tmp_path / "lot.toml"
    path.write_bytes(moved((shipped("recipes") / "demonstration" / "lot-CP-2601-A.toml").read_bytes(), date.today()))
    return str(path)


def words_of(path):
    document = pypdfium2.PdfDocument(path.read_bytes())
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return words


@pytest.mark.parametrize("command", ["demo", "print", "ink"])
def test_a_language_no_document_is_written_in_is_refused_before_anything_is_done(command, capsys):
    needed = {"demo": (), "print": ("--order", "o", "--cartridge", "c", "--printer", "p", "--balance", "b")}
    words = needed.get(command, ("certificate", "LOT", "-o", "x"))
    assert run([command, *words, "--language", "de"]) == 2
    assert "--language" in capsys.readouterr().err
    assert tuple(LANGUAGES) == DOCUMENT_LANGUAGES


def approved(ink):
    ink("author", "write", str(shipped("recipes") / "inks" / f"{INK}.toml"))
    assert ink("owner", "approve", f"{INK}/1")[0] == 0


def test_a_lot_goes_from_receipt_to_recall_by_command(ink, lot_file, tmp_path):
    approved(ink)
    assert ink("ada", "receive", lot_file)[1]["lot_status"] == "quarantine"
    assert ink("quinn", "judge", "CP-2601-A", "--reason", "stability data")[1]["excursions_judged"] is True
    assert ink("quinn", "release", "CP-2601-A", "--reason", "certificate compared")[1]["lot_status"] == "released"
    code, told = ink("ada", "list")
    assert code == 0
    assert [(lot["id"], lot["status"]) for lot in told["lots"]] == [("CP-2601-A", "released")]
    paper = tmp_path / "certificate.pdf"
    assert ink("quinn", "certificate", "CP-2601-A", "-o", str(paper), "--language", "fr")[0] == 0
    assert "Certificat du lot" in words_of(paper)
    assert ink("quinn", "recall", "CP-2601-A", "--drill")[1]["units"] == 0
    out = ("--out", str(tmp_path / "out"), "--language", "es")
    code, told = ink("quinn", "recall", "CP-2601-A", "--reason", "contaminated", *out)
    assert (code, told["recall"], sorted(told["files"])) == (0, "R-0002", ["recall-list.csv", "recall-list.pdf"])
    assert "retirada" in words_of(tmp_path / "out" / "recall-list.pdf").casefold()
    assert ink("ada", "show", "CP-2601-A")[1]["lot"]["status"] == "recalled"
    assert ink("ada", "certificate", "CP-2601-A", "-o", str(tmp_path / "c.pdf"))[1]["files"] == ["c.pdf"]


def test_a_refusal_exits_with_1_and_its_findings(ink, lot_file):
    ink("ada", "receive", lot_file)
    code, told = ink("quinn", "release", "CP-2601-A", "--reason", "x")
    assert (code, told["status"]) == (1, "refused")
    assert {finding["code"] for finding in told["findings"]} == {"E_LOT_EXCURSION", "E_FORMULATION_NOT_APPROVED"}
    assert ink("ada", "reject", "CP-2601-A", "--reason", "x")[1]["findings"][0]["code"] == "NOT_PERMITTED"


def test_a_cartridge_is_filled_loaded_and_discarded_by_command(ink, lot_file):
    approved(ink)
    file = Path(lot_file)
    file.write_text(file.read_text("utf-8").replace("mass_g = 10.0", "mass_g = 40.0"), "utf-8")
    ink("ada", "receive", lot_file)
    ink("quinn", "judge", "CP-2601-A", "--reason", "stability data")
    ink("quinn", "release", "CP-2601-A", "--reason", "compared")
    assert ink("ada", "open", "CP-2601-A")[1]["use_by"]
    fill = ("fill", "K-9", "--lot", "CP-2601-A", "--fill-g", "9.5", "--dead-g", "0.8", "--use-within-h", "8")
    assert ink("ada", *fill, "--spilt-g", "0.1")[1]["cartridge_status"] == "filled"
    assert ink("ada", "load", "K-9", "--code", "K-9", "--batch", "B-1")[1]["cartridge_status"] == "loaded"
    assert ink("ada", "unload", "K-9", "--reason", "not used")[1]["cartridge_status"] == "filled"
    assert (
        ink("ada", "discard", "K-9", "--waste-g", "9.5", "--reason", "x")[1]["findings"][0]["code"]
        == "E_WASTE_UNWITNESSED"
    )
    discarded = ink("ada", "discard", "K-9", "--waste-g", "9.5", "--reason", "x", "--second-user", "ben")
    assert discarded[1]["cartridge_status"] == "discarded"
    assert ink("ada", "show", "K-9")[1]["cartridge"]["left_g"] == "-0.8"
    assert ink("ada", "discard", "CP-2601-A", "--waste-g", "20.4")[0] == 0


@pytest.mark.parametrize(
    ("who", "words", "code"),
    [
        ("ada", ("receive", "no-such-file.toml"), "FILE_UNREADABLE"),
        ("quinn", ("agree", "works", "--agreement", "A", "--until", "tomorrow"), "USAGE"),
        ("ada", ("fill", "K", "--lot", "L", "--fill-g", "ten", "--dead-g", "1", "--use-within-h", "8"), "USAGE"),
    ],
)
def test_what_is_not_written_as_it_should_be_says_how(ink, who, words, code):
    exit_code, told = ink(who, *words)
    assert told["error"]["code"] == code
    assert exit_code == (2 if code in ("USAGE", "FILE_UNREADABLE") else 3)


def test_agreement_and_legal_grounds_are_signed_by_command(ink):
    assert ink("quinn", "agree", "works", "--agreement", "A-1", "--until", "2027-12-31")[1]["until"] == "2027-12-31"
    code, told = ink("owner", "legal", str(shipped("recipes") / "site" / "legal-grounds.toml"))
    assert code == 0
    assert "cyclophosphamide" in told["products"]
    approved(ink)
    assert ink("owner", "retire", f"{INK}/1")[1]["formulation"] == f"{INK}/1"


@pytest.mark.parametrize("words", [("show", "NONE"), ("certificate", "NONE", "-o", "x.pdf")])
def test_a_lot_nobody_received_is_neither_shown_nor_certified(ink, words):
    code, told = ink("ada", *words)
    assert (code, told["findings"][0]["code"]) == (1, "LOT_UNKNOWN")
