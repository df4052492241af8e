"""The batch record of one batch as a PDF: the same content gives the same bytes, so the record can hold its hash."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from printcare.formats.batch_content import BatchRecordContent
from printcare.formats.codes import qr
from printcare.formats.document import pdf
from printcare.formats.fonts import BODY, BOLD, printable, register
from printcare.formats.paper import (
    ACCENT,
    GROUND,
    MUTED,
    NO_SIGN,
    SECTION,
    SIGNS,
    SMALL,
    TEXT,
    TITLE,
    WIDTH,
    Frame,
    draw_sign,
    draw_symbol,
    say,
    style,
    table,
)
from printcare.formats.paper_tables import facts
from printcare.formats.record_lines import changes, clearance, corrections, history, labels, results, weighings
from printcare.formats.record_pages import (
    acknowledged,
    alarms,
    by_drug,
    calculation,
    decision,
    deviations,
    equipment,
    ledger,
    materials,
    parameters,
    signatures,
    units,
    verdicts,
)
from printcare.formats.wording import phrase

# A section that would be torn from its heading begins on a new page when less than this is left.
_DECISION, _ANCHORED = phrase("Decision and signatures"), phrase("The electronic record behind this paper")
AS_RECORDED = phrase("Words that people or devices wrote are reproduced as they stand in the record.")
_ROOM_MM = {_DECISION: 64, _ANCHORED: 56}


ANCHORED = phrase(
    "This paper is an anchor of the electronic record: whoever cuts or rewrites the record later cannot change what "
    "stands here. To compare: printcare audit verify --anchor with the line “for typing”, or scan the code, which "
    "holds the whole signed checkpoint."
)


def batch_record_pdf(content: BatchRecordContent) -> bytes:
    """Return the record as PDF/A4 bytes, deterministic in its content; pages are numbered "page n of N"."""
    register()
    tongue = content.tongue
    named = tongue("Batch {batch}   ·   Record {record}", batch=content.batch_id, record=content.record_id)
    printed = tongue("printed {at}", at=content.printed_at)
    frame = Frame(
        content.mode,
        content.band,
        content.is_simulated,
        tongue("Batch record"),
        named,
        f"{content.site}   ·   {printed}   ·   {content.application}",
        tongue,
    )
    return pdf(
        _story(content),
        frame,
        title=f"{tongue('Batch record')} {content.batch_id}",
        author=content.site,
        subject=content.record_id,
        creator=content.application,
        language=content.language,
    )


def _story(content: BatchRecordContent) -> list[Flowable]:
    tongue = content.tongue
    sections: list[tuple[str, list[Flowable]]] = [
        (phrase("Identity"), [facts(content.identity, tongue)]),
        (phrase("Legal route and justification"), [facts(content.justification, tongue)]),
        (
            phrase("Prescription"),
            [facts(content.prescription, tongue), *acknowledged(content.acknowledged, tongue)],
        ),
        (phrase("Dose calculation"), by_drug(content, calculation)),
        (phrase("Recipe and process parameters"), [facts(content.recipe, tongue), *by_drug(content, parameters)]),
        (phrase("Materials"), [*materials(content), *ledger(content)]),
        (phrase("Environment and handling"), [facts(content.environment, tongue)]),
        (phrase("Equipment"), equipment(content)),
        (phrase("Line clearance, preparation and finishing"), clearance(content)),
        (phrase("Process"), [facts(content.process, tongue)]),
        (phrase("Units"), by_drug(content, units)),
        (phrase("Weighings, drift and evaporation"), weighings(content)),
        (phrase("Corrections of the extrusion"), corrections(content)),
        (phrase("Uniformity"), by_drug(content, verdicts)),
        (phrase("Laboratory"), results(content)),
        (phrase("Alarms and deviations"), [*alarms(content), *deviations(content)]),
        (phrase("Changed values"), changes(content)),
        (phrase("Reconciliation and yield"), [facts((*content.reconciliation, *content.yields), tongue)]),
        (phrase("Labels"), labels(content)),
        (phrase("Who and when"), history(content)),
        (_DECISION, [*decision(content), *signatures(content.signatures, tongue)]),
        (phrase("After the decision"), [facts(content.afterwards, tongue)]),
        (_ANCHORED, [_anchor(content)]),
    ]
    story: list[Flowable] = _cover(content)
    for number, (heading, parts) in enumerate(sections, start=1):
        story.append(CondPageBreak(_ROOM_MM.get(heading, 34) * mm))
        story.append(_heading(f"{number}   {tongue(heading)}"))
        story.extend(parts)
    return story


def _heading(words: str) -> Flowable:
    made = table(
        [[say(words, SECTION)]],
        [WIDTH],
        ("LINEBELOW", (0, 0), (-1, -1), 0.9, ACCENT),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        header=0,
    )
    made.spaceBefore, made.spaceAfter = 7, 3
    return made


class _Summary(Flowable):
    """The outcome in one box: state, sign and the figures a releasing pharmacist looks for first."""

    def __init__(self, content: BatchRecordContent) -> None:
        super().__init__()
        self._content = content
        self.width, self.height = WIDTH, 25 * mm

    def draw(self) -> None:
        """Draw the box."""
        content, canvas = self._content, self.canv
        colour, shape = SIGNS.get(content.decision.outcome, NO_SIGN)
        canvas.setFillColor(GROUND)
        canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        canvas.setFillColor(colour)
        canvas.rect(0, 0, 1.6 * mm, self.height, stroke=0, fill=1)
        draw_sign(canvas, shape, 8 * mm, self.height - 8.2 * mm, 3.6, colour)
        canvas.setFont(BOLD, 14)
        canvas.setFillColor(colour)
        canvas.drawString(11.5 * mm, self.height - 10 * mm, printable(content.tongue(content.decision.outcome).upper()))
        figures = _figures(content)
        step = (self.width - 8 * mm) / len(figures)
        longest = max(stringWidth(printable(name), BODY, 1) for name, _ in figures)
        size = min(6.6, (step - 1.5 * mm) / longest)  # of one size, and none runs into the next
        for place, (name, value) in enumerate(figures):
            x = 6 * mm + place * step
            canvas.setFillColor(MUTED)
            canvas.setFont(BODY, size)
            canvas.drawString(x, 8.6 * mm, printable(name))
            canvas.setFillColor(TEXT)
            canvas.setFont(BOLD, 10)
            canvas.drawString(x, 3.8 * mm, printable(value))


def _figures(content: BatchRecordContent) -> list[tuple[str, str]]:
    states = [unit.state for unit in content.units]
    values = [v.result for drug in content.drugs for v in drug.verdicts if v.limit.startswith("AV") and v.result]
    tongue = content.tongue
    targets = " + ".join(tongue.figure(drug.gate.target_mg) for drug in content.drugs)
    return [
        (tongue("units planned"), str(len(states))),
        (tongue("units accepted"), str(states.count("accepted"))),
        (tongue("units rejected"), str(states.count("rejected"))),
        (tongue("target mass, mg"), targets),
        (tongue("AV, estimate"), " / ".join(tongue.written(value) for value in values) or tongue("not formed")),
        (tongue("alarms"), str(len(content.alarms))),
        (tongue("deviations"), str(len(content.deviations))),
    ]


def _cover(content: BatchRecordContent) -> list[Flowable]:
    title = f"{content.product} {content.strength}"
    named = content.tongue("Batch {batch}   ·   Record {record}", batch=content.batch_id, record=content.record_id)
    as_recorded = [] if content.language == "en" else [say(content.tongue(AS_RECORDED), SMALL)]
    return [
        say(content.tongue("Batch record"), style(9, BODY, MUTED)),
        say(title, TITLE),
        Spacer(1, 1.5 * mm),
        say(f"{content.dosage_form}   ·   {named}", style(8.4)),
        Spacer(1, 3 * mm),
        _Summary(content),
        Spacer(1, 1 * mm),
        *[say(reason, SMALL) for reason in content.decision.reasons],
        *as_recorded,
    ]


class _Anchor(Flowable):
    """The record's size and root in text, and the whole checkpoint as a QR code, to compare or to scan."""

    def __init__(self, content: BatchRecordContent) -> None:
        super().__init__()
        self._anchor, self._tongue = content.anchor, content.tongue
        self._modules = qr(content.anchor.checkpoint)
        self.width, self.height = WIDTH, 40 * mm

    def draw(self) -> None:
        """Draw code and text side by side."""
        side = 36 * mm
        draw_symbol(self.canv, self._modules, 2 * mm, 2 * mm, side)
        lines = (
            (self._tongue("size of the record"), self._tongue("{size} events", size=self._anchor.size)),
            (self._tongue("root"), self._anchor.root),
            (self._tongue("for typing"), self._anchor.paper),
        )
        y = self.height - 6 * mm
        for name, value in lines:
            self.canv.setFont(BODY, 6.6)
            self.canv.setFillColor(MUTED)
            self.canv.drawString(side + 10 * mm, y, name)
            self.canv.setFont(BOLD, 8)
            self.canv.setFillColor(TEXT)
            self.canv.drawString(side + 36 * mm, y, printable(value))
            y -= 6 * mm
        told = say(self._tongue(ANCHORED), style(6.8, colour=MUTED))
        _, height = told.wrap(self.width - side - 12 * mm, self.height)
        told.drawOn(self.canv, side + 10 * mm, y + 4 * mm - height)


def _anchor(content: BatchRecordContent) -> Flowable:
    return KeepTogether([_Anchor(content)])
