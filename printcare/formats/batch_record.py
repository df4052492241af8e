"""The batch record of one batch as a PDF: the same content gives the same bytes, so the record can hold its hash."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from printcare.formats.batch_content import BatchRecordContent
from printcare.formats.codes import qr
from printcare.formats.document import pdf
from printcare.formats.fonts import BODY, BOLD, figure, printable, register
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
from printcare.formats.record_pages import (
    acknowledged,
    alarms,
    by_drug,
    calculation,
    decision,
    deviations,
    equipment,
    facts,
    ledger,
    materials,
    parameters,
    signatures,
    units,
    verdicts,
)

# A section that would be torn from its heading begins on a new page when less than this is left.
_ROOM_MM = {"Decision and signatures": 64, "The electronic record behind this paper": 56}


def batch_record_pdf(content: BatchRecordContent) -> bytes:
    """Return the record as PDF/A4 bytes, deterministic in its content; pages are numbered "page n of N"."""
    register()
    frame = Frame(
        content.mode,
        content.band,
        content.is_simulated,
        "Batch record",
        f"Batch {content.batch_id}   ·   Record {content.record_id}",
        f"{content.site}   ·   printed {content.printed_at}   ·   {content.application}",
    )
    return pdf(
        _story(content),
        frame,
        title=f"Batch record {content.batch_id}",
        author=content.site,
        subject=content.record_id,
        creator=content.application,
    )


def _story(content: BatchRecordContent) -> list[Flowable]:
    sections: list[tuple[str, list[Flowable]]] = [
        ("Identity", [facts(content.identity)]),
        ("Prescription", [facts(content.prescription), *acknowledged(content.acknowledged)]),
        ("Dose calculation", by_drug(content, lambda drug: [calculation(drug)])),
        (
            "Recipe and process parameters",
            [facts(content.recipe), *by_drug(content, lambda drug: [parameters(drug)])],
        ),
        ("Materials", [materials(content), *ledger(content)]),
        ("Equipment", [equipment(content)]),
        ("Process", [facts(content.process)]),
        ("Units", by_drug(content, units)),
        ("Uniformity", by_drug(content, lambda drug: [verdicts(drug.verdicts)])),
        ("Alarms and deviations", [*alarms(content), *deviations(content)]),
        ("Reconciliation", [facts(content.reconciliation)]),
        ("Decision and signatures", [decision(content), *signatures(content.signatures)]),
        ("The electronic record behind this paper", [_anchor(content)]),
    ]
    story: list[Flowable] = _cover(content)
    for number, (heading, parts) in enumerate(sections, start=1):
        story.append(CondPageBreak(_ROOM_MM.get(heading, 34) * mm))
        story.append(_heading(f"{number}   {heading}"))
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
        canvas.drawString(11.5 * mm, self.height - 10 * mm, printable(content.decision.outcome.upper()))
        figures = _figures(content)
        step = (self.width - 8 * mm) / len(figures)
        for place, (name, value) in enumerate(figures):
            x = 6 * mm + place * step
            canvas.setFillColor(MUTED)
            canvas.setFont(BODY, 6.6)
            canvas.drawString(x, 8.6 * mm, printable(name))
            canvas.setFillColor(TEXT)
            canvas.setFont(BOLD, 10)
            canvas.drawString(x, 3.8 * mm, printable(value))


def _figures(content: BatchRecordContent) -> list[tuple[str, str]]:
    states = [unit.state for unit in content.units]
    values = [v.result for drug in content.drugs for v in drug.verdicts if v.limit.startswith("AV") and v.result]
    targets = " + ".join(figure(drug.gate.target_mg) for drug in content.drugs)
    return [
        ("units planned", str(len(states))),
        ("accepted", str(states.count("accepted"))),
        ("rejected", str(states.count("rejected"))),
        ("target mass, mg", targets),
        ("AV, estimate", " / ".join(values) or "not formed"),
        ("alarms", str(len(content.alarms))),
        ("deviations", str(len(content.deviations))),
    ]


def _cover(content: BatchRecordContent) -> list[Flowable]:
    title = f"{content.product} {content.strength}"
    return [
        say("Batch record", style(9, BODY, MUTED)),
        say(title, TITLE),
        Spacer(1, 1.5 * mm),
        say(f"{content.dosage_form}   ·   batch {content.batch_id}   ·   record {content.record_id}", style(8.4)),
        Spacer(1, 3 * mm),
        _Summary(content),
        Spacer(1, 1 * mm),
        *[say(reason, SMALL) for reason in content.decision.reasons],
    ]


class _Anchor(Flowable):
    """The record's size and root in text, and the whole checkpoint as a QR code, to compare or to scan."""

    def __init__(self, content: BatchRecordContent) -> None:
        super().__init__()
        self._anchor = content.anchor
        self._modules = qr(content.anchor.checkpoint)
        self.width, self.height = WIDTH, 40 * mm

    def draw(self) -> None:
        """Draw code and text side by side."""
        side = 36 * mm
        draw_symbol(self.canv, self._modules, 2 * mm, 2 * mm, side)
        lines = (
            ("size of the record", f"{self._anchor.size} events"),
            ("root", self._anchor.root),
            ("for typing", self._anchor.paper),
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
        self.canv.setFont(BODY, 6.8)
        self.canv.setFillColor(MUTED)
        for line in (
            "This paper is an anchor of the electronic record: whoever cuts or rewrites the record later cannot",
            "change what stands here. To compare: printcare audit verify --anchor with the line “for typing”,",
            "or scan the code, which holds the whole signed checkpoint.",
        ):
            self.canv.drawString(side + 10 * mm, y, line)
            y -= 3.6 * mm


def _anchor(content: BatchRecordContent) -> Flowable:
    return KeepTogether([_Anchor(content)])
