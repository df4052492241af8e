"""What each verb of `printcare ink` does: words into the workflow's arguments, its answer into plain values."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar  # rows of the record are parsed JSON

from printcare.cli.identity import SECOND, entered_with
from printcare.cli.ink import day, write_papers
from printcare.domain.checks import Finding, error
from printcare.domain.numbers import as_decimal, plain, read_number
from printcare.errors import PrintcareError
from printcare.formats.ink_formulation import read_formulation
from printcare.formats.ink_lot import read_ink_lot
from printcare.formats.ink_preparation import read_preparation
from printcare.formats.legal_grounds import read_legal_grounds
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.ink import cartridges, formulations, inks, preparation, recall
from printcare.workflow.ink.ink_papers import certificate
from printcare.workflow.ink.materials import cartridge_from, recorded_lot, stop
from printcare.workflow.states import as_state, state_of

Told = dict[str, Any]
Read = TypeVar("Read")


def _list(records: Store, account: Account, _secret: str, _arguments: argparse.Namespace) -> Told:
    allowed(records, account, "ink_lot.show")
    lots = [
        {"id": lot.id, "ink": lot.ink_id, "status": lot.status.value, "expires_on": as_state(lot.expires_on),
         "left_g": plain(lot.left_g)}
        for lot in inks.lots(records)
    ]  # fmt: skip
    held = [
        {"id": key, "lot": state["ink_lot"], "status": state["status"],
         "left_g": plain(cartridge_from(records, state).left_g), "warm_h": state["warm_h"]}
        for key, state in records.all("cartridge").items()
    ]  # fmt: skip
    return {"lots": lots, "cartridges": held}


def _show(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    actor = allowed(records, account, "ink_lot.show")
    lot = recorded_lot(records, arguments.subject)
    if lot is not None:
        return {"lot": state_of(lot) | {"left_g": plain(lot.left_g)}}
    state = records.get("cartridge", arguments.subject)
    if state is None:
        told = f"There is no lot or cartridge {arguments.subject} on record."
        unknown = error("LOT_UNKNOWN", told, "See `printcare ink list`.", "lot")
        stop(records, actor, "ink_lot.show", "ink_lot", arguments.subject, unknown)
    return {"cartridge": state | {"left_g": plain(cartridge_from(records, state).left_g)}}


def _receive(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    lot, filled = _read(arguments.subject, read_ink_lot)
    inks.receive_lot(records, account, lot, filled)
    return _lot(records, lot.id)


def _judge(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    usable = not arguments.harmful
    inks.judge_transport(records, account, secret, arguments.subject, is_usable=usable, reason=arguments.reason)
    return _lot(records, arguments.subject)


def _release(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    today = records.context.clock().date()
    inks.release_lot(records, account, secret, arguments.subject, arguments.reason, today)
    return _lot(records, arguments.subject)


def _quarantine(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    inks.quarantine_lot(records, account, secret, arguments.subject, arguments.reason)
    return _lot(records, arguments.subject)


def _reject(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    inks.reject_lot(records, account, secret, arguments.subject, arguments.reason)
    return _lot(records, arguments.subject)


def _open(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    if records.get("cartridge", arguments.subject) is not None:
        humidity_pct = None if arguments.humidity is None else _number(arguments.humidity, "--humidity")
        cartridges.open_spool(records, account, arguments.subject, humidity_pct)
        return _cartridge(records, arguments.subject)
    lot = inks.open_lot(records, account, arguments.subject)
    return _lot(records, lot.id) | {"use_by": as_state(lot.use_by)}


def _fill(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    filled = cartridges.new_cartridge(
        arguments.subject,
        arguments.lot,
        _number(arguments.fill_g, "--fill-g"),
        _number(arguments.dead_g, "--dead-g"),
        _number(arguments.use_within_h, "--use-within-h"),
        records.context.clock().date(),
        code=arguments.code,
    )
    cartridges.fill_cartridge(records, account, filled, _number(arguments.spilt_g, "--spilt-g"))
    return _cartridge(records, arguments.subject)


def _load(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    cartridges.load_cartridge(records, account, arguments.subject, arguments.code, arguments.batch)
    return _cartridge(records, arguments.subject)


def _unload(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    cartridges.unload_cartridge(records, account, arguments.subject, arguments.reason)
    return _cartridge(records, arguments.subject)


def _discard(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    waste_g = _number(arguments.waste_g, "--waste-g")
    if records.get("ink_lot", arguments.subject) is not None:
        inks.close_lot(records, account, arguments.subject, waste_g, arguments.reason)
        return _lot(records, arguments.subject)
    witness, witness_secret = _second(records, arguments) if arguments.second_user else (None, "")
    cartridges.discard_cartridge(
        records, account, secret, arguments.subject, waste_g, arguments.reason, witness, witness_secret
    )
    return _cartridge(records, arguments.subject)


def _recall(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    number, told = "drill", {}
    if arguments.drill:
        traced = recall.drill(records, account, arguments.subject, arguments.reason)
    else:
        done = recall.recall(records, account, secret, arguments.subject, arguments.reason)
        number, traced = done.id, done.traced
        told = {"recall": done.id, "cancelled": list(done.cancelled), "deviations": list(done.deviations)}
    return told | _traced(records, account, traced, number, arguments)


def _trace(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    return _traced(records, account, recall.trace(records, account, arguments.subject), "trace", arguments)


def _traced(
    records: Store, account: Account, traced: recall.Traced, number: str, arguments: argparse.Namespace
) -> Told:
    told: Told = {
        "asked": traced.asked,
        "kind": traced.kind,
        "lots": list(traced.lots),
        "cartridges": list(traced.cartridges),
        "batches": [row._asdict() | {"patient": traced.patients[row.id]} for row in traced.batches],
        "units": len(traced.units),
        "patients": traced.patient_count,
        "seconds": traced.seconds,
    }
    if arguments.out is not None:
        reason = getattr(arguments, "reason", "")
        told["files"] = write_papers(records, account, traced, number, reason, arguments.out, arguments.language)
    return told


def _prepare(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    made = _read(arguments.subject, read_preparation)
    second, second_secret = _second(records, arguments)
    preparation.record_preparation(records, account, secret, second, second_secret, made)
    return {"preparation": made.lot_id}


def _write(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    return {"formulation": formulations.write_formulation(records, account, _read(arguments.subject, read_formulation))}


def _approve(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    formulations.approve_formulation(records, account, secret, arguments.subject)
    return {"formulation": arguments.subject}


def _retire(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    formulations.retire_formulation(records, account, secret, arguments.subject)
    return {"formulation": arguments.subject}


def _agree(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    until = day(arguments.until)
    inks.agree(records, account, secret, arguments.subject, arguments.agreement, until)
    return {"supplier": arguments.subject, "until": until.isoformat()}


def _legal(records: Store, account: Account, secret: str, arguments: argparse.Namespace) -> Told:
    grounds = _read(arguments.subject, read_legal_grounds)
    for inn, ground in grounds.items():
        formulations.set_legal_ground(records, account, secret, inn, ground)
    return {"products": sorted(grounds)}


def _certificate(records: Store, account: Account, _secret: str, arguments: argparse.Namespace) -> Told:
    data, path = certificate(records, account, arguments.subject, arguments.language), arguments.output
    try:
        path.write_bytes(data)
    except OSError as fault:
        told = f"{path} cannot be written: {fault.strerror}."
        raise PrintcareError("FOLDER_UNUSABLE", told, "Name a file that can be written with -o.") from fault
    return {"files": [path.name]}


def _lot(records: Store, lot_id: str) -> Told:
    state = records.get("ink_lot", lot_id) or {}
    return {"lot": lot_id, "lot_status": state["status"], "excursions_judged": state["excursions_judged"]}


def _cartridge(records: Store, cartridge_id: str) -> Told:
    state = records.get("cartridge", cartridge_id) or {}
    return {"cartridge": cartridge_id, "cartridge_status": state["status"]}


def _second(records: Store, arguments: argparse.Namespace) -> tuple[Account, str]:
    return entered_with(records, arguments.second_user, SECOND)


def _number(text: str, option: str) -> Decimal:
    exact = read_number(text, option)
    if isinstance(exact, Finding):
        raise PrintcareError("USAGE", f"{option}: {exact.reason}", exact.remedy)
    return as_decimal(exact)


def _read(path: str, reader: Callable[[bytes, str], Read]) -> Read:
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as fault:
        told = f"{path} cannot be read: {fault.strerror}."
        raise PrintcareError("FILE_UNREADABLE", told, "Check the path and the permissions.") from fault
    return reader(data, file.name)


BY_NAME: dict[str, Callable[[Store, Account, str, argparse.Namespace], Told]] = {
    "list": _list,
    "show": _show,
    "receive": _receive,
    "judge": _judge,
    "release": _release,
    "quarantine": _quarantine,
    "reject": _reject,
    "open": _open,
    "fill": _fill,
    "load": _load,
    "unload": _unload,
    "discard": _discard,
    "recall": _recall,
    "trace": _trace,
    "prepare": _prepare,
    "write": _write,
    "approve": _approve,
    "retire": _retire,
    "agree": _agree,
    "legal": _legal,
    "certificate": _certificate,
}
