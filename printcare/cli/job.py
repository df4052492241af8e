"""`printcare job`: the job process, started by the window for one prepared batch."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

DONE, FAILED = 0, 3
ALWAYS = ("printer", "balance", "pressure")
FURTHER = ("pressure-1", "pressure-2", "pressure-3")  # of the second tool and those after it


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the hidden command and what it is started with."""
    parser = subparsers.add_parser("job", help=argparse.SUPPRESS)
    for name, metavar in (("db", "URL"), ("batch", "ID"), ("operator", "ACCOUNT"), ("session", "S")):
        parser.add_argument(f"--{name}", metavar=metavar, required=True)
    parser.add_argument("--endpoint", metavar="PATH", required=True, type=Path)
    for source in ALWAYS:
        parser.add_argument(f"--{source}", metavar="URL", required=True)
    for source in FURTHER:
        parser.add_argument(f"--{source}", metavar="URL")
    parser.add_argument("--balance-driver", metavar="NAME", default="mt-sics")
    parser.add_argument("--pressure-driver", metavar="NAME", default="ps1")
    parser.add_argument("--chosen", metavar="DEVICE", action="append", default=[])


def run(arguments: argparse.Namespace) -> int:
    """Run the job; return 0 when every unit was printed and judged, 3 when the batch stands in quarantine."""
    from printcare.cli.settings import database_url
    from printcare.domain.policy import LOCKED
    from printcare.runner import Task, run_job
    from printcare.workflow.batch.link_bytes import Wiring
    from printcare.workstation.log import open_log
    from printcare.workstation.opening import open_record

    named = {source: getattr(arguments, source.replace("-", "_")) for source in (*ALWAYS, *FURTHER)}
    task = Task(
        arguments.batch,
        arguments.operator,
        arguments.session,
        arguments.endpoint,
        {source: url for source, url in named.items() if url is not None},
        Wiring(arguments.balance_driver, arguments.pressure_driver),
        frozenset(arguments.chosen),
    )
    log = open_log()
    records, _ = open_record(database_url(arguments), LOCKED, is_job=True)
    with records:
        log.info("job of %s begins", task.batch_id)
        ended = run_job(records, task, time.monotonic)
    log.info("job of %s ends: %s", task.batch_id, ended.outcome.value)
    return DONE if ended.outcome.value == "completed" else FAILED
