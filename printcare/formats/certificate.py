"""The certificate of an ink lot on paper: what it is, what was found and how well, where it stands and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from printcare.domain.formulation import Determination, InkLot, PharmaInk
from printcare.domain.numbers import plain
from printcare.domain.preparation import Preparation
from printcare.formats.document import pdf
from printcare.formats.fonts import register
from printcare.formats.paper import HEAD, SECTION, STRONG, TITLE, WIDTH, Frame, say, table


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature as it stands on the paper."""

    name: str
    role: str
    meaning: str
    at: str


@dataclass(frozen=True, slots=True)
class CertificateContent:
    """Everything on the certificate; `preparation` of a lot made in house."""

    site: str
    mode: str
    band: str
    application: str
    lot: InkLot
    ink: PharmaInk | None
    preparation: Preparation | None
    judgement: str
    signatures: tuple[Signed, ...]


def certificate_pdf(content: CertificateContent) -> bytes:
    """Return the certificate as PDF bytes, deterministic in its content."""
    register()
    lot = content.lot
    title = f"Certificate of ink lot {lot.id}"
    frame = Frame(content.mode, content.band, False, title, f"Lot {lot.id} · {lot.status.value}", content.site)
    story: list[Flowable] = [say(title, TITLE), Spacer(1, 3 * mm), *_section("Identity", _identity(content))]
    story += [*_section("Determinations", _determinations(lot)), *_section("Storage and transport", _storage(content))]
    if content.ink is not None:
        story += _composition(content.ink)
    if content.preparation is not None:
        story += _prepared(content.preparation)
    signed = [[each.name, each.role, each.meaning, each.at] for each in content.signatures]
    story += _columns("Signatures", ("name", "role", "meaning", "at"), signed, (0.25, 0.2, 0.3, 0.25))
    return pdf(story, frame, title=title, author=content.site, subject=lot.id, creator=content.application)


def _identity(content: CertificateContent) -> tuple[tuple[str, str], ...]:
    lot = content.lot
    drug = "" if content.ink is None else f"{content.ink.inn}: "
    return (
        ("Ink", f"{lot.ink_id}, formulation version {lot.formulation_version}"),
        ("Drug", f"{drug}{plain(lot.strength_mg_per_g)} mg/g as {lot.form}, {lot.strength_basis.replace('_', ' ')}"),
        ("Origin", f"{lot.origin}: {lot.supplier}, agreement until {lot.supplier_agreement_until}"),
        ("Certificate of the maker", lot.certificate),
        ("Made, expires", f"{lot.manufactured_on}, {lot.expires_on}"),
        ("Received", f"{plain(lot.mass_g)} g, {plain(lot.left_g)} g left by the ledger"),
        ("Status", lot.status.value),
    )


def _determinations(lot: InkLot) -> tuple[tuple[str, str], ...]:
    low, high = (plain(limit) for limit in lot.assay_limits_pct)
    return (
        ("Assay", f"{plain(lot.assay_pct_of_label)} % of label (limits {low} to {high} %){_how(lot.assay)}"),
        ("Loss on drying", f"{plain(lot.lod_pct)} %{_how(lot.lod)}"),
    )


def _how(found: Determination | None) -> str:
    if found is None:
        return "; date, method and uncertainty not stated"
    uncertainty = plain(found.uncertainty_pct)
    return f"; U {uncertainty} % (k = 2), {found.method}, {found.laboratory}, {found.measured_on}"


def _storage(content: CertificateContent) -> tuple[tuple[str, str], ...]:
    lot = content.lot
    opened = "not opened" if lot.opened_at is None else f"opened {lot.opened_at:%Y-%m-%d %H:%M}"
    in_use = "not stated" if lot.in_use_h is None else f"{plain(lot.in_use_h)} h"
    return (
        ("Storage", lot.storage or "not stated"),
        ("In use", f"{in_use}, {opened}"),
        ("Transport", f"{lot.excursion()}; {content.judgement or 'not judged'}"),
    )


def _composition(ink: PharmaInk) -> list[Flowable]:
    functions = {each.name: each.function for each in ink.excipients}
    rows = [[name, plain(mg_per_g), functions.get(name, "drug")] for name, mg_per_g in ink.composition()]
    return _columns(f"Composition, {ink.title}", ("substance", "mg/g", "function"), rows, (0.5, 0.2, 0.3))


def _prepared(made: Preparation) -> list[Flowable]:
    rows = [
        [
            each.name,
            each.lot,
            plain(each.planned_g),
            f"{plain(each.weighed_g)} ± {plain(each.limit_pct)} %",
            f"{each.weighed_by}, {each.checked_by}",
            f"{each.weighed_at:%Y-%m-%d %H:%M}",
        ]
        for each in made.ingredients
    ]
    names = ("ingredient", "lot", "planned, g", "weighed, g (limit)", "weighed, checked by", "at")
    told = f"Yield {plain(made.yield_g)} g of {plain(made.weighed_g)} g; equipment: {', '.join(made.equipment)}; "
    told += f"deviations: {'; '.join(made.deviations) or 'none'}"
    return [*_columns("Preparation", names, rows, (0.22, 0.14, 0.12, 0.18, 0.2, 0.14)), say(told)]


def _section(title: str, facts: Sequence[tuple[str, str]]) -> list[Flowable]:
    rows = [[say(name, STRONG), say(value)] for name, value in facts]
    return [say(title, SECTION), table(rows, [0.25 * WIDTH, 0.75 * WIDTH], header=0)]


def _columns(
    title: str, names: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float]
) -> list[Flowable]:
    cells = [[say(name, HEAD) for name in names], *([say(cell) for cell in row] for row in rows)]
    return [say(title, SECTION), table(cells, [share * WIDTH for share in shares])]
