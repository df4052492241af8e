"""Who is at the window, at which open record, and whether they may speak to the job that runs there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from printcare.domain.people import may
from printcare.errors import PrintcareError
from printcare.ui.desk import Desk
from printcare.ui.models import Admitted, Person
from printcare.workflow.batch.job_access import admit
from printcare.workflow.entry import Account, Store, authenticate, log_in, log_out

if TYPE_CHECKING:
    from printcare.workflow.demonstration import Demonstration

NOBODY = Admitted("", "")


class Presence:
    """One open record and at most one person; runs on the window's worker."""

    def __init__(self) -> None:
        self._desk: Desk | None = None
        self._account: Account | None = None
        self.running_batch = ""  # of the job this window follows
        self.admitted = NOBODY  # to that job

    def take(self, desk: Desk) -> Desk:
        """Work at this record from now on, with nobody signed in; the one before it is closed."""
        self.close()
        self._desk = desk
        return desk

    def close(self) -> None:
        """Close the record."""
        if self._desk is not None:
            self._desk.records.close()
        self._desk, self._account = None, None
        self.running_batch, self.admitted = "", NOBODY

    @property
    def desk(self) -> Desk:
        """Return the open record."""
        if self._desk is None:
            raise PrintcareError("STEP_EARLY", "No record is open.", "Begin one on the page Start.")
        return self._desk

    @property
    def records(self) -> Store:
        """Return the store of the open record."""
        return self.desk.records

    @property
    def rehearsal(self) -> Demonstration | None:
        """Return the rehearsal under way, if the record is one."""
        return None if self._desk is None else self._desk.rehearsal

    @property
    def account(self) -> Account:
        """Return who is signed in."""
        if self._account is None:
            raise PrintcareError("SESSION_NONE", "Nobody is signed in.", "Sign in on the page Sign in.")
        return self._account

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in."""
        return self._account is not None

    def person(self) -> Person:
        """Return who is signed in, as the pages show it."""
        return Person(self.account.login, self.account.name, self.account.roles)

    def people(self) -> tuple[Person, ...]:
        """Return the made-up people of a rehearsal; a real record offers nobody."""
        made_up = () if self.rehearsal is None else self.rehearsal.people.values()
        return tuple(Person(each.login, each.name, each.roles) for each in made_up)

    def rehearsal_password(self, login: str) -> str | None:
        """Return a made-up person's password; a real record holds none."""
        return None if self.rehearsal is None else self.rehearsal.passwords.get(login)

    def sign_in(self, login: str, password: str) -> Person:
        """Begin a session, and end the one before it; raises PrintcareError LOGIN_REFUSED."""
        entered = log_in(self.records, login, password)
        if self._account is not None:
            log_out(self.records, self._account)
        self._account = entered
        self.admit(login, password)
        return self.person()

    def unlock(self, password: str) -> Person:
        """Check the password of who is signed in; raises PrintcareError LOGIN_REFUSED."""
        authenticate(self.records, self.account.login, password)
        return self.person()

    def sign_out(self) -> None:
        """End the session."""
        log_out(self.records, self.account)
        self._account, self.admitted = None, NOBODY

    def suggested(self, command: str, but_not: str = "") -> str:
        """Return who may be suggested to sign for a command: who is signed in, else in a rehearsal its own person."""
        here = () if self._account is None else (self._account,)
        others = () if self.rehearsal is None else tuple(self.rehearsal.people.values())
        fitting = (each.login for each in (*here, *others) if may(each.roles, command) and each.login != but_not)
        return next(fitting, "")

    def admit(self, login: str, password: str) -> None:
        """Let who is signed in speak to the running job; without one there is nothing to do."""
        self.admitted = NOBODY
        if self.running_batch:
            given = admit(self.records, login, password, self.running_batch, self.account)
            self.admitted = Admitted(given.account.id, given.ticket)
