"""What `printcare experiment` does with what is on record: results, fits, proposals, studies and exports."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any  # rows of the record are parsed JSON

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from decimal import Decimal

    from printcare.records.accounts import Account
    from printcare.records.store import Store
    from printcare.workflow.study.experiment_analysis import Fitted
    from printcare.workflow.study.ink_studies import InkStudy

DIGITS = 5


def do_list(records: Store, account: Account, _given: argparse.Namespace) -> dict[str, Any]:
    """List everything of the workbench."""
    from printcare.workflow.authority import allowed

    allowed(records, account, "record.read")
    found = records.all("experiment").items()
    return {"experiments": [{"id": key, "kind": row["kind"], "state": row["status"]} for key, row in found]}


def do_show(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Show one entry as it is on record."""
    from printcare.workflow.authority import allowed

    allowed(records, account, "record.read")
    state = records.get("experiment", given.id)
    if state is None:
        raise PrintcareError("EXPERIMENT_UNKNOWN", f"There is no {given.id}.", "See `printcare experiment list`.")
    return {"id": given.id, "experiment": state}


def do_enter(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Enter a result measured elsewhere."""
    from printcare.cli.trial import number_of
    from printcare.workflow.study.experiments import Measured, enter_result

    value = number_of(given.value, "--value")
    measured = Measured(given.response, value, method=given.method, analyst=given.analyst, reason=given.reason)
    is_out = enter_result(records, account, given.id, given.run, measured, _bytes_of(given.raw))
    return {"id": given.id, "run": given.run, "response": given.response, "value": str(value), "is_out": is_out}


def do_fit(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Fit the responses."""
    from printcare.formats.curve_figure import curves_svg

    fits = _fits(records, account, given)[1]
    if given.figure:
        curves = {
            name: sorted(zip((each.fit.fitted + each.fit.residuals).tolist(), each.fit.fitted.tolist(), strict=True))
            for name, each in fits.items()
        }
        given.figure.write_bytes(curves_svg(curves, f"{given.id}: fitted against observed", "observed", "fitted"))
    return {"id": given.id, "model": given.model, "fits": {name: _of_fit(each) for name, each in fits.items()}}


def do_space(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Say where all limits are kept."""
    from printcare.workflow.study.experiment_analysis import space_of

    state, fits = _fits(records, account, given)
    space = space_of(state, fits)
    settings, chance = space.best()
    best = {each.name: str(value) for each, value in zip(space.factors, settings, strict=True)}
    return {"id": given.id, "best": best, "probability": round(chance, 4), "limits": [a.name for a in space.attributes]}


def do_propose(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Write the proposed ranges into a recipe draft."""
    from printcare.cli.trial import settings_of
    from printcare.formats.find import data_file
    from printcare.workflow.study.experiment_analysis import propose
    from printcare.workflow.study.experiments import PREFIX, experiment_of

    name, base = data_file("recipes", given.base)
    target: list[Decimal] | None = None
    if given.at:
        wanted = {path.removeprefix(PREFIX): value for path, value in settings_of(given.at).items()}
        paths = [each["path"].removeprefix(PREFIX) for each in experiment_of(records, given.id)["factors"]]
        if sorted(wanted) != sorted(paths):
            raise PrintcareError("USAGE", f"The target names {', '.join(paths)}.", "Give --at for each.")
        target = [wanted[path] for path in paths]
    how: dict[str, Any] = {"version": given.version, "model": given.model, "probability": given.probability}
    made, ranges, odd = propose(records, account, given.id, base, name, target=target, **how)
    given.out.write_bytes(made)
    rows = {
        each.factor: {
            "target": str(each.target),
            "nor": [str(end) for end in each.nor],
            "par": [str(end) for end in each.par],
        }
        for each in ranges
    }
    return {"id": given.id, "draft": str(given.out), "ranges": rows, "warnings": [finding.as_dict() for finding in odd]}


def do_export(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Write the runs as tables."""
    from printcare.workflow.study.research_export import experiment_files

    return _written(given.out, experiment_files(records, account, given.id, parquet=given.parquet))


def do_traces(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Write the readings of units over one another."""
    from printcare.workflow.study.research_export import trace_files

    return _written(given.out, trace_files(records, account, given.unit, given.sensor, parquet=given.parquet))


def do_stability(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Enter and evaluate a stability study."""
    from printcare.workflow.study.ink_studies import study_stability

    low, _, high = given.limits.partition(":")
    found = study_stability(records, account, _study(given), _pairs(given.content), _numbers(low, high))
    told = {"days": round(found.days, 2), "per_day": round(found.per_day, DIGITS), "at_start": round(found.at_start, 3)}
    return {"id": given.id, **told, "is_extrapolated": found.is_extrapolated}


def do_homogeneity(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Enter and evaluate a homogeneity study."""
    from printcare.workflow.study.ink_studies import study_homogeneity

    places: dict[str, list[str]] = {}
    for place, percent in _pairs(given.content, is_named=True):
        places.setdefault(place, []).append(percent)
    found = study_homogeneity(records, account, _study(given), places)
    told = {"between_sd": round(found.between_sd, 4), "within_sd": round(found.within_sd, 4), "p": round(found.p, 4)}
    return {"id": given.id, **told, "places": found.places, "samples": found.samples}


def do_outcome(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Add a pseudonymous outcome."""
    from printcare.workflow.study.research_export import add_outcome

    add_outcome(records, account, given.batch, given.field, given.value, given.unit, given.meaning)
    return {"batch": given.batch, "field": given.field, "value": given.value}


def do_learn(records: Store, account: Account, given: argparse.Namespace) -> dict[str, Any]:
    """Write the data for learning."""
    from printcare.workflow.study.research_export import learning_files

    return _written(given.out, learning_files(records, account, parquet=given.parquet))


def _fits(records: Store, account: Account, given: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Fitted]]:
    from printcare.workflow.authority import allowed
    from printcare.workflow.study.experiment_analysis import fitted
    from printcare.workflow.study.experiments import experiment_of

    allowed(records, account, "record.read")
    state = experiment_of(records, given.id)
    return state, fitted(state, given.model)


def _of_fit(each: Fitted) -> dict[str, Any]:
    made = each.fit
    lack = made.lack_of_fit
    terms = [
        {"term": term.name}
        | {name: float(f"{getattr(term, name):.{DIGITS}g}") for name in ("coefficient", "low", "high", "p")}
        for term in made.terms
    ]
    return {
        "runs": len(each.runs),
        "missing": list(each.missing),
        "out_of_limits": list(each.out),
        "r2": round(made.r2, 4),
        "r2_adjusted": round(made.r2_adjusted, 4),
        "r2_predicted": round(made.r2_predicted, 4),
        "residual_sd": float(f"{made.residual_sd:.{DIGITS}g}"),
        "lack_of_fit_p": None if lack is None else round(lack.p, 4),
        "terms": terms,
        "remarks": list(each.remarks),
    }


def _study(given: argparse.Namespace) -> InkStudy:
    from printcare.workflow.study.ink_studies import InkStudy

    return InkStudy(given.id, given.lot, given.method, given.analyst, _bytes_of(given.raw))


def _pairs(texts: list[str], *, is_named: bool = False) -> list[tuple[str, str]]:
    found = [(first, second) for first, _, second in (text.partition("=") for text in texts)]
    for first, second in found:
        _numbers(*([second] if is_named else [first, second]))
    return found


def _numbers(*texts: str) -> Any:
    from printcare.cli.trial import number_of

    return tuple(str(number_of(text, "a figure of the study")) for text in texts)


def _bytes_of(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        return path.read_bytes()
    except OSError as fault:
        told = f"{path} cannot be read: {fault.strerror}."
        raise PrintcareError("FILE_UNREADABLE", told, "Check the path and the permissions.") from fault


def _written(folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as fault:
        told = f"{folder} cannot be written: {fault.strerror}."
        raise PrintcareError("FOLDER_UNUSABLE", told, "Name a folder that can be written with --out.") from fault
    return {"files": [str(folder / name) for name in files]}
