"""What the page Equipment asks for, each on its own function of the workflow; every one says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time

from printcare.domain.balance_check import FAILED, READINGS, BalanceCheck, Kind
from printcare.domain.equipment import BALANCE, PRINTER, Equipment, EquipmentStatus, parts_of_tools
from printcare.domain.numbers import shown
from printcare.domain.upkeep import Done
from printcare.formats.find import ids
from printcare.formats.profile import load_profile
from printcare.ui.figures import local
from printcare.ui.forms import Asked, Given, choice, text
from printcare.ui.messages import said
from printcare.ui.offers import Does, Offer, State, by_name
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.entry import Account, Store
from printcare.workflow.site import equipment, upkeep
from printcare.workflow.site.balance import record_check

HERE = (EquipmentStatus.REGISTERED, EquipmentStatus.IN_USE, EquipmentStatus.OUT_OF_USE)


def _register(records: Store, account: Account, given: Given) -> str:
    asked = given.fields
    profile = load_profile(asked["profile"]) if asked["kind"] == PRINTER and asked["profile"] else None
    made = Equipment(
        name=asked["name"],
        kind=asked["kind"],
        model=asked["model"] or ("" if profile is None else profile.printer_class),
        serial=asked["serial"],
        firmware=asked["firmware"],
        profile_id="" if profile is None else profile.id,
        profile_digest="" if profile is None else profile.digest,
        parts=() if profile is None else parts_of_tools(tuple(tool.kind for tool in profile.tools)),
        place=asked["place"],
    )
    equipment.register(records, account, made)
    return tr("{} stands on the register.").format(made.name)


def _moved(move: Callable[[Store, Account, str, str], None]) -> Callable[[Store, Account, Given], str]:
    def deed(records: Store, account: Account, given: Given) -> str:
        move(records, account, given.key, given.fields["reason"])
        state = records.get(equipment.TABLE, given.key) or {}
        return tr("{} is now {}.").format(given.key, state["status"])

    return deed


def _kept_up(
    enter: Callable[[Store, Account, str, Done], tuple[str, ...]],
) -> Callable[[Store, Account, Given], str]:
    def deed(records: Store, account: Account, given: Given) -> str:
        asked = given.fields
        until = _day(asked.get("until", ""))
        references = (asked.get("reference", ""), asked.get("certificate", ""), until)
        done = Done(asked["task"], asked["found"], asked["left"], asked["note"], *references)
        opened = enter(records, account, given.key, done)
        told = tr("{} of {} is entered; deviations opened: {}.")
        return told.format(asked["task"], given.key, ", ".join(opened) or tr("none"))

    return deed


def _day(typed: str) -> datetime | None:
    """Return the end of a day; what is none stays empty, and the workflow asks for it."""
    try:
        return datetime.combine(datetime.fromisoformat(typed).date(), time.max, UTC)
    except ValueError:
        return None


def _changed(records: Store, account: Account, given: Given) -> str:
    """Enter what equipment has become; a printer's parts are those of its profile's tools."""
    asked, known = given.fields, equipment.equipment_of(records, given.key)
    if known is not None:
        known = replace(known, firmware=asked["firmware"], model=asked["model"], place=asked["place"])
        if asked.get("profile", known.profile_id) != known.profile_id:
            profile = load_profile(asked["profile"])
            parts = parts_of_tools(tuple(tool.kind for tool in profile.tools))
            known = replace(known, profile_id=profile.id, profile_digest=profile.digest, parts=parts)
        equipment.note_change(records, account, known, asked["reason"])
    return tr("What {} has become is entered; its qualification is asked for again.").format(given.key)


def _weighed(records: Store, account: Account, given: Given) -> str:
    """Enter a check of a balance; what it means is told, and one that failed says which units it looks back to."""
    read = Reading(given.fields)
    check = BalanceCheck(
        balance=str((records.get(equipment.TABLE, given.key) or {})["serial"]),
        kind=Kind(read.text("kind")),
        at=records.context.clock(),
        weight_mg=read.decimal("weight_mg"),
        readings_mg=read.readings("readings"),
        readability_mg=read.decimal("readability_mg"),
        u_weight_mg=read.decimal("u_weight_mg"),
    )
    read.close()
    outcome = record_check(records, account, check, read.text("readings").replace(";", " ").split())
    figure_mg = local(str(shown(outcome.figure_mg, 12)))
    if outcome.status == FAILED:
        reasons = " ".join(said(each.reason) for each in outcome.findings)
        return tr("The check failed, {} mg: {} Batches weighed since are held by deviations.").format(
            figure_mg, reasons
        )
    return tr("The check passed, {} mg.").format(figure_mg)


def _of_change(_records: Store, state: State) -> tuple[Asked, ...]:
    names = tuple(ids("firmware_profiles")) if state["kind"] == PRINTER else ()
    return (
        text("firmware", tr("Firmware, as it says of itself"), str(state["firmware"])),
        text("model", tr("Model"), str(state["model"])),
        text("place", tr("Where it stands"), str(state["place"])),
        *((choice("profile", tr("Profile, of a printer"), names, str(state["profile_id"])),) if names else ()),
        text("reason", tr("Reason")),
    )


def _of_check(_records: Store, _state: State) -> tuple[Asked, ...]:
    kinds = tuple((kind.value, f"{tr(kind.value)}: {tr(order)}") for kind, (_, _, order) in READINGS.items())
    return (
        Asked("kind", tr("Check"), kinds),
        text("weight_mg", tr("Check weight by its certificate, mg")),
        text("readings", tr("What the balance showed, mg, as 0.0; 100000.1")),
        text("readability_mg", tr("Readability, mg")),
        text("u_weight_mg", tr("Standard uncertainty of the weight, mg")),
    )


def _is_balance(_records: Store, state: State) -> bool:
    return bool(state["kind"] == BALANCE)


OFFERS = (
    Offer(
        "balance.check", phrase("Enter a check of the balance"), _weighed, _of_check, statuses=HERE, when=_is_balance
    ),
    Offer("equipment.change", phrase("Enter a change"), _changed, _of_change, statuses=HERE),
)
DEEDS: dict[str, Does] = {
    "register": _register,
    "equipment.take_into_use": _moved(equipment.take_into_use),
    "equipment.take_out": _moved(equipment.take_out),
    "equipment.retire": _moved(equipment.retire),
    "printer.maintain": _kept_up(upkeep.maintain),
    "printer.calibrate": _kept_up(upkeep.calibrate),
} | by_name(OFFERS)
