"""What a page beside the order asks before it does something: fields, who signs, and what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from printcare.ui.messages import worded
from printcare.ui.models import Deed, Entered, RegisterEntry, RegisterRow

if TYPE_CHECKING:  # the first page does not wait for the record's library
    from printcare.workflow.entry import Account, Store


@dataclass(frozen=True, slots=True)
class Asked:
    """One field; with choices one of them is picked, each as value and words. `name` is where a finding points."""

    name: str
    words: str
    choices: tuple[tuple[str, str], ...] = ()
    begun: str = ""  # what stands there already
    is_secret: bool = False  # shown as dots
    is_file: bool = False  # a path, typed or looked for
    is_folder: bool = False  # the same, of a folder


@dataclass(frozen=True, slots=True)
class GridRow:
    """One line of a table that is typed into; `name` is where a finding points, and each cell asks for one text."""

    name: str
    words: str
    cells: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is typed into: its cells come back as `row.cell`."""

    name: str
    caption: str
    heads: tuple[str, ...]  # of the words and of each cell
    rows: tuple[GridRow, ...]
    is_stacked: bool = False  # the words of a line stand above its cells, which are wider


@dataclass(frozen=True, slots=True)
class FormDeed(Deed):
    """A deed with fields; `second` is the role of another person who signs beside, with their meaning.

    Without a meaning of its own only that other person signs.
    """

    fields: tuple[Asked, ...] = ()
    second: str = ""
    second_meaning: str = ""
    is_run: bool = False  # made step by step in the background
    wants_reason: bool = False  # typed in the dialog in which it is signed
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a page asked for: which entry, which deed, the fields by name, and the passwords of who signed."""

    named: str
    verb: str
    fields: Mapping[str, str]
    signers: tuple[Entered, ...] = ()
    folder: Path = Path()  # what is written for people goes there
    reason: str = ""  # typed beside the signature

    @property
    def key(self) -> str:
        """Return the record's key of the entry."""
        return self.named.partition("|")[2]

    @property
    def password(self) -> str:
        """Return the first signer's password."""
        return self.signers[0].password if self.signers else ""


class Shelf(Protocol):
    """A module that shows one register and does its deeds; all of it runs on the worker."""

    @property
    def rows(self) -> Callable[[Store, Account], tuple[RegisterRow, ...]]:
        """What returns the lines of the list."""

    @property
    def entry(self) -> Callable[[Store, Account, str], RegisterEntry]:
        """What returns one line with everything that is known of it."""

    @property
    def do(self) -> Callable[[Store, Account, Given], str]:
        """What does a deed and returns in words what came of it; raises Refused."""


def text(name: str, words: str, begun: str = "") -> Asked:
    """Return a field that is typed."""
    return Asked(name, words, (), begun)


def choice(name: str, words: str, values: tuple[str, ...], begun: str = "") -> Asked:
    """Return a field in which one of several values is picked."""
    return Asked(name, words, tuple((value, worded(value)) for value in values), begun)


def a_file(name: str, words: str) -> Asked:
    """Return a field that names a file."""
    return Asked(name, words, is_file=True)


def a_folder(name: str, words: str, begun: str = "") -> Asked:
    """Return a field that names a folder."""
    return Asked(name, words, (), begun, is_folder=True)
