"""The job process: prints one prepared batch behind an endpoint of its user, and outlives its window."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from printcare.control.endpoint import SYSTEM, Endpoint
from printcare.control.events import JobEnded
from printcare.devices.ports import SWITCH_S, SerialPorts
from printcare.devices.transport import transport_findings
from printcare.domain import people
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.policy import Policy
from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.protocol.wire import BALANCE, PRINTER, Clock, Command, pressure_role
from printcare.records.store import Store
from printcare.workflow.authority import Refused, in_session, refuse
from printcare.workflow.batch.alarm_answers import unsigned_alarm, wants_signature
from printcare.workflow.batch.job_access import not_admitted
from printcare.workflow.batch.link_bytes import AS_EMULATED, FOLDER, Wiring
from printcare.workflow.batch.produce import plan_again, policy_of, produce
from printcare.workstation.bench import settings_of
from printcare.workstation.known_devices import KnownDevices
from printcare.workstation.settings import data_directory

PERMISSION = {
    "resume": "batch.resume",
    "acknowledge": "alarm.acknowledge",
    "shelve": "alarm.acknowledge",
    "placed": "batch.resume",  # the balance beside the printer: the unit lies on it, and the job may go on
}


@dataclass(frozen=True, slots=True)
class Task:
    """What the job process is started with: which batch, by whose login, on which ports and drivers, heard where.

    `chosen` are the devices whose port a person has chosen anew: what stands there is remembered, not looked for.
    """

    batch_id: str
    operator: str
    session: str
    endpoint: Path
    urls: dict[str, str]
    wiring: Wiring = AS_EMULATED
    chosen: frozenset[str] = field(default_factory=frozenset)


def run_job(records: Store, task: Task, clock: Clock) -> JobEnded:
    """Print the batch and return how it ended; a termination signal stops it in safe state.

    Raises Refused for a session the record does not hold, PrintcareError BATCH_UNKNOWN, PLAN_DIFFERS,
    BATCH_NOT_PREPARED, PORT_UNAVAILABLE, PORT_UNNAMED, PORT_MOVED, DRIVER_UNKNOWN or one of the endpoint's; nothing
    was sent then.
    """
    with suppress(OSError):  # the process leads a session already where the window has seen to it
        os.setsid()
    sys.setswitchinterval(SWITCH_S)
    operator = in_session(records, task.operator, task.session)
    state = records.get("batch", task.batch_id)
    if state is None:
        raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {task.batch_id}.", "See `printcare batch list`.")
    recipe, profile = load_recipe(str(state["recipe"]).partition("/")[0]), load_profile(str(state["profile"]))
    _every_port_named(profile, task.urls, weighs=recipe.weighing != "none")
    places = data_directory(records.url)
    known = KnownDevices(places)
    urls = {source: known.where_now(source, url, source in task.chosen) for source, url in task.urls.items()}
    stops = blocking(transport_findings(profile, urls[PRINTER]))
    if stops:
        raise Refused(stops)
    policy = policy_of(state)
    job, cartridge_id = plan_again(records, task.batch_id, recipe, profile, policy)
    wiring = replace(task.wiring, recordings=task.wiring.recordings or places / FOLDER)
    drivers = (wiring.balance_driver, wiring.pressure_driver)
    ports = SerialPorts(settings_of(urls, profile.link.bauds, *drivers), clock)
    try:
        known.remember(task.urls, urls)
        _stop_when_asked_to_end(ports)
        endpoint = listening(records, task.batch_id, task.endpoint, ports, clock, policy)
        try:
            return produce(records, operator, job, cartridge_id, ports, endpoint.publish, wiring)
        finally:
            endpoint.close()
    finally:
        ports.close()


def listening(records: Store, batch_id: str, path: Path, ports: SerialPorts, clock: Clock, policy: Policy) -> Endpoint:
    """Return where the job of a batch is heard and steered, by the record's accounts; raises as `Endpoint`."""
    return Endpoint(
        path,
        ports.post,
        lambda user, ticket: not_admitted(records, batch_id, user, ticket),
        lambda command, is_present: objection(records, batch_id, command, is_present=is_present),
        clock,
        holds_when_lost=not policy.unattended_units,
    )


def _every_port_named(profile: FirmwareProfile, urls: dict[str, str], *, weighs: bool) -> None:
    """Refuse a job whose bench lacks a device, by name: a tool's transmitter is as much a part of it as the balance."""
    felt = (pressure_role(number) for number, tool in enumerate(profile.tools) if tool.has_transmitter)
    wanted = (PRINTER, *((BALANCE,) if weighs else ()), *felt)
    missing = ", ".join(source for source in wanted if source not in urls)
    if missing:
        told = f"No port is named for: {missing}."
        raise PrintcareError("PORT_UNNAMED", told, "Name a port for every device of this printer's bench.")


def objection(records: Store, batch_id: str, command: Command, *, is_present: bool) -> Finding | None:
    """Return why this person may not give this command, or None; a refusal is recorded before it is told.

    `is_present` says that this person has signed in on the link the command came by. An alarm that wants a signature is
    answered by that signature, whoever is signed in. What is no account's id is not recorded: people type passwords
    there. A hold or a stop is asked of nobody: the endpoint takes it at once.
    """
    account, action = records.get("account", command.user_id), PERMISSION[command.name]
    found: Finding | None
    if account is None or account.get("status") != "active":
        found = error("NO_SUCH_ACCOUNT", "There is no active account of this id.", "Log in.", "user")
    else:
        found = people.refusal(account["roles"], action) or _not_signed(records, batch_id, command, is_present)
    if found is not None:
        by = people.SYSTEM if account is None else people.Actor(command.user_id, "account")
        refuse(records, by, action, "account", "unknown" if account is None else command.user_id, (found,))
    return found


def _not_signed(records: Store, batch_id: str, command: Command, is_present: bool) -> Finding | None:
    """Return what is missing of signature or presence."""
    alarm_id = command.reason.strip().partition(" ")[0]
    if command.name == "acknowledge" and wants_signature(alarm_id):
        return unsigned_alarm(records, batch_id, alarm_id, command.user_id)
    if is_present:
        return None
    told = f"{command.user_id} has not signed in to this job on this link."
    return error("ENDPOINT_SIGN_IN", told, "Sign in with your password, then give the command again.", "user")


def _stop_when_asked_to_end(ports: SerialPorts) -> None:
    """Turn a termination into a stop in safe state, and let the end of a terminal pass by."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        ports.post(Command("stop", SYSTEM, "the job process was asked to end"))

    signal.signal(signal.SIGTERM, stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
