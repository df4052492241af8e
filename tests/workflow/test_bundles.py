"""A supplier's recipe comes in from a trusted key alone, is confirmed here, and is narrowed and never widened."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ward import LOT_FILE, PASSWORD, RECIPE, Ward

from printcare.domain.canonical import canonical_bytes, digest
from printcare.domain.confirmation import LaboratoryReport
from printcare.domain.people import SYSTEM
from printcare.formats.bundle import fingerprint, read_bundle, write_bundle
from printcare.formats.find import data_file
from printcare.formats.recipe import read_recipe
from printcare.records import audit
from printcare.workflow.authority import Refused
from printcare.workflow.recipe import bundles, versions
from printcare.workflow.recipe.approvals import effective_recipe
from printcare.workflow.recipe.bundles import export_bundle, import_bundle, ranges_of
from printcare.workflow.recipe.confirm import confirm
from printcare.workflow.recipe.controlled import RECIPE as KIND
from printcare.workflow.recipe.keys import revoke_key, trust_key, trusted_keys
from printcare.workflow.states import state_of

WHY = "agreement 2026-7"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
NAME = fingerprint(PUBLIC)
SHIPPED = data_file("recipes", RECIPE)[1]
SUPPLIED = SHIPPED.replace(f'id = "{RECIPE}"'.encode(), b'id = "supplied"', 1)
EVIDENCE = {"report.txt": b"validated by the supplier"}


def codes(call, *given, **named):
    with pytest.raises(Refused) as refused:
        call(*given, **named)
    return [finding.code for finding in refused.value.findings]


def trust(ward: Ward, typed=NAME, who="owner", reason=WHY):
    return trust_key(ward.records, ward.people[who], PASSWORD, PUBLIC, typed, "Supplier", reason)


def bundle(recipe=SUPPLIED, key=KEY, **changes):
    """Return a bundle as a supplier would send it; `changes` replace members or, as named, parts of its manifest."""
    read = read_recipe(recipe, "recipe")
    ranges = canonical_bytes(ranges_of(state_of(read)))
    members = {"recipe.toml": recipe, "ink.toml": LOT_FILE.read_bytes(), "ranges.json": ranges}
    members |= {"evidence/report.txt": b"x"} | {name: data for name, data in changes.items() if isinstance(data, bytes)}
    members = {name: data for name, data in members.items() if data}
    named = changes.get("named", f"{read.id}/{read.version}")
    public = key.public_key().public_bytes_raw().hex()
    return write_bundle(members, "Supplier", ward_day(), named, read.digest, public, key.sign)


def ward_day():
    from ward import TODAY

    return TODAY


def bring(ward: Ward, data=None, who="author"):
    return import_bundle(ward.records, ward.people[who], bundle() if data is None else data)


def moved(ward: Ward, key, *verbs):
    for verb in verbs:
        who = "author" if verb == "submit" else "owner"
        versions.take(ward.records, ward.people[who], PASSWORD, KIND, key, verb, WHY)


def test_a_key_is_trusted_by_a_signature_of_the_process_owner_who_typed_its_fingerprint(ward: Ward):
    assert trust(ward, typed=f" {NAME.replace('-', ' ').upper()} ") == NAME
    assert trusted_keys(ward.records) == {NAME}
    assert ward.records.events(action="key.trust")[-1].content["reason_text"] == WHY


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"typed": NAME[:-1] + "x"}, "E_FINGERPRINT"),
        ({"typed": ""}, "E_FINGERPRINT"),
        ({"reason": ""}, "E_REASON_MISSING"),
        ({"who": "author"}, "NOT_PERMITTED"),
    ],
)
def test_a_key_is_not_trusted_otherwise(ward: Ward, named, code):
    assert codes(trust, ward, **named) == [code]
    assert trusted_keys(ward.records) == set()


def test_a_revoked_key_brings_nothing_more_and_never_comes_back(ward: Ward):
    trust(ward)
    assert codes(revoke_key, ward.records, ward.people["owner"], PASSWORD, NAME, "") == ["E_REASON_MISSING"]
    revoke_key(ward.records, ward.people["owner"], PASSWORD, NAME, "key lost")
    assert codes(bring, ward) == ["BUNDLE_UNTRUSTED"]
    assert codes(trust, ward) == ["E_KEY_KNOWN"]
    assert codes(revoke_key, ward.records, ward.people["owner"], PASSWORD, NAME, "again") == ["E_KEY_KNOWN"]


@pytest.mark.parametrize("named", [NAME, "short"])
def test_a_key_written_behind_the_signature_is_not_trusted(ward: Ward, named):
    state = {"status": "trusted", "public_key": PUBLIC, "supplier": "Supplier", "by": "u-0002"}
    with ward.records.transaction(SYSTEM) as tx:
        tx.record("key.trust", "trusted_key", named, state)
    assert trusted_keys(ward.records) == set()


def test_a_trusted_key_under_another_s_name_is_not_trusted(ward: Ward):
    from printcare.records.signatures import sign
    from printcare.workflow.recipe.keys import MEANING

    for public_key in ("no key", "00" * 32):
        state = {"status": "trusted", "public_key": public_key, "supplier": "Supplier", "by": "u-0002"}
        with ward.records.transaction(SYSTEM) as tx:
            tx.record("key.trust", "trusted_key", NAME, state)
        sign(ward.records, "owner", PASSWORD, "process owner", MEANING, "trusted_key", NAME)
        assert trusted_keys(ward.records) == set()


def test_a_supplier_s_recipe_comes_in_as_a_draft_with_the_archive_as_it_came(ward: Ward):
    trust(ward)
    assert bring(ward) == "supplied/1"
    state = ward.records.get("recipe_version", "supplied/1")
    assert (state["status"], state["authors"]) == ("draft", [ward.people["author"].id])
    assert (state["origin"]["supplier"], state["origin"]["key"]) == ("Supplier", NAME)
    assert state["origin"]["ink"]["ink_id"] == state["content"]["ink"]["ink_id"]
    assert ward.records.kept("received_message", state["origin"]["bundle"]) == bundle()
    assert audit.verify(ward.records.url)["verdict"] in ("OK", "UNANCHORED")


def hostile():
    """Yield bundles signed by the right key whose members do not belong together, and others, with their codes."""
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    yield lambda: b"no archive", "BUNDLE_FORM"
    yield lambda: bundle(key=other), "BUNDLE_UNTRUSTED"
    yield lambda: bundle() + b"\0", "BUNDLE_FORM"
    yield lambda: bundle(named="supplied/2"), "E_BUNDLE_RECIPE"
    yield lambda: bundle(**{"ranges.json": b"{}"}), "E_BUNDLE_RANGES"
    yield lambda: bundle(**{"ink.toml": LOT_FILE.read_bytes().replace(b"paste-40", b"paste-41")}), "E_BUNDLE_INK"
    yield lambda: bundle(**{"ink.toml": SUPPLIED}), "E_BUNDLE_INK"
    yield lambda: bundle(**{"ink.toml": b"not = [toml"}), "FILE_NOT_TOML"
    yield lambda: bundle(**{"ink.toml": b'kind = "ink_lot"'}), "F_KEY_MISSING"
    yield lambda: bundle(**{"evidence/report.txt": b""}), "E_BUNDLE_EVIDENCE"


@pytest.mark.parametrize(("made", "code"), list(hostile()), ids=lambda value: value if isinstance(value, str) else "")
def test_whatever_is_wrong_with_a_bundle_nothing_of_it_is_kept(ward: Ward, made, code):
    trust(ward)
    assert code in codes(bring, ward, made())
    assert ward.records.get("recipe_version", "supplied/1") is None
    assert ward.records.all("received_message") == {}
    told = ward.records.events(action="bundle.import")[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", code)


def test_a_child_comes_with_its_platform_or_not_at_all(ward: Ward):
    trust(ward)
    child, platform = data_file("recipes", "minoxidil-capsule-low")[1], "minoxidil-capsule-fill"
    ink = LOT_FILE.with_name("lot-MX-2601-L.toml").read_bytes()
    assert codes(bring, ward, bundle(child, **{"ink.toml": ink})) == ["BUNDLE_MISSING"]
    parent = data_file("recipes/platforms", platform)[1]
    assert bring(ward, bundle(child, **{"ink.toml": ink, "platform.toml": parent})) == "minoxidil-capsule-low/1"


def test_a_version_that_is_on_record_is_not_imported_over(ward: Ward):
    trust(ward)
    bring(ward)
    assert codes(bring, ward) == ["E_VERSION_FIXED"]


def test_of_two_who_import_it_at_once_one_is_refused(ward: Ward, monkeypatch):
    trust(ward)
    real = bundles._known

    def slow(records, recipe):
        monkeypatch.setattr(bundles, "_known", real)
        bring(ward)  # the other one, in between
        return ()

    monkeypatch.setattr(bundles, "_known", slow)
    assert codes(bring, ward) == ["E_VERSION_FIXED"]
    told = ward.records.events(action="bundle.import")[-1].content
    assert (told["outcome"], told["object_id"]) == ("refused", "supplied/1")


def test_the_same_archive_is_kept_once(ward: Ward):
    trust(ward)
    bring(ward)
    state = ward.records.get("recipe_version", "supplied/1")
    assert list(ward.records.all("received_message")) == [state["origin"]["bundle"]]


def test_a_site_does_not_write_over_a_supplier_s_version(ward: Ward):
    trust(ward)
    bring(ward)
    changed = replace(read_recipe(SUPPLIED, "r"), title="Ours", digest="0" * 64)
    assert codes(versions.write, ward.records, ward.people["author"], changed) == ["E_VERSION_FIXED"]


def ours(**changes):
    made = replace(read_recipe(SUPPLIED, "r"), version=2, **changes)
    return replace(made, digest=digest(state_of(made)))


def test_a_site_s_wider_version_is_refused_by_the_path_of_each_key(ward: Ward):
    trust(ward)
    bring(ward)
    supplied = read_recipe(SUPPLIED, "r")
    wider = replace(supplied.unit_range, dose_mg=(Decimal(1), Decimal(50)))
    key = versions.write(ward.records, ward.people["author"], ours(unit_range=wider, beyond_use_days=Decimal(99)))
    with pytest.raises(Refused) as refused:
        moved(ward, key, "submit")
    told = {(finding.code, finding.where) for finding in refused.value.findings}
    assert told >= {("E_WIDENED", "unit_range.dose_mg"), ("E_WIDENED", "beyond_use_days")}


def test_a_site_s_narrower_version_goes_its_way(ward: Ward):
    trust(ward)
    bring(ward)
    narrow = replace(read_recipe(SUPPLIED, "r").unit_range, dose_mg=(Decimal(10), Decimal(40)))
    key = versions.write(ward.records, ward.people["author"], ours(unit_range=narrow))
    moved(ward, key, "submit", "validate", "approve")
    assert codes(moved, ward, key, "make_effective") == ["E_NOT_CONFIRMED", "E_PRODUCT_IN_FORCE"]


DOSES = {"low": "5", "middle": "20", "high": "40"}


def put_batches(ward: Ward, **changes):
    """Record nine judged batches of the supplied recipe, spread over people, cartridges and days."""
    recipe = ward.records.get("recipe_version", "supplied/1")
    ids = []
    for number in range(9):
        level = list(DOSES)[number // 3]
        ids.append(f"B-{level}-{number % 3}")
        state = {
            "status": "rehearsed",
            "prescription": "RX-1",
            "recipe": "supplied/1",
            "recipe_digest": recipe["digest"],
            "dose_per_unit_mg": DOSES[level],
            "operator": f"u-{number % 2}",
            "cartridge": f"C-{number % 2}",
            "outcome": "completed",
            "simulated": True,
        }
        ward.records.context.clock.now = ward.records.context.clock.now.replace(day=5 + number % 3)
        with ward.records.transaction(SYSTEM) as tx:
            tx.record("batch.planned", "batch", ids[-1], state | (changes if number == 0 else {}))
    now = ward.records.context.clock.now  # whoever works on another day has signed in anew
    ward.people.update({login: replace(account, began_at=now) for login, account in ward.people.items()})
    return ids


REPORTS = [LaboratoryReport(f"B-{level}-0", "Lab", "0" * 64) for level in DOSES]


def confirmed(ward: Ward, ids, who="author", reason=WHY, **named):
    confirm(ward.records, ward.people[who], PASSWORD, "supplied/1", ids, REPORTS, reason, **named)


def approved(ward: Ward):
    moved(ward, f"{RECIPE}/1", "retire")  # the supplier's takes its place
    trust(ward)
    moved(ward, bring(ward), "submit", "validate", "approve")


def test_a_supplier_s_recipe_counts_once_this_site_has_confirmed_it(ward: Ward):
    approved(ward)
    assert codes(moved, ward, "supplied/1", "make_effective") == ["E_NOT_CONFIRMED"]
    confirmed(ward, put_batches(ward))
    moved(ward, "supplied/1", "make_effective")
    assert effective_recipe(ward.records, read_recipe(SUPPLIED, "r")) == ()
    verification = ward.records.get("recipe_verification", "supplied/1")
    assert [batch["level"] for batch in verification["batches"]] == [level for level in DOSES for _ in range(3)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipe": "supplied/2"}, "E_CONFIRMATION_OTHER"),
        ({"recipe_digest": "0" * 64}, "E_CONFIRMATION_OTHER"),
        ({"status": "quarantined"}, "E_CONFIRMATION_OPEN"),
        ({"outcome": "failed"}, "E_CONFIRMATION_OPEN"),
    ],
)
def test_a_batch_of_another_recipe_or_not_judged_whole_confirms_nothing(ward: Ward, changes, code):
    approved(ward)
    assert codes(confirmed, ward, put_batches(ward, **changes)) == [code]


def test_a_verification_bears_a_reason_and_the_right_role(ward: Ward):
    approved(ward)
    ids = put_batches(ward)
    assert codes(confirmed, ward, ids, reason=" ") == ["E_REASON_MISSING"]
    assert codes(confirmed, ward, ids, who="operator") == ["NOT_PERMITTED"]
    assert codes(confirmed, ward, ["B-none"]) == ["E_CONFIRMATION_OTHER"]
    assert "E_CONFIRMATION_BATCHES" in codes(confirmed, ward, ids[:2])


def test_a_simulated_batch_confirms_a_demonstration_recipe_alone(ward: Ward):
    real = SUPPLIED.replace(b"demonstration = true", b"demonstration = false", 1)
    trust(ward)
    moved(ward, bring(ward, bundle(real)), "submit", "validate", "approve")
    assert set(codes(confirmed, ward, put_batches(ward))) == {"E_CONFIRMATION_SIMULATED"}


def test_a_verification_nobody_signed_confirms_nothing(ward: Ward):
    approved(ward)
    ids = put_batches(ward)
    confirmed(ward, ids)
    state = ward.records.get("recipe_verification", "supplied/1")
    with ward.records.transaction(SYSTEM) as tx:
        tx.record("verification.changed", "recipe_verification", "supplied/1", state | {"justification": "later"})
    assert codes(moved, ward, "supplied/1", "make_effective") == ["E_NOT_CONFIRMED"]


def export(ward: Ward, recipe=SHIPPED, who="owner", evidence=EVIDENCE, ink=None):
    ink = LOT_FILE.read_bytes() if ink is None else ink
    return export_bundle(ward.records, ward.people[who], recipe, [ink], evidence, "Us", PUBLIC, KEY.sign)


def test_what_is_approved_here_is_exported_the_way_it_is_imported(ward: Ward):
    read = read_bundle(export(ward), {NAME})
    assert (read.recipe, read.members["recipe.toml"]) == (f"{RECIPE}/1", SHIPPED)
    assert read.members["evidence/report.txt"] == EVIDENCE["report.txt"]
    assert ward.records.events(action="bundle.exported")[-1].content["new"]["sha256"] == read.sha256


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"recipe": SHIPPED.replace(b"retain = 1", b"retain = 2")}, "E_NOT_APPROVED"),
        ({"recipe": SUPPLIED}, "E_NOT_APPROVED"),
        ({"who": "author"}, "NOT_PERMITTED"),
        ({"evidence": {}}, "E_BUNDLE_EVIDENCE"),
        ({"ink": SHIPPED}, "E_BUNDLE_INK"),
    ],
)
def test_nothing_else_is_exported(ward: Ward, named, code):
    assert codes(export, ward, **named) == [code]


TWO = data_file("recipes", "spironolactone-hydrochlorothiazide-sse")[1].replace(
    b'id = "spirono', b'id = "supplied-spirono', 1
)
TWO_INKS = {
    "ink.toml": data_file("recipes/inks", "spironolactone-paste-50")[1],
    "ink-2.toml": data_file("recipes/inks", "hydrochlorothiazide-paste-50")[1],
}


def test_a_unit_of_two_drugs_comes_with_the_specification_of_both_inks(ward: Ward):
    trust(ward)
    key = bring(ward, bundle(TWO, **TWO_INKS))
    origin = ward.records.get("recipe_version", key)["origin"]
    assert origin["ink"]["id"] == "spironolactone-paste-50"
    assert [ink["id"] for ink in origin["further_inks"]] == ["hydrochlorothiazide-paste-50"]


@pytest.mark.parametrize(
    "inks",
    [
        {"ink-2.toml": b""},
        {"ink-2.toml": TWO_INKS["ink.toml"]},
        {"ink.toml": TWO_INKS["ink-2.toml"], "ink-2.toml": TWO_INKS["ink.toml"]},
        {"ink-3.toml": TWO_INKS["ink-2.toml"]},
    ],
)
def test_an_ink_missing_in_another_s_place_or_of_no_part_is_refused(ward: Ward, inks):
    trust(ward)
    assert set(codes(bring, ward, bundle(TWO, **(TWO_INKS | inks)))) == {"E_BUNDLE_INK"}
    assert ward.records.events(action="bundle.import")[-1].content["reason_code"] == "E_BUNDLE_INK"
    assert ward.records.all("recipe_version", recipe_id="supplied-spironolactone-hydrochlorothiazide-sse") == {}


def test_what_cannot_be_written_as_a_bundle_is_refused_as_an_event(ward: Ward):
    assert codes(export, ward, evidence={"../../report": b"x"}) == ["BUNDLE_NAME"]
    assert ward.records.events(action="bundle.export")[-1].content["reason_code"] == "BUNDLE_NAME"


def test_what_is_no_key_is_refused_as_an_event(ward: Ward):
    owner = ward.people["owner"]
    assert codes(trust_key, ward.records, owner, PASSWORD, "zz", NAME, "Supplier", WHY) == ["BUNDLE_KEY"]
    assert ward.records.events(action="key.trust")[-1].content["reason_code"] == "BUNDLE_KEY"


def test_a_version_numbered_before_the_supplier_s_is_no_way_around_its_ranges(ward: Ward):
    trust(ward)
    bring(ward, bundle(SUPPLIED.replace(b"version = 1", b"version = 5", 1)))
    wider = SUPPLIED.replace(b"dose_mg = [5, 40]", b"dose_mg = [5, 41]", 1)
    author = ward.people["author"]
    key = versions.write(ward.records, author, read_recipe(wider, "wider"))
    told = codes(versions.take, ward.records, author, PASSWORD, KIND, key, "submit", WHY)
    assert "E_WIDENED" in told
