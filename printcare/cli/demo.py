"""`printcare demo`: the main job on the emulated bench, from prescription file to signed batch."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from printcare.control.events import JobEnded
    from printcare.domain.release import ReleaseDecision
    from printcare.workflow.demonstration import Demonstration

SPEED = 60.0  # virtual seconds per second: ten units take about a quarter of an hour of process time
# With several tools, their transmitters all have to be heard in the same time; and a pneumatic valve closes at once
# where the host is a moment late, so that a busy machine would print light units.
SLOWER = 20.0
DONE, REFUSED, FAILED, INTERRUPTED = 0, 1, 3, 130
RECORD = "record.sqlite"
LOCK = ".demonstration"  # held while one runs here; it goes with its process


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    from printcare.cli.settings import add_language_option

    parser = subparsers.add_parser("demo", help="run the main job on the emulated bench")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("printcare-demo"), help="where the documents go"
    )
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of everything random on the bench")
    parser.add_argument(
        "--fault", metavar="SPEC", action="append", default=[], help="kind@trigger[:value], see emulator"
    )
    parser.add_argument("--recipe", metavar="ID", help="another shipped recipe than cyclophosphamide-sse")
    parser.add_argument("--db", metavar="URL", help=f"the record (default: DIR/{RECORD})")
    add_language_option(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration and return the exit code of what became of the batch."""
    from printcare.emulator.faults import parse_fault
    from printcare.workflow.demonstration import shipped_for

    shipped_for(arguments.recipe)
    for spec in arguments.fault:
        parse_fault(spec)  # a wrong word must leave nothing behind, so it is found before anything is made
    folder: Path = arguments.out
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        told = f"{folder} cannot be made a folder: {fault.strerror}."
        raise PrintcareError("FOLDER_UNUSABLE", told, "Name a folder that can be written with --out.") from fault
    with _alone_in(folder):
        return _demonstrate(folder, arguments)


def _demonstrate(folder: Path, arguments: argparse.Namespace) -> int:
    from printcare.cli.settings import database_url
    from printcare.domain.policy import REHEARSAL
    from printcare.workflow.demonstration import RECIPE, Demonstration
    from printcare.workstation.log import open_log
    from printcare.workstation.opening import open_record

    url = database_url(arguments) if arguments.db else _fresh_record(folder)
    log = open_log()
    log.info("demo begins")
    records, _ = open_record(url, REHEARSAL)
    with records:
        today = datetime.now().astimezone().date()
        demonstration = Demonstration(records, today, recipe_id=arguments.recipe or RECIPE)
        code, told = _rehearse(demonstration, folder, arguments)
    log.info("demo ends: %s", told["status"])
    if arguments.json:
        print(json.dumps(told))
    else:
        _tell(told, folder)
    return code


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep a second demonstration out of a folder: it would move the record away under the first one's job.

    Raises PrintcareError FOLDER_BUSY. Windows has no such lock, but moves no file that somebody has open.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        file = (folder / LOCK).open("w")
    except OSError as fault:
        told = f"{folder} cannot be written: {fault.strerror}."
        raise PrintcareError("FOLDER_UNUSABLE", told, "Name a folder that can be written with --out.") from fault
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            told = f"Another demonstration is running in {folder}."
            raise PrintcareError("FOLDER_BUSY", told, "Wait for it, or name another folder with --out.") from fault
        yield


def _rehearse(
    demonstration: Demonstration, folder: Path, arguments: argparse.Namespace
) -> tuple[int, dict[str, object]]:
    from printcare.cli.progress import ProgressBar
    from printcare.workstation.bench import bench_process, open_ports

    profile, recipe = demonstration.profile, demonstration.recipe_id
    master = demonstration.recipe
    speed = SLOWER if master.further or master.ink.drive == "pneumatic" else SPEED
    with bench_process(profile, speed, arguments.seed, arguments.fault, recipe=recipe) as urls:
        demonstration.set_up()
        message = demonstration.message()
        order = demonstration.receive(message)
        calculated = demonstration.calculate_unit(order)
        planned = demonstration.verify_and_plan_unit(order, calculated)
        drawn = demonstration.prepare(planned, arguments.seed)
        show = ProgressBar(planned.recipe.units_total)
        ports = open_ports(urls, planned.profile.link.bauds)
        try:
            ended = demonstration.produce(planned, ports, show)
        finally:
            ports.close()
            show.close()
    decision = demonstration.close(planned, drawn) if ended.outcome.value == "completed" else None
    files = demonstration.write(folder, planned, order, message, calculated, decision, arguments.language)
    return _outcome(demonstration, planned.id, ended, decision, files)


def _outcome(
    demonstration: Demonstration,
    batch_id: str,
    ended: JobEnded,
    decision: ReleaseDecision | None,
    files: list[str],
) -> tuple[int, dict[str, object]]:
    from printcare.workflow.batch.plan import units_of

    state = demonstration.records.get("batch", batch_id) or {}
    rows = units_of(demonstration.records, batch_id)
    alarms = demonstration.records.all("alarm", batch_id=batch_id)
    size, root = demonstration.records.head()
    told: dict[str, object] = {
        "status": state["status"],
        "batch": batch_id,
        "units": len(rows),
        "accepted": sum(row["status"] == "accepted" for row in rows),
        "rejected": sum(row["status"] == "rejected" for row in rows),
        "acceptance_value": decision.acceptance_value if decision is not None else None,
        "alarms": [
            {"id": alarm["alarm"], "unit": alarm["unit"], "reason": f"{alarm['title']}: {alarm['seen']}"}
            for alarm in alarms.values()
        ],
        "reason": ended.reason,
        "record": {"size": size, "root": root},
        "files": files,
    }
    if ended.reason.startswith("interrupted"):
        return INTERRUPTED, told
    return (DONE if state["status"] == "rehearsed" else FAILED), told


def _fresh_record(folder: Path) -> str:
    """Return the URL of a record of this demonstration's own; an earlier one is kept beside it, never written over."""
    record = folder / RECORD
    if record.exists():
        number = 1
        while (folder / f"record-{number}.sqlite").exists():
            number += 1
        for suffix in ("", "-wal", "-shm"):
            earlier = folder / f"{RECORD}{suffix}"
            if earlier.exists():
                earlier.rename(folder / f"record-{number}.sqlite{suffix}")
        print(f"The record of an earlier demonstration is kept as record-{number}.sqlite.", file=sys.stderr)
    return f"sqlite:///{record.absolute()}"


def _tell(told: dict[str, object], folder: Path) -> None:
    print(f"Batch {told['batch']}: {str(told['status']).upper()} · simulated bench, not for patients")
    print(f"  {told['accepted']} of {told['units']} units accepted, {told['rejected']} rejected")
    if told["acceptance_value"] is not None:
        print(f"  acceptance value {told['acceptance_value']} (mass-based estimate, limit 15.0)")
    if told["status"] != "rehearsed":
        print(f"  {told['reason']}")
    for alarm in told["alarms"]:  # type: ignore[attr-defined]  # a list of dicts, made above
        print(f"  alarm {alarm['id']}: {alarm['reason']}")
    print(f"  documents in {folder}:")
    for name in told["files"]:  # type: ignore[attr-defined]  # a list of names, made above
        print(f"    {name}")
    print(f"Verify the record: printcare audit verify {folder}/audit-export.jsonl")
