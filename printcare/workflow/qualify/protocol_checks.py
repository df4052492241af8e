"""Every check a protocol may name, in one table."""

from __future__ import annotations

from collections.abc import Mapping

from printcare.workflow.qualify import (
    checks_axes,
    checks_batch,
    checks_bench,
    checks_control,
    checks_ink,
    checks_install,
    checks_print,
)
from printcare.workflow.qualify.check_site import Check

CHECKS: Mapping[str, Check] = {
    "software": checks_install.software,
    "devices": checks_install.devices,
    "profile": checks_install.profile,
    "users": checks_install.users,
    "clock": checks_install.clock,
    "backups": checks_install.backups,
    "record": checks_install.record_verified,
    "axes": checks_axes.axes,
    "temperature": checks_bench.temperature,
    "pressure": checks_bench.pressure,
    "repeatability": checks_bench.repeatability,
    "corners": checks_bench.corners,
    "extrusion": checks_print.extrusion,
    "stop time": checks_print.stop_time,
    "ink": checks_ink.ink_refused,
    "alarm": checks_control.alarm,
    "noisy wire": checks_control.noisy_wire,
    "access": checks_control.access,
    "canary": checks_control.canary,
    "restore": checks_control.restore,
    "confirmatory batches": checks_batch.confirmatory,
}
# What has to be provoked or put there; on real equipment a person does it and answers for it.
NEEDS_SIMULATION = frozenset(
    {"alarm", "noisy wire", "confirmatory batches", "repeatability", "corners", "extrusion", "stop time"}
)
