"""Options that several commands share: the record, who acts, and where a password comes from."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from printcare.errors import PrintcareError
from printcare.workstation.settings import record_url

NEW = "PRINTCARE_NEW_PASSWORD_FILE"
DOCUMENT_LANGUAGES = ("en", "fr", "es")  # those of formats/languages, which a start-up does not read


def database_url(arguments: argparse.Namespace) -> str:
    """Return the record's URL: `--db`, else SQLite in the user's data directory."""
    return record_url(getattr(arguments, "db", None))


def add_record_options(parser: argparse.ArgumentParser) -> None:
    """Add the options every command of the record has."""
    parser.add_argument("--db", metavar="URL", help="the record (default: SQLite in the user's data directory)")


def add_language_option(parser: argparse.ArgumentParser) -> None:
    """Add the language of the documents; a wrong one is refused before anything is done."""
    words = "of the documents, instead of the site's"
    parser.add_argument("--language", default="", choices=DOCUMENT_LANGUAGES, help=words)


def add_identity_options(parser: argparse.ArgumentParser) -> None:
    """Add who acts; the password comes by prompt or from the file named by PRINTCARE_PASSWORD_FILE."""
    parser.add_argument("--user", metavar="NAME", help="who acts")
    parser.add_argument("--second-user", metavar="NAME", help="the second person, where two must sign")


def password(user: str, variable: str = "PRINTCARE_PASSWORD_FILE") -> str:
    """Return a password, from the file the variable names or by prompt; never from the command line.

    Raises PrintcareError USAGE where the file cannot be read, or nobody is there to ask.
    """
    path = os.environ.get(variable)
    if not path:
        from getpass import getpass

        try:
            return getpass(f"Password of {user}: ")
        except EOFError as fault:
            what = f"The password of {user} was asked for, and there is nobody at a terminal."
            raise PrintcareError("USAGE", what, f"Type it, or name a file that holds it in {variable}.") from fault
    try:
        return Path(path).read_text("utf-8").rstrip("\n")
    except OSError as fault:
        message = f"The password file named by {variable} cannot be read: {fault.strerror}."
        raise PrintcareError("USAGE", message, "Name a readable file.") from fault


def new_password(user: str, variable: str) -> str:
    """Return a password somebody chooses now: from the file the variable names, else typed twice alike."""
    chosen = password(f"{user}, chosen now", variable)
    if not os.environ.get(variable) and chosen != password(f"{user}, once more", variable):
        raise PrintcareError("USAGE", "The two passwords differ.", "Type the same one twice.")
    return chosen
