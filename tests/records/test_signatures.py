"""Electronic signatures."""

from dataclasses import replace

import pytest

from printcare.domain.canonical import digest
from printcare.errors import PrintcareError
from printcare.records import accounts, audit, signatures
from printcare.records.signatures import covers, is_genuine, sign, signatures_of

PASSWORD = "seventeen grey herons"


@pytest.fixture
def signed(records, weigh, cheap):
    accounts.create_first(records, "ada", "Ada Admin", PASSWORD, hashing=cheap)
    weigh(1)
    return sign(records, "ada", PASSWORD, "administrator", "seen", "unit", "B-1/1", hashing=cheap)


def test_a_signature_shows_name_role_meaning_and_time_with_its_zone(signed):
    assert (signed.name, signed.role, signed.meaning) == ("Ada Admin", "administrator", "seen")
    assert signed.signed_at.startswith("2026-01-05T09:00:0")
    assert signed.signed_at.endswith("Z")
    assert signed.utc_offset == "+00:00"


def test_a_signature_covers_what_was_signed_and_no_later_version(records, signed, weigh):
    assert signed.object_hash == digest(records.get("unit", "B-1/1"))
    assert covers(signed, records.get("unit", "B-1/1"))
    weigh(1, "299.9")
    assert not covers(signed, records.get("unit", "B-1/1"))
    assert audit.verify(records.url)["verdict"] == "UNANCHORED"


@pytest.mark.parametrize(
    "change", [{"meaning": "released"}, {"role": "releaser"}, {"signed_at": "x"}, {"object_hash": "x"}]
)
def test_a_signature_cannot_be_moved_to_another_meaning_role_time_or_object(signed, change):
    assert is_genuine(signed)
    assert not is_genuine(replace(signed, **change))


def test_signatures_are_read_back_in_order_and_each_quotes_the_one_before(records, signed, cheap):
    second = sign(records, "ada", PASSWORD, "administrator", "seen again", "unit", "B-1/1", hashing=cheap)
    assert signatures_of(records, "unit", "B-1/1") == [signed, second]
    assert signed.previous is None
    assert second.previous == digest({**signed.payload(), "value": signed.value})


def test_the_printed_name_is_not_in_the_log(records, signed):
    assert not any(b"Ada Admin" in event.payload for event in records.events())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "wrong"}, "LOGIN_REFUSED"),
        ({"user": "nobody"}, "LOGIN_REFUSED"),
        ({"role": "releaser"}, "ROLE_NOT_HELD"),
        ({"meaning": " "}, "MEANING_MISSING"),
        ({"object_id": "B-1/9"}, "NOTHING_TO_SIGN"),
    ],
)
def test_a_signature_that_may_not_be_is_refused_and_nothing_is_signed(records, signed, cheap, changes, code):
    asked = {"user": "ada", "password": PASSWORD, "role": "administrator", "meaning": "seen", "object_type": "unit"}
    with pytest.raises(PrintcareError, match=code):
        sign(records, **{**asked, "object_id": "B-1/1", **changes}, hashing=cheap)
    assert len(records.all("signature")) == 1


def test_a_password_set_by_someone_else_signs_nothing(records, signed, cheap):
    with records.transaction(accounts.find(records, "u-0001").actor("administrator")) as tx:
        tx.connection.exec_driver_sql("UPDATE credential SET must_change = 1")
    with pytest.raises(PrintcareError, match="PASSWORD_CHANGE_DUE"):
        sign(records, "ada", PASSWORD, "administrator", "seen", "unit", "B-1/1", hashing=cheap)


def test_a_row_that_changes_while_it_is_being_signed_is_not_signed(records, signed, weigh, cheap, monkeypatch):
    made = signatures._make

    def late(*arguments):
        signature = made(*arguments)
        weigh(1, "299.9")
        return signature

    monkeypatch.setattr(signatures, "_make", late)
    with pytest.raises(PrintcareError, match="SIGNED_STATE_CHANGED"):
        sign(records, "ada", PASSWORD, "administrator", "seen", "unit", "B-1/1", hashing=cheap)
    assert len(records.all("signature")) == 1
