"""What the page Experiment asks for, each on its own function of the workflow; it says in words what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from printcare.domain.checks import error
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.extrusion.designs import Factor
from printcare.formats.find import data_file
from printcare.formats.recipe import load_recipe
from printcare.ui.forms import Given
from printcare.ui.typed import Reading
from printcare.ui.words import tr
from printcare.workflow.authority import Refused
from printcare.workflow.entry import Account, Store
from printcare.workflow.study.experiment_analysis import propose
from printcare.workflow.study.experiments import (
    FROM_RECORD,
    PREFIX,
    Measured,
    Response,
    Study,
    design_experiment,
    enter_result,
    experiment_of,
    factor_of,
)
from printcare.workflow.study.research_export import experiment_files, trace_files

FACTOR, RESPONSE = PREFIX, "response."
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
OWN = re.compile(r"([a-z][a-z0-9_]{0,39})@(\S{1,12})")
# Where on the form an objection of a design belongs.
AT = {"DESIGN_UNKNOWN": "kind", "DESIGN_FACTOR": "kind", "DESIGN_SIZE": "blocks"}
SIZES = ("centres", "replicates", "blocks", "runs", "seed")


def designed(records: Store, account: Account, given: Given) -> str:
    """Lay a design out; raises Refused with every objection, each at its field."""
    master, read = load_recipe(given.key), Reading(given.fields)
    sizes = {name: read.whole(name) for name in SIZES}
    about = (read.text("id"), read.text("title"), read.decimal("dose_mg"), read.whole("units"))
    ranges, responses = dict(_ranges(master, read)), tuple(_responses(read))
    if not NUMBER.fullmatch(about[0]):
        told = f"{about[0]!r} is no number of an experiment: letters, digits, point and hyphen."
        read.object(error("E_EXPERIMENT_ID", told, "Write it as EX-0001.", "id"))
    read.close()
    factors = tuple(_factor(master, row, *ends) for row, ends in ranges.items())
    try:
        made = design_experiment(
            records, account, Study(*about, factors, responses), master, given.fields["kind"], **sizes
        )
    except PrintcareError as fault:
        if fault.code not in AT:
            raise
        raise Refused((error(fault.code, fault.message, fault.remedy, AT[fault.code]),)) from fault
    return tr("{} is laid out: {} runs of {} factors.").format(about[0], len(made.runs), len(made.factors))


def entered(records: Store, account: Account, given: Given) -> str:
    """Enter a result measured elsewhere; one outside its limits is flagged and kept."""
    read = Reading(given.fields)
    value = read.decimal("value")
    read.close()
    measured = Measured(
        given.fields["response"],
        value,
        method=read.text("method"),
        analyst=read.text("analyst"),
        reason=read.text("reason"),
    )
    raw = _raw(read.text("raw"))
    is_out = enter_result(records, account, given.key, int(given.fields["run"]), measured, raw)
    told = tr("Outside its limits; flagged and kept.") if is_out else tr("Inside its limits.")
    return f"{tr('Run {}').format(given.fields['run'])}: {told}"


def proposed(records: Store, account: Account, given: Given) -> str:
    """Write the proposed ranges into a recipe's draft, and its file beside the documents."""
    read = Reading(given.fields)
    version, probability = read.whole("version"), read.decimal("probability")
    read.close()
    recipe_id = str(experiment_of(records, given.key)["recipe"]).partition("/")[0]
    name, base = data_file("recipes", recipe_id)
    how = {"version": version, "model": given.fields["model"], "probability": float(probability)}
    made, ranges, odd = propose(records, account, given.key, base, name, **how)  # type: ignore[arg-type]  # by name
    path = _written(given.folder, {f"{recipe_id}-{version}.toml": made})[0]
    told = tr("{} ranges are in the draft {}; its file: {}.").format(len(ranges), f"{recipe_id}/{version}", path)
    return " ".join([told, *(f"{each.code}: {each.reason}" for each in odd)])


def exported(records: Store, account: Account, given: Given) -> str:
    """Write the runs and what their columns mean."""
    folder = given.folder / f"experiment-{given.key}"
    paths = _written(folder, experiment_files(records, account, given.key, parquet=False))
    return tr("The runs were written to {}.").format(paths[0])


def traced(records: Store, account: Account, given: Given) -> str:
    """Write the traces that are shown, as a table and a figure."""
    units, _, sensor = given.key.partition("@")
    found = trace_files(records, account, units.replace(",", " ").split(), sensor, parquet=False)
    return tr("The traces were written to {}.").format(_written(given.folder / "traces", found)[0])


def _ranges(master: MasterRecipe, read: Reading) -> Iterator[tuple[str, tuple[Decimal, Decimal, Decimal]]]:
    """Return the rows in which something was typed."""
    for name, _ in master.parameters.every():
        row = f"{FACTOR}{name}"
        if any(read.text(f"{row}.{end}") for end in ("low", "high", "step")):
            low, high, step = (read.decimal(f"{row}.{end}", row) for end in ("low", "high", "step"))
            yield row, (low, high, step)


def _factor(master: MasterRecipe, row: str, low: Decimal, high: Decimal, step: Decimal) -> Factor:
    try:
        return factor_of(master, row, low, high, step)
    except Refused:
        raise
    except PrintcareError as fault:  # no range, or a step that does not fit
        raise Refused((error(fault.code, fault.message, fault.remedy, row),)) from fault


def _responses(read: Reading) -> Iterator[Response]:
    for name, (unit, _) in FROM_RECORD.items():
        row = f"{RESPONSE}{name}"
        ends = [read.optional(f"{row}.{end}", row) for end in ("low", "high")]
        if read.text(f"{row}.is") or any(end is not None for end in ends):
            yield Response(name, unit, *ends)
    row = f"{RESPONSE}own"
    if told := read.text(f"{row}.is"):
        found = OWN.fullmatch(told)
        if found is None:
            read.object(error("E_RESPONSE", f"{told!r} is no response.", "Write it as hardness@N.", row))
            return
        yield Response(found[1], found[2], *(read.optional(f"{row}.{end}", row) for end in ("low", "high")))


def _raw(path: str) -> bytes:
    if not path:
        return b""
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as fault:
        told = f"{path} cannot be read: {fault.strerror}."
        raise Refused((error("FILE_UNREADABLE", told, "Check the path and the permissions.", "raw"),)) from fault


def _written(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


DEEDS: Mapping[str, Callable[[Store, Account, Given], str]] = {
    "design": designed,
    "enter": entered,
    "propose": proposed,
    "export": exported,
    "traces": traced,
}
