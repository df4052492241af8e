"""Every role times every command, move, entry point and state: what docs/roles.md says, and refusals are recorded."""

from __future__ import annotations

import ast
import importlib
import inspect
from dataclasses import replace
from pathlib import Path

import pytest
import write_roles
from rehearsing import ONE_DAY, TODAY, open_store

from printcare.domain.canonical import digest
from printcare.domain.control_recipe import PartDose
from printcare.domain.ink_lot import LOT_MOVES, LotStatus
from printcare.domain.people import PERMISSIONS, SYSTEM, Role
from printcare.domain.policy import REHEARSAL
from printcare.domain.recipe_life import MOVES, NOT_IN_FORCE, LifeState
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.workflow import authority
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.batch.plan import plan_batch
from printcare.workflow.demonstration import BALANCE, PROFILE, RECIPE, Demonstration
from printcare.workflow.ink import inks
from printcare.workflow.recipe import controlled, set_up, versions
from printcare.workflow.states import state_of

PASSWORD = "seventeen grey herons"
WORKFLOW = Path(authority.__file__).parent
EVERY_COMMAND = sorted(set().union(*PERMISSIONS.values()))
# What writes in the record and asks nobody: each says why.
ASKS_NOBODY = {
    "admit": "whoever has an account may listen to a job; each command is asked about when it is given",
    "refuse": "it records a refusal",
    "quarantine_interrupted": "the system does it before anybody works",
    "calculate_order": "it records its refusal alone",
    "link_bytes_kept": "who starts the job was asked, and is handed to it",
    "write_down": "whoever plans was asked, and is handed to it",
}
# What asks in order to be refused: the check of access during a qualification, whose steps ask for themselves.
PROVOKES = {"access"}
# What an entry point needs to know before it can name its command.
GIVEN = {
    "decide_recorded": {"wanted": "released", "decision": None},
    "decide": {"wanted": "released"},
    "write": {"document": load_recipe(RECIPE)},
    "waiting": {"verb": "approve"},
    "take": {"kind": controlled.RECIPE, "verb": "approve"},
}
PASSED_ON = {
    "waiting": "recipe.approve",
    "write": "recipe.write",
    "take": "recipe.approve",
    "decide_recorded": "batch.release",
}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("roles")) as store:
        yield store


@pytest.fixture(scope="module")
def people(records):
    """Return one person for each role."""
    logins = {role: role.value.replace(" ", ".") for role in Role}
    staff = [
        set_up.Person(logins[role], role.value.title(), (role,), PASSWORD)
        for role in Role
        if role is not Role.ADMINISTRATOR
    ]
    administrator = set_up.Person("administrator", "Administrator", (Role.ADMINISTRATOR,), PASSWORD)
    made = set_up.set_up(records, administrator, staff)
    return {role: made[logins[role]] for role in Role}


def last(records):
    """Return the last event of the record."""
    return records.events(after=records.head()[0] - 1)[-1].content


def test_the_page_says_what_the_core_does():
    assert write_roles.PAGE.read_text("utf-8") == write_roles.page(), "run python tests/write_roles.py"


@pytest.mark.parametrize("role", Role)
def test_a_role_is_allowed_its_commands_and_refused_every_other_one(records, people, role):
    account = people[role]
    for command in EVERY_COMMAND:
        if command in PERMISSIONS[role]:
            assert allowed(records, account, command).role == role
            continue
        with pytest.raises(Refused) as refused:
            allowed(records, account, command)
        told = last(records)
        assert refused.value.code == told["reason_code"] == "NOT_PERMITTED"
        assert (told["action"], told["outcome"], told["actor_id"]) == (command, "refused", account.id)


def entry_points():
    """Yield every function of the workflow that asks who may do it: itself, whom it asks about, and the command."""
    for path in sorted(WORKFLOW.rglob("*.py")):
        inside = path.relative_to(WORKFLOW).with_suffix("").parts
        module = importlib.import_module(".".join(("printcare", "workflow", *inside)))
        functions = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
        functions = [each for each in functions if each.name not in PROVOKES]
        askers = {each.name: _asked(each) for each in functions if _asked(each) is not None}
        for function in functions:
            asked = askers.get(function.name) or _asked_through(function, askers, functions)
            if asked is not None and not function.name.startswith("_") and function.name != "allowed":
                whom, command = asked
                said = _said(command, function, module) or PASSED_ON[function.name]
                yield pytest.param(getattr(module, function.name), whom.id, said, id=f"{path.stem}.{function.name}")


def _asked(function):
    """Return whom a function asks about first, and for which command."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    asked = [node for node in calls if getattr(node.func, "id", "") == "allowed" and len(node.args) == 3]
    return tuple(min(asked, key=lambda node: node.lineno).args[1:]) if asked else None


def _asked_through(function, askers, functions):
    """Return the same for a function that hands person and command to one that asks."""
    parameters = {each.name: [argument.arg for argument in each.args.args] for each in functions}
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", "")
        if name.startswith("_") and name in askers:
            passed = dict(zip(parameters[name], call.args, strict=False))
            whom, command = (passed.get(getattr(each, "id", ""), each) for each in askers[name])
            return whom, command
    return None


def _said(command, function, module):
    """Return the command a piece of source names, where it is a constant of the call, the function or the module."""
    if isinstance(command, ast.Constant):
        return command.value
    name = getattr(command, "id", "")
    for node in ast.walk(function):
        is_named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name
        if is_named and isinstance(node.value, ast.Constant):
            return node.value.value
    return getattr(module, name, None)


ENTRY_POINTS = list(entry_points())


@pytest.mark.parametrize(("entry", "whom", "command"), ENTRY_POINTS)
def test_every_entry_point_refuses_every_role_the_table_does_not_name(records, people, entry, whom, command):
    assert any(command in PERMISSIONS[role] for role in Role), f"nobody may ever {command}"
    wanted = [name for name, each in inspect.signature(entry).parameters.items() if each.default is each.empty]
    for role in Role:
        if command in PERMISSIONS[role]:
            continue
        given = dict.fromkeys(wanted) | {"records": records, whom: people[role]} | GIVEN.get(entry.__name__, {})
        with pytest.raises(Refused) as refused:
            entry(**given)
        told = last(records)
        assert refused.value.code == told["reason_code"] == "NOT_PERMITTED"
        assert (told["action"], told["actor_id"]) == (command, people[role].id)


def test_nothing_in_the_workflow_writes_without_asking_who_it_is():
    asking = {point.values[0].__name__ for point in ENTRY_POINTS}
    silent = set()
    for path in WORKFLOW.rglob("*.py"):
        for function in ast.parse(path.read_text("utf-8")).body:
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
                writes = {
                    getattr(node.func, "attr", getattr(node.func, "id", ""))
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call)
                } & {"transaction", "sign"}
                if writes and function.name not in asking:
                    silent.add(function.name)
    assert silent <= set(ASKS_NOBODY)


def test_no_command_line_and_no_window_writes_but_through_the_workflow():
    found = set()
    for room in ("cli", "ui"):
        for path in (WORKFLOW.parent / room).rglob("*.py"):
            calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
            if any(getattr(node.func, "attr", "") == "transaction" for node in calls):
                found.add(f"{room}/{path.name}")
    assert not found
    # a checkpoint is asked for by every role
    assert all("audit.checkpoint" in PERMISSIONS[role] for role in Role)


def put(records, kind, name, status, authors):
    """Record a version in a state, as no move would, to try every move from it."""
    recipe = load_recipe(RECIPE)
    state = versions.draft_of(recipe, authors) | {kind.member: name, "status": status.value}
    with records.transaction(SYSTEM) as tx:
        tx.record(f"{kind.name}.written", kind.table, kind.key(name, 1), state)
    return kind.key(name, 1)


@pytest.mark.parametrize("kind", controlled.KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("state", LifeState)
def test_a_version_is_moved_by_the_role_and_from_the_state_of_the_table_and_never_otherwise(
    records, people, kind, state
):
    for move in MOVES:
        key = put(records, kind, f"{state}-{move.verb}", state, ["u-nobody"])
        for role in Role:
            if role == move.role and state in move.origins:
                continue
            with pytest.raises(Refused) as refused:
                versions.take(records, people[role], PASSWORD, kind, key, move.verb, "matrix")
            told = last(records)
            wanted = "NOT_PERMITTED" if role != move.role else "E_LIFE_MOVE"
            assert refused.value.code == told["reason_code"] == wanted
            assert (told["action"], told["actor_id"]) == (f"{kind.name}.{move.verb}", people[role].id)
            assert records.get(kind.table, key)["status"] == state
        if state in move.origins:
            signed = versions.take(records, people[move.role], PASSWORD, kind, key, move.verb, "matrix")
            assert records.get(kind.table, key)["status"] == move.target
            assert (signed.role, signed.meaning) == (move.role, move.meaning)
            assert signed.covers(records.get(kind.table, key))


@pytest.mark.parametrize("move", [move for move in MOVES if move.by_another], ids=lambda move: move.verb)
def test_an_author_in_the_right_role_is_refused_and_the_refusal_recorded(records, people, move):
    account = people[move.role]
    key = put(records, controlled.RECIPE, f"own-{move.verb}", move.origins[0], ["u-nobody", account.id])
    with pytest.raises(Refused):
        versions.take(records, account, PASSWORD, controlled.RECIPE, key, move.verb, "matrix")
    told = last(records)
    assert (told["outcome"], told["reason_code"]) == ("refused", "AUTHOR_APPROVES")


# How a version comes to stand in a state, by moves that are really signed; the last two follow one another.
WAYS = {
    LifeState.DRAFT: (),
    LifeState.SUBMITTED: ("submit",),
    LifeState.IN_VALIDATION: ("submit", "validate"),
    LifeState.APPROVED: ("submit", "validate", "approve"),
    LifeState.RETIRED: ("submit", "validate", "approve", "retire"),
    LifeState.REFUSED: ("submit", "refuse"),
    LifeState.WITHDRAWN: ("submit", "withdraw"),
    LifeState.SUPERSEDED: ("submit", "validate", "approve", "make_effective"),
    LifeState.EFFECTIVE: ("submit", "validate", "approve", "make_effective"),
}
AUTHORS_OWN = ("submit", "withdraw")


class Pharmacy:
    """A rehearsal's record with a verified order, the recipe in a version for each state, a lot for each status."""

    def __init__(self, folder):
        self.records = open_store(folder)
        self.show = Demonstration(self.records, TODAY)
        self.show.set_up()
        self.order = self.show.receive(self.show.message())
        one_day = replace(self.order, duration_days=ONE_DAY)
        self.verified = self.show.verify_and_plan(one_day, self.show.calculate(self.order)).recipe.verified
        self.cancel()
        self.recipes = {state: self._version(number, *WAYS[state]) for number, state in enumerate(WAYS, start=2)}
        lot, _ = self.show.materials()
        self.released = self.records.get("ink_lot", lot.id)

    def plan(self, account, recipe):
        """Plan one day, and cancel what was planned, so that the next attempt is like this one."""
        lot, cartridge = self.show.materials()
        doses = [PartDose(self.verified, lot, cartridge)]
        given = (self.order.id, recipe, doses, load_profile(PROFILE), BALANCE, REHEARSAL)
        plan_batch(self.records, account, *given, ONE_DAY, TODAY)
        self.cancel()

    def cancel(self):
        """Cancel every batch that is planned."""
        with self.records.transaction(SYSTEM) as tx:
            for key, state in self.records.all("batch", status="planned").items():
                tx.record("batch.cancelled", "batch", key, state | {"status": "cancelled"})

    def _version(self, number, *verbs):
        recipe = replace(self.show.recipe, version=number)
        recipe = replace(recipe, digest=digest(state_of(recipe)))
        key = versions.write(self.records, self.show.people["f.scientist"], recipe)
        for verb in verbs:
            login = "f.scientist" if verb in AUTHORS_OWN else "p.owner"
            account, password = self.show.people[login], self.show.passwords[login]
            versions.take(self.records, account, password, controlled.RECIPE, key, verb, "matrix")
        return recipe

    def put_lot(self, status):
        """Let the lot stand in a status on record; released, it is once more what quality signed."""
        with self.records.transaction(SYSTEM) as tx:
            tx.record("ink_lot.put", "ink_lot", self.released["id"], self.released | {"status": status.value})


@pytest.fixture(scope="module")
def pharmacy(tmp_path_factory):
    made = Pharmacy(tmp_path_factory.mktemp("pharmacy"))
    yield made
    made.records.close()


@pytest.mark.parametrize("state", LifeState)
def test_a_job_is_planned_by_the_roles_from_the_versions_and_the_lots_of_the_tables_alone(pharmacy, people, state):
    recipe, is_counting = pharmacy.recipes[state], write_roles.counts(state, REHEARSAL.mode) != ""
    # Known to this record by what they hold alone: an id that is on record counts with the roles recorded there.
    accounts = {role: replace(each, id=f"u-matrix-{role.name}", session=None) for role, each in people.items()}
    pharmacy.show.stand_in([accounts[Role.OPERATOR].id], [f"{recipe.id}/{recipe.version}"])
    for status in LotStatus:
        pharmacy.put_lot(status)
        for role in Role:
            wanted = {"NOT_PERMITTED"} if "batch.plan" not in PERMISSIONS[role] else set()
            if not wanted:
                wanted |= set() if is_counting else {NOT_IN_FORCE[state][0]}
                wanted |= set() if status in write_roles.USABLE_LOTS else {"E_LOT_STATUS"}
            account = accounts[role]
            assert refusal(pharmacy, account, recipe) == wanted
            if wanted:
                told = last(pharmacy.records)
                assert (told["action"], told["outcome"], told["actor_id"]) == ("batch.plan", "refused", account.id)
    assert pharmacy.records.all("batch", status="planned") == {}


LOT_COMMANDS = {
    "ink_lot.release": lambda *given: inks.release_lot(*given, TODAY),
    "ink_lot.reject": inks.reject_lot,
    "ink_lot.quarantine": inks.quarantine_lot,
    "ink_lot.recall": inks.recall_state,
}


@pytest.mark.parametrize("status", LotStatus)
@pytest.mark.parametrize("command", LOT_COMMANDS)
def test_a_lot_is_moved_by_the_roles_and_from_the_states_of_the_table_alone(pharmacy, people, status, command):
    records, lot_id = pharmacy.records, pharmacy.released["id"]
    ends = [end for start, end, name in LOT_MOVES if (start, name) == (status, command)]
    mover, password = pharmacy.show.people["q.quality"], pharmacy.show.passwords["q.quality"]
    assert write_roles.roles_of(command) == list(mover.roles)
    for role in Role:
        pharmacy.put_lot(status)
        account = mover if role is Role.QUALITY else people[role]
        wanted = "NOT_PERMITTED" if command not in PERMISSIONS[role] else "" if ends else "E_LOT_MOVE"
        if not wanted:
            LOT_COMMANDS[command](records, account, password, lot_id, "matrix")
            assert records.get("ink_lot", lot_id)["status"] == ends[0]
            continue
        with pytest.raises(Refused) as refused:
            LOT_COMMANDS[command](records, account, password, lot_id, "matrix")
        told = last(records)
        assert refused.value.code == told["reason_code"] == wanted
        assert (told["action"], told["outcome"], told["actor_id"]) == (command, "refused", account.id)
        assert records.get("ink_lot", lot_id)["status"] == status


def test_every_move_of_a_lot_on_record_is_tried():
    assert {command for start, _, command in LOT_MOVES if start is not None} == set(LOT_COMMANDS)


def refusal(pharmacy, account, recipe):
    """Return the codes a plan was refused with; none where it was made."""
    try:
        pharmacy.plan(account, recipe)
    except Refused as refused:
        return {finding.code for finding in refused.findings}
    return set()
