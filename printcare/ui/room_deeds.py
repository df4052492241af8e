"""What the page Cleaning asks of a batch's surroundings: its room, its disposables, its waste before a witness."""

from __future__ import annotations

from printcare.ui.forms import Asked, Given, choice, text
from printcare.ui.offers import Offer, State, by_name
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.entry import Account, Store, authenticate
from printcare.workflow.site import room, waste


def _measured(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    figures = (read.decimal("room"), read.decimal("humidity", "room"))
    read.close()
    room.enter_room(records, account, read.text("batch"), read.text("room_class"), *figures)
    return tr("The room of batch {} is entered.").format(read.text("batch"))


def _used(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    room.enter_disposable(records, account, asked["batch"], asked["disposable"], asked["lot"], asked["serial"])
    return tr("{} of lot {} belongs to batch {}.").format(asked["disposable"], asked["lot"], asked["batch"])


def _destroyed(records: Store, account: Account, given: Given) -> str:
    batch, (own, other) = given.fields["batch"], given.signers
    witness = authenticate(records, other.login, other.password)
    waste.destroy_waste(records, account, own.password, witness, other.password, batch, given.fields["waste"])
    return tr("The waste of batch {} was destroyed before {}.").format(batch, witness.name)


def _batch(records: Store) -> Asked:
    return choice("batch", tr("Batch"), (*reversed(records.all("batch")), ""))


def _of_room(records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        _batch(records),
        text("room_class", tr("Class of the room, as the site's plan names it")),
        text("room", tr("Temperature, °C")),
        text("humidity", tr("Relative humidity of the room, %")),
    )


def _of_disposable(records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        _batch(records),
        text("disposable", tr("Disposable, as nozzle or syringe")),
        text("lot", tr("Lot")),
        text("serial", tr("Serial number, if it has one")),
    )


def _of_waste(records: Store, _state: State) -> tuple[Asked, ...]:
    return _batch(records), text("waste", tr("Counted: rejected units, wipes, gloves, disposables"))


OFFERS = (
    Offer(room.COMMAND, phrase("Enter the room of a batch"), _measured, _of_room, verb=room.MEASURED),
    Offer(room.COMMAND, phrase("Enter a disposable of a batch"), _used, _of_disposable, verb=room.USED),
    Offer(
        "cartridge.discard",
        phrase("Destroy a batch's waste before a witness"),
        _destroyed,
        _of_waste,
        waste.TOOK,
        second="pharmacist",
        second_meaning=waste.WITNESSED,
        verb=waste.DESTROYED,
    ),
)
DEEDS = by_name(OFFERS)
