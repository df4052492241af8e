"""A site's record with its people, for commands that need no more than who acts."""

from __future__ import annotations

from printcare.domain.people import Role
from printcare.domain.policy import LOCKED
from printcare.workflow.recipe.set_up import Person, set_up
from printcare.workstation.opening import open_record

PASSWORD = "a long enough password"
STAFF = {"ada": Role.OPERATOR, "ben": Role.PHARMACIST, "rita": Role.RELEASER}


def site_with_staff(folder, monkeypatch):
    """Return the open record; everybody's password stands in the file the command line reads."""
    records, _ = open_record(f"sqlite:///{folder}/record.sqlite", LOCKED)
    staff = [Person(login, login.title(), (role,), PASSWORD) for login, role in STAFF.items()]
    set_up(records, Person("admin", "Avery", (Role.ADMINISTRATOR,), PASSWORD), staff)
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(secret))
    return records
