"""The sections of a batch record that are lists of what was done: steps, changes, weighings, corrections, labels."""

from __future__ import annotations

from reportlab.platypus import Flowable

from printcare.formats.batch_content import BatchRecordContent
from printcare.formats.paper import LABEL, say
from printcare.formats.paper_tables import columns, facts
from printcare.formats.wording import Tongue, phrase

STEPS = (phrase("step"), phrase("done by"), phrase("checked by"), phrase("time"))
CHANGES = (
    phrase("value"), phrase("before"), phrase("after"), phrase("changed by"), phrase("time"), phrase("reason"),
)  # fmt: skip
WEIGHINGS = (
    phrase("unit"), phrase("time"), phrase("gross\nmg"), phrase("mass\nmg"), phrase("drift\nmg"),
    phrase("evaporation\nmg"), phrase("after deposition\ns"), phrase("outcome"),
)  # fmt: skip
CORRECTIONS = (
    phrase("unit"), phrase("multiplier of E"), phrase("delivered over\ncommanded"), phrase("volume\nmm³"),
    phrase("program, SHA-256"),
)  # fmt: skip
RESULTS = (
    phrase("test"), phrase("method"), phrase("result"), phrase("limits"), phrase("analyst"), phrase("checked by"),
    phrase("status"), phrase("raw file"),
)  # fmt: skip
LABELS = (phrase("label"), phrase("kind"), phrase("status"), phrase("time"), phrase("by"), phrase("reason"))
HISTORY = (phrase("time"), phrase("who"), phrase("role"), phrase("what was done"), phrase("reason"))
WASTE = phrase("waste destroyed")  # begins the step, before what a person counted
NO_STEP = phrase("No step of preparation is on record.")
NO_CHANGE = phrase("No value was changed after it was entered.")
NO_CORRECTION = phrase("No unit was corrected.")
NO_WEIGHING = phrase("No unit was weighed.")
NO_RESULT = phrase("No laboratory result is on record.")
NO_LABEL = phrase("No label was printed yet.")


def clearance(content: BatchRecordContent) -> list[Flowable]:
    """Return the steps of preparation and finishing with two people each."""
    tongue = content.tongue
    rows = [(_step(tongue, line.step), line.done_by, line.checked_by, line.at) for line in content.clearance]
    return columns(tongue, STEPS, rows, (80, 30, 30, 38), otherwise=NO_STEP)


def _step(tongue: Tongue, step: str) -> str:
    """Return a step in the document's language; what a person counted after the waste stays as they wrote it."""
    counted = step.removeprefix(WASTE)
    return f"{tongue(WASTE)}{counted}" if counted != step else tongue.told(step)


def changes(content: BatchRecordContent) -> list[Flowable]:
    """Return every value that was changed, with the old one and the reason."""
    tongue = content.tongue
    rows = [(line.what, line.before, line.after, line.by, line.at, line.reason) for line in content.changes]
    return columns(tongue, CHANGES, rows, (34, 26, 26, 24, 28, 40), otherwise=NO_CHANGE)


def weighings(content: BatchRecordContent) -> list[Flowable]:
    """Return every weighing with what was taken off for drift and added for evaporation, and the tray's own sum."""
    tongue = content.tongue
    rows = [
        (
            line.unit,
            line.at,
            *(
                tongue.figure(value)
                for value in (line.gross_mg, line.mass_mg, line.drift_mg, line.evaporation_mg, line.since_s)
            ),
            tongue(line.outcome),
        )
        for line in content.weighings
    ]
    made = columns(
        tongue, WEIGHINGS, rows, (12, 34, 20, 20, 18, 22, 24, 26), measured=(2, 3, 4, 5, 6), otherwise=NO_WEIGHING
    )
    return [*made, facts(content.drift, tongue)] if content.drift else made


def corrections(content: BatchRecordContent) -> list[Flowable]:
    """Return every correction of the extrusion between two units."""
    tongue = content.tongue
    rows = [
        (
            line.unit,
            tongue.figure(line.multiplier),
            tongue.figure(line.gain),
            tongue.figure(line.volume_mm3),
            line.digest,
        )
        for line in content.corrections
    ]
    return columns(tongue, CORRECTIONS, rows, (14, 24, 26, 22, 92), measured=(1, 2, 3), otherwise=NO_CORRECTION)


def results(content: BatchRecordContent) -> list[Flowable]:
    """Return the laboratory's results."""
    tongue = content.tongue
    rows = [
        (
            tongue.told(line.test),
            line.method,
            tongue.written(line.values),
            tongue.written(line.limits),
            line.analyst,
            line.checked_by,
            tongue(line.status),
            line.raw,
        )
        for line in content.results
    ]
    return columns(tongue, RESULTS, rows, (22, 26, 30, 22, 18, 20, 16, 26), otherwise=NO_RESULT)


def labels(content: BatchRecordContent) -> list[Flowable]:
    """Return every printed label and the count that has to balance."""
    tongue = content.tongue
    rows = [
        (line.serial, tongue(line.kind), tongue(line.status), line.at, line.by, line.reason) for line in content.labels
    ]
    made = columns(tongue, LABELS, rows, (34, 22, 24, 34, 26, 38), otherwise=NO_LABEL)
    return [*made, facts(content.label_count, tongue)] if content.label_count else made


def history(content: BatchRecordContent) -> list[Flowable]:
    """Return who did what with the batch, and when."""
    tongue = content.tongue
    rows = [(line.at, line.who, tongue(line.role), tongue(line.what), line.reason) for line in content.history]
    made = columns(tongue, HISTORY, rows, (36, 26, 28, 46, 42))
    return [say(tongue("Times are UTC."), LABEL), *made] if made else []
