"""A bundle is read as if it were hostile: what is not exactly what a trusted key signed is refused with its code."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from datetime import date
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.canonical import canonical_bytes
from printcare.errors import PrintcareError
from printcare.formats import bundle
from printcare.formats.bundle import fingerprint, read_bundle, write_bundle

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
TRUSTED = {fingerprint(PUBLIC)}
MEMBERS = {"recipe.toml": b"recipe", "ink.toml": b"ink", "ranges.json": b"{}", "evidence/report.txt": b"all well"}


def made(members=MEMBERS, key=KEY):
    public = key.public_key().public_bytes_raw().hex()
    return write_bundle(members, "Supplier", date(2026, 3, 2), "r/1", "0" * 64, public, key.sign)


def parts(data=None):
    with zipfile.ZipFile(io.BytesIO(data or made())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", compression) as archive:
        warnings.simplefilter("ignore")  # of a name written twice, which is what is meant
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, compression)
    return file.getvalue()


def refused(data, trusted=TRUSTED):
    with pytest.raises(PrintcareError) as fault:
        read_bundle(data, trusted)
    return fault.value.code


def signed(changes, **members):
    """Return an archive whose manifest was changed and signed anew by the right key."""
    manifest = canonical_bytes(json.loads(parts()["manifest.json"]) | changes)
    whole = parts() | members | {"manifest.json": manifest, "signature": KEY.sign(manifest).hex().encode()}
    return bundle._archive(whole)


def test_what_was_written_is_read():
    read = read_bundle(made(), TRUSTED)
    assert (dict(read.members), read.supplier, read.recipe, read.made_on) == (MEMBERS, "Supplier", "r/1", "2026-03-02")
    assert (read.fingerprint, read.sha256) == (fingerprint(PUBLIC), sha256(made()).hexdigest())


def test_one_content_has_one_sequence_of_bytes():
    assert made() == made(dict(reversed(MEMBERS.items())))


def test_a_fingerprint_is_the_first_half_of_the_key_s_sha_256_in_groups():
    plain = sha256(bytes.fromhex(PUBLIC)).hexdigest()[:32]
    assert fingerprint(PUBLIC).replace("-", "") == plain
    assert len(fingerprint(PUBLIC).split("-")) == 8


@pytest.mark.parametrize("key", ["", "zz", "00" * 31])
def test_what_is_no_key_has_no_fingerprint(key):
    with pytest.raises(PrintcareError, match="BUNDLE_KEY"):
        fingerprint(key)


def test_every_single_changed_byte_is_refused():
    data = made()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        assert refused(bytes(changed)).startswith("BUNDLE_"), place


@given(st.binary(max_size=200))
def test_no_bytes_at_all_are_more_than_refused(data):
    assert refused(data).startswith("BUNDLE_")


@given(st.integers(0, 4000))
def test_a_cut_archive_is_refused(length):
    data = made()
    assert refused(data[: min(length, len(data) - 1)]).startswith("BUNDLE_")


def test_a_key_nobody_trusts_here_is_refused():
    assert refused(made(), set()) == "BUNDLE_UNTRUSTED"
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert refused(made(key=other)) == "BUNDLE_UNTRUSTED"


@pytest.mark.parametrize(
    "name", ["../recipe.toml", "/etc/passwd", "evidence/../../x", "a\\b", "evidence/.hidden", "c:x", "evidence/a/b", ""]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(name):
    assert refused(zipped([*parts().items(), (name, b"x")])) in ("BUNDLE_NAME", "BUNDLE_FORM")


def test_two_members_of_one_name_are_refused():
    assert refused(zipped([*parts().items(), ("recipe.toml", b"another")])) == "BUNDLE_TWICE"
    assert refused(zipped([*parts().items(), ("RECIPE.toml", b"another")])) == "BUNDLE_TWICE"


def test_a_bomb_is_refused_before_it_is_unpacked():
    big = [("evidence/zeros", bytes(bundle.MOST_BYTES + 1))]
    assert refused(zipped([*parts().items(), *big], zipfile.ZIP_DEFLATED)) == "BUNDLE_SIZE"
    assert refused(zipped(parts().items(), zipfile.ZIP_DEFLATED)) == "BUNDLE_SIZE"
    assert refused(bytes(bundle.MOST_BYTES + 1)) == "BUNDLE_SIZE"
    many = [(f"evidence/{number}", b"") for number in range(bundle.MOST_MEMBERS)]
    assert refused(zipped([*parts().items(), *many])) == "BUNDLE_SIZE"


def test_a_member_nobody_signed_is_refused():
    assert refused(bundle._archive(parts() | {"evidence/more.txt": b"x"})) == "BUNDLE_UNSIGNED"


@pytest.mark.parametrize("name", ["manifest.json", "signature", "recipe.toml", "evidence/report.txt"])
def test_a_missing_member_is_refused(name):
    assert refused(bundle._archive({key: data for key, data in parts().items() if key != name})) == "BUNDLE_MISSING"


def test_a_member_that_is_needed_cannot_be_left_out_even_by_the_supplier():
    with pytest.raises(PrintcareError, match="BUNDLE_MISSING"):
        made({"recipe.toml": b"recipe"})


def test_a_changed_member_is_named():
    assert refused(bundle._archive(parts() | {"recipe.toml": b"Recipe"})) == "BUNDLE_CHANGED"


@pytest.mark.parametrize("signature", [b"00" * 64, b"zz", b"\xff", b""])
def test_a_signature_of_something_else_is_refused(signature):
    assert refused(bundle._archive(parts() | {"signature": signature})) == "BUNDLE_SIGNATURE"


@pytest.mark.parametrize(
    "changes", [{"format": "other/1"}, {"supplier": 1}, {"members": []}, {"members": {"a": 1}}, {"more": "x"}]
)
def test_a_manifest_of_another_form_is_refused_whoever_signed_it(changes):
    assert refused(signed(changes)) == "BUNDLE_FORM"


@pytest.mark.parametrize("manifest", [b"[]", b"{", b"\xff", b"null", b'{"format": 1.5}'])
def test_a_manifest_that_is_none_is_refused(manifest):
    assert refused(bundle._archive(parts() | {"manifest.json": manifest})) == "BUNDLE_FORM"


def test_a_manifest_with_blanks_in_it_is_refused():
    manifest = parts()["manifest.json"].replace(b":", b": ", 1)
    whole = parts() | {"manifest.json": manifest, "signature": KEY.sign(manifest).hex().encode()}
    assert refused(bundle._archive(whole)) == "BUNDLE_FORM"


@pytest.mark.parametrize("changed", [lambda data: b"MZ" + data, lambda data: data + b"\0" * 8])
def test_bytes_beside_the_members_are_refused(changed):
    assert refused(changed(made())) == "BUNDLE_FORM"


def test_an_archive_with_other_times_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts().items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 0, 0, 0)), data)
    assert refused(file.getvalue()) == "BUNDLE_FORM"
