"""What was done with a batch, from its events: steps, changes, weighings, corrections, results, who and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any  # states are parsed JSON

from printcare.domain.batch import UnitState
from printcare.formats import batch_content as paper
from printcare.formats.wording import Tongue, phrase
from printcare.records.accounts import find
from printcare.records.store import Store
from printcare.workflow.batch.plan import PlannedBatch
from printcare.workflow.site.waste import DESTROYED

Fact = paper.Fact
MOST = 100_000
HUNDREDTH, THOUSANDTH = Decimal("0.01"), Decimal("0.001")
# Members that a row gains or moves as the work goes on: no value somebody changed.
PROGRESS = frozenset(
    {
        "status", "ledger", "warm_h", "last_unit", "last_line", "loaded_for", "use", "review", "operator", "outcome",
        "parts", "simulated", "recording", "opened_at", "excursions_judged", "judgement", "checked_by", "balance_sum",
        "title", "acknowledged", "accepted_by", "closed_by", "reason",
    }
)  # fmt: skip
MACHINES = frozenset({"system", "device"})
# What a person does with a batch, in the words of the paper.
DONE = {
    "batch.planned": phrase("batch planned"),
    "batch.verified": phrase("preparation verified"),
    "batch.prepared": phrase("batch prepared"),
    "batch.started": phrase("print started"),
    "batch.held": phrase("print held"),
    "batch.resumed": phrase("print resumed"),
    "batch.printed": phrase("print ended"),
    "batch.quarantined": phrase("batch quarantined"),
    "batch.recovered": phrase("interrupted batch closed"),
    "batch.finished": phrase("batch finished"),
    "batch.release": phrase("batch released"),
    "batch.rehearse": phrase("batch rehearsed"),
    "batch.reject": phrase("batch rejected"),
    "batch.cancelled": phrase("batch cancelled"),
}


def shown_time(text: str) -> str:
    """Return a recorded UTC time as paper tells it, to the second."""
    return text[:19].replace("T", " ")


def named(records: Store, actor_id: str) -> str:
    """Return the login of an account, which people know each other by; anybody else's id as it is."""
    return find(records, actor_id).login if records.get("account", actor_id) is not None else actor_id


def configuration(records: Store, batch_id: str) -> str:
    """Return the digest of the site's configuration when the print began, or an empty text."""
    began = records.events(object_id=batch_id, object_type="batch", action="batch.started", limit=1)
    return (began[0].content["config_hash"] if began else None) or ""


def clearance(records: Store, batch_id: str) -> tuple[paper.StepLine, ...]:
    """Return the steps of preparation, finishing and waste with who did and who checked each."""
    lines = []
    for action in ("preparation.step", "finishing.step", DESTROYED):
        for event in records.events(object_id=batch_id, object_type="job", action=action, limit=MOST):
            told = event.content["new"]
            done_by = told.get("done_by") or event.content["actor_id"]
            checked_by = named(records, told["checked_by"]) if told.get("checked_by") else "–"
            at = shown_time(event.content["ts_utc"])
            lines.append(paper.StepLine(told["step"], named(records, done_by), checked_by, at))
    return tuple(lines)


def changes(records: Store, planned: PlannedBatch, order_id: str, tongue: Tongue) -> tuple[paper.ChangeLine, ...]:
    """Return every value of the batch and of what it was made from that a person changed after it was entered."""
    found: list[paper.ChangeLine] = []
    for table, key in _of_batch(records, planned, order_id):
        before: dict[str, Any] | None = None
        for event in records.events(object_id=key, object_type=table, limit=MOST):
            content = event.content
            after = content["new"]
            if content["outcome"] != "done" or not isinstance(after, dict):
                continue
            if before is not None and content["actor_role"] not in MACHINES:
                found += [
                    paper.ChangeLine(
                        what=f"{tongue(table.replace('_', ' '))} {key}: {name}",
                        before=tongue.written(_told(old)),
                        after=tongue.written(_told(new)),
                        by=named(records, content["actor_id"]),
                        at=shown_time(content["ts_utc"]),
                        reason=content["reason_text"] or "",
                    )
                    for name, old, new in _differing(before, after)
                ]
            before = after
    return tuple(found)


def changed(lines: tuple[paper.ChangeLine, ...], table_words: str, name: str, tongue: Tongue) -> str:
    """Return what stands under a changed value: what it was first, and why it was changed; nothing where it was not."""
    own = [line for line in lines if line.what.startswith(table_words) and line.what.endswith(f": {name}")]
    if not own:
        return ""
    reason = own[-1].reason or tongue("no reason given")
    return tongue("changed by {by}; was {before}: {reason}", by=own[-1].by, before=own[0].before, reason=reason)


def _of_batch(records: Store, planned: PlannedBatch, order_id: str) -> Iterator[tuple[str, str]]:
    yield "prescription", order_id
    yield "verified_dose", order_id
    yield "batch", planned.id
    for part in planned.recipe.parts:
        yield "ink_lot", part.lot.id
        yield "cartridge", part.cartridge.id
    for table in ("unit", "deviation", "laboratory_result", "investigation"):
        for key in records.all(table, batch_id=planned.id):
            yield table, key


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    empty: tuple[Any, ...] = (None, "", [], {})
    return [
        (name, before[name], after[name])
        for name in after
        if name in before and name not in PROGRESS and before[name] != after[name] and before[name] not in empty
    ]


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(member)}" for name, member in value.items() if member is not None)
    if isinstance(value, list):
        return ", ".join(_told(member) for member in value)
    return "–" if value is None else str(value)


def weighings(records: Store, planned: PlannedBatch) -> tuple[paper.WeighingLine, ...]:
    """Return every weighing of every unit, with what drift and evaporation were reckoned as."""
    lines = []
    for row in records.all("unit", batch_id=planned.id):
        for event in records.events(object_id=row, object_type="weighing", action="unit.weighed", limit=MOST):
            told = event.content["new"]
            part = f"/{told['part']}" if len(planned.recipe.parts) > 1 else ""
            lines.append(
                paper.WeighingLine(
                    unit=f"{told['index']}{part}",
                    at=shown_time(event.content["ts_utc"]),
                    gross_mg=Decimal(told["gross_mg"]),
                    mass_mg=Decimal(told["mass_mg"]),
                    drift_mg=Decimal(told.get("drift_mg") or 0).quantize(HUNDREDTH),
                    evaporation_mg=Decimal(told.get("evaporation_mg") or 0).quantize(HUNDREDTH),
                    since_s=Decimal(str(told.get("since_s") or 0)).quantize(HUNDREDTH),
                    outcome=told["outcome"],
                )
            )
    return tuple(lines)


def drift(records: Store, batch_id: str, tongue: Tongue) -> tuple[Fact, ...]:
    """Return what the tray weighed before and after, and the sum of the units against it."""
    facts = []
    for event in records.events(object_id=batch_id, object_type="job", action="tray.weighed", limit=MOST):
        told = event.content["new"]
        name = tongue("Tray before the first unit") if told["when"] == "start" else tongue("Tray after the last unit")
        facts.append(Fact(name, f"{tongue.figure(Decimal(told['weight_mg']))} mg"))
    for event in records.events(object_id=batch_id, object_type="job", action="tray.sum_checked", limit=MOST):
        told = {name: tongue.figure(Decimal(str(value))) for name, value in _figures(event.content["new"]).items()}
        words = tongue(
            "Sum of masses {sum} mg; tray gained {gained} mg; balance drift {drift} mg; unexplained {unexplained} mg "
            "(limit {limit} mg)",
            sum=told["sum_mg"],
            gained=told["gained_mg"],
            drift=told["drift_mg"],
            unexplained=told["unexplained_mg"],
            limit=told["limit_mg"],
        )
        closed = tongue("closed") if event.content["new"]["is_closed"] else tongue("not closed")
        facts.append(Fact(tongue("Sum of the units"), f"{words}: {closed}"))
    return tuple(facts)


def _figures(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name.endswith("_mg")}


def corrections(records: Store, planned: PlannedBatch) -> tuple[paper.CorrectionLine, ...]:
    """Return every unit that was written again with another multiplier of E."""
    lines = []
    for event in records.events(object_id=planned.id, object_type="job", action="unit.corrected", limit=MOST):
        told = event.content["new"]
        part = f"/{told['part']}" if len(planned.recipe.parts) > 1 else ""
        lines.append(
            paper.CorrectionLine(
                unit=f"{told['index']}{part}",
                multiplier=_rounded(told["multiplier"]),
                gain=_rounded(told["gain"]),
                volume_mm3=_rounded(told["volume_mm3"]),
                digest=told["digest"],
            )
        )
    return tuple(lines)


def multipliers(records: Store, batch_id: str, part: int) -> list[Decimal]:
    """Return the multipliers of E one drug's units were printed with; where none was corrected, the one as written."""
    found = records.events(object_id=batch_id, object_type="job", action="unit.corrected", limit=MOST)
    return [_rounded(each.content["new"]["multiplier"]) for each in found if each.content["new"]["part"] == part]


def _rounded(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(THOUSANDTH)


def results(records: Store, batch_id: str, tongue: Tongue) -> tuple[paper.ResultLine, ...]:
    """Return the laboratory's results on the batch."""
    lines = []
    for state in records.all("laboratory_result", batch_id=batch_id).values():
        told = state["result"]
        unit = told["unit"]
        limits = f"{told['low'] or '–'} … {told['high'] or '–'} {unit}"
        lines.append(
            paper.ResultLine(
                test=f"{told['test']}, {told['drug']}",
                method=told["method"],
                values=f"{'; '.join(told['values'])} {unit}",
                limits=limits,
                analyst=told["analyst"],
                checked_by=state["checked_by"] or tongue("not checked"),
                status=state["status"],
                raw=f"{told['raw_name']}, SHA-256 {told['raw_sha256'][:12]}…",
            )
        )
    return tuple(lines)


def alarm_figures(records: Store, batch_id: str, tongue: Tongue) -> tuple[Fact, ...]:
    """Return how many alarms were raised, of which priority, how many were answered, and what was held."""
    rows = records.all("alarm", batch_id=batch_id).values()
    by_kind = Counter(row["alarm"] for row in rows)
    by_priority = Counter(row["priority"] for row in rows)
    moves = records.events(object_id=batch_id, object_type="job", action="alarm.moved", limit=MOST)
    answered = sum(event.content["new"]["event"] == "ack" for event in moves)
    held = len(records.events(object_id=batch_id, object_type="batch", action="batch.held", limit=MOST))
    none = tongue("none")
    return (
        Fact(tongue("Alarms raised"), str(len(rows))),
        Fact(tongue("By kind"), ", ".join(f"{kind} × {count}" for kind, count in sorted(by_kind.items())) or none),
        Fact(
            tongue("By priority"),
            ", ".join(f"{level}: {count}" for level, count in sorted(by_priority.items())) or none,
        ),
        Fact(tongue("Acknowledged with a reason"), str(answered)),
        Fact(tongue("Holds"), str(held)),
    )


def history(records: Store, batch_id: str) -> tuple[paper.HistoryLine, ...]:
    """Return who did what with the batch, in its order; the same step told twice in a row stands once."""
    lines = []
    for event in records.events(object_id=batch_id, object_type="batch", limit=MOST):
        content = event.content
        if content["action"] in DONE and content["outcome"] == "done":
            lines.append(
                paper.HistoryLine(
                    shown_time(content["ts_utc"]),
                    named(records, content["actor_id"]),
                    content["actor_role"],
                    DONE[content["action"]],
                    content["reason_text"] or "",
                )
            )
    return tuple(lines)


def yields(state: Mapping[str, Any], rows: list[dict[str, Any]], tongue: Tongue) -> tuple[Fact, ...]:
    """Return theoretical and actual yield of the batch in units."""
    accepted = sum(row["status"] == UnitState.ACCEPTED.value for row in rows)
    share = (Decimal(accepted) / max(len(rows), 1) * 100).quantize(Decimal("0.1"))
    wanted = int(state["units_for_patient"])
    told = tongue(
        "{actual} of {planned} units, {share} %", actual=accepted, planned=len(rows), share=tongue.figure(share)
    )
    needed = tongue("{count} for the patient are needed", count=wanted)
    return (Fact(tongue("Yield"), told), Fact(tongue("Limit of the yield"), needed))


def afterwards(records: Store, batch_id: str, tongue: Tongue) -> tuple[Fact, ...]:
    """Return what came after the decision: handed over, complaints, reactions, errors and recalls."""
    rows = records.all("complaint", batch_id=batch_id).items()
    facts = [Fact(key, f"{tongue(row['kind'])}: {row['what']} ({tongue(row['status'])})") for key, row in rows]
    for key, row in records.all("document", batch_id=batch_id, kind="hand-over").items():
        facts.append(Fact(tongue("Handed over"), f"{row['at']}, {row['units']} ({key})"))
    for key, row in records.all("recall").items():
        if batch_id in row["batches"] and row["status"] != "drill":
            facts.append(Fact(tongue("Recall"), f"{key}: {row['reason']} ({tongue(row['status'])})"))
    return tuple(facts)
