"""A version is moved by signatures of the right people, and counts from its date until the next one's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from ward import PASSWORD, RECIPE, Ward

from printcare.domain.canonical import digest
from printcare.domain.people import SYSTEM
from printcare.domain.policy import REHEARSAL, RESEARCH
from printcare.errors import PrintcareError
from printcare.formats.recipe import load_recipe
from printcare.records import audit
from printcare.records.signatures import sign, signatures_of
from printcare.workflow.authority import Refused
from printcare.workflow.mode import switch
from printcare.workflow.recipe import versions
from printcare.workflow.recipe.approvals import effective_recipe, effective_recipe_of
from printcare.workflow.recipe.controlled import RECIPE as KIND
from printcare.workflow.recipe.controlled import key_of, version, versions_of
from printcare.workflow.states import state_of

WHY = "compared with its source"


def second(**changes):
    """Return a second version of the shipped recipe, digest and all."""
    made = replace(load_recipe(RECIPE), version=2, **changes)
    return replace(made, digest=digest(state_of(made)))


def moved(ward: Ward, key: str, *verbs: str, who: str = "owner", **named):
    for verb in verbs:
        versions.take(ward.records, ward.people[who], PASSWORD, KIND, key, verb, WHY, **named)


def submitted(ward: Ward, recipe) -> str:
    key = versions.write(ward.records, ward.people["author"], recipe)
    moved(ward, key, "submit", who="author")
    return key


def codes(call, *given, **named):
    with pytest.raises(Refused) as refused:
        call(*given, **named)
    return [finding.code for finding in refused.value.findings]


def objections(ward: Ward, recipe):
    return [finding.code for finding in effective_recipe(ward.records, recipe)]


def test_an_effective_recipe_bears_the_signature_of_each_of_its_moves(ward: Ward):
    signed = signatures_of(ward.records, "recipe_version", f"{RECIPE}/1")
    assert [(each.role, each.meaning) for each in signed] == [
        ("formulation scientist", "submitted for validation"),
        ("process owner", "accepted for validation"),
        ("process owner", "approved"),
        ("process owner", "made effective"),
    ]
    assert objections(ward, load_recipe(RECIPE)) == []


def test_an_inspector_reads_the_whole_content_in_the_record(ward: Ward):
    recipe = load_recipe(RECIPE)
    state = version(ward.records, KIND, key_of(recipe))
    assert (state["content"], state["digest"]) == (state_of(recipe), recipe.digest)


def test_each_move_says_why(ward: Ward):
    found = ward.records.events(object_type="recipe_version", object_id=f"{RECIPE}/1")
    assert [event.content["reason_text"] for event in found] == [None, WHY, WHY, WHY, WHY]


def test_a_move_without_a_reason_is_refused(ward: Ward):
    key = submitted(ward, second())
    assert codes(versions.take, ward.records, ward.people["owner"], PASSWORD, KIND, key, "validate", " ") == [
        "E_REASON_MISSING"
    ]


@pytest.mark.parametrize(
    ("verbs", "code"),
    [
        ((), "E_VERSION_SUBMITTED"),
        (("validate",), "E_VERSION_IN_VALIDATION"),
        (("validate", "approve"), "E_VERSION_NOT_EFFECTIVE"),
        (("refuse",), "E_VERSION_REFUSED"),
        (("return",), "E_VERSION_DRAFT"),
        (("validate", "approve", "make_effective", "retire"), "E_VERSION_RETIRED"),
    ],
)
def test_a_version_on_its_way_makes_no_job(ward: Ward, verbs, code):
    recipe = second()
    moved(ward, submitted(ward, recipe), *verbs)
    assert objections(ward, recipe) == [code]


def test_an_author_withdraws_what_is_not_yet_judged(ward: Ward):
    recipe = second()
    moved(ward, submitted(ward, recipe), "withdraw", who="author")
    assert objections(ward, recipe) == ["E_VERSION_WITHDRAWN"]


def test_a_later_version_supersedes_the_earlier_under_one_signature(ward: Ward):
    first, recipe = load_recipe(RECIPE), second(title="Another title")
    key = submitted(ward, recipe)
    moved(ward, key, "validate", "approve", "make_effective")
    assert (objections(ward, first), objections(ward, recipe)) == (["E_VERSION_SUPERSEDED"], [])
    rows = versions_of(ward.records, KIND, RECIPE)
    assert [row["status"] for row in rows.values()] == ["superseded", "effective"]
    assert rows[key]["supersedes"] == [{"key": f"{RECIPE}/1", "sha256": digest(rows[f"{RECIPE}/1"])}]
    assert audit.verify(ward.records.url)["verdict"] in ("OK", "UNANCHORED")


def test_a_date_ahead_leaves_the_earlier_in_force_until_it_comes(ward: Ward):
    first, recipe = load_recipe(RECIPE), second()
    begins = datetime(2026, 1, 7, tzinfo=UTC)
    key = submitted(ward, recipe)
    moved(ward, key, "validate", "approve")
    moved(ward, key, "make_effective", effective_from=begins)
    assert (objections(ward, first), objections(ward, recipe)) == ([], ["E_VERSION_NOT_YET"])
    ward.records.context.clock.now = begins
    assert (objections(ward, first), objections(ward, recipe)) == (["E_VERSION_SUPERSEDED"], [])


def test_of_three_versions_never_two_count_at_once(ward: Ward):
    recipes = [load_recipe(RECIPE), second(), replace(second(), version=3, digest="3" * 64)]
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (9, 7)]  # the third begins before the second would have
    for recipe, begins in zip(recipes[1:], days, strict=True):
        key = submitted(ward, recipe)
        moved(ward, key, "validate", "approve")
        moved(ward, key, "make_effective", effective_from=begins)
    for day, counting in ((6, [True, False, False]), (8, [False, False, True]), (10, [False, False, True])):
        ward.records.context.clock.now = datetime(2026, 1, day, tzinfo=UTC)
        assert [objections(ward, recipe) == [] for recipe in recipes] == counting


def test_nothing_becomes_effective_for_what_was_done_already(ward: Ward):
    key = submitted(ward, second())
    moved(ward, key, "validate", "approve")
    past = ward.records.context.clock() - timedelta(days=1)
    assert codes(moved, ward, key, "make_effective", effective_from=past) == ["E_EFFECTIVE_PAST"]


def with_both_roles(ward: Ward):
    """Give the owner the author's role as well, in the record, and return their new session."""
    owner = ward.people["owner"]
    with ward.records.transaction(SYSTEM) as tx:
        both = (tx.get("account", owner.id) or {}) | {"roles": ["process owner", "formulation scientist"]}
        tx.record("account.roles_changed", "account", owner.id, both)
    return replace(owner, roles=tuple(both["roles"]))


def test_an_author_approves_nothing_not_even_as_process_owner(ward: Ward):
    both = with_both_roles(ward)
    key = versions.write(ward.records, both, second())
    moved(ward, key, "submit", who="author")
    for verb in ("validate", "refuse", "return"):
        assert codes(moved, ward, key, verb) == ["AUTHOR_APPROVES"]


def test_who_changes_a_draft_is_its_author_too(ward: Ward):
    key = versions.write(ward.records, ward.people["author"], second())
    both = with_both_roles(ward)
    versions.write(ward.records, both, second(title="Corrected"))
    state = version(ward.records, KIND, key)
    assert state["authors"] == sorted([ward.people["author"].id, ward.people["owner"].id])
    assert state["content"]["title"] == "Corrected"


def test_the_same_draft_written_again_changes_nothing(ward: Ward):
    versions.write(ward.records, ward.people["author"], second())
    before = ward.records.head()
    versions.write(ward.records, ward.people["author"], second())
    assert ward.records.head() == before


def test_what_people_signed_for_is_not_written_over(ward: Ward):
    key = submitted(ward, second())
    assert codes(versions.write, ward.records, ward.people["author"], second(title="New")) == ["E_VERSION_FIXED"]
    assert version(ward.records, KIND, key)["content"]["title"] == load_recipe(RECIPE).title


def test_the_approver_signs_the_difference_to_what_is_effective(ward: Ward):
    parameters = load_recipe(RECIPE).parameters
    warm = replace(parameters.cartridge_c, normal=(Decimal("37.5"), Decimal("38.5")))
    key = submitted(ward, second(parameters=replace(parameters, cartridge_c=warm)))
    moved(ward, key, "validate", "approve")
    difference = version(ward.records, KIND, key)["difference"]
    assert difference["against"] == f"{RECIPE}/1"
    assert difference["sha256"] == digest(difference["changes"])
    assert difference["changes"] == [
        {
            "path": "parameters.cartridge_c.normal",
            "old": ["37", "39"],
            "new": ["37.5", "38.5"],
            "unit": "degC",
            "effect": "narrower",
        }
    ]


def test_a_difference_approved_against_another_version_counts_no_more(ward: Ward):
    key, later = submitted(ward, second()), submitted(ward, replace(second(), version=3, digest="3" * 64))
    for each in (key, later):
        moved(ward, each, "validate", "approve")
    moved(ward, key, "make_effective")
    assert codes(moved, ward, later, "make_effective") == ["E_DIFFERENCE_OLD"]


def test_a_recipe_no_printer_can_make_is_written_down_and_never_submitted(ward: Ward):
    key = versions.write(ward.records, ward.people["author"], second(printer_classes=("no-such-printer",)))
    assert codes(moved, ward, key, "submit", who="author") == ["F_SENSE_CLASS"]


def test_a_refused_move_is_an_event_of_the_record(ward: Ward):
    key = submitted(ward, second())
    codes(moved, ward, key, "make_effective")
    told = ward.records.events(action="recipe.make_effective")[-1].content
    assert (told["outcome"], told["reason_code"], told["object_id"]) == ("refused", "E_LIFE_MOVE", key)


def test_a_version_nobody_wrote_is_none(ward: Ward):
    assert codes(moved, ward, f"{RECIPE}/9", "retire") == ["E_VERSION_UNKNOWN"]


def test_a_changed_byte_is_an_unapproved_recipe_even_with_the_old_digest(ward: Ward):
    recipe = load_recipe(RECIPE)
    assert objections(ward, replace(recipe, digest="0" * 64)) == ["E_APPROVAL_BROKEN"]
    assert objections(ward, replace(recipe, beyond_use_days=Decimal(365))) == ["E_APPROVAL_BROKEN"]
    assert effective_recipe_of(ward.records, key_of(recipe), recipe.digest) == ()
    assert effective_recipe_of(ward.records, key_of(recipe), "0" * 64)[0].code == "E_APPROVAL_BROKEN"


def put(ward: Ward, action: str, state) -> None:
    with ward.records.transaction(SYSTEM) as tx:
        tx.record(action, "recipe_version", f"{RECIPE}/2", state)


@pytest.mark.parametrize("status", ["effective", "in validation"])
def test_a_state_no_signature_made_is_none(ward: Ward, status):
    recipe = second()
    state = version(ward.records, KIND, submitted(ward, recipe))
    action = "recipe.make_effective" if status == "effective" else "recipe.validate"
    put(ward, action, state | {"status": status, "effective_from": "2026-01-05T08:00:00.000Z"})
    if status == "in validation":
        moved(ward, f"{RECIPE}/2", "approve", "make_effective")
    assert objections(ward, recipe) == ["E_APPROVAL_UNSIGNED"]


@pytest.mark.parametrize(
    ("login", "role", "meaning"),
    [
        ("author", "formulation scientist", "made effective"),
        ("owner", "process owner", "seen"),
    ],
)
def test_a_signature_of_another_role_or_meaning_makes_nothing_effective(ward: Ward, login, role, meaning):
    recipe = second()
    key = submitted(ward, recipe)
    moved(ward, key, "validate", "approve")
    state = version(ward.records, KIND, key) | {
        "status": "effective",
        "effective_from": "2026-01-05T08:00:00.000Z",
    }
    step = (("recipe.make_effective", state),)
    sign(ward.records, login, PASSWORD, role, meaning, "recipe_version", key, becoming=step)
    assert objections(ward, recipe) == ["E_APPROVAL_UNSIGNED"]


def test_a_version_that_became_superseded_without_the_later_one_s_signature_is_broken(ward: Ward):
    recipe = load_recipe(RECIPE)
    state = version(ward.records, KIND, key_of(recipe))
    later = "2027-01-01T00:00:00.000Z"
    key = submitted(ward, second())
    with ward.records.transaction(SYSTEM) as tx:
        superseded = {"status": "superseded", "superseded_by": key, "effective_until": later}
        tx.record("recipe.superseded", "recipe_version", key_of(recipe), state | superseded)
    assert objections(ward, recipe) == ["E_APPROVAL_UNSIGNED"]


@pytest.mark.parametrize("change", [{"content": {}}, {"digest": "0" * 64}])
def test_a_content_exchanged_between_two_moves_is_signed_by_nobody(ward: Ward, change):
    recipe = second()
    key = submitted(ward, recipe)
    put(ward, "recipe.exchanged", version(ward.records, KIND, key) | change)
    put(
        ward,
        "recipe.exchanged",
        version(ward.records, KIND, key) | {"content": state_of(recipe), "digest": recipe.digest},
    )
    moved(ward, key, "validate", "approve", "make_effective")
    assert objections(ward, recipe) == ["E_APPROVAL_UNSIGNED"]


def test_what_another_signed_meanwhile_is_looked_at_before_this_is(ward: Ward, monkeypatch):
    key = submitted(ward, second())
    moved(ward, key, "validate", "approve")
    real = versions.sign

    def slow(*given, **named):
        monkeypatch.setattr(versions, "sign", real)
        moved(ward, f"{RECIPE}/1", "retire")  # while this password is being checked
        return real(*given, **named)

    monkeypatch.setattr(versions, "sign", slow)
    with pytest.raises(PrintcareError, match="SIGNED_STATE_CHANGED"):
        moved(ward, key, "make_effective")
    assert version(ward.records, KIND, key)["status"] == "approved"


def test_what_is_in_validation_is_rehearsed_and_never_printed_in_locked_mode(ward: Ward):
    recipe = second()
    moved(ward, submitted(ward, recipe), "validate")
    assert objections(ward, recipe) == ["E_VERSION_IN_VALIDATION"]
    switch(ward.records, ward.people["owner"], PASSWORD, REHEARSAL, WHY)
    assert objections(ward, recipe) == []


def test_research_works_with_drafts_and_files_and_never_with_what_was_withdrawn(ward: Ward):
    recipe, unknown = second(), replace(load_recipe(RECIPE), version=7)
    key = submitted(ward, recipe)
    switch(ward.records, ward.people["owner"], PASSWORD, RESEARCH, WHY)
    assert objections(ward, recipe) == objections(ward, unknown) == []
    assert objections(ward, replace(recipe, digest="0" * 64)) == []
    moved(ward, key, "withdraw", who="author")
    assert objections(ward, recipe) == ["E_VERSION_WITHDRAWN"]


@pytest.mark.parametrize(("done", "verb"), [(("validate",), "approve"), (("validate", "approve"), "make_effective")])
def test_the_printers_of_the_day_decide_whether_a_recipe_makes_sense_and_not_those_of_its_draft(
    ward: Ward, monkeypatch, done, verb
):
    key = submitted(ward, second())
    moved(ward, key, *done)
    monkeypatch.setattr(versions, "shipped_profiles", tuple)
    owner = ward.people["owner"]
    assert "F_SENSE_CLASS" in codes(versions.take, ward.records, owner, PASSWORD, KIND, key, verb, WHY)
    told = ward.records.events(action=f"recipe.{verb}")[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", "F_SENSE_CLASS")


def test_a_version_that_is_not_on_record_is_refused_as_an_event(ward: Ward):
    owner = ward.people["owner"]
    assert codes(versions.take, ward.records, owner, PASSWORD, KIND, "none/7", "approve", WHY) == ["E_VERSION_UNKNOWN"]
    told = ward.records.events(action="recipe.approve")[-1].content
    assert (told["outcome"], told["object_id"]) == ("refused", "none/7")


def test_one_recipe_at_a_time_makes_a_product_of_an_ink_at_this_site(ward: Ward):
    rival = replace(load_recipe(RECIPE), id="rival")
    key = submitted(ward, replace(rival, digest=digest(state_of(rival))))
    moved(ward, key, "validate", "approve")
    owner = ward.people["owner"]
    told = codes(versions.take, ward.records, owner, PASSWORD, KIND, key, "make_effective", WHY)
    assert told == ["E_PRODUCT_IN_FORCE"]
    moved(ward, f"{RECIPE}/1", "retire")
    moved(ward, key, "make_effective")
    assert ward.records.get("recipe_version", key)["status"] == "effective"


def test_two_strengths_of_a_product_from_two_inks_are_in_force_side_by_side(ward: Ward):
    other = load_recipe(RECIPE)
    other = replace(other, id="stronger", ink=replace(other.ink, ink_id="another-paste"))
    key = submitted(ward, replace(other, digest=digest(state_of(other))))
    moved(ward, key, "validate", "approve", "make_effective")
    both = [f"{RECIPE}/1", key]
    assert [ward.records.get("recipe_version", each)["status"] for each in both] == ["effective"] * 2
