"""What stands on record for a bench that is not there: everything current, and marked as a rehearsal's own word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain.equipment import BALANCE, PRINTER, Equipment, parts_of_tools
from printcare.domain.machine import FirmwareProfile
from printcare.domain.qualification import RunStatus
from printcare.domain.training import MODULES, PASSED, Trained
from printcare.domain.upkeep import CALIBRATION, IN_TOLERANCE, Done
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.site import cleaning, training, upkeep
from printcare.workflow.site.equipment import taken_into_use
from printcare.workflow.states import as_state

STANDS_DAYS = 365
FIRMWARE, WORD = "emulated", "a rehearsal on the simulated bench"
SIMULATED = {"simulated": True}
Row = tuple[str, str, str, dict[str, Any]]  # action, table, key, state


@dataclass(frozen=True, slots=True)
class Bench:
    """The simulated bench, and who and what a rehearsal uses it with; recipes as id/version."""

    profile: FirmwareProfile
    balance: str
    operators: tuple[str, ...]
    recipes: tuple[str, ...]
    cartridges: tuple[str, ...]

    @property
    def printer(self) -> str:
        """Return what the register calls it."""
        return f"simulated {self.profile.id}"


def stand_in(records: Store, account: Account, bench: Bench) -> None:
    """Record the simulated bench as current in everything that is asked, in one transaction.

    Each row says that it is simulated; such rows never count where anything may be released (domain.requirement).
    """
    actor = allowed(records, account, "site.configure")
    now = records.context.clock()
    rows = [*_register(records, bench), *_qualified(records, bench, now), *_upkeep(records, bench, now)]
    rows += [*_trained(bench, account.id, now), *_clean(bench, now)]
    with records.transaction(actor) as tx:
        for action, table, key, state in rows:
            tx.record(action, table, key, state | SIMULATED, reason_text=WORD)


def _register(records: Store, bench: Bench) -> Iterator[Row]:
    profile = bench.profile
    parts = parts_of_tools(tuple(tool.kind for tool in profile.tools))
    printer = Equipment(
        name=bench.printer,
        kind=PRINTER,
        model=profile.printer_class,
        serial=bench.printer,
        firmware=FIRMWARE,
        profile_id=profile.id,
        profile_digest=profile.digest,
        parts=parts,
    )
    balance = Equipment(name=bench.balance, kind=BALANCE, model=FIRMWARE, serial=bench.balance)
    for each in (printer, balance):
        yield "equipment.registered", "printer", each.name, taken_into_use(each, records)


def _qualified(records: Store, bench: Bench, now: datetime) -> Iterator[Row]:
    identity = {"profile": bench.profile.digest, "firmware": FIRMWARE, "program": records.context.app_version}
    runs = [(bench.printer, stage, "") for stage in ("IQ", "OQ")] + [(bench.balance, "OQ", "")]
    runs += [(bench.printer, "PQ", recipe) for recipe in bench.recipes]
    for subject, stage, recipe in runs:
        state = {
            "subject": subject,
            "status": RunStatus.APPROVED.value,
            "stage": stage,
            "recipe": recipe,
            "protocol": "",
            "identity": identity,
            "steps": [],
            "started_at": as_state(now),
            "until": as_state(now + timedelta(days=STANDS_DAYS)),
        }
        yield "qualification.assumed", "qualification", f"{subject}/{stage}/{recipe or 'all'}", state


def _upkeep(records: Store, bench: Bench, now: datetime) -> Iterator[Row]:
    schedule = upkeep.schedule_of(records)
    for name, kind in ((bench.printer, PRINTER), (bench.balance, BALANCE)):
        for task in schedule.of(kind, CALIBRATION):
            done = Done(task.name, IN_TOLERANCE, IN_TOLERANCE, WORD)
            row = upkeep.done_row(name, done, CALIBRATION, now)
            yield "calibration.assumed", "maintenance", upkeep.key_of(name, task.name), row
    for cartridge in bench.cartridges:
        row = upkeep.flow_row(cartridge, now, Decimal(100))
        yield "flow.assumed", "maintenance", upkeep.key_of(cartridge, upkeep.FLOW), row


def _trained(bench: Bench, trainer: str, now: datetime) -> Iterator[Row]:
    needed = [module for module in MODULES if "batch.start" in module.permits]
    made = {
        each.key: each
        for person in bench.operators
        for module in needed
        for recipe in bench.recipes
        for each in (Trained(person, module.name, recipe, bench.printer, WORD, trainer, now, PASSED, WORD),)
    }
    for key, each in made.items():
        yield "training.assumed", "training", key, training.row_of(each)


def _clean(bench: Bench, now: datetime) -> Iterator[Row]:
    for part in parts_of_tools(tuple(tool.kind for tool in bench.profile.tools)):
        yield (
            "cleaning.assumed",
            "cleaning",
            cleaning.key_of(bench.printer, part),
            cleaning.new_part(bench.printer, part, now),
        )
