"""Recipes, inks, records and the site's mode as the pages show them, and the deeds done there; all on the workflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.checks import Finding
from printcare.domain.difference import Change, differences
from printcare.domain.ink_lot import LOT_MOVES, SUPPLIER, InkLot, LedgerEntry, LotStatus
from printcare.domain.numbers import plain
from printcare.domain.people import may
from printcare.domain.policy import POLICIES
from printcare.domain.recipe_life import MOVES
from printcare.ui.models import Deed, Entered, EventRow, Fact, RegisterEntry, RegisterRow, Section, objections
from printcare.ui.words import phrase, tr
from printcare.workflow import staff
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store, find, signatures_of
from printcare.workflow.ink import inks
from printcare.workflow.ink.materials import RELEASED, cartridge_from, lot_stops, recorded_lot
from printcare.workflow.ink.recall import recall
from printcare.workflow.mode import SWITCH, open_batches, present, switch
from printcare.workflow.recipe.controlled import KINDS, Kind, version, versions_of
from printcare.workflow.recipe.versions import take

SHOWN_EVENTS = 500
RANGE = frozenset({"target", "normal", "proven"})
NOT_SHOWN = frozenset({"id", "version", "digest"})
LOT_WORDS = {
    "ink_lot.release": (phrase("Release"), RELEASED),
    "ink_lot.reject": (phrase("Reject for good"), "rejected"),
    "ink_lot.quarantine": (phrase("Put back into quarantine"), "put back into quarantine"),
    "ink_lot.recall": (phrase("Recall the lot"), "recalled"),
}
State = Mapping[str, Any]


# ---- recipes, rules, site table


def recipe_rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return every version of what is approved before it counts."""
    allowed(records, account, "recipe.show")
    return tuple(
        RegisterRow(
            f"{kind.name}|{key}", tr("{} version {}").format(state[kind.member], state["version"]), _status(kind, state)
        )
        for kind in KINDS.values()
        for key, state in records.all(kind.table).items()
        if kind.member in state
    )


def recipe_entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one version parameter by parameter, with its difference to every other version of it."""
    kind, key = _kind(named)
    state = version(records, kind, key)
    others = versions_of(records, kind, state[kind.member])
    compared = [
        Section(_compared(other), _heads(CHANGED), _changes(other, state))
        for name, other in others.items()
        if name != key
    ]
    written = ", ".join(find(records, author).name for author in state["authors"])
    return RegisterEntry(
        key=named,
        title=tr("{} version {}").format(f"{tr(kind.words)} {state[kind.member]}", state["version"]),
        subtitle=tr(str(state["status"])),
        facts=(
            Fact(tr("Status"), tr(str(state["status"])), "", str(state["reason"] or "")),
            Fact(tr("Written by"), written, "", tr("a supplier's") if state["origin"] else tr("here")),
            Fact(tr("Effective from"), str(state["effective_from"] or "–")[:16].replace("T", " ")),
        ),
        sections=(*compared, *_content(state), _signed(records, kind.table, key)),
        findings=(),
        deeds=tuple(
            Deed(move.verb, tr(move.verb.replace("_", " ").capitalize()), move.role.value, move.meaning)
            for move in MOVES
            if state["status"] in move.origins and may(account.roles, f"{kind.name}.{move.verb}")
        ),
    )


CHANGED = (phrase("Where"), phrase("Was"), phrase("Is"), phrase("How"))


def _compared(other: State) -> str:
    return tr("Differences to version {}, {}").format(other["version"], tr(str(other["status"])))


def _heads(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(tr, words))


def _changes(old: State, new: State) -> tuple[tuple[str, ...], ...]:
    rows = tuple(_change(change) for change in differences(old["content"], new["content"]))
    return rows or ((tr("nothing differs"), "", "", ""),)


def _change(change: Change) -> tuple[str, ...]:
    unit = f" {change.unit}" if change.unit else ""
    return change.path, f"{_text(change.old)}{unit}", f"{_text(change.new)}{unit}", change.effect


def _content(state: State) -> tuple[Section, ...]:
    ranges, values = [], []
    for path, value in _leaves(state["content"], ""):
        if isinstance(value, Mapping):
            unit = str(value.get("unit", ""))
            ranges.append((path, *(_text(value[name]) for name in ("target", "normal", "proven")), unit))
        else:
            values.append((path, _text(value)))
    heads = (tr("Parameter"), tr("Target"), tr("Normal"), tr("Proven"), tr("Unit"))
    tables = (Section(tr("Parameters with their ranges"), heads, tuple(ranges)),) if ranges else ()
    return (*tables, Section(tr("Everything else it states"), (tr("What"), tr("Value")), tuple(values)))


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and not set(value) >= RANGE:
        for name, member in value.items():
            if path or name not in NOT_SHOWN:
                yield from _leaves(member, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(member, Mapping) for member in value):
        for number, member in enumerate(value, start=1):
            yield from _leaves(member, f"{path}[{number}]")
    else:
        yield path, value


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return " – ".join(map(_text, value)) if len(value) == 2 else ", ".join(map(_text, value))
    return "–" if value is None or value == "" else str(value)


# ---- inks


def ink_rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return every lot, cartridge and formulation."""
    allowed(records, account, "ink_lot.show")
    return (
        *(RegisterRow(f"lot|{lot.id}", f"{tr('Lot')} {lot.id}", tr(lot.status.value)) for lot in inks.lots(records)),
        *_rows(records, "cartridge", tr("Cartridge")),
        *_rows(records, "ink_formulation", tr("Formulation")),
    )


def ink_entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one lot, cartridge or formulation."""
    what, _, key = named.partition("|")
    if what == "lot":
        return _lot(records, account, named, key)
    state = records.get(what, key) or {}
    if what == "cartridge":
        return _cartridge(records, named, state)
    status, title = tr(str(state["status"])), f"{tr('Formulation')} {key}"
    facts = (Fact(tr("Status"), status), Fact(tr("Digest"), str(state["digest"])[:16], "…"))
    return RegisterEntry(named, title, status, facts, (*_content(state), _signed(records, what, key)), (), ())


def _lot(records: Store, account: Account, named: str, key: str) -> RegisterEntry:
    lot = recorded_lot(records, key)
    state = records.get("ink_lot", key) or {}
    if lot is None:
        return RegisterEntry(named, f"{tr('Lot')} {key}", tr("not on record"), (), (), (), ())
    now = records.context.clock()
    findings: tuple[Finding, ...] = (*lot.objections(now.date()), *lot_stops(records, lot, now))
    if lot.status is LotStatus.QUARANTINE:
        findings = (*findings, *(each for each in lot.release_objections(now.date()) if each not in findings))
    facts = (
        Fact(tr("Ink"), lot.ink_id, "", lot.form),
        Fact(tr("Strength"), plain(lot.strength_mg_per_g), "mg/g", lot.strength_basis.replace("_", " ")),
        Fact(tr("Assay of label"), plain(lot.assay_pct_of_label), "%", lot.certificate),
        Fact(tr("Expires"), lot.expires_on.isoformat()),
        Fact(tr("Left of the lot"), plain(lot.left_g), "g", tr("of {}").format(f"{plain(lot.mass_g)} g")),
        Fact(tr("Transport"), lot.excursion(), "", tr("judged") if lot.excursions_judged else tr("not judged")),
    )
    sections = (_ledger(lot.ledger), _signed(records, "ink_lot", key))
    deeds = tuple(_lot_deeds(account, lot, state))
    return RegisterEntry(
        named, f"{tr('Lot')} {key}", tr(lot.status.value), facts, sections, objections(findings), deeds
    )


def _lot_deeds(account: Account, lot: InkLot, state: State) -> Iterator[Deed]:
    role = ", ".join(account.roles)
    if lot.status is LotStatus.QUARANTINE and state.get("origin") == SUPPLIER and may(account.roles, "ink_lot.judge"):
        yield Deed("judge.harmless", tr("Judge the transport harmless"), role, "transport judged harmless")
        yield Deed("judge.harmful", tr("Judge the transport harmful"), role, "transport judged harmful")
    for start, _, command in LOT_MOVES:
        if start is lot.status and may(account.roles, command):
            words, meaning = LOT_WORDS[command]
            yield Deed(command, tr(words), role, meaning)
    if lot.status is LotStatus.RELEASED and lot.opened_at is None and may(account.roles, "ink_lot.open"):
        yield Deed("ink_lot.open", tr("Open the lot"), role, "opened", is_signed=False)


def _cartridge(records: Store, named: str, state: State) -> RegisterEntry:
    cartridge = cartridge_from(records, state)
    now = records.context.clock()
    facts = (
        Fact(tr("Lot"), cartridge.lot_id, "", tr("filled {}").format(cartridge.filled_on)),
        Fact(
            tr("Left"),
            plain(cartridge.left_g),
            "g",
            tr("of {} g, dead volume taken off").format(plain(cartridge.fill_g)),
        ),
        Fact(tr("Warm"), plain(cartridge.warm_h), "h", tr("of {}").format(f"{plain(cartridge.use_within_h)} h")),
        Fact(tr("Loaded for"), str(state.get("loaded_for") or "–")),
    )
    sections = (_ledger(cartridge.ledger), _signed(records, "cartridge", cartridge.id))
    stops = objections(cartridge.time_objections(now, Decimal(0)))
    return RegisterEntry(
        named, f"{tr('Cartridge')} {cartridge.id}", tr(str(state["status"])), facts, sections, stops, ()
    )


def _ledger(entries: tuple[LedgerEntry, ...]) -> Section:
    rows = tuple(
        (f"{e.at:%Y-%m-%d %H:%M}", f"{plain(e.mass_g)} g", f"{plain(e.warm_h)} h", e.reason, e.batch_id or "–")
        for e in entries
    )
    heads = (tr("When"), tr("Grams"), tr("Warm"), tr("Why"), tr("Batch"))
    return Section(tr("Ledger"), heads, rows or ((tr("nothing booked yet"), *[""] * 4),))


# ---- the site


def site_rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return mode and people, as far as they are somebody's to see."""
    rows = [RegisterRow("mode|present", tr("Mode of the site"), present(records).mode)]
    if may(account.roles, "account.manage"):
        told = staff.listed(records, account)
        rows += [RegisterRow(f"account|{each['id']}", str(each["name"]), str(each["status"])) for each in told]
    return tuple(rows)


def site_entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return the mode with its switches, or one account."""
    what, _, key = named.partition("|")
    if what == "account":
        return _account(records, account, named, key)
    policy, opened = present(records), open_batches(records)
    events = records.events(object_type="mode")
    rows = tuple((str(e.content["ts_utc"]), _who(records, e.content), _of(e.content)) for e in reversed(events))
    facts = (
        Fact(tr("Present mode"), policy.mode, "", policy.band),
        Fact(tr("Release"), tr("allowed") if policy.allows_release else tr("never")),
        Fact(tr("Open batches"), ", ".join(opened) or tr("none")),
    )
    deeds = tuple(
        Deed(
            f"{SWITCH} {each.mode}",
            tr("Switch to {}").format(each.mode),
            "process owner",
            f"switched to {each.mode} mode",
        )
        for each in POLICIES.values()
        if each != policy and may(account.roles, SWITCH)
    )
    sections = (Section(tr("How it came to be"), (tr("When"), tr("Who"), tr("To")), rows),)
    return RegisterEntry(named, tr("Mode of the site"), policy.mode, facts, sections, (), deeds)


def _of(content: State) -> str:
    to = (content.get("new") or {}).get("status", "")
    return f"{to} · {content['outcome']}" + (f" · {content['reason_code']}" if content.get("reason_code") else "")


def _account(records: Store, account: Account, named: str, key: str) -> RegisterEntry:
    told = next(each for each in staff.listed(records, account) if each["id"] == key)
    facts = (
        Fact(tr("Sign-in name"), told["login"]),
        Fact(tr("Roles"), ", ".join(map(tr, told["roles"]))),
        Fact(tr("Status"), told["status"], "", tr("identity checked by {}").format(told["identity_checked_by"])),
    )
    return RegisterEntry(named, told["name"], told["id"], facts, (), (), ())


# ---- deeds


def do(records: Store, account: Account, named: str, verb: str, signer: Entered | None, reason: str) -> None:
    """Do what a page asked for; raises Refused, recorded, with every objection."""
    what, _, key = named.partition("|")
    password = "" if signer is None else signer.password
    if what == "mode":
        switch(records, account, password, POLICIES[verb.rpartition(" ")[2]], reason)
    elif what == "lot":
        _lot_deed(verb)(records, account, password, key, reason)
    else:
        kind, key = _kind(named)
        take(records, account, password, kind, key, verb, reason)


def _lot_deed(verb: str) -> Callable[[Store, Account, str, str, str], object]:
    return {
        "ink_lot.release": lambda r, a, p, k, why: inks.release_lot(r, a, p, k, why, r.context.clock().date()),
        "ink_lot.reject": inks.reject_lot,
        "ink_lot.quarantine": inks.quarantine_lot,
        "ink_lot.recall": recall,
        "ink_lot.open": lambda r, a, _p, k, _why: inks.open_lot(r, a, k),
        "judge.harmless": lambda r, a, p, k, why: inks.judge_transport(r, a, p, k, is_usable=True, reason=why),
        "judge.harmful": lambda r, a, p, k, why: inks.judge_transport(r, a, p, k, is_usable=False, reason=why),
    }[verb]


# ---- the record


def event_rows(records: Store, account: Account, what: str, action: str) -> tuple[EventRow, ...]:
    """Return the latest events that fit, newest first; an empty filter fits everything."""
    allowed(records, account, "record.read")
    size, _ = records.head()
    after = 0 if what or action else max(size - SHOWN_EVENTS, 0)
    found = records.events(object_id=what or None, action=action or None, after=after, limit=max(size, 1))
    return tuple(_event(records, each.seq, each.content) for each in reversed(found[-SHOWN_EVENTS:]))


def _event(records: Store, number: int, content: State) -> EventRow:
    reason = " · ".join(str(content[name]) for name in ("reason_code", "reason_text") if content.get(name))
    what = f"{content['object_type']} {content['object_id']}"
    at = str(content["ts_utc"])[:19].replace("T", " ")
    role = str(content.get("actor_role") or content.get("role") or "")
    return EventRow(number, at, _who(records, content), role, content["action"], what, content["outcome"], reason)


def _who(records: Store, content: State) -> str:
    account = str(content["actor_id"])
    return find(records, account).name if account.startswith("u-") else account


def _signed(records: Store, table: str, key: str) -> Section:
    rows = tuple(
        (each.name, each.role, each.meaning, each.signed_at[:19].replace("T", " "))
        for each in signatures_of(records, table, key)
    )
    heads = (tr("Who"), tr("Role"), tr("Meaning"), tr("When, UTC"))
    return Section(tr("Signatures"), heads, rows or ((tr("none yet"), "", "", ""),))


def _rows(records: Store, table: str, words: str) -> Iterator[RegisterRow]:
    for key, state in records.all(table).items():
        yield RegisterRow(f"{table}|{key}", f"{words} {key}", tr(str(state["status"])))


def _status(kind: Kind, state: State) -> str:
    return f"{tr(kind.words)} · {tr(str(state['status']))}"


def _kind(named: str) -> tuple[Kind, str]:
    name, _, key = named.partition("|")
    return next(kind for kind in KINDS.values() if kind.name == name), key
