"""Who may do what."""

import pytest

from printcare.domain import people
from printcare.domain.people import PERMISSIONS, Role, may


def test_there_are_nine_roles_and_each_has_its_row():
    assert len(Role) == 9
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(
    ("command", "roles"),
    [
        ("batch.start", {"operator"}),
        ("order.verify", {"pharmacist"}),
        ("batch.release", {"releaser"}),
        ("batch.rehearse", {"releaser"}),
        ("batch.reject", {"releaser"}),
        ("recipe.approve", {"process owner"}),
        ("dosing_rule.approve", {"process owner"}),
        ("recipe.submit", {"formulation scientist"}),
        ("printer.qualify", {"maintainer"}),
        ("account.manage", {"administrator"}),
        ("audit.review", {"quality"}),
        ("order.receive", {"operator", "pharmacist"}),
        ("batch.recover", {"operator", "quality"}),
    ],
)
def test_a_command_is_permitted_to_its_roles_and_to_no_other(command, roles):
    assert {role.value for role in Role if may([role], command)} == roles


def test_what_is_not_in_the_table_is_refused():
    assert not may(Role, "batch.erase")
    assert not may(["owner"], "batch.start")
    assert not may([], "record.read")


def test_several_roles_permit_what_any_of_them_does():
    assert may(["auditor", "operator"], "batch.start")


def test_a_refusal_names_the_role_that_is_needed():
    refused = people.refusal(["operator"], "batch.release")
    assert refused is not None
    assert refused.code == "NOT_PERMITTED"
    assert "releaser" in refused.reason
    assert people.refusal(["releaser"], "batch.release") is None
    assert "nobody" in people.refusal([], "batch.erase").reason


@pytest.mark.parametrize("role", ["operator", "pharmacist", "releaser", "process owner", "formulation scientist"])
def test_an_administrator_never_prints_verifies_approves_or_releases(role):
    assert people.together(["administrator", role]).code == "ROLES_CLASH"
    assert people.together([role, "quality"]) is None
    assert people.together(["administrator"]) is None


def test_the_operator_of_a_batch_never_decides_on_it():
    assert people.release_by("u-1", {"u-1", "u-2"}).code == "OPERATOR_RELEASES"
    assert people.release_by("u-3", {"u-1", "u-2"}) is None


def test_an_author_never_approves():
    assert people.approval_by("u-1", ["u-1"]).code == "AUTHOR_APPROVES"
    assert people.approval_by("u-2", ["u-1"]) is None


def test_a_second_person_is_another_person():
    assert people.second_person("u-1", "u-1").code == "SAME_PERSON"
    assert people.second_person("u-1", "u-2") is None


def test_nobody_reviews_the_trail_of_their_own_work():
    assert people.audit_review_by("u-1", ["u-1"]).code == "AUDITEE_REVIEWS"
    assert people.audit_review_by("u-2", ["u-1"]) is None
