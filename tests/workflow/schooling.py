"""Everybody of a record trained in every deed that is of no recipe or printer: what a locked site asks first."""

from __future__ import annotations

from printcare.domain.people import SYSTEM
from printcare.domain.training import MODULES, PASSED, Trained
from printcare.workflow.site.training import row_of


def train_everybody(records):
    """Record each account's trainings at once; who assesses whom is tested where trainings are entered."""
    read_at = records.context.clock()
    modules = [module.name for module in MODULES if not module.of_recipe and not module.of_printer]
    with records.transaction(SYSTEM) as tx:
        for person in records.all("account"):
            for module in modules:
                made = Trained(person, module, "", "", "1", "quality", read_at, PASSED, "as the plan says")
                tx.record("training.recorded", "training", made.key, row_of(made))
