"""Prepare and produce: sign the preparation, lease the batch to this process, run the job, keep everything it tells."""

from __future__ import annotations

import os

from printcare.control.events import JobEnded
from printcare.control.instruments import Instruments
from printcare.control.job import Job
from printcare.domain.batch import BatchState, move
from printcare.domain.people import Role
from printcare.protocol.wire import Ports
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.authority import allowed
from printcare.workflow.plan import PlannedBatch
from printcare.workflow.recorder import Recorder, Show

PREPARATION = (
    "line cleared: no earlier product, label, ink, tray or paper",
    "cartridge seated, its code read and compared",
    "nozzle of the recipe mounted, part number compared",
    "tray empty and in place, balance level and checked",
    "protection for cytotoxic work worn, spill kit at hand",
)


def prepare(
    records: Store, operator: Account, password: str, second: Account, second_password: str, planned: PlannedBatch
) -> None:
    """Record the preparation steps, signed by the operator and checked by a second person."""
    actor = allowed(records, operator, "batch.prepare")
    with records.transaction(actor) as tx:
        for step in PREPARATION:
            tx.record(
                "preparation.step", "job", planned.id, {"step": step, "done_by": operator.id, "checked_by": second.id}
            )
        state = tx.get("batch", planned.id) or {}
        for wanted, action in ((BatchState.VERIFIED, "batch.verified"), (BatchState.PREPARED, "batch.prepared")):
            state = state | {"status": move(BatchState(state["status"]), wanted).value}
            tx.record(action, "batch", planned.id, state)
    sign(records, operator.login, password, Role.OPERATOR, "prepared", "batch", planned.id)
    sign(records, second.login, second_password, Role.PHARMACIST, "checked the preparation", "batch", planned.id)


def produce(records: Store, operator: Account, planned: PlannedBatch, ports: Ports, show: Show) -> JobEnded:
    """Run the job inline and return how it ended; the lease says which process answers for the batch."""
    actor = allowed(records, operator, "batch.start")
    lease = {
        "batch_id": planned.id,
        "status": "running",
        "pid": os.getpid(),
        "boot_id": records.context.boot_id,
        "workstation": records.context.workstation,
    }
    with records.transaction(actor) as tx:
        tx.record("job.leased", "job_lease", planned.id, lease)
    report = Recorder(records, actor, planned, show)
    instruments = Instruments(ports, planned.profile)
    return Job(planned.job, instruments, report).run()
