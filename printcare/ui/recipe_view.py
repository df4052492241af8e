"""Recipes, dosing rules and the site's table: every version, its differences and moves, and an editor of drafts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.difference import Change, differences
from printcare.domain.people import may
from printcare.domain.process import Range
from printcare.domain.recipe import MasterRecipe
from printcare.domain.recipe_life import MOVES, LifeState
from printcare.errors import PrintcareError
from printcare.formats.recipe import read_recipe
from printcare.formats.recipe_ranges import with_ranges
from printcare.formats.recipe_sense import make_sense, shipped_profiles
from printcare.formats.tables import FileProblems
from printcare.ui import recipe_deeds
from printcare.ui.figures import exact, unit_words
from printcare.ui.forms import Asked, FormDeed, Given, Grid, GridRow, text
from printcare.ui.models import Fact, Objection, RegisterEntry, RegisterRow, Section, objections
from printcare.ui.offers import offered
from printcare.ui.register_parts import content, signed, value_text
from printcare.ui.typed import Reading
from printcare.ui.words import phrase, tr
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.entry import Account, Store, find
from printcare.workflow.recipe import keys
from printcare.workflow.recipe.controlled import KINDS, Kind, version, versions_of
from printcare.workflow.recipe.versions import take, write
from printcare.workflow.states import object_of

ALL, EDIT, PARAMETER = "all", "edit", "parameters."
ENDS = ("target", "normal_low", "normal_high", "proven_low", "proven_high")
State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TypedRange:
    """A parameter as it was typed."""

    factor: str
    target: Decimal
    nor: tuple[Decimal, Decimal]
    par: tuple[Decimal, Decimal]


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return everything, every version of what is approved before it counts, and suppliers' keys."""
    allowed(records, account, "recipe.show")
    versions = tuple(_versions(records))
    return (
        RegisterRow(f"{ALL}|", tr("Everything"), tr("{} versions").format(len(versions))),
        *(
            RegisterRow(f"{kind.name}|{key}", _title(kind, state), _status(kind, state))
            for kind, key, state in versions
        ),
        *(
            RegisterRow(f"{keys.TABLE}|{name}", tr("Key of {}").format(state["supplier"]), tr(str(state["status"])))
            for name, state in records.all(keys.TABLE).items()
        ),
    )


def _versions(records: Store) -> Iterator[tuple[Kind, str, State]]:
    for kind in KINDS.values():
        for key, state in records.all(kind.table).items():
            if kind.member in state:
                yield kind, key, state


def _title(kind: Kind, state: State) -> str:
    return tr("{} version {}").format(state[kind.member], state["version"])


def _all(records: Store, account: Account) -> RegisterEntry:
    """Return every version with where it stands, and what may come in."""
    lines = tuple(
        (tr(kind.words), _title(kind, state), tr(str(state["status"])), str(state["effective_from"] or "–")[:10])
        for kind, _, state in _versions(records)
    )
    heads = (tr("Kind"), tr("Version"), tr("Status"), tr("Effective from"))
    sections = (Section(tr("Every version"), heads, lines),)
    deeds = tuple(offered(recipe_deeds.EVERYTHING, records, account, {}))
    return RegisterEntry(f"{ALL}|", tr("Recipes"), "", (), sections, (), deeds)


def _key(records: Store, account: Account, named: str, name: str) -> RegisterEntry:
    """Return a supplier's key; whether it counts its signature says, not its status alone."""
    state = records.get(keys.TABLE, name) or {}
    counts = tr("yes") if name in keys.trusted_keys(records) else tr("no")
    facts = (Fact(tr("Supplier"), str(state["supplier"])), Fact(tr("Bundles of it are imported"), counts))
    table = Section(tr("Fingerprint and key"), (tr("What"), tr("Value")), (
        (tr("Fingerprint"), name), (tr("Public key"), str(state["public_key"])),
    ))  # fmt: skip
    sections = (table, signed(records, keys.TABLE, name))
    deeds = tuple(offered(recipe_deeds.KEY, records, account, state))
    status = tr(str(state["status"]))
    return RegisterEntry(named, tr("Key of {}").format(state["supplier"]), status, facts, sections, (), deeds)


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return one version parameter by parameter, with its difference to every other version of it, or a key."""
    allowed(records, account, "recipe.show")
    what, _, name = named.partition("|")
    if what in (ALL, keys.TABLE):
        return _all(records, account) if what == ALL else _key(records, account, named, name)
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
        sections=(*compared, *content(state), signed(records, kind.table, key)),
        findings=_sense(kind, state),
        deeds=(
            *_edits(account, kind, state),
            *_moves(account, kind, state),
            *(_of_recipe(records, account, kind, state) if kind is KINDS[MasterRecipe] else ()),
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
    return change.path, f"{value_text(change.old)}{unit}", f"{value_text(change.new)}{unit}", change.effect


def do(records: Store, account: Account, given: Given) -> str:
    """Do what the page asked for and return it in words; raises Refused, recorded, with every objection."""
    if given.verb in recipe_deeds.DEEDS:
        return recipe_deeds.DEEDS[given.verb](records, account, given)
    kind, key = _kind(given.named)
    if given.verb == EDIT:
        return _edited(records, account, given, key)
    take(records, account, given.password, kind, key, given.verb, given.reason)
    return ""


def _of_recipe(records: Store, account: Account, kind: Kind, state: State) -> Iterator[FormDeed]:
    yield from offered(recipe_deeds.EXPORT, records, account, state)
    yield from _verification(records, account, kind, state)


def _verification(records: Store, account: Account, kind: Kind, state: State) -> Iterator[FormDeed]:
    """Offer it where the recipe, or one it came from, is a supplier's: only then it is asked for."""
    lineage = versions_of(records, kind, state[kind.member]).values()
    if any(each["origin"] for each in lineage):
        yield from offered(recipe_deeds.RECIPE, records, account, state)


def _moves(account: Account, kind: Kind, state: State) -> Iterator[FormDeed]:
    for move in MOVES:
        if state["status"] in move.origins and may(account.roles, f"{kind.name}.{move.verb}"):
            words = tr(move.verb.replace("_", " ").capitalize())
            yield FormDeed(move.verb, words, move.role.value, move.meaning, wants_reason=True)


# ---- the editor


def _edits(account: Account, kind: Kind, state: State) -> Iterator[FormDeed]:
    """Offer the editor where a file is at hand from which the version was read: all else stays as it stands there."""
    if kind is not KINDS[MasterRecipe] or not may(account.roles, "recipe.write"):
        return
    recipe = object_of(MasterRecipe, state["content"])
    number = recipe.version if state["status"] == LifeState.DRAFT and not state["origin"] else recipe.version + 1
    lines = tuple(
        GridRow(f"{PARAMETER}{name}", f"{name}, {unit_words(each.unit)}", tuple(_cells(each)))
        for name, each in recipe.parameters.every()
    )
    heads = (tr("Parameter"), tr("Target"), "NOR ≥", "NOR ≤", "PAR ≥", "PAR ≤")
    grid = Grid("parameters", tr("Parameters with their ranges"), heads, lines)
    fields = (text("version", tr("Version of the draft"), str(number)),)
    yield FormDeed(EDIT, tr("Edit as a draft"), "", "", is_signed=False, fields=fields, grids=(grid,))


def _cells(each: Range) -> Iterator[Asked]:
    values = (each.target, *each.normal, *each.proven)
    for name, value in zip(ENDS, values, strict=True):
        yield Asked(name, "", (), exact(value))


def _edited(records: Store, account: Account, given: Given, key: str) -> str:
    """Keep the ranges as a draft, read by the one reader of recipe files, and its file beside the documents."""
    read, recipe_id = Reading(given.fields), key.partition("/")[0]
    number = read.whole("version")
    rows = dict.fromkeys(name.rpartition(".")[0] for name in given.fields if name.startswith(PARAMETER))
    typed = [_typed(read, row) for row in rows]
    read.close()
    name, base = recipe_deeds.base_file(given, key)
    try:
        made = with_ranges(base, typed, None, number)
        draft = read_recipe(made, name)
    except FileProblems as fault:
        raise Refused(fault.findings) from fault
    written = write(records, account, draft)
    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.folder / f"{recipe_id}-{number}.toml"
    path.write_bytes(made)
    return tr("The draft {} is kept; its file: {}.").format(written, path)


def _typed(read: Reading, row: str) -> TypedRange:
    target, *ends = (read.decimal(f"{row}.{end}", row) for end in ENDS)
    return TypedRange(row.removeprefix(PARAMETER), target, (ends[0], ends[1]), (ends[2], ends[3]))


def _sense(kind: Kind, state: State) -> tuple[Objection, ...]:
    """Return why a recipe's draft cannot be made on the printers it names."""
    if kind is not KINDS[MasterRecipe] or state["status"] != LifeState.DRAFT:
        return ()
    try:
        return objections(make_sense(object_of(MasterRecipe, state["content"]), shipped_profiles()))
    except PrintcareError as fault:  # a version of an older program
        return (Objection(fault.code, "warning", fault.message, fault.remedy),)


def _status(kind: Kind, state: State) -> str:
    return f"{tr(kind.words)} · {tr(str(state['status']))}"


def _kind(named: str) -> tuple[Kind, str]:
    name, _, key = named.partition("|")
    return next(kind for kind in KINDS.values() if kind.name == name), key
