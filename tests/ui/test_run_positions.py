"""The run page names a unit as the record does, also where a keep-out left positions of the tray out."""

import pytest

from printcare.errors import PrintcareError
from printcare.ui.run_plan import recorded_run_plan

BATCH = {
    "recipe": "cyclophosphamide-sse/1",
    "profile": "marlin-syringe",
    "units": 3,
    "accepted_mg": ["401.9", "448.1"],
    "dose_per_unit_mg": "17",
    "target_mass_mg": "425",
    "predicted_kpa": "128.0",
    "lot": "CP-2601-A",
    "cartridge": "CP-2601-A-07",
}


class Recorded:
    """Rows of a record by table and key."""

    def __init__(self, positions):
        self.rows = {("batch", "B-0001"): BATCH}
        self.rows |= {
            ("unit", f"B-0001/{index:02d}"): {"position": name} for index, name in enumerate(positions, start=1)
        }

    def get(self, table, key):
        """Return a row, or None."""
        return self.rows.get((table, key))


def test_a_unit_is_named_by_the_position_it_was_planned_on():
    assert recorded_run_plan(Recorded(["A1", "A3", "B2"]), "B-0001").positions == ("A1", "A3", "B2")


def test_a_unit_without_a_row_is_never_given_a_name():
    with pytest.raises(PrintcareError) as raised:
        recorded_run_plan(Recorded(["A1", "A3"]), "B-0001")
    assert raised.value.code == "BATCH_UNIT_MISSING"
