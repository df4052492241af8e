"""A domain object comes back from the record as it went in, or is refused."""

from __future__ import annotations

import json

import pytest

from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.find import ids
from printcare.formats.recipe import load_recipe
from printcare.workflow.states import object_of, state_of


@pytest.mark.parametrize("recipe_id", ids("recipes"))
def test_every_shipped_recipe_comes_back_from_its_recorded_content(recipe_id):
    recipe = load_recipe(recipe_id)
    assert object_of(MasterRecipe, json.loads(json.dumps(state_of(recipe)))) == recipe


def test_what_an_older_program_did_not_write_takes_its_default():
    recipe = load_recipe("cyclophosphamide-sse")
    content = {name: value for name, value in state_of(recipe).items() if name != "further"}
    assert object_of(MasterRecipe, content) == recipe


@pytest.mark.parametrize(
    "change", [{"colour": "red"}, {"hold_max_min": "many"}, {"product": None}, {"unit_range": {"dose_mg": ["5"]}}]
)
def test_content_this_program_cannot_read_is_refused(change):
    with pytest.raises(PrintcareError, match="STATE_UNREADABLE"):
        object_of(MasterRecipe, state_of(load_recipe("cyclophosphamide-sse")) | change)
