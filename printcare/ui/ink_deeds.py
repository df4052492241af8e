"""What the page Inks asks for, from receipt to waste: tables of deeds, each on its own function of the workflow."""

from __future__ import annotations

from functools import partial

from printcare.domain.cartridge import FILAMENT, CartridgeStatus
from printcare.domain.ink_lot import SUPPLIER, LotStatus
from printcare.formats.ink_formulation import read_formulation
from printcare.formats.ink_lot import read_ink_lot
from printcare.formats.legal_grounds import read_legal_grounds
from printcare.ui import ink_preparation, recall_list
from printcare.ui.figures import exact
from printcare.ui.forms import Asked, Given, a_file, choice, text
from printcare.ui.offers import Offer, State, by_name, from_file, kept, signed, signed_with_reason
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.entry import Account, Store, authenticate
from printcare.workflow.ink import cartridges, formulations, inks
from printcare.workflow.ink.formulations import APPROVED, DRAFT
from printcare.workflow.ink.ink_papers import certificate
from printcare.workflow.ink.preparation import CHECKED, PREPARED
from printcare.workflow.ink.recall import recall
from printcare.workflow.site.upkeep import calibrate_flow

BEFORE_PRINTING = ("planned", "verified", "prepared")  # a cartridge may still be loaded for such a batch
FILLED, LOADED, USED, LOST = (
    CartridgeStatus.FILLED,
    CartridgeStatus.LOADED,
    CartridgeStatus.USED,
    CartridgeStatus.QUARANTINED,
)


# ---- everything: what comes in


def _received(records: Store, account: Account, given: Given) -> str:
    lot, filled = from_file(given, read_ink_lot)
    inks.receive_lot(records, account, lot, filled)
    return tr("Lot {} is in quarantine; cartridges that came with it: {}.").format(lot.id, len(filled))


def _written(records: Store, account: Account, given: Given) -> str:
    key = formulations.write_formulation(records, account, from_file(given, read_formulation))
    return tr("The formulation {} is a draft.").format(key)


def _grounded(records: Store, account: Account, given: Given) -> str:
    grounds = from_file(given, read_legal_grounds)
    for inn, ground in grounds.items():
        formulations.set_legal_ground(records, account, given.password, inn, ground)
    return tr("The legal ground is signed for {}.").format(", ".join(sorted(grounds)))


def _agreed(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    supplier, agreement, until = read.text("supplier"), read.text("agreement"), read.day("until")
    read.close()
    inks.agree(records, account, given.password, supplier, agreement, until)
    return tr("The agreement with {} runs until {}.").format(supplier, until.isoformat())


def _one_file(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (a_file("file", tr("File")),)


def _of_agreement(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        text("supplier", tr("Supplier")),
        text("agreement", tr("Reference of the agreement")),
        text("until", tr("Its last day, as 2027-12-31")),
    )


EVERYTHING = (
    Offer("ink_lot.receive", phrase("Receive a lot from its file"), _received, _one_file),
    Offer("ink_formulation.write", phrase("Write a formulation from its file"), _written, _one_file),
    Offer("supplier.agree", phrase("Sign a supplier's agreement"), _agreed, _of_agreement, "agreement"),
    Offer(
        "site.configure",
        phrase("Sign default legal grounds from a file"),
        _grounded,
        _one_file,
        formulations.GROUND,
        verb="ink.legal",
    ),
)


# ---- lots


def _released(records: Store, account: Account, given: Given) -> str:
    inks.release_lot(records, account, given.password, given.key, given.reason, records.context.clock().date())
    return ""


def _judged(records: Store, account: Account, given: Given, *, is_usable: bool) -> str:
    inks.judge_transport(records, account, given.password, given.key, is_usable=is_usable, reason=given.reason)
    return ""


def _opened(records: Store, account: Account, given: Given) -> str:
    inks.open_lot(records, account, given.key)
    return ""


def _closed(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    waste_g = read.decimal("waste.lot")
    read.close()
    inks.close_lot(records, account, given.key, waste_g, read.text("deviation"))
    return tr("The rest of lot {} is booked as waste.").format(given.key)


def _certified(records: Store, account: Account, given: Given) -> str:
    return kept(given.folder, f"certificate-{given.key}.pdf", certificate(records, account, given.key))


def _traced(records: Store, account: Account, given: Given) -> str:
    return recall_list.written(records, account, given.key, given.folder)


def _filled(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    fill_g, dead_g, use_within_h = (read.decimal(name) for name in ("fill_g", "dead_g", "use_within_h"))
    spilt_g, name = read.decimal("spilt_g"), read.required("cartridge")
    read.close()
    today = records.context.clock().date()
    made = cartridges.new_cartridge(name, given.key, fill_g, dead_g, use_within_h, today, code=read.text("code"))
    cartridges.fill_cartridge(records, account, made, spilt_g)
    return tr("Cartridge {} holds {} g of lot {}.").format(name, exact(fill_g), given.key)


def _of_filling(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        text("cartridge", tr("Number of the new cartridge")),
        text("code", tr("Its code, scanned; none: its number")),
        text("fill_g", tr("What went in, weighed, g")),
        text("dead_g", tr("What cannot be printed, g")),
        text("spilt_g", tr("Lost while filling, g"), "0"),
        text("use_within_h", tr("Usable at printing temperature, h")),
    )


def _of_closing(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("waste.lot", tr("Waste, weighed, g")), text("deviation", tr("Why grams are missing, if they are"))


def _waits_for_judgement(_records: Store, state: State) -> bool:
    return state.get("origin") == SUPPLIER


def _is_closed(_records: Store, state: State) -> bool:
    return state.get("opened_at") is None


def _is_open(_records: Store, state: State) -> bool:
    return state.get("opened_at") is not None


LOT = (
    *(
        Offer(
            "ink_lot.judge",
            words,
            partial(_judged, is_usable=is_usable),
            meaning=meaning,
            statuses=(LotStatus.QUARANTINE,),
            when=_waits_for_judgement,
            wants_reason=True,
            verb=verb,
        )
        for verb, words, meaning, is_usable in (
            ("judge.harmless", phrase("Judge the transport harmless"), "transport judged harmless", True),
            ("judge.harmful", phrase("Judge the transport harmful"), "transport judged harmful", False),
        )
    ),
    *(
        Offer(command, words, does, meaning=inks.MEANINGS[command], statuses=statuses, wants_reason=True)
        for command, words, does, statuses in (
            ("ink_lot.release", phrase("Release"), _released, (LotStatus.QUARANTINE,)),
            (
                "ink_lot.quarantine",
                phrase("Put back into quarantine"),
                signed_with_reason(inks.quarantine_lot),
                (LotStatus.RELEASED,),
            ),
            (
                "ink_lot.reject",
                phrase("Reject for good"),
                signed_with_reason(inks.reject_lot),
                (LotStatus.QUARANTINE, LotStatus.RELEASED),
            ),
            (
                "ink_lot.recall",
                phrase("Recall the lot"),
                signed_with_reason(recall),
                (LotStatus.QUARANTINE, LotStatus.RELEASED, LotStatus.REJECTED),
            ),
        )
    ),
    Offer("ink_lot.open", phrase("Open the lot"), _opened, statuses=(LotStatus.RELEASED,), when=_is_closed),
    Offer(
        "cartridge.fill",
        phrase("Fill a cartridge"),
        _filled,
        _of_filling,
        statuses=(LotStatus.RELEASED,),
        when=_is_open,
    ),
    Offer("ink_lot.close", phrase("Book the rest as waste"), _closed, _of_closing),
    Offer("ink_lot.trace", phrase("Write the recall list"), _traced),
    Offer("ink_lot.show", phrase("Write the certificate"), _certified, verb="ink.certificate"),
)


# ---- cartridges and spools


def _loaded(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    cartridges.load_cartridge(records, account, given.key, asked["cartridge"], asked["batch"])
    return tr("Cartridge {} is loaded for batch {}.").format(given.key, asked["batch"])


def _unloaded(records: Store, account: Account, given: Given) -> str:
    cartridges.unload_cartridge(records, account, given.key, given.fields["reason"])
    return tr("Cartridge {} is taken out.").format(given.key)


def _unpacked(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    humidity_pct = read.optional("humidity")
    read.close()
    cartridges.open_spool(records, account, given.key, humidity_pct)
    return tr("Spool {} is open and takes up water from now on.").format(given.key)


def _calibrated(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    figures = [read.decimal(name) for name in ("commanded_mm3", "flow", "density")]
    read.close()
    found_pct = calibrate_flow(records, account, given.key, *figures)
    return tr("Cartridge {} gave {} % of the volume that was told.").format(given.key, exact(found_pct))


def _discarded(records: Store, account: Account, given: Given) -> str:
    read = Reading(given.fields)
    waste_g = read.decimal("waste.cartridge")
    read.close()
    witness, secret = None, ""
    if len(given.signers) > 1:
        secret = given.signers[1].password
        witness = authenticate(records, given.signers[1].login, secret)
    reason = read.text("reason")
    cartridges.discard_cartridge(records, account, given.password, given.key, waste_g, reason, witness, secret)
    return tr("Cartridge {} is discarded.").format(given.key)


def _of_loading(records: Store, state: State) -> tuple[Asked, ...]:
    """Ask for the code as the scanner reads it, and for a batch that was planned from this cartridge."""
    waiting = [key for status in BEFORE_PRINTING for key in records.all("batch", status=status)]
    return text("cartridge", tr("Code on the cartridge, scanned")), choice("batch", tr("Batch"), (*waiting, ""))


def _of_calibrating(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (
        text("commanded_mm3", tr("Volume that was told, mm³")),
        text("flow", tr("Purge, weighed, mg")),
        text("density", tr("Density of the ink, mg/mm³")),
    )


def _of_discarding(_records: Store, _state: State) -> tuple[Asked, ...]:
    return text("waste.cartridge", tr("Waste, weighed, g")), text("reason", tr("Reason"))


def _of_taking_out(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (text("reason", tr("Reason")),)


def _of_unpacking(_records: Store, _state: State) -> tuple[Asked, ...]:
    return (text("humidity", tr("Relative humidity of the room, %")),)


def _is_closed_spool(records: Store, state: State) -> bool:
    return state.get("kind") == FILAMENT and _is_closed(records, state)


def _needs_no_witness(records: Store, state: State) -> bool:
    return not cartridges.needs_witness(records, state)


CARTRIDGE = (
    Offer("cartridge.load", phrase("Load it for a batch"), _loaded, _of_loading, statuses=(FILLED, USED)),
    Offer("cartridge.unload", phrase("Take it out"), _unloaded, _of_taking_out, statuses=(LOADED,)),
    Offer(
        "cartridge.open",
        phrase("Open the dry bag"),
        _unpacked,
        _of_unpacking,
        statuses=(FILLED,),
        when=_is_closed_spool,
    ),
    Offer(
        "cartridge.calibrate",
        phrase("Enter the flow calibration"),
        _calibrated,
        _of_calibrating,
        statuses=(FILLED, LOADED, USED),
    ),
    Offer(
        "cartridge.discard",
        phrase("Discard"),
        _discarded,
        _of_discarding,
        "discarded",
        (FILLED, LOADED, USED, LOST),
        _needs_no_witness,
    ),
    Offer(
        "cartridge.discard",
        phrase("Discard before a witness"),
        _discarded,
        _of_discarding,
        "takes to waste",
        (FILLED, LOADED, USED, LOST),
        cartridges.needs_witness,
        "pharmacist",
        cartridges.WITNESSED,
        verb="cartridge.witness",
    ),
    Offer("ink_lot.trace", phrase("Write the recall list"), _traced),
)


# ---- formulations

FORMULATION = (
    Offer(
        "ink_formulation.approve",
        phrase("Approve"),
        signed(formulations.approve_formulation),
        meaning="approved",
        statuses=(DRAFT,),
    ),
    Offer(
        "ink_formulation.retire",
        phrase("Retire"),
        signed(formulations.retire_formulation),
        meaning="retired",
        statuses=(APPROVED,),
    ),
    Offer(
        "ink_lot.prepare",
        phrase("Prepare a lot of it in house"),
        ink_preparation.prepared,
        ink_preparation.asked,
        PREPARED,
        (APPROVED,),
        second="pharmacist",
        second_meaning=CHECKED,
        grids=ink_preparation.weighings,
    ),
)
DEEDS = by_name(EVERYTHING, LOT, CARTRIDGE, FORMULATION)
