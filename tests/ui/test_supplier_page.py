"""Suppliers in the window: keys trusted and revoked, bundles imported and verified here; drafts from files."""

import pytest
from benchless import NOON
from caring import Hands, deeds, texts
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from printcare.domain.canonical import canonical_bytes
from printcare.formats.bundle import fingerprint, read_bundle, write_bundle
from printcare.formats.find import data_file, shipped
from printcare.formats.recipe import read_recipe
from printcare.records.checkpoints import station_key
from printcare.workflow.recipe.bundles import ranges_of
from printcare.workflow.states import state_of

SHOWN = "cyclophosphamide-sse"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


@pytest.fixture
def bundle(tmp_path):
    """Return the file of a bundle as a supplier would send it."""
    recipe = data_file("recipes", SHOWN)[1].replace(f'id = "{SHOWN}"'.encode(), b'id = "supplied"', 1)
    read = read_recipe(recipe, "recipe")
    members = {
        "recipe.toml": recipe,
        "ink.toml": (shipped("recipes") / "demonstration" / "lot-CP-2601-A.toml").read_bytes(),
        "ranges.json": canonical_bytes(ranges_of(state_of(read))),
        "evidence/report.txt": b"x",
    }
    path = tmp_path / "supplied.printcare"
    path.write_bytes(write_bundle(members, "Maker", NOON.date(), "supplied/1", read.digest, PUBLIC, KEY.sign))
    return str(path)


def _trust(window, typed):
    page = window.open("p.owner", "recipes")
    window.choose(page, "all|")
    window.fill(page, "key.trust", key=PUBLIC, fingerprint=typed, supplier="Maker", reason="agreement 7")
    window.sign()
    return page


def _import(window, bundle):
    page = window.open("f.scientist", "recipes")
    window.choose(page, "all|")
    window.fill(page, "bundle.import", bundle=bundle)
    window.quiet()
    return page


def test_a_key_is_trusted_by_the_fingerprint_on_paper_alone(window):
    page = _trust(window, "another fingerprint")
    assert "E_FINGERPRINT" in page.fields["fingerprint"].objection.text()
    _trust(window, fingerprint(PUBLIC))
    assert window.records.get("trusted_key", fingerprint(PUBLIC))["status"] == "trusted"


def test_a_bundle_comes_in_from_a_trusted_key_until_it_is_revoked(window, bundle):
    page = _import(window, bundle)
    assert "BUNDLE_UNTRUSTED" in page.fields["bundle"].objection.text()
    _trust(window, fingerprint(PUBLIC))
    page = _import(window, bundle)
    assert window.records.get("recipe_version", "supplied/1")["origin"]["supplier"] == "Maker"
    page = window.open("p.owner", "recipes")
    window.choose(page, f"trusted_key|{fingerprint(PUBLIC)}")
    assert PUBLIC in texts(page)
    window.press(page, "deed-key.revoke")
    window.sign("lost by the supplier")
    assert window.records.get("trusted_key", fingerprint(PUBLIC))["status"] == "revoked"


def test_a_supplier_s_recipe_is_verified_by_batches_of_its_own_alone(window, bundle):
    _trust(window, fingerprint(PUBLIC))
    page = _import(window, bundle)
    window.choose(page, "recipe|supplied/1")
    assert "recipe.verify" not in deeds(page)  # a draft
    window.press(page, "deed-submit")
    window.sign("came with its evidence")
    window.fill(page, "recipe.verify", batches="B-0001", reason="printed here", **{"1.report.batch": "B-0001"})
    window.sign()
    assert "FILE_UNREADABLE" in page.rows["1.report"].objection.text()
    window.fill(page, "recipe.verify", batches="B-0001", reason="printed here")
    window.sign()
    assert "E_CONFIRMATION_OTHER" in window.conductor.session.dialog.objection.text()
    window.conductor.session.close()


def test_a_dosing_rule_is_kept_as_a_draft_from_its_file_and_no_other_file_is(window):
    page = window.open("f.scientist", "recipes")
    window.choose(page, "all|")
    rule = next(path for path in sorted((shipped("recipes") / "dosing_rules").iterdir()) if "minox" in path.name)
    before = len(window.records.all("dosing_rule_version"))
    window.fill(page, "recipe.write", file=str(rule))
    window.quiet()
    assert len(window.records.all("dosing_rule_version")) == before + 1
    window.fill(page, "recipe.write", file=str(shipped("recipes") / "demonstration" / "lot-CP-2601-A.toml"))
    window.quiet()
    assert "USAGE" in page.fields["file"].objection.text()


def test_an_approved_recipe_leaves_as_a_bundle_under_the_key_of_a_chosen_folder(window, tmp_path):
    page = window.open("f.scientist", "recipes")
    window.choose(page, f"recipe|{SHOWN}/1")
    assert "bundle.export" not in deeds(page)
    page = window.open("p.owner", "recipes")
    window.choose(page, f"recipe|{SHOWN}/1")
    keys = tmp_path / "keys"
    keys.mkdir()
    report = tmp_path / "report.txt"
    report.write_text("content and uniformity")
    ink = str(shipped("recipes") / "demonstration" / "lot-CP-2601-A.toml")
    asked = {"supplier": "Maker", "key": str(keys), "ink-1": ink, "folder": str(tmp_path / "out")}
    window.fill(page, "bundle.export", **asked)
    window.quiet()
    assert "FILE_UNREADABLE" in page.fields["evidence"].objection.text()
    window.fill(page, "bundle.export", **asked, evidence=str(report), recipe=ink)
    window.quiet()
    assert not (tmp_path / "out").exists()  # that file is no recipe
    window.fill(page, "bundle.export", **asked, evidence=str(report))
    window.quiet()
    name = fingerprint(station_key(keys).public_hex)
    assert name in texts(page)
    made = read_bundle((tmp_path / "out" / f"{SHOWN}-1.printcare").read_bytes(), {name})
    assert (made.supplier, made.recipe) == ("Maker", f"{SHOWN}/1")
    assert made.members["evidence/report.txt"] == report.read_bytes()
