"""A recipe that leaves a drug of its unit unweighed is for research only: no mode that releases plans it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from rehearsing import open_store

from printcare.domain.policy import LOCKED
from printcare.workflow.authority import Refused
from printcare.workflow.demonstration import Demonstration

TODAY = date(2026, 1, 5)


class Unweighed(Demonstration):
    """A demonstration whose recipe weighs nothing."""

    @property
    def recipe(self):
        """Return the shipped recipe as one for research."""
        return replace(super().recipe, research_only=True)


@pytest.mark.hazard("HZ-12")
def test_a_recipe_for_research_is_never_planned_where_it_could_be_released(tmp_path, cheap_passwords):
    with open_store(tmp_path) as records:
        show = Unweighed(records, TODAY)
        show.set_up()
        order = show.receive(show.message())
        calculated = show.calculate(order)
        show.policy = LOCKED
        with pytest.raises(Refused) as refused:
            show.verify_and_plan(order, calculated)
        assert "E_RESEARCH_ONLY" in [finding.code for finding in refused.value.findings]
        assert records.all("batch") == {}
