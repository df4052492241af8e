"""Checks of an installation: program, devices, profile, people, clock, backups and the record itself."""

from __future__ import annotations

import hashlib
import platform
from datetime import timedelta
from pathlib import Path

import printcare
from printcare.control.instruments import Instruments
from printcare.domain.checks import blocking
from printcare.domain.people import Role
from printcare.domain.policy import RESEARCH
from printcare.errors import PrintcareError
from printcare.protocol.wire import BALANCE, PRINTER
from printcare.records import audit
from printcare.workflow.qualify.check_site import Checked, Row, Site, all_of

NEEDED_ROLES = {Role.OPERATOR: 1, Role.PHARMACIST: 2, Role.RELEASER: 1, Role.QUALITY: 1, Role.PROCESS_OWNER: 1}
SOUND = ("OK", "UNANCHORED")


def program_digest() -> str:
    """Return SHA-256 over every module of the installed program, by name."""
    made, root = hashlib.sha256(), Path(printcare.__file__).parent
    for path in sorted(root.rglob("*.py")):
        made.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return made.hexdigest()


def software(site: Site) -> Checked:
    """Name program, version and digest; a protocol that states a digest wants that one."""
    digest, wanted = program_digest(), site.figures.get("sha256", "")
    return all_of(
        {
            "program": f"printcare {site.records.context.app_version}",
            "SHA-256 of its modules": (wanted == digest, digest) if wanted else digest,
            "Python": platform.python_version(),
            "platform": platform.platform(),
        }
    )


def devices(site: Site) -> Checked:
    """Greet every device; compare the firmware, the balance's serial number and the profile with the register.

    A printer says no serial number of its maker: that one is read off its plate when it is registered.
    """
    try:
        bench = Instruments(site.rig.ports(seed=site.seed), site.profile)
        found, findings = bench.connect(RESEARCH)
    except PrintcareError as fault:
        return all_of({"greeting": (False, f"{fault.code}: {fault.message}")})
    rows: dict[str, Row] = {source: f"{who.model} {who.serial}".strip() for source, who in found.items()}
    rows["firmware as registered"] = _same(found[PRINTER].model, site.equipment.firmware)
    if BALANCE in found:
        rows["balance as registered"] = _same(found[BALANCE].serial, site.balance)
    stops = blocking(findings)
    rows["differences from the profile"] = (not stops, "; ".join(each.reason for each in stops) or "none")
    return all_of(rows)


def _same(found: str, registered: str) -> tuple[bool, str]:
    """Return whether a device says what the register holds of it, and both where it does not."""
    return found == registered, found if found == registered else f"{found}; registered: {registered or 'nothing'}"


def profile(site: Site) -> Checked:
    """Compare the profile's digest with the register's."""
    return all_of({f"profile {site.profile.id}": _same(site.profile.digest, site.equipment.profile_digest)})


def users(site: Site) -> Checked:
    """Count the active accounts of every role a batch needs."""
    rows = {}
    accounts = [state for state in site.records.all("account").values() if state["status"] == "active"]
    for role, least in NEEDED_ROLES.items():
        count = sum(role.value in state["roles"] for state in accounts)
        rows[f"accounts with the role {role}"] = (count >= least, f"{count}, at least {least}")
    return all_of(rows)


def clock(site: Site) -> Checked:
    """Look for a clock that went back, and for one that differs from the record's last event."""
    back = len(site.records.events(action="clock.stepped_back"))
    now = site.records.context.clock()
    return all_of({"steps back on record": (back == 0, str(back)), "now": (now.tzinfo is not None, now.isoformat())})


def backups(site: Site) -> Checked:
    """Ask for a verified backup of the last days."""
    since = site.records.context.clock() - timedelta(days=float(site.figure("within_days")))
    made = site.records.events(action="backup.made")
    good = [event.content for event in made if event.content["new"]["status"] == "verified"]
    late = [content["ts_utc"] for content in good if content["ts_utc"] >= since.isoformat()[:19]]
    return all_of({"verified backups": (bool(late), ", ".join(late) or "none in time")})


def record_verified(site: Site) -> Checked:
    """Verify the whole record."""
    verdict = audit.verify(site.records.url)
    sound = verdict["verdict"] in SOUND
    return all_of(
        {
            "verdict": (sound, str(verdict["verdict"])),
            "events": str(verdict["size"]),
            "root": str(verdict["root"]),
        }
    )
