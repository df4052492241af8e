"""The sections of a batch record as tables and drawings: one function a section, each from plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any  # reportlab's flowables and cells are untyped

from reportlab.lib.colors import white
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from printcare.domain.uniformity import Verdict
from printcare.formats.batch_content import BatchRecordContent, DrugContent, Fact, SignatureLine, UnitLine
from printcare.formats.fonts import BOLD, figure
from printcare.formats.paper import (
    GROUND,
    HEAD,
    ITALIC_SMALL,
    LABEL,
    LINE,
    MUTED,
    NORMAL,
    SIGNS,
    SMALL,
    STRONG,
    WIDTH,
    Sign,
    say,
    style,
    table,
)
from printcare.formats.record_charts import MassChart, PressureCharts

_RIGHT = style(7.2)
_RIGHT.alignment = 2
_HEAD_RIGHT = style(6.4, BOLD, MUTED)
_HEAD_RIGHT.alignment = 2
_MONO = style(6.2)
_DRUG = style(8.6, BOLD, leading=13)
# How the figures of a verdict are told.
_FIGURES = {
    "mean_mg": "mean {} mg",
    "limit_pct": "limit {} %",
    "beyond_limit": "{} beyond the limit",
    "beyond_twice": "{} beyond twice the limit",
    "largest_pct": "largest deviation {} %",
    "mean_pct": "mean {} %",
    "sd_pct": "SD {} %",
    "outside_L2": "{} outside L2",
}


def facts(listed: Sequence[Fact]) -> Flowable:
    """Return names and values two pairs a row; a long value gets a row of its own."""
    rows: list[list[Any]] = []
    spans: list[Any] = []
    waiting: Fact | None = None
    for fact in listed:
        if len(fact.value) > 46:
            if waiting is not None:
                rows.append([say(waiting.name, LABEL), say(waiting.value), "", ""])
                waiting = None
            spans.append(("SPAN", (1, len(rows)), (3, len(rows))))
            rows.append([say(fact.name, LABEL), say(fact.value), "", ""])
        elif waiting is None:
            waiting = fact
        else:
            rows.append([say(waiting.name, LABEL), say(waiting.value), say(fact.name, LABEL), say(fact.value)])
            waiting = None
    if waiting is not None:
        rows.append([say(waiting.name, LABEL), say(waiting.value), "", ""])
    if not rows:
        return say("Nothing recorded.", ITALIC_SMALL)
    widths = [30 * mm, WIDTH / 2 - 30 * mm, 30 * mm, WIDTH / 2 - 30 * mm]
    return table(rows, widths, ("VALIGN", (0, 0), (-1, -1), "TOP"), *spans, header=0)


def _head(*names: str, right: Sequence[int] = ()) -> list[Any]:
    return [say(name, _HEAD_RIGHT if place in right else HEAD) for place, name in enumerate(names)]


def _widths(*shares: float) -> list[float]:
    return [WIDTH * share / sum(shares) for share in shares]


def acknowledged(warnings: Sequence[Fact]) -> list[Flowable]:
    """Return the warnings that were accepted, each with its reason."""
    if not warnings:
        return [say("No warning had to be acknowledged.", ITALIC_SMALL)]
    rows = [_head("warning", "accepted because")] + [[say(fact.name), say(fact.value)] for fact in warnings]
    return [table(rows, _widths(1, 2))]


def by_drug(content: BatchRecordContent, section: Callable[[DrugContent], list[Flowable]]) -> list[Flowable]:
    """Return a section for each drug, under its name where there are several."""
    parts: list[Flowable] = []
    for drug in content.drugs:
        if content.further:
            parts.append(say(drug.drug, _DRUG))
        parts += section(drug)
    return parts


def calculation(content: DrugContent) -> Flowable:
    """Return the calculation sheet, a line a step."""
    rows: list[list[Any]] = [_head("no", "step", "formula", "result", "unit", "source", right=(3,))]
    for line in content.calculation:
        rows.append(
            [
                say(str(line.number)),
                say(line.what),
                say(line.formula),
                say(line.result, _RIGHT),
                say(line.unit),
                say(line.source, SMALL),
            ]
        )
    return table(rows, _widths(6, 30, 50, 28, 13, 34))


def parameters(content: DrugContent) -> Flowable:
    """Return every process parameter: target, NOR, PAR and what it was."""
    right = (2, 5)
    rows: list[list[Any]] = [_head("parameter", "unit", "target", "NOR", "PAR", "actual", "verdict", right=right)]
    for line in content.parameters:
        rows.append(
            [
                say(line.name),
                say(line.unit),
                say(line.target, _RIGHT),
                say(line.normal),
                say(line.proven),
                say(line.actual, _RIGHT),
                Sign(line.verdict),
            ]
        )
    return table(rows, _widths(40, 14, 14, 24, 24, 20, 26))


def materials(content: BatchRecordContent) -> Flowable:
    """Return the materials with lot, supplier and certificate."""
    rows: list[list[Any]] = [_head("material", "lot or identity", "supplier", "certificate, assay", "expires", "used")]
    for line in content.materials:
        cells = (line.what, line.identity, line.supplier, line.certificate, line.expires, line.used)
        rows.append([say(cell) for cell in cells])
    return table(rows, _widths(26, 28, 30, 44, 20, 24), ("VALIGN", (0, 1), (-1, -1), "TOP"))


def ledger(content: BatchRecordContent) -> list[Flowable]:
    """Return the cartridge's ledger."""
    if not content.ledger:
        return []
    rows: list[list[Any]] = [_head("cartridge ledger: time", "entry", "mass, g", right=(2,))]
    rows += [[say(line.at), say(line.reason), say(figure(line.mass_g), _RIGHT)] for line in content.ledger]
    return [table(rows, _widths(40, 90, 25))]


def equipment(content: BatchRecordContent) -> Flowable:
    """Return the devices; a simulated one says so."""
    rows: list[list[Any]] = [
        _head("device", "identity as it gave itself", "serial", "qualification, calibration", "real or not")
    ]
    for line in content.equipment:
        told = say("SIMULATED", style(7.2, BOLD, SIGNS["rehearsed"][0])) if line.simulated else say("real device")
        rows.append([say(line.what), say(line.identity), say(line.serial), say(line.state), told])
    return table(rows, _widths(24, 56, 30, 44, 24))


def units(content: DrugContent) -> list[Flowable]:
    """Return the unit table, the masses between their limits, and the pressure plots."""
    gate = content.gate
    told = (
        f"Gate {figure(gate.low_mg)} to {figure(gate.high_mg)} mg "
        f"(±{figure(gate.gate_pct)} % of {figure(gate.target_mg)} mg); accepted at once from "
        f"{figure(gate.accepted_low_mg)} to {figure(gate.accepted_high_mg)} mg, because a weighing is uncertain by "
        f"U = {figure(gate.expanded_mg)} mg. The dose is estimated from the mass."
    )
    parts: list[Flowable] = [say(told, SMALL), _unit_table(content.units)]
    parts.append(KeepTogether([MassChart(content.units, gate, WIDTH), Spacer(1, 2 * mm)]))
    plotted = [unit for unit in content.units if len(unit.pressure) > 1]
    limit = None if content.pressure_max_kpa is None else float(content.pressure_max_kpa)
    for start in range(0, len(plotted), 36):
        heading = "Extrusion pressure of each unit over its time, kPa"
        if limit is not None:
            heading += f"; the recipe stops at {figure(content.pressure_max_kpa)} kPa"
        chart = PressureCharts(plotted[start : start + 36], limit, WIDTH)
        parts.append(KeepTogether([say(heading, LABEL), Spacer(1, 1.5 * mm), chart]))
    return parts


def _unit_table(listed: Sequence[UnitLine]) -> Flowable:
    rows: list[list[Any]] = [
        _head(
            "unit", "tray", "state", "use", "target\nmg", "mass\nmg", "deviation\n%", "dose\nestimate mg",
            "pressure\nmean kPa", "max\nkPa", "balance, as sent", "reason", right=(4, 5, 6, 7, 8, 9),
        )
    ]  # fmt: skip
    for unit in listed:
        figures = (
            unit.target_mg,
            unit.mass_mg,
            unit.deviation_pct,
            unit.dose_estimate_mg,
            unit.pressure_mean_kpa,
            unit.pressure_max_kpa,
        )
        rows.append(
            [
                say(str(unit.index)),
                say(unit.position),
                Sign(unit.state, 6.8),
                say(unit.use, style(6.8)),
                *(figure(value) for value in figures),
                say(unit.balance_line, _MONO, verbatim=True),
                say(unit.reason, _MONO),
            ]
        )
    aligned: list[Any] = [("ALIGN", (4, 1), (9, -1), "DECIMAL")]
    for column in range(4, 10):
        places = max((len(str(row[column]).partition(".")[2]) for row in rows[1:]), default=0)
        aligned.append(("RIGHTPADDING", (column, 1), (column, -1), 3 + (2.3 + 4.6 * places if places else 0)))
    return table(rows, _widths(8, 9, 21, 13, 14, 14, 16, 15, 15, 13, 28, 26), *aligned)


def verdicts(listed: Sequence[Verdict]) -> Flowable:
    """Return the uniformity verdicts under the names of what they are."""
    rows: list[list[Any]] = [_head("test", "n", "figures", "limit", "result", "outcome", right=(1,))]
    for verdict in listed:
        figures = ", ".join(_FIGURES.get(name, name + " {}").format(value) for name, value in verdict.figures.items())
        rows.append(
            [
                [say(verdict.test), say(verdict.edition, SMALL)],
                say(str(verdict.count), _RIGHT),
                say(figures or "–"),
                say(verdict.limit or "–"),
                say(verdict.result or "–"),
                Sign(verdict.outcome),
            ]
        )
    return table(rows, _widths(48, 8, 52, 28, 14, 28), ("VALIGN", (0, 1), (-1, -1), "TOP"))


def alarms(content: BatchRecordContent) -> list[Flowable]:
    """Return the alarms."""
    if not content.alarms:
        return [say("No alarm was raised.", NORMAL)]
    rows: list[list[Any]] = [_head("time", "alarm", "unit", "seen", "likely cause", "action", "acknowledged")]
    for line in content.alarms:
        cells = (line.at, line.alarm, line.unit, line.seen, line.cause, line.action, line.acknowledged)
        rows.append([say(cell) for cell in cells])
    return [table(rows, _widths(22, 26, 9, 34, 30, 34, 24), ("VALIGN", (0, 1), (-1, -1), "TOP"))]


def deviations(content: BatchRecordContent) -> list[Flowable]:
    """Return the deviations."""
    if not content.deviations:
        return [say("No deviation was opened.", NORMAL)]
    rows: list[list[Any]] = [_head("deviation", "what happened", "impact", "status", "accepted by")]
    for line in content.deviations:
        rows.append([say(cell) for cell in (line.number, line.what, line.impact, line.status, line.accepted_by)])
    return [table(rows, _widths(20, 60, 50, 20, 29), ("VALIGN", (0, 1), (-1, -1), "TOP"))]


def decision(content: BatchRecordContent) -> Flowable:
    """Return outcome and reasons."""
    reasons = [say(reason) for reason in content.decision.reasons] or [say("–")]
    return table([[Sign(content.decision.outcome, 9), reasons]], _widths(1, 4), header=0)


def signatures(listed: Sequence[SignatureLine]) -> list[Flowable]:
    """Return the signature blocks, two a row."""
    if not listed:
        return [say("Not signed yet.", ITALIC_SMALL)]
    blocks = [_signature(signature) for signature in listed]
    if len(blocks) % 2:
        blocks.append(say(""))
    rows = [blocks[place : place + 2] for place in range(0, len(blocks), 2)]
    padding = (
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, white),
    )
    return [table(rows, _widths(1, 1), *padding, ("VALIGN", (0, 0), (-1, -1), "TOP"), header=0)]


def _signature(signature: SignatureLine) -> Flowable:
    rows = [
        [say("Electronically signed", LABEL), say(signature.meaning, STRONG)],
        [say("name", LABEL), say(signature.name, STRONG)],
        [say("user, role", LABEL), say(f"{signature.user}, {signature.role}")],
        [say("date and time", LABEL), say(signature.signed_at)],
        [say("covers SHA-256", LABEL), say(_in_fours(signature.digest), _MONO)],
    ]
    width = WIDTH / 2 - 4
    box = (
        ("BOX", (0, 0), (-1, -1), 0.6, LINE),
        ("BACKGROUND", (0, 0), (-1, 0), GROUND),
        ("LINEBELOW", (0, 0), (-1, -1), 0, GROUND),
    )
    return table(rows, [27 * mm, width - 27 * mm], *box, ("VALIGN", (0, 0), (-1, -1), "TOP"), header=0)


def _in_fours(text: str) -> str:
    return " ".join(text[start : start + 8] for start in range(0, len(text), 8))
