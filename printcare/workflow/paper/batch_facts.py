"""The named values of a batch record: what was made, on what legal ground, for which order, in which room."""

from __future__ import annotations

from decimal import Decimal
from typing import Any  # states are parsed JSON

from printcare.domain.control_recipe import ControlPart
from printcare.domain.ordered_case import whole
from printcare.domain.prescription import Measurement, Prescription
from printcare.formats import batch_content as paper
from printcare.formats.wording import Tongue, phrase
from printcare.records.store import Store
from printcare.workflow.batch.plan import PlannedBatch, parts_of
from printcare.workflow.paper import batch_history
from printcare.workflow.paper.batch_history import shown_time
from printcare.workflow.paper.use_by import use_by_facts
from printcare.workflow.site.room import disposables_of, room_of

Fact = paper.Fact
FOUR_PLACES = Decimal("0.0001")
JUSTIFICATION = {
    "no_licensed_product": phrase("No licensed product"),
    "added_value": phrase("Added value"),
    "risk_level": phrase("Risk level"),
    "dossier": phrase("Dossier"),
}


def identity(records: Store, planned: PlannedBatch, state: dict[str, Any], tongue: Tongue) -> tuple[paper.Fact, ...]:
    """Return what the batch is, who printed it, when and with what."""
    parts, product = planned.recipe.parts, planned.recipe.master.product
    started = records.events(object_id=planned.id, action="batch.started")
    ended = records.events(object_id=planned.id, action="batch.printed") or records.events(
        object_id=planned.id, action="batch.quarantined"
    )
    begun_at = shown_time(started[0].content["ts_utc"]) if started else tongue("not begun")
    ended_at = shown_time(ended[0].content["ts_utc"]) if ended else tongue("not ended")
    named = f"{' + '.join(tongue(each.part.product.tall_man) for each in parts)}, {tongue(product.dosage_form)}"
    doses = " + ".join(tongue.figure(each.dose_per_unit_mg) for each in parts)
    return (
        Fact(tongue("Batch"), planned.id),
        Fact(tongue("Product"), named),
        Fact(tongue("Strength"), tongue("{strength} per unit", strength=f"{doses} mg")),
        Fact(tongue("Units planned"), str(planned.recipe.units_total)),
        Fact(tongue("Site"), records.site()),
        Fact(tongue("Mode"), tongue(str(state.get("mode") or ""))),
        Fact(
            tongue("Operator"), batch_history.named(records, str(state.get("operator") or "")) or tongue("not started")
        ),
        Fact(
            tongue("Recipe"), tongue("{id} version {version}", id=planned.recipe.master.id, version=_version(planned))
        ),
        Fact(tongue("Printing began (UTC)"), begun_at),
        Fact(tongue("Printing ended (UTC)"), ended_at),
        *use_by_facts(records, planned.id, state, planned.recipe.master, tongue),
        Fact(tongue("Hazard class"), tongue(planned.recipe.master.hazard_class)),
        Fact(tongue("Application"), f"printcare {records.context.app_version}"),
        Fact(
            tongue("Configuration, SHA-256"), batch_history.configuration(records, planned.id) or tongue("not stated")
        ),
    )


def _version(planned: PlannedBatch) -> str:
    return str(planned.recipe.master.version)


def justification(state: dict[str, Any], tongue: Tongue) -> tuple[paper.Fact, ...]:
    """Return the legal route of each drug and why the batch is needed."""
    facts = [Fact(tongue("Purpose"), tongue("rehearsal on an emulated bench"))] if state.get("simulated") else []
    for row in parts_of(state):
        legal = row.get("legal")
        if not legal:
            facts.append(Fact(tongue("Legal route"), tongue("not stated")))
            continue
        facts.append(Fact(tongue("Legal route"), f"{row['drug']}: {legal['jurisdiction']}, {legal['route']}"))
        given = legal.get("justification") or {}
        facts += [Fact(tongue(words), tongue(given[name])) for name, words in JUSTIFICATION.items() if given.get(name)]
    return tuple(facts)


def environment(records: Store, planned: PlannedBatch, tongue: Tongue) -> tuple[paper.Fact, ...]:
    """Return the room as wanted and as found, the disposables, what the hazard asks; what nobody measured says so."""
    master = planned.recipe.master
    handling, room = master.handling, room_of(records, planned.id)
    figures = tongue("not measured")
    if room is not None:
        warmth, humidity = (tongue.figure(Decimal(room[name])) for name in ("temperature_c", "humidity_pct"))
        figures = f"{room['room_class']}: {warmth} °C, {humidity} %"
    used = "; ".join(
        " ".join(filter(None, (each["name"], each["lot"], each["serial"])))
        for each in disposables_of(records, planned.id)
    )
    return (
        Fact(tongue("Room class"), tongue(master.room_class)),
        Fact(tongue("Temperature, humidity"), figures),
        *((Fact(tongue("Disposables"), used),) if used else ()),
        Fact(tongue("Hazard class"), tongue(master.hazard_class)),
        Fact(tongue("Protection"), ", ".join(tongue(each) for each in handling.ppe) or "–"),
        Fact(tongue("Containment"), tongue(handling.containment) if handling.containment else "–"),
        Fact(tongue("Spill kit"), tongue(handling.spill_kit) if handling.spill_kit else "–"),
        Fact(
            tongue("Waste"),
            tongue("destroyed before a witness") if handling.has_witnessed_waste else tongue("as the site's rules say"),
        ),
    )


def prescription(
    records: Store, order: Prescription, planned: PlannedBatch, changed: tuple[paper.ChangeLine, ...], tongue: Tongue
) -> tuple[paper.Fact, ...]:
    """Return the order as it came, what was changed of it, and the dose two people stand for."""
    verified = planned.recipe.verified
    of_order = f"{tongue('prescription')} {order.id}"

    def was(name: str) -> str:
        return batch_history.changed(changed, of_order, name, tongue)

    received = tongue(
        "{source}, SHA-256 {digest}…, kept unchanged", source=order.source, digest=order.received_sha256[:16]
    )
    both = tongue(
        "{first}; second entry by {second}",
        first=batch_history.named(records, verified.pharmacist_id),
        second=batch_history.named(records, verified.second_id),
    )
    warned = ", ".join((*order.allergies, *order.contraindicated_excipients)) or tongue("none stated")
    area = verified.calculation.bsa_m2
    return (
        Fact(tongue("Prescription"), order.id),
        Fact(tongue("Received as"), received),
        Fact(tongue("Patient"), order.patient.pseudonym),
        Fact(tongue("Prescriber"), order.prescriber, was("prescriber")),
        Fact(tongue("Written on"), order.authored_on.isoformat(), was("authored_on")),
        Fact(tongue("Weight"), _measured(order.weight, tongue), was("weight")),
        Fact(tongue("Height"), _measured(order.height, tongue), was("height")),
        Fact(
            tongue("Body surface"),
            f"{tongue.figure(area.quantize(FOUR_PLACES))} m²" if area is not None else tongue("not used"),
        ),
        Fact(tongue("Allergies, excipients"), warned, was("allergies")),
        *(fact for part in planned.recipe.parts for fact in _ordered(order, part, was("ordered_dose_mg"), tongue)),
        Fact(tongue("Verified by"), both),
    )


def _ordered(order: Prescription, part: ControlPart, was: str, tongue: Tongue) -> tuple[paper.Fact, ...]:
    """Return what was ordered of one drug, beside what was recomputed and what is printed."""
    named = {each.product_code: each for each in order.components}
    own, verified = named.get(part.drug, whole(order)), part.verified
    of_drug = f"{tongue(part.drug)}: " if named else ""
    unknown = tongue("not stated")
    ordered = unknown if own.ordered_dose_mg is None else f"{tongue.figure(own.ordered_dose_mg)} mg"
    basis = unknown
    if own.basis is not None:
        over = {"per_m2": "m²", "per_kg": "kg"}.get(own.basis.basis, own.basis.basis)
        amount = tongue.written(own.basis.amount_mg)
        basis = tongue("{amount} mg/{over} per {per}", amount=amount, over=over, per=tongue(own.basis.per))
    times = tongue(
        "{dose}, {count} a day for {days} days", dose=ordered, count=_per_day(part), days=order.duration_days
    )
    return (
        Fact(tongue("Indication"), f"{of_drug}{own.indication or unknown}"),
        Fact(tongue("Ordered dose"), f"{of_drug}{times}", was),
        Fact(tongue("Basis given"), f"{of_drug}{basis}"),
        Fact(tongue("Recomputed dose"), f"{of_drug}{tongue.figure(verified.recomputed_dose_mg)} mg"),
        Fact(tongue("Ordered against recomputed"), f"{of_drug}{tongue.figure(verified.difference_pct)} %"),
        Fact(
            tongue("Printed dose"),
            f"{of_drug}{tongue.figure(verified.printed_dose_mg)} mg, {tongue(verified.origin)}",
        ),
    )


def _per_day(part: ControlPart) -> int:
    return part.verified.doses_per_day


def _measured(measurement: Measurement | None, tongue: Tongue) -> str:
    if measurement is None:
        return tongue("not stated")
    when = measurement.measured_on.isoformat() if measurement.measured_on else tongue("no date")
    value = tongue.written(measurement.value)
    return tongue("{value} {unit}, measured {when}", value=value, unit=measurement.unit, when=when)
