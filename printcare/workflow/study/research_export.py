"""What leaves the workbench: an experiment as a table, traces of units over one another, and data for learning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import error
from printcare.formats.curve_figure import curves_svg
from printcare.formats.dose_accuracy import DICTIONARY as ACCURACY
from printcare.formats.research_table import Dictionary, Row, Value, table_csv, table_dictionary, table_parquet
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.batch.plan import units_of
from printcare.workflow.paper.publish import numbered_rows
from printcare.workflow.study.experiments import TABLE, experiment_of, last_value

EXPORT = "research.export"
OUTCOME = "outcome"
MOST_UNITS = 50
TRACE: Dictionary = {
    "batch": ("", "batch the unit belongs to"),
    "unit": ("", "order of printing within the batch"),
    "sensor": ("", "device and unit of the reading"),
    "at_s": ("s", "process time since the unit's first reading"),
    "value": ("see sensor", "the reading"),
    "flag": ("", "the device's own word on it"),
}
OF_LEARNING: Dictionary = {
    "is_out_of_specification": (
        "",
        "true where a laboratory result of the batch is out of specification; kept, not dropped",
    ),
    "laboratory": ("", "tests of the batch with their values, drug/test=value unit, in the order they were entered"),
    "pressure_mean_kpa": ("kPa", "mean over the unit"),
    "pressure_max_kpa": ("kPa", "highest of the unit"),
    "temperature_mean_c": ("degC", "mean over the unit"),
    "flow_mm3_s": ("mm3/s", "as fed, over the beads"),
    "speed_mm_s": ("mm/s", "of the nozzle, over the beads"),
    "dwell_s": ("s", "from the printer's rest to the first weighing"),
    "seconds": ("s", "process time of the unit"),
}
_UNIT_FIGURES = [name for name in OF_LEARNING if name not in ("is_out_of_specification", "laboratory")]


def experiment_files(records: Store, account: Account, key: str, *, parquet: bool) -> dict[str, bytes]:
    """Return an experiment as a table of one row a run, every result with its flag, and its dictionary."""
    allowed(records, account, "record.read")
    state = experiment_of(records, key)
    dictionary: dict[str, tuple[str, str]] = {
        "run": ("", "order of printing"),
        "block": ("", "cartridge"),
        "is_centre": ("", "a run at the middle of all factors"),
        "state": ("", "queued, printed or failed"),
        "batch": ("", "batch it was printed as"),
        **{each["path"]: (each["unit"], "factor: setting of the run") for each in state["factors"]},
    }
    for each in state["responses"]:
        ends = f"{each['low'] or 'no limit'} to {each['high'] or 'no limit'}"
        dictionary[each["name"]] = (each["unit"], f"response, limits {ends}; the last value entered")
        dictionary[f"{each['name']}_is_out"] = ("", "true where that value is outside its limits; kept")
        dictionary[f"{each['name']}_values"] = ("", "every value entered, the one that counts last")
    rows = [_run_row(state, run) for run in state["runs"]]
    return _files("experiment", rows, dictionary, parquet=parquet)


def trace_files(
    records: Store, account: Account, units: Sequence[str], sensor: str, *, parquet: bool
) -> dict[str, bytes]:
    """Return the readings of units (`B-0001/01`) on one time axis, each from its first reading, with a figure.

    Raises Refused E_TRACE_NONE for a unit without readings of that sensor.
    """
    laid = overlaid(records, account, units, sensor)
    rows: list[Row] = [
        {
            "batch": unit.rpartition("/")[0],
            "unit": unit.rpartition("/")[2],
            "sensor": sensor,
            "at_s": at_s,
            "value": value,
            "flag": flag,
        }
        for unit, found in laid.items()
        for at_s, value, flag in found
    ]
    curves = {unit: [(float(at_s), float(value)) for at_s, value, _ in found] for unit, found in laid.items()}
    files = _files("traces", rows, TRACE, parquet=parquet)
    return files | {
        "traces.svg": curves_svg(curves, f"{sensor} of {len(curves)} units", "s since the first reading", sensor)
    }


def overlaid(
    records: Store, account: Account, units: Sequence[str], sensor: str
) -> dict[str, list[tuple[Decimal, Decimal, str]]]:
    """Return the readings of units by name: seconds since the unit's first one, value and flag.

    Raises Refused E_TRACE_NONE, recorded, for a unit without readings of that sensor.
    """
    actor = allowed(records, account, "record.read")
    laid = {}
    for unit in units[:MOST_UNITS]:
        found = _readings(records, unit, sensor)
        if not found:
            told = f"Unit {unit} has no readings of {sensor} on record."
            stops = (error("E_TRACE_NONE", told, "Name units as BATCH/NUMBER, and a sensor of theirs.", "unit"),)
            refuse(records, actor, "record.read", "unit", unit, stops)
            raise Refused(stops)
        laid[unit] = [(at_s - found[0][0], value, flag) for at_s, value, flag in found]
    return laid


def add_outcome(
    records: Store, account: Account, batch_id: str, field: str, value: str, unit: str, meaning: str
) -> None:
    """Add a pseudonymous outcome of a batch, as a site found it; what it means stands with it.

    Raises Refused, recorded, for an unknown batch or a field without meaning. Nobody's name belongs here.
    """
    actor = allowed(records, account, EXPORT)
    key, stops = f"O-{batch_id}/{field}", []
    if records.get("batch", batch_id) is None:
        stops.append(error("E_BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.", "batch"))
    if not (field.isidentifier() and value.strip() and meaning.strip()):
        told = "An outcome is a field named by one word, a value, and what it means."
        stops.append(error("E_OUTCOME", told, "Name all three.", "field"))
    if stops:
        refuse(records, actor, EXPORT, TABLE, key, tuple(stops))
        raise Refused(tuple(stops))
    row = {"status": "entered", "kind": OUTCOME, "batch": batch_id, "field": field, "value": value}
    with records.transaction(actor) as tx:
        tx.record("outcome.entered", TABLE, key, row | {"unit": unit, "meaning": meaning, "by": account.id})


def learning_files(records: Store, account: Account, *, parquet: bool) -> dict[str, bytes]:
    """Return one row a drug of every unit of every decided batch: production, laboratory, flags and outcomes joined.

    Batches and site are numbered and named as in the export of dose accuracy, without anybody and any day in it. The
    export is an event with its digests.
    """
    actor = allowed(records, account, EXPORT)
    outcomes = list(records.all(TABLE, kind=OUTCOME).values())
    dictionary = {**ACCURACY, **OF_LEARNING}
    dictionary |= {
        f"outcome_{each['field']}": (each["unit"], f"outcome of the batch: {each['meaning']}") for each in outcomes
    }
    rows: list[Row] = []
    for batch_id, accuracy in numbered_rows(records):
        of_batch = _of_batch(records, batch_id) | {
            f"outcome_{each['field']}": each["value"] for each in outcomes if each["batch"] == batch_id
        }
        figures = {row["index"]: row for row in units_of(records, batch_id)}
        for each in accuracy:
            own = {name: _number(figures[each.unit].get(name)) for name in _UNIT_FIGURES}
            rows.append({name: getattr(each, name) for name in ACCURACY} | of_batch | own)
    files = _files("learning", rows, dictionary, parquet=parquet)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    with records.transaction(actor) as tx:
        tx.record("research.exported", "export", "learning", {"rows": len(rows), "sha256": digests})
    return files


def _of_batch(records: Store, batch_id: str) -> dict[str, Value]:
    found = [state["result"] for state in records.all("laboratory_result", batch_id=batch_id).values()]
    out = records.all("investigation", batch_id=batch_id)
    told = "; ".join(f"{each['drug']}/{each['test']}={' '.join(each['values'])} {each['unit']}" for each in found)
    return {"is_out_of_specification": bool(out), "laboratory": told or None}


def _files(name: str, rows: Sequence[Row], dictionary: Dictionary, *, parquet: bool) -> dict[str, bytes]:
    files = {f"{name}.csv": table_csv(rows, dictionary), f"{name}-dictionary.csv": table_dictionary(dictionary)}
    return files | ({f"{name}.parquet": table_parquet(rows, dictionary)} if parquet else {})


def _run_row(state: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Value]:
    row: dict[str, Value] = {
        "run": run["number"],
        "block": run["block"],
        "is_centre": run["is_centre"],
        "state": run["status"],
        "batch": run["batch"],
    }
    for factor, value in zip(state["factors"], run["settings"], strict=True):
        row[factor["path"]] = Decimal(value)
    for response in state["responses"]:
        name, kept = response["name"], run["results"].get(response["name"], ())
        row |= {
            name: last_value(run, name),
            f"{name}_is_out": kept[-1]["is_out"] if kept else None,
            f"{name}_values": " ".join(each["value"] for each in kept) or None,
        }
    return row


def _readings(records: Store, unit: str, sensor: str) -> list[tuple[Decimal, Decimal, str]]:
    found = []
    for key, state in records.all("reading_block", batch_id=unit.rpartition("/")[0]).items():
        if (state["unit_id"], state["sensor"]) == (unit, sensor):
            for line in (records.kept("reading_block", key) or b"").decode("ascii").splitlines():
                at_s, value, flag = json.loads(line)
                found.append((Decimal(at_s), Decimal(value), flag))
    return sorted(found)


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
