"""Training as its page shows it: the matrix of people, modules, recipes and equipment, and assessments entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any  # a state is parsed JSON

from printcare.domain.people import may
from printcare.domain.training import BY_NAME, FAILED, MODULES, PASSED, Trained
from printcare.ui.forms import Asked, FormDeed, Given, choice, text
from printcare.ui.models import Fact, Objection, RegisterEntry, RegisterRow, Section
from printcare.ui.words import phrase, tr
from printcare.workflow.authority import allowed
from printcare.workflow.entry import Account, Store, find
from printcare.workflow.site.training import matrix, record_training, revoke_training

ALL, ONE = "all", "person"
RECORD, REVOKE = "training.record", "training.revoke"
# Each said in the language of the window.
HEADS = (phrase("Person"), phrase("Module"), phrase("Counts"), phrase("Version"))


def rows(records: Store, account: Account) -> tuple[RegisterRow, ...]:
    """Return the matrix, and everybody with how many of their trainings count."""
    allowed(records, account, "record.read")
    lines = matrix(records, records.context.clock())
    counts = {key: sum(row["counts"] for row in lines if row["person"] == key) for key in _people(records)}
    named = sorted((find(records, key).name, key, count) for key, count in counts.items())
    told = tr("{} of them count")
    return (
        RegisterRow(f"{ALL}|", tr("Matrix"), tr("{} trainings").format(len(lines))),
        *(RegisterRow(f"{ONE}|{key}", name, told.format(count)) for name, key, count in named),
    )


def entry(records: Store, account: Account, named: str) -> RegisterEntry:
    """Return the matrix, or one person's part of it with what is asked of each module."""
    allowed(records, account, "record.read")
    key, now = named.partition("|")[2], records.context.clock()
    lines = [row for row in matrix(records, now) if key in ("", row["person"])]
    table = tuple(_line(records, row) for row in lines)
    facts = (
        Fact(tr("Trainings"), str(len(lines))),
        Fact(tr("They count"), str(sum(row["counts"] for row in lines))),
        Fact(tr("Ended or revoked"), str(sum(not row["counts"] for row in lines))),
    )
    ended = tuple(_ended(records, row) for row in lines if not row["counts"])
    asked = tuple(
        (m.name, f"{m.reading} · {m.practical}", " · ".join((*m.permits, f"{m.valid_days} d"))) for m in MODULES
    )
    modules = Section(tr("Modules"), (tr("Module"), tr("Reading and practical"), tr("Permits, for")), asked)
    heads = tuple(map(tr, HEADS))
    sections = (Section(tr("Matrix"), heads, table or ((tr("nothing entered yet"), *[""] * 3),)), modules)
    title = tr("Training matrix") if not key else find(records, key).name
    roles = "" if not key else ", ".join(find(records, key).roles)
    return RegisterEntry(named, title, roles, facts, sections, ended, tuple(_deeds(records, account, key, lines)))


def do(records: Store, account: Account, given: Given) -> str:
    """Enter an assessment, or end a training; raises Refused, recorded, with every objection."""
    asked = given.fields
    if given.verb == REVOKE:
        revoke_training(records, account, asked["training"], asked["reason"])
        return tr("The training is ended; what it permitted went with it.")
    trained = Trained(
        person=asked["person"],
        module=asked["module"],
        recipe=asked["recipe"],
        printer=asked["printer"],
        version=asked["version"],
        trainer=account.id,
        read_at=records.context.clock(),
        assessed=asked["assessed"],
        note=asked["note"],
    )
    record_training(records, account, trained)
    return tr("The assessment of {} in {} is entered.").format(find(records, trained.person).name, trained.module)


def _people(records: Store) -> tuple[str, ...]:
    return tuple(key for key, row in records.all("account").items() if row.get("kind", "person") == "person")


def _line(records: Store, row: Mapping[str, Any]) -> tuple[str, ...]:
    person = find(records, row["person"])
    own = BY_NAME[row["module"]]
    recipe, printer = row["recipe"] if own.of_recipe else "", row["printer"] if own.of_printer else ""
    counts = f"✓ {tr('counts')}" if row["counts"] else f"■ {tr('does not count')}"
    roles = ", ".join(map(tr, person.roles))
    of = f"{own.name} · {recipe or printer}" if recipe or printer else own.name
    return f"{person.name}, {roles}", of, f"{counts} · {str(row['until'])[:10]}", str(row["version"])


def _ended(records: Store, row: Mapping[str, Any]) -> Objection:
    name = find(records, row["person"]).name
    until = datetime.fromisoformat(row["until"])
    told = tr("The training {} of {} ended or was revoked; it would have stood until {}.")
    return Objection(
        "E_TRAINING_EXPIRED",
        "warning",
        told.format(row["module"], name, f"{until:%Y-%m-%d}"),
        tr("Renew it: reading and practical assessment."),
        "training",
    )


def _deeds(records: Store, account: Account, key: str, lines: list[dict[str, Any]]) -> Iterator[FormDeed]:
    role = ", ".join(account.roles)
    if may(account.roles, RECORD):
        yield FormDeed(RECORD, tr("Enter an assessment"), role, "", is_signed=False, fields=_fields(records, key))
    current = tuple((row["id"], _words(records, row)) for row in lines if row["counts"])
    if current and may(account.roles, REVOKE):
        fields = (Asked("training", tr("Training"), current), text("reason", tr("Reason")))
        yield FormDeed(REVOKE, tr("End a training"), role, "", is_signed=False, fields=fields)


def _words(records: Store, row: Mapping[str, Any]) -> str:
    return " · ".join((find(records, row["person"]).name, *str(row["id"]).split("|")[1:]))


def _fields(records: Store, key: str) -> tuple[Asked, ...]:
    people = sorted((find(records, each).name, each) for each in _people(records))
    printers = tuple(name for name, row in records.all("printer").items() if row["kind"] == "printer")
    return (
        Asked("person", tr("Who was trained"), tuple((each, name) for name, each in people), key),
        choice("module", tr("Module"), tuple(BY_NAME)),
        choice("recipe", tr("Recipe, of the module recipe"), ("", *records.all("recipe_version"))),
        choice("printer", tr("Equipment, of the module printer"), ("", *printers)),
        text("version", tr("Version that was read")),
        text("note", tr("What was done before the assessor")),
        choice("assessed", tr("Assessment"), (PASSED, FAILED)),
    )
