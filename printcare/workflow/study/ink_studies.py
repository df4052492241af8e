"""Studies of an ink on record: how long it keeps and whether it is even, entered with method, analyst and raw file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import error
from printcare.domain.people import Actor
from printcare.extrusion.stability import Content, Homogeneity, ShelfLife, homogeneity, shelf_life
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.study.experiments import TABLE, WRITE

STABILITY, HOMOGENEITY = "stability", "homogeneity"


@dataclass(frozen=True, slots=True)
class InkStudy:
    """What was studied, and where its figures come from; contents in % of the label, as text exactly as reported."""

    id: str
    ink_lot: str
    method: str
    analyst: str
    raw: bytes


def study_stability(
    records: Store, account: Account, study: InkStudy, contents: Sequence[tuple[str, str]], limits: tuple[str, str]
) -> ShelfLife:
    """Put contents after days of storage on record and return the shelf life; raises Refused, PrintcareError."""
    actor = allowed(records, account, WRITE)
    found = shelf_life(
        [Content(float(days), float(percent)) for days, percent in contents], (float(limits[0]), float(limits[1]))
    )
    row = {"limits": list(limits), "contents": [list(each) for each in contents]}
    told = {
        "days": f"{found.days:.2f}",
        "per_day": f"{found.per_day:.5f}",
        "at_start": f"{found.at_start:.3f}",
        "residual_sd": f"{found.residual_sd:.4f}",
        "is_extrapolated": found.is_extrapolated,
    }
    _keep(records, actor, study, STABILITY, row | {"found": told})
    return found


def study_homogeneity(
    records: Store, account: Account, study: InkStudy, places: Mapping[str, Sequence[str]]
) -> Homogeneity:
    """Put contents by place (top, middle, bottom) on record and return their analysis of variance."""
    actor = allowed(records, account, WRITE)
    found = homogeneity([[float(percent) for percent in each] for each in places.values()])
    told = {
        "between_sd": f"{found.between_sd:.4f}",
        "within_sd": f"{found.within_sd:.4f}",
        "f": None if math.isinf(found.f) else f"{found.f:.3f}",
        "p": f"{found.p:.4f}",
    }
    _keep(
        records,
        actor,
        study,
        HOMOGENEITY,
        {"places": {name: list(each) for name, each in places.items()}, "found": told},
    )
    return found


def _keep(records: Store, actor: Actor, study: InkStudy, kind: str, row: dict[str, Any]) -> None:
    stops = []
    if records.get(TABLE, study.id) is not None:
        stops.append(error("E_EXPERIMENT_TAKEN", f"{study.id} is on record already.", "Choose another id.", "id"))
    if records.get("ink_lot", study.ink_lot) is None:
        stops.append(error("E_LOT_UNKNOWN", f"The lot {study.ink_lot} is not on record.", "Receive it.", "lot"))
    if not (study.method.strip() and study.analyst.strip() and study.raw):
        told = "A study comes with its method, its analyst and its raw file."
        stops.append(error("E_RESULT_SOURCE", told, "Name all three.", "method"))
    if stops:
        refuse(records, actor, WRITE, TABLE, study.id, tuple(stops))
        raise Refused(tuple(stops))
    head = {
        "status": "evaluated",
        "kind": kind,
        "ink_lot": study.ink_lot,
        "method": study.method,
        "analyst": study.analyst,
        "raw_sha256": hashlib.sha256(study.raw).hexdigest(),
        "by": actor.id,
    }
    with records.transaction(actor) as tx:
        tx.record(f"ink.{kind}_studied", TABLE, study.id, head | row)
