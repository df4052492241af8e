"""Production, laboratory, flags and outcomes leave the record as one table, with nobody and no batch number in it."""

from __future__ import annotations

import csv
import io

import pytest
from printed_house import BATCH, ORDER, PATIENT, printed

from printcare.domain.people import SYSTEM
from printcare.workflow.authority import Refused
from printcare.workflow.study.research_export import add_outcome, learning_files


@pytest.fixture
def house(tmp_path, cheap_passwords):
    """Return a record with one released batch that the laboratory is investigating."""
    made = printed(tmp_path, "released")
    with made.records.transaction(SYSTEM) as tx:
        result = {"drug": "d", "test": "water", "values": ["7.1"], "unit": "%"}
        tx.record(
            "laboratory.entered",
            "laboratory_result",
            f"{BATCH}/L1",
            {"batch_id": BATCH, "status": "checked", "result": result},
        )
        tx.record("investigation.opened", "investigation", f"{BATCH}/L1/I1", {"batch_id": BATCH, "status": "open"})
    yield made
    made.records.close()


def test_units_results_flags_and_outcomes_stand_in_one_row_without_anybody(house):
    quality = house.people["quinn"]
    add_outcome(house.records, quality, BATCH, "effect", "as expected", "", "the ward's word after a week")
    files = learning_files(house.records, quality, parquet=False)
    rows = list(csv.DictReader(io.StringIO(files["learning.csv"].decode())))
    assert rows
    for row in rows:
        told = (row["is_out_of_specification"], row["laboratory"], row["outcome_effect"])
        assert told == ("true", "d/water=7.1 %", "as expected")
    assert set(rows[0]) == {line.split(",")[0] for line in files["learning-dictionary.csv"].decode().splitlines()[1:]}
    for name in (BATCH, ORDER, PATIENT):
        assert name.encode() not in files["learning.csv"]
    assert house.records.events(action="research.exported")[-1].content["new"]["rows"] == len(rows)


def test_an_operator_exports_nothing(house):
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        learning_files(house.records, house.people["ada"], parquet=False)
