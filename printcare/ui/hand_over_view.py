"""A batch's labels accounted for and its units given out, as the page Documents shows and does it."""

from __future__ import annotations

from collections.abc import Callable

from printcare.formats.label import FINAL, QUARANTINE
from printcare.ui.forms import Asked, Given, choice, text
from printcare.ui.messages import document_tongue, said
from printcare.ui.models import Fact, RegisterEntry, RegisterRow, Section
from printcare.ui.offers import Offer, State, by_name, chosen_folder, folder_field, kept, offered
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store, find
from printcare.workflow.paper.batch_recipe import recipe_of
from printcare.workflow.paper.label_book import LABEL_MOVES, LabelStatus, label_count, labels_of
from printcare.workflow.paper.labels import ACCOUNT, GIVEN, batch_state, destroy_label, spoil_label, use_label
from printcare.workflow.release import fhir_export
from printcare.workflow.release.hand_over import COMMAND, hand_over, handed_over, units_left

USE, SPOIL, DESTROY = "label.use", "label.spoil", "label.destroy"
KINDS = {QUARANTINE: phrase("quarantine label"), FINAL: phrase("final label")}
STATUSES = {
    LabelStatus.PRINTED: phrase("not used yet"),
    LabelStatus.USED: phrase("on its container"),
    LabelStatus.SPOILT: phrase("spoilt, not destroyed"),
    LabelStatus.DESTROYED: phrase("counted as destroyed"),
}


def rows(_records: Store, _account: Account) -> tuple[RegisterRow, ...]:
    """Return nothing: an order leads to its batch, and the page lists papers."""
    return ()


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return what became of a batch's labels and units."""
    allowed(records, account, "batch.show")
    batch_id = named.partition("|")[2]
    state = batch_state(records, batch_id) | {"id": batch_id}
    facts = (
        *(Fact(said(each.name), said(each.value)) for each in label_count(records, batch_id, document_tongue())),
        Fact(tr("Units to be given out"), str(units_left(records, batch_id)) if state["status"] in GIVEN else "–"),
    )
    shown = tuple(each for each in (_labels(records, batch_id), _given(records, batch_id)) if each.rows)
    deeds = tuple(offered(OFFERS, records, account, state))
    return RegisterEntry(named, batch_id, str(state["status"]), facts, shown, (), deeds)


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    return DEEDS[given.verb](records, account, given)


def _labels(records: Store, batch_id: str) -> Section:
    heads = (tr("Label"), tr("Kind"), tr("Status"), tr("Printed"), tr("Reason"))
    lines = tuple(
        (row["serial"], tr(KINDS[row["label"]]), tr(STATUSES[row["status"]]), row["at"], row["reason"] or "–")
        for row in labels_of(records, batch_id).values()
    )
    return Section(tr("Labels"), heads, lines)


def _given(records: Store, batch_id: str) -> Section:
    heads = (tr("No."), tr("Units"), tr("Given to"), tr("When"), tr("By"))
    lines = tuple(
        (_number(key), str(row["units"]), row["to"], row["at"][:16].replace("T", " "), find(records, row["by"]).name)
        for key, row in handed_over(records, batch_id).items()
    )
    return Section(tr("Units given out"), heads, lines)


def _number(key: str) -> str:
    return key.rpartition("/")[2]


# ---- deeds


def _scanned(records: Store, account: Account, given: Given) -> str:
    serial = given.fields["serial"]
    use_label(records, account, given.key, serial, given.fields["scan"])
    return tr("Label {} is on its container.").format(serial)


def _ended(ends: Callable[[Store, Account, str, str, str], None]) -> Callable[[Store, Account, Given], str]:
    def deed(records: Store, account: Account, given: Given) -> str:
        serial = given.fields["serial"]
        ends(records, account, given.key, serial, given.fields["reason"])
        return tr("Label {} is counted.").format(serial)

    return deed


def _handed(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    units = read.whole("units")
    read.close()
    key = hand_over(records, account, given.key, units, read.text("to"))
    return tr("{} units were given out, number {}.").format(units, _number(key))


def _exported(records: Store, account: Account, given: Given) -> str:
    number = given.fields["number"]
    master = recipe_of(records, given.key)
    bundle = fhir_export.fhir_bundle(records, account, given.key, master, int(number))
    return kept(chosen_folder(given), f"{given.key}-hand-over-{number}.fhir.json", bundle)


def _serials(records: Store, state: State, verb: str) -> tuple[str, ...]:
    """Return the labels of a batch that a command may be asked for."""
    starts = {start for start, _, command in LABEL_MOVES if command == verb}
    return tuple(row["serial"] for row in labels_of(records, state["id"]).values() if row["status"] in starts)


def _there_are(verb: str) -> Callable[[Store, State], bool]:
    return lambda records, state: bool(_serials(records, state, verb))


def _of_scan(records: Store, state: State) -> tuple[Asked, ...]:
    serials = _serials(records, state, USE)
    return choice("serial", tr("Label"), serials, serials[-1]), text("scan", tr("Scan it on the container"))


def _of_end(verb: str) -> Callable[[Store, State], tuple[Asked, ...]]:
    def asked(records: Store, state: State) -> tuple[Asked, ...]:
        return choice("serial", tr("Label"), _serials(records, state, verb)), text("reason", tr("Reason"))

    return asked


def _of_hand_over(records: Store, state: State) -> tuple[Asked, ...]:
    begun = str(units_left(records, state["id"]))
    return text("units", tr("Units, counted"), begun), text("to", tr("Ward or function, never a patient's name"))


def _of_export(records: Store, state: State) -> tuple[Asked, ...]:
    numbers = tuple(map(_number, handed_over(records, state["id"])))
    return choice("number", tr("Which giving out"), numbers, numbers[-1]), folder_field()


def _was_handed_over(records: Store, state: State) -> bool:
    return bool(handed_over(records, state["id"]))


OFFERS = (
    Offer(ACCOUNT, phrase("Scan a label on its container"), _scanned, _of_scan, when=_there_are(USE), verb=USE),
    Offer(
        ACCOUNT,
        phrase("Count a label as spoilt"),
        _ended(spoil_label),
        _of_end(SPOIL),
        when=_there_are(SPOIL),
        verb=SPOIL,
    ),
    Offer(
        ACCOUNT,
        phrase("Count a label as destroyed"),
        _ended(destroy_label),
        _of_end(DESTROY),
        when=_there_are(DESTROY),
        verb=DESTROY,
    ),
    Offer(COMMAND, phrase("Give units out"), _handed, _of_hand_over, statuses=tuple(GIVEN)),
    Offer(
        fhir_export.COMMAND,
        phrase("Write it for the hospital's system"),
        _exported,
        _of_export,
        when=_was_handed_over,
    ),
)
DEEDS = by_name(OFFERS)
