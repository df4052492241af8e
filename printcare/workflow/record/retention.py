"""How long what is kept, what a hold keeps longer, and the erasure of what identifies a person (records.md §8.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn

from printcare.domain.checks import Finding, error
from printcare.domain.events import DONE
from printcare.domain.people import Role
from printcare.records.accounts import Account
from printcare.records.schema import BOUND
from printcare.records.signatures import sign
from printcare.records.store import Actor, Store
from printcare.workflow.authority import Refused, allowed, refusals_recorded, refuse

HOLD, LIFT, ERASE, CONFIGURE = "hold.place", "hold.lift", "person.erase", "site.configure"
HOLDS = "legal_hold"
PLACED, LIFTED = "placed", "lifted"
EVERYTHING = "everything"
SETTING = "retention"
YEAR = timedelta(days=365.25)
# Years by class. They are long on purpose: the law of the place sets them, and the site signs for its own.
DEFAULT_YEARS = {"batch": 30, "order": 30, "person": 30, "message": 10, "equipment": 15, "access": 10, "document": 30}
_CLASSES = {
    "batch": "batch unit alarm deviation signature reading_block job_lease laboratory_result investigation complaint "
    "recall capa change ink_lot cartridge ink_preparation ink_formulation supplier",
    "order": "prescription verified_dose",
    "person": "person",
    "message": "received_message",
    "equipment": "printer balance_check qualification maintenance cleaning",
    "document": "document recipe_version dosing_rule_version recipe_verification recipe_approval dosing_rule_approval",
}
CLASS_OF = {table: name for name, tables in _CLASSES.items() for table in tables.split()}
CLASS_OF |= {table: "access" for table in BOUND if table not in CLASS_OF}
ERASABLE = ("person", "received_message")
MOST_EVENTS = 1_000_000


def years(records: Store) -> dict[str, int]:
    """Return how many years each class is kept here: the site's signed setting, else the default."""
    state = records.get("site_setting", SETTING)
    return dict(DEFAULT_YEARS) if state is None else {name: int(state["years"][name]) for name in DEFAULT_YEARS}


def set_years(records: Store, account: Account, password: str, wanted: dict[str, int], reason: str) -> None:
    """Set how long each class is kept, signed by a process owner."""
    actor = allowed(records, account, CONFIGURE)
    stops = [] if reason.strip() else [_reason_missing()]
    if wanted.keys() - DEFAULT_YEARS.keys() or any(value < 1 for value in wanted.values()):
        told = f"Every class is kept for a year at least; the classes are {', '.join(DEFAULT_YEARS)}."
        stops.append(error("E_RETENTION", told, "Name a class and its years.", "years"))
    if stops:
        refuse(records, actor, CONFIGURE, "site_setting", SETTING, tuple(stops))
        raise Refused(tuple(stops))
    before = records.get("site_setting", SETTING)
    if before is None:
        with records.transaction(actor) as tx:
            tx.record("site.default_noted", "site_setting", SETTING, {"years": DEFAULT_YEARS})
    step = (("site.configured", {"years": years(records) | wanted}),)
    meaning, role = "set how long records are kept", Role.PROCESS_OWNER
    sign(records, account.login, password, role, meaning, "site_setting", SETTING, becoming=step, reason=reason)


def place_hold(records: Store, account: Account, scope: str, reason: str) -> str:
    """Keep everything, or one object ("table/key"), whatever its retention says; return the hold's key."""
    actor = allowed(records, account, HOLD)
    if not reason.strip():
        _refused(records, actor, HOLD, "new", _reason_missing())
    table, _, key = scope.partition("/")
    if scope != EVERYTHING and (table not in BOUND or records.get(table, key) is None):
        told = f"The record holds no {scope!r}."
        _refused(records, actor, HOLD, "new", error("E_SCOPE", told, "Name TABLE/KEY, or everything.", "scope"))
    number = f"LH-{len(records.all(HOLDS)) + 1:04d}"
    with records.transaction(actor) as tx:
        state = {"status": PLACED, "scope": scope, "by": account.id, "lifted_by": None}
        tx.record(HOLD, HOLDS, number, state, reason_text=reason)
    return number


def lift_hold(records: Store, account: Account, number: str, reason: str) -> None:
    """Let what was held go back to its retention time; never by who placed it."""
    actor = allowed(records, account, LIFT)
    state = records.get(HOLDS, number)
    if state is None or state["status"] != PLACED:
        _refused(records, actor, LIFT, number, error("E_HOLD", f"No hold {number} stands.", "See `hold list`.", "hold"))
    if not reason.strip():
        _refused(records, actor, LIFT, number, _reason_missing())
    if state["by"] == account.id:
        told = "Who placed a hold does not lift it."
        _refused(records, actor, LIFT, number, error("SAME_PERSON", told, "Have another person do it.", "hold"))
    with records.transaction(actor) as tx:
        new = state | {"status": LIFTED, "lifted_by": account.id}
        tx.record(LIFT, HOLDS, number, new, reason_text=reason)


def erase(records: Store, account: Account, table: str, key: str, reason: str) -> None:
    """Destroy what identifies a person, or a received message, for ever; the log stays whole without it.

    Raises Refused, recorded, while its retention time runs, a hold stands, or a staff account is in use.
    """
    actor = allowed(records, account, ERASE)
    with refusals_recorded(records, actor, ERASE, table, key):
        stops = _kept_for(records, table, key)
        if not reason.strip():
            stops.append(_reason_missing())
        if stops:
            raise Refused(tuple(stops))
    with records.transaction(actor) as tx:
        tx.erase(table, key, reason)


def kept_until(records: Store, table: str, key: str) -> datetime:
    """Return when the retention of an object ends, by its last event and that of all that refers to it."""
    ends, each_years = [], years(records)
    for name, found in [(table, key), *_about(records, table, key)]:
        # What was refused, such as the erasure itself, makes nothing younger.
        state_events = records.events(object_id=found, object_type=name, outcome=DONE, limit=MOST_EVENTS)
        last_at = max((datetime.fromisoformat(event.content["ts_utc"]) for event in state_events), default=None)
        if last_at is not None:
            ends.append(last_at + each_years[CLASS_OF[name]] * YEAR)
    return max(ends)


def _kept_for(records: Store, table: str, key: str) -> list[Finding]:
    state = records.get(table, key) if table in ERASABLE else None
    if state is None or state.get("erased"):
        return [error("E_NOTHING_TO_ERASE", f"There is nothing to erase at {table}/{key}.", "Name a person.", "key")]
    stops = []
    about = {f"{name}/{found}" for name, found in [(table, key), *_about(records, table, key)]}
    for number, hold in records.all(HOLDS, status=PLACED).items():
        if hold["scope"] == EVERYTHING or hold["scope"] in about:
            told = f"The legal hold {number} keeps it."
            stops.append(error("E_LEGAL_HOLD", told, "Have the hold lifted first, by who may.", "hold"))
    until = kept_until(records, table, key)
    if records.context.clock() < until:
        told = f"It is kept until {until.date().isoformat()}."
        stops.append(error("E_RETENTION_RUNS", told, "Wait; a shorter time is the site's signed setting.", "retention"))
    using = [name for name, each in records.all("account").items() if each.get("person") == key]
    if any((records.get("account", name) or {})["status"] != "withdrawn" for name in using):
        told = "The person has an account here."
        stops.append(error("E_STILL_EMPLOYED", told, "Withdraw the account first.", "key"))
    return stops


def _about(records: Store, table: str, key: str) -> list[tuple[str, str]]:
    """Return what refers to a person or a message: orders, their doses and batches; of staff, the account."""
    if table == "person":
        pseudonym = key.removeprefix("patient-")
        orders = list(records.all("prescription", patient=pseudonym))
        accounts = [("account", name) for name, state in records.all("account").items() if state.get("person") == key]
    else:
        orders, accounts = list(records.all("prescription", received_sha256=key)), []
    found = [*accounts, *(("prescription", order) for order in orders)]
    for order in orders:
        found += [("batch", batch) for batch in records.all("batch", prescription=order)]
    return found


def _refused(records: Store, actor: Actor, command: str, key: str, stop: Finding) -> NoReturn:
    refuse(records, actor, command, HOLDS, key, (stop,))
    raise Refused((stop,))


def _reason_missing() -> Finding:
    return error("E_REASON_MISSING", "This is done for a stated reason.", "State it.", "reason")
