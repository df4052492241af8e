"""The certificate of an ink lot on paper: what it is, what was found and how well, where it stands and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from printcare.domain.formulation import Determination, InkLot, PharmaInk
from printcare.domain.preparation import Preparation
from printcare.formats.batch_content import Fact
from printcare.formats.document import pdf
from printcare.formats.fonts import register
from printcare.formats.paper import SECTION, STRONG, TITLE, WIDTH, Frame, say, table
from printcare.formats.paper_tables import columns
from printcare.formats.wording import Tongue, phrase, tongue_of

SIGNED = (phrase("name"), phrase("role"), phrase("meaning"), phrase("time"))
COMPOSITION = (phrase("substance"), phrase("mg/g"), phrase("function"))
PREPARED = (
    phrase("ingredient"), phrase("lot"), phrase("planned, g"), phrase("weighed, g (limit)"),
    phrase("weighed, checked by"), phrase("time"),
)  # fmt: skip


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
    language: str = "en"


def certificate_pdf(content: CertificateContent) -> bytes:
    """Return the certificate as PDF bytes, deterministic in its content."""
    register()
    lot, tongue = content.lot, tongue_of(content.language)
    title = tongue("Certificate of ink lot {lot}", lot=lot.id)
    named = tongue("Lot {lot} · {status}", lot=lot.id, status=tongue(lot.status.value))
    frame = Frame(content.mode, content.band, False, title, named, content.site, tongue)
    story: list[Flowable] = [say(title, TITLE), Spacer(1, 3 * mm)]
    story += _section(tongue("Identity"), _identity(content, tongue))
    story += _section(tongue("Determinations"), _determinations(lot, tongue))
    story += _section(tongue("Storage and transport"), _storage(content, tongue))
    if content.ink is not None:
        story += _composition(content.ink, tongue)
    if content.preparation is not None:
        story += _prepared(content.preparation, tongue)
    signed = [[each.name, tongue(each.role), tongue(each.meaning), _utc(each.at)] for each in content.signatures]
    story += [say(tongue("Signatures"), SECTION)]
    story += columns(tongue, SIGNED, signed, (25, 20, 30, 25), otherwise="Not signed yet.")
    return pdf(
        story,
        frame,
        title=title,
        author=content.site,
        subject=lot.id,
        creator=content.application,
        language=content.language,
    )


def _utc(recorded: str) -> str:
    return f"{recorded[:19].replace('T', ' ')} UTC"


def _identity(content: CertificateContent, tongue: Tongue) -> tuple[Fact, ...]:
    lot = content.lot
    drug = "" if content.ink is None else f"{tongue(content.ink.inn)}: "
    basis = tongue(lot.strength_basis.replace("_", " "))
    return (
        Fact(
            tongue("Ink"),
            tongue("{ink}, formulation version {version}", ink=lot.ink_id, version=lot.formulation_version),
        ),
        Fact(
            tongue("Drug"),
            drug
            + tongue(
                "{strength} mg/g as {form}, {basis}",
                strength=tongue.figure(lot.strength_mg_per_g),
                form=tongue(lot.form),
                basis=basis,
            ),
        ),
        Fact(
            tongue("Origin"),
            tongue(
                "{origin}: {supplier}, agreement until {until}",
                origin=tongue(lot.origin),
                supplier=lot.supplier,
                until=lot.supplier_agreement_until,
            ),
        ),
        Fact(tongue("Certificate of the maker"), lot.certificate),
        Fact(tongue("Made, expires"), f"{lot.manufactured_on}, {lot.expires_on}"),
        Fact(
            tongue("Received"),
            tongue(
                "{received} g, {left} g of it not in a cartridge yet",
                received=tongue.figure(lot.mass_g),
                left=tongue.figure(lot.left_g),
            ),
        ),
        Fact(tongue("Status"), tongue(lot.status.value)),
    )


def _determinations(lot: InkLot, tongue: Tongue) -> tuple[Fact, ...]:
    low, high = (tongue.figure(limit) for limit in lot.assay_limits_pct)
    assay = tongue(
        "{assay} % of label (limits {low} to {high} %)", assay=tongue.figure(lot.assay_pct_of_label), low=low, high=high
    )
    return (
        Fact(tongue("Assay"), f"{assay}{_how(lot.assay, tongue)}"),
        Fact(tongue("Loss on drying"), f"{tongue.figure(lot.lod_pct)} %{_how(lot.lod, tongue)}"),
    )


def _how(found: Determination | None, tongue: Tongue) -> str:
    if found is None:
        return tongue("; date, method and uncertainty not stated")
    uncertainty = tongue.figure(found.uncertainty_pct)
    return f"; U {uncertainty} % (k = 2), {found.method}, {found.laboratory}, {found.measured_on}"


def _storage(content: CertificateContent, tongue: Tongue) -> tuple[Fact, ...]:
    lot = content.lot
    opened = tongue("not opened")
    if lot.opened_at is not None:
        opened = tongue("opened {at}", at=f"{lot.opened_at:%Y-%m-%d %H:%M}")
    in_use = tongue("not stated") if lot.in_use_h is None else f"{tongue.figure(lot.in_use_h)} h"
    seen = lot.excursion()
    # Who judged an excursion judged it in these words, and a reason behind them: they are said once.
    judged = content.judgement.removeprefix(seen).lstrip("; ") or tongue("not judged")
    return (
        Fact(tongue("Storage"), tongue(lot.storage).replace("degC", "°C") or tongue("not stated")),
        Fact(tongue("In use"), f"{in_use}, {opened}"),
        Fact(tongue("Transport"), f"{tongue.told(seen)}; {judged}"),
    )


def _composition(ink: PharmaInk, tongue: Tongue) -> list[Flowable]:
    functions = {each.name: each.function for each in ink.excipients}
    rows = [
        [tongue(name), tongue.figure(mg_per_g), tongue(functions.get(name, "drug"))]
        for name, mg_per_g in ink.composition()
    ]
    title = tongue("Composition, {title}", title=ink.title)
    return [say(title, SECTION), *columns(tongue, COMPOSITION, rows, (50, 20, 30), right=(1,))]


def _prepared(made: Preparation, tongue: Tongue) -> list[Flowable]:
    rows = [
        [
            tongue(each.name),
            each.lot,
            tongue.figure(each.planned_g),
            f"{tongue.figure(each.weighed_g)} ± {tongue.figure(each.limit_pct)} %",
            f"{each.weighed_by}, {each.checked_by}",
            f"{each.weighed_at:%Y-%m-%d %H:%M}",
        ]
        for each in made.ingredients
    ]
    told = tongue(
        "Yield {made} g of {weighed} g; equipment: {equipment}; deviations: {deviations}",
        made=tongue.figure(made.yield_g),
        weighed=tongue.figure(made.weighed_g),
        equipment=", ".join(made.equipment),
        deviations="; ".join(made.deviations) or tongue("none"),
    )
    table_of = columns(tongue, PREPARED, rows, (22, 14, 12, 18, 20, 14), right=(2, 3))
    return [say(tongue("Preparation"), SECTION), *table_of, say(told)]


def _section(title: str, listed: Sequence[Fact]) -> list[Flowable]:
    rows = [[say(fact.name, STRONG), say(fact.value)] for fact in listed]
    return [say(title, SECTION), table(rows, [0.28 * WIDTH, 0.72 * WIDTH], header=0)]
