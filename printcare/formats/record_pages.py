"""The sections of a batch record as tables and drawings: one function a section, each from plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any  # reportlab's flowables and cells are untyped

from reportlab.lib.colors import white
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from printcare.domain.uniformity import Verdict
from printcare.formats.batch_content import BatchRecordContent, DrugContent, Fact, SignatureLine, UnitLine
from printcare.formats.fonts import BOLD
from printcare.formats.paper import (
    GROUND,
    ITALIC_SMALL,
    LABEL,
    LINE,
    SIGNS,
    SMALL,
    STRONG,
    WIDTH,
    Sign,
    say,
    style,
    table,
)
from printcare.formats.paper_tables import columns, facts, head, point_under_point, widths
from printcare.formats.record_charts import MassChart, PressureCharts
from printcare.formats.wording import Tongue, phrase

_MONO = style(6.2)
_DRUG = style(8.6, BOLD, leading=13)
# How the figures of a verdict are told.
_FIGURES = {
    "mean_mg": phrase("mean {value} mg"),
    "limit_pct": phrase("limit {value} %"),
    "beyond_limit": phrase("{value} beyond the limit"),
    "beyond_twice": phrase("{value} beyond twice the limit"),
    "largest_pct": phrase("largest deviation {value} %"),
    "mean_pct": phrase("mean {value} %"),
    "sd_pct": phrase("SD {value} %"),
    "outside_L1": phrase("{value} outside L1"),
    "outside_L2": phrase("{value} outside L2"),
}
ACKNOWLEDGED = (phrase("warning"), phrase("accepted because"))
CALCULATION = (
    phrase("no"), phrase("step"), phrase("formula"), phrase("result"), phrase("unit"), phrase("source"),
)  # fmt: skip
PARAMETERS = (
    phrase("parameter"), phrase("unit"), phrase("target"), phrase("NOR"), phrase("PAR"), phrase("actual"),
    phrase("verdict"),
)  # fmt: skip
MATERIALS = (
    phrase("material"), phrase("lot or identity"), phrase("supplier"), phrase("certificate, assay"), phrase("expires"),
    phrase("used"),
)  # fmt: skip
LEDGER = (phrase("cartridge ledger: time"), phrase("entry"), phrase("mass, g"))
EQUIPMENT = (
    phrase("device"), phrase("identity as it gave itself"), phrase("serial number"),
    phrase("qualification, calibration"), phrase("real or not"),
)  # fmt: skip
UNITS = (
    phrase("unit"), phrase("tray"), phrase("state"), phrase("use"), phrase("target\nmg"), phrase("mass\nmg"),
    phrase("deviation\n%"), phrase("dose\nestimate mg"), phrase("pressure\nmean kPa"), phrase("pressure\nmax kPa"),
    phrase("balance, as sent"), phrase("reason"),
)  # fmt: skip
VERDICTS = (phrase("test"), phrase("n"), phrase("figures"), phrase("limit"), phrase("result"), phrase("outcome"))
ALARMS = (
    phrase("time"), phrase("alarm"), phrase("unit"), phrase("seen"), phrase("likely cause"), phrase("action"),
    phrase("acknowledged"),
)  # fmt: skip
DEVIATIONS = (
    phrase("deviation"), phrase("what happened"), phrase("impact"), phrase("status"), phrase("accepted by"),
)  # fmt: skip
NO_WARNING = phrase("No warning had to be acknowledged.")
NO_VERDICT = phrase("No figure was formed.")
NO_ALARM = phrase("No alarm was raised.")
NO_DEVIATION = phrase("No deviation was opened.")
EVERY_UNIT = phrase("Beside it, the figures of all printed units, rejected ones too; they judge nothing:")
GATE = phrase(
    "Gate {low} to {high} mg (±{pct} % of {target} mg); accepted at once from {inner_low} to {inner_high} mg, because "
    "a weighing is uncertain by U = {expanded} mg. The dose is estimated from the mass."
)


def acknowledged(warnings: Sequence[Fact], tongue: Tongue) -> list[Flowable]:
    """Return the warnings that were accepted, each with its reason."""
    rows = [(fact.name, fact.value) for fact in warnings]
    return columns(tongue, ACKNOWLEDGED, rows, (1, 2), otherwise=NO_WARNING)


def by_drug(content: BatchRecordContent, section: Callable[[DrugContent, Tongue], list[Flowable]]) -> list[Flowable]:
    """Return a section for each drug, under its name where there are several."""
    parts: list[Flowable] = []
    for drug in content.drugs:
        if content.further:
            parts.append(say(drug.drug, _DRUG))
        parts += section(drug, content.tongue)
    return parts


def calculation(content: DrugContent, tongue: Tongue) -> list[Flowable]:
    """Return the calculation sheet, a line a step."""
    rows = [
        (
            str(line.number),
            tongue.told(line.what),
            tongue.written(tongue.told(line.formula)),
            tongue.written(line.result),
            tongue(line.unit),
            say(tongue.told(line.source), SMALL),
        )
        for line in content.calculation
    ]
    return columns(tongue, CALCULATION, rows, (6, 30, 50, 28, 13, 34), right=(3,))


def parameters(content: DrugContent, tongue: Tongue) -> list[Flowable]:
    """Return every process parameter: target, NOR, PAR and what it was."""
    rows = [
        (
            tongue(line.name),
            line.unit,
            tongue.written(line.target),
            tongue.told(line.normal),
            tongue.told(line.proven),
            tongue.written(line.actual),
            Sign(line.verdict, tongue=tongue),
        )
        for line in content.parameters
    ]
    return columns(tongue, PARAMETERS, rows, (40, 14, 14, 24, 24, 20, 26), right=(2, 5))


def materials(content: BatchRecordContent) -> list[Flowable]:
    """Return the materials with lot, supplier and certificate."""
    rows = [
        (line.what, line.identity, line.supplier, line.certificate, line.expires, line.used)
        for line in content.materials
    ]
    return columns(content.tongue, MATERIALS, rows, (28, 41, 27, 42, 20, 20))


def ledger(content: BatchRecordContent) -> list[Flowable]:
    """Return the cartridge's ledger."""
    rows = [(line.at, line.reason, content.tongue.figure(line.mass_g)) for line in content.ledger]
    return columns(content.tongue, LEDGER, rows, (40, 90, 25), measured=(2,))


def equipment(content: BatchRecordContent) -> list[Flowable]:
    """Return the devices; a simulated one says so."""
    tongue = content.tongue
    rows = []
    for line in content.equipment:
        told = say(tongue("SIMULATED"), style(7.2, BOLD, SIGNS["rehearsed"][0]))
        real = told if line.simulated else say(tongue("real device"))
        rows.append((tongue.told(line.what), line.identity, line.serial, line.state, real))
    return columns(tongue, EQUIPMENT, rows, (22, 44, 28, 60, 24))


def units(content: DrugContent, tongue: Tongue) -> list[Flowable]:
    """Return the unit table, the masses between their limits, and the pressure plots."""
    gate, figure = content.gate, tongue.figure
    told = tongue(
        GATE,
        low=figure(gate.low_mg),
        high=figure(gate.high_mg),
        pct=figure(gate.gate_pct),
        target=figure(gate.target_mg),
        inner_low=figure(gate.accepted_low_mg),
        inner_high=figure(gate.accepted_high_mg),
        expanded=figure(gate.expanded_mg),
    )
    parts: list[Flowable] = [say(told, SMALL), _unit_table(content.units, tongue)]
    parts.append(KeepTogether([MassChart(content.units, gate, WIDTH, tongue=tongue), Spacer(1, 2 * mm)]))
    plotted = [unit for unit in content.units if len(unit.pressure) > 1]
    limit = None if content.pressure_max_kpa is None else float(content.pressure_max_kpa)
    if not plotted:
        return parts
    heading = tongue("Extrusion pressure of each unit over its time, kPa")
    if limit is not None:
        heading += tongue("; the recipe stops at {limit} kPa", limit=figure(content.pressure_max_kpa))
    chart = PressureCharts(plotted, limit, WIDTH, tongue=tongue)
    return [*parts, CondPageBreak(40 * mm), say(heading, LABEL), Spacer(1, 1.5 * mm), chart]


def _unit_table(listed: Sequence[UnitLine], tongue: Tongue) -> Flowable:
    rows: list[list[Any]] = [head(tongue, UNITS, right=(4, 5, 6, 7, 8, 9))]
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
                str(unit.index),
                unit.position,
                Sign(unit.state, 6.8, tongue),
                tongue(unit.use) if unit.use else "",
                *(tongue.figure(value) for value in figures),
                say(unit.balance_line, _MONO, verbatim=True) if unit.balance_line else "",
                say(tongue.told(unit.reason), _MONO) if unit.reason else "",
            ]
        )
    aligned: list[Any] = [("ALIGN", (4, 1), (9, -1), "RIGHT"), ("FONTSIZE", (3, 1), (3, -1), 6.8)]
    aligned += point_under_point(rows[1:], range(4, 10))
    return table(rows, widths(12, 9.5, 20, 15, 15.5, 13, 17.5, 17, 17, 17, 24.5, 17), *aligned)


def verdicts(content: DrugContent, tongue: Tongue) -> list[Flowable]:
    """Return the uniformity verdicts under the names of what they are, and the figures of all printed units beside."""
    rows = [_verdict(verdict, tongue) for verdict in content.verdicts]
    made = columns(tongue, VERDICTS, rows, (46, 8, 50, 30, 18, 26), right=(1,), otherwise=NO_VERDICT)
    if content.every_unit is not None:
        every = [_verdict(content.every_unit, tongue)]
        beside = columns(tongue, VERDICTS, every, (46, 8, 50, 30, 18, 26), right=(1,))
        made.append(KeepTogether([say(tongue(EVERY_UNIT), LABEL), *beside]))
    return made


def _verdict(verdict: Verdict, tongue: Tongue) -> tuple[Any, ...]:
    figures = ", ".join(
        tongue(_FIGURES[name], value=tongue.written(value)) if name in _FIGURES else f"{name} {tongue.written(value)}"
        for name, value in verdict.figures.items()
    )
    return (
        [say(tongue.told(verdict.test)), say(tongue.told(verdict.edition), SMALL)],
        str(verdict.count),
        figures or "–",
        tongue.told(verdict.limit) or "–",
        tongue.written(verdict.result) or "–",
        Sign(verdict.outcome, tongue=tongue),
    )


def alarms(content: BatchRecordContent) -> list[Flowable]:
    """Return the alarms and their statistics."""
    tongue = content.tongue
    rows = [
        (
            line.at,
            line.alarm,
            line.unit,
            tongue.told(line.seen),
            tongue.told(line.cause),
            tongue.told(line.action),
            line.acknowledged,
        )
        for line in content.alarms
    ]
    made = columns(tongue, ALARMS, rows, (22, 26, 13, 32, 30, 32, 24), otherwise=NO_ALARM)
    return [*made, facts(content.alarm_figures, tongue)] if content.alarm_figures else made


def deviations(content: BatchRecordContent) -> list[Flowable]:
    """Return the deviations."""
    tongue = content.tongue
    rows = [
        (line.number, tongue.told(line.what), line.impact, tongue(line.status), line.accepted_by)
        for line in content.deviations
    ]
    return columns(tongue, DEVIATIONS, rows, (20, 60, 50, 20, 29), otherwise=NO_DEVIATION)


def decision(content: BatchRecordContent) -> list[Flowable]:
    """Return outcome and reasons."""
    reasons = [say(reason) for reason in content.decision.reasons] or [say("–")]
    made = Sign(content.decision.outcome, 9, content.tongue)
    return [table([[made, reasons]], widths(1, 4), header=0)]


def signatures(listed: Sequence[SignatureLine], tongue: Tongue) -> list[Flowable]:
    """Return the signature blocks, two a row."""
    if not listed:
        return [say(tongue("Not signed yet."), ITALIC_SMALL)]
    blocks = [_signature(signature, tongue) for signature in listed]
    if len(blocks) % 2:
        blocks.append(say(""))
    rows = [blocks[place : place + 2] for place in range(0, len(blocks), 2)]
    padding = (
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, white),
    )
    return [table(rows, widths(1, 1), *padding, ("VALIGN", (0, 0), (-1, -1), "TOP"), header=0)]


def _signature(signature: SignatureLine, tongue: Tongue) -> Flowable:
    rows = [
        [say(tongue("Electronically signed"), LABEL), say(signature.meaning, STRONG)],
        [say(tongue("name"), LABEL), say(signature.name, STRONG)],
        [say(tongue("user, role"), LABEL), say(f"{signature.user}, {tongue(signature.role)}")],
        [say(tongue("date and time"), LABEL), say(signature.signed_at)],
        [say(tongue("covers SHA-256"), LABEL), say(_in_fours(signature.digest), _MONO)],
    ]
    width = WIDTH / 2 - 4
    box = (
        ("BOX", (0, 0), (-1, -1), 0.6, LINE),
        ("BACKGROUND", (0, 0), (-1, 0), GROUND),
        ("LINEBELOW", (0, 0), (-1, -1), 0, GROUND),
    )
    return table(rows, [30 * mm, width - 30 * mm], *box, ("VALIGN", (0, 0), (-1, -1), "TOP"), header=0)


def _in_fours(text: str) -> str:
    return " ".join(text[start : start + 8] for start in range(0, len(text), 8))
