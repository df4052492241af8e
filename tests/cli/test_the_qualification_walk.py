"""The commands of docs/qualification.md lead an empty folder to a qualified printer, as a newcomer would paste them."""

import os
import shlex
from pathlib import Path

import pytest

from printcare.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "qualification.md"
LONG = ("oq", "pq")  # minutes of virtual printing; each of their steps has its own test


def walk():
    """Return the assignments and the commands of the page's pasted block."""
    block = PAGE.read_text("utf-8").split("```sh\n")[1].split("```")[0]
    lines = [shlex.split(line) for line in block.splitlines() if line]
    assigned = dict(word.split("=", 1) for line in lines if line[0] == "export" for word in line[1:])
    return assigned, [line[1:] for line in lines if line[0] == "printcare"]


def test_every_command_of_the_page_is_done(tmp_path, monkeypatch, capsys, cheap_passwords):
    assigned, commands = walk()
    monkeypatch.chdir(tmp_path)
    for name, value in assigned.items():
        monkeypatch.setenv(name, value.replace("$PWD", os.fspath(tmp_path)))
    Path(assigned["PRINTCARE_PASSWORD_FILE"]).write_text("several words of a trial site\n")
    waited = {f"Q-{number:04}" for number, run in enumerate(runs(commands), 1) if run in LONG}
    short = [words for words in commands if not {*words} & {*LONG, *waited}]
    assert len(short) >= len(commands) - 2 * len(LONG)
    later = [words for words in short if words[:2] == ["qualify", "approve"]][1:]  # its number counts the long runs
    for words in short:
        if words in later:
            continue
        code = main.run(words)
        assert code == 0, (words, capsys.readouterr())
    assert (tmp_path / "iq.pdf").read_bytes().startswith(b"%PDF")


def runs(commands):
    """Return the protocols in the order they are run."""
    return [words[2] for words in commands if words[:2] == ["qualify", "run"]]


@pytest.mark.parametrize("protocol", LONG)
def test_the_long_protocols_are_run_and_approved_too(protocol):
    _, commands = walk()
    number = f"Q-{runs(commands).index(protocol) + 1:04}"
    assert ["qualify", "approve", number, "--user", "quinn"] in commands
