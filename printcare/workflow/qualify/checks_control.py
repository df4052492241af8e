"""Checks of what protects: alarms provoked and timed, a noisy wire, access, the audit trail's canary, a restore."""

from __future__ import annotations

import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path

from printcare.control.events import Outcome
from printcare.domain.people import PERMISSIONS, Role
from printcare.records import audit
from printcare.records.copying import copy
from printcare.workflow.authority import Refused, allowed
from printcare.workflow.qualify.bench_job import run_job, short_job
from printcare.workflow.qualify.check_site import Checked, Site, all_of
from printcare.workflow.qualify.checks_install import SOUND

UNITS = 2
RELEASE = "batch.release"


def alarm(site: Site) -> Checked:
    """Print under one fault, and want one of the named alarms in time and the printer made safe."""
    fault, wanted, limit_s = site.figures["fault"], site.words("alarms"), site.figure("limit_s")
    told = run_job(site.rig, short_job(site, site.figure("dose_mg"), UNITS), (fault,), site.seed)
    struck_s = site.rig.struck_s() or 0.0
    found = told.first_alarm(0.0)
    if found is None:
        ended = "" if told.ended is None else told.ended.reason
        return all_of({"alarm": (False, f"none; the job ended: {ended}")})
    at_s, raised = found
    reacted_s = min([at_s, *(each for each in told.stops_s if each >= struck_s)])
    delay_s = Decimal(str(round(max(0.0, reacted_s - struck_s), 2)))
    ended_well = told.ended is not None and told.ended.outcome is Outcome.COMPLETED
    return all_of(
        {
            "fault": fault,
            "alarm": (raised in wanted, f"{raised}, one of {' '.join(wanted)}"),
            "time from the fault to the answer": (delay_s <= limit_s, f"{delay_s} s, {limit_s} s allowed"),
            "printer made safe": (told.is_safe() and not ended_well, str(told.is_safe())),
        }
    )


def noisy_wire(site: Site) -> Checked:
    """Print over a wire that spoils lines: every unit is finished, and weighs what it does without the noise."""
    job = short_job(site, site.figure("dose_mg"), UNITS)
    told = run_job(site.rig, job, (site.figures["fault"],), site.seed)
    limits = job.first.gate
    rows = {}
    completed = told.ended is not None and told.ended.outcome is Outcome.COMPLETED
    rows["every unit printed and judged"] = (completed, "" if told.ended is None else told.ended.reason)
    for unit in told.units():
        is_good = unit.mass_mg is not None and abs(unit.mass_mg - limits.target_mg) <= limits.limit_mg
        rows[f"unit {unit.index}"] = (is_good, f"{unit.mass_mg} mg of {limits.target_mg} mg")
    return all_of(rows)


def access(site: Site) -> Checked:
    """Try what this person's roles do not permit, and find the refusal on record with its code."""
    forbidden = sorted(
        command
        for command in set().union(*PERMISSIONS.values())
        if not any(command in PERMISSIONS[Role(role)] for role in site.account.roles)
    )
    tried = [command for command in (RELEASE, *forbidden[:4]) if command in forbidden]
    rows = {}
    for command in tried:
        try:
            allowed(site.records, site.account, command)
            rows[command] = (False, "was allowed")
        except Refused as refused:
            last = site.records.events(after=site.records.head()[0] - 1)[-1].content
            is_kept = (last["action"], last["outcome"]) == (command, "refused")
            rows[command] = (is_kept, f"{refused.code}, {'recorded' if is_kept else 'NOT recorded'}")
    return all_of(rows or {"forbidden commands": (False, "this person may do everything")})


def canary(site: Site) -> Checked:
    """Change one byte of one event in a copy of the record, and want the verification to name it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "canary.sqlite"
        url = f"sqlite:///{file}"
        copy(site.records.url, url)
        before = str(audit.verify(url)["verdict"])
        _alter(file)
        after = str(audit.verify(url)["verdict"])
    return all_of(
        {
            "the copy as it is": (before in SOUND, before),
            "one byte of one event changed": (after not in SOUND, after),
        }
    )


def _alter(file: Path) -> None:
    """Change one byte of the last event, past the triggers that guard it, as an intruder would."""
    connection = sqlite3.connect(file)
    try:
        triggers = connection.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f'drop trigger "{name}"')
        seq, payload = connection.execute("select seq, payload from event order by seq desc limit 1").fetchone()
        altered = bytes(payload).replace(b"a", b"b", 1)
        connection.execute("update event set payload = ? where seq = ?", (altered, seq))
        connection.commit()
    finally:
        connection.close()


def restore(site: Site) -> Checked:
    """Copy the record while it is in use, read the copy through, and compare its end with the record's."""
    size, root = site.records.head()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'restored.sqlite'}"
        copy(site.records.url, url)
        verdict = audit.verify(url)
    same = (verdict["size"], verdict["root"]) == (size, root)
    return all_of(
        {
            "verdict of the restored record": (verdict["verdict"] in SOUND, str(verdict["verdict"])),
            "same events and root": (same, f"{verdict['size']} of {size}"),
        }
    )
