"""The recipe a recorded batch was made by, found again by its id and held to its digest."""

from __future__ import annotations

from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.recipe import load_recipe
from printcare.records.store import Store
from printcare.workflow.paper.labels import batch_state


def recipe_of(records: Store, batch_id: str) -> MasterRecipe:
    """Return the recipe of a batch; raises PrintcareError BATCH_UNKNOWN, or PLAN_DIFFERS for a changed file."""
    state = batch_state(records, batch_id)
    recipe = load_recipe(str(state["recipe"]).rpartition("/")[0])
    if recipe.digest != state["recipe_digest"]:
        told = f"The recipe {recipe.id} is not the one batch {batch_id} was made by."
        raise PrintcareError("PLAN_DIFFERS", told, "Use the program and the recipes the batch was made with.")
    return recipe
