"""A table of deeds: one row each says who may, when, what is asked, who signs and what the workflow does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar  # a state is parsed JSON

from printcare.domain.checks import error
from printcare.domain.people import may
from printcare.formats.tables import FileProblems
from printcare.ui.forms import Asked, FormDeed, Given, Grid, a_folder
from printcare.ui.words import tr
from printcare.workflow.authority import Refused
from printcare.workflow.entry import Account, Store

State = Mapping[str, Any]
Does = Callable[[Store, Account, Given], str]
Asks = Callable[[Store, State], tuple[Asked, ...]]
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Offer:
    """One row; `words` is a phrase, without a meaning nothing is signed, and without statuses it is for any."""

    command: str
    words: str
    does: Does
    asks: Asks | None = None
    meaning: str = ""
    statuses: tuple[str, ...] = ()
    when: Callable[[Store, State], bool] | None = None
    second: str = ""
    second_meaning: str = ""
    wants_reason: bool = False
    grids: Callable[[Store, State], tuple[Grid, ...]] | None = None
    verb: str = ""  # where a command has more than one row

    @property
    def name(self) -> str:
        """Return what its button is called."""
        return self.verb or self.command

    def fits(self, records: Store, account: Account, state: State) -> bool:
        """Whether this person may do it to something of this state; the workflow asks all of it again."""
        return (
            may(account.roles, self.command)
            and (not self.statuses or state.get("status") in self.statuses)
            and (self.when is None or self.when(records, state))
        )


def offered(offers: Iterable[Offer], records: Store, account: Account, state: State) -> Iterator[FormDeed]:
    """Yield what of a table this person may do to something of this state."""
    for each in offers:
        if each.fits(records, account, state):
            yield FormDeed(
                each.name,
                tr(each.words),
                ", ".join(account.roles),
                each.meaning,
                is_signed=bool(each.meaning),
                fields=() if each.asks is None else each.asks(records, state),
                second=each.second,
                second_meaning=each.second_meaning,
                wants_reason=each.wants_reason,
                grids=() if each.grids is None else each.grids(records, state),
            )


def by_name(*tables: Iterable[Offer]) -> dict[str, Does]:
    """Return what each row does, by the name of its button."""
    return {each.name: each.does for table in tables for each in table}


def file_bytes(given: Given, field: str = "file") -> tuple[bytes, str]:
    """Return the bytes and the name of a file that was named; raises Refused at its field."""
    typed = given.fields[field]
    try:
        if not typed:
            raise FileNotFoundError(2, "no file is named")
        return Path(typed).expanduser().read_bytes(), Path(typed).name
    except OSError as fault:
        told = f"{typed or '–'} cannot be read: {fault.strerror}."
        raise Refused((error("FILE_UNREADABLE", told, "Check the path and the permissions.", field),)) from fault


def from_file(given: Given, reader: Callable[[bytes, str], Read]) -> Read:
    """Return what a named file says; raises Refused with everything that is wrong with it."""
    try:
        return reader(*file_bytes(given))
    except FileProblems as fault:
        raise Refused(fault.findings) from fault


def kept(folder: Path, name: str, data: bytes) -> str:
    """Write a paper into a folder and say where; raises Refused at the field of the folder."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as fault:
        told = f"{path} cannot be written: {fault.strerror}."
        raise Refused((error("FOLDER_UNUSABLE", told, "Name a place that can be written.", "folder"),)) from fault
    return tr("File: {}.").format(path)


def folder_field() -> Asked:
    """Return the field of the folder that something is written into."""
    return a_folder("folder", tr("Folder; empty: where the documents are written"))


def chosen_folder(given: Given) -> Path:
    """Return the folder that was chosen, else the one of what is written for people."""
    typed = given.fields["folder"]
    return Path(typed).expanduser() if typed else given.folder


def signed(does: Callable[[Store, Account, str, str], object]) -> Does:
    """Return the deed of a workflow function that takes the password and the entry's key."""

    def deed(records: Store, account: Account, given: Given) -> str:
        does(records, account, given.password, given.key)
        return ""

    return deed


def signed_with_reason(does: Callable[[Store, Account, str, str, str], object]) -> Does:
    """Return the deed of a workflow function that takes the password, the entry's key and the reason signed with."""

    def deed(records: Store, account: Account, given: Given) -> str:
        does(records, account, given.password, given.key, given.reason)
        return ""

    return deed
