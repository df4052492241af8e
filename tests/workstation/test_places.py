"""Settings, log, crash file and progress of one workstation: in the platform's places, nothing personal in them."""

from __future__ import annotations

import argparse
import logging
from decimal import Decimal
from pathlib import Path

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from printcare.cli import progress
from printcare.cli import settings as options
from printcare.control.events import DeviceFound, Phase, PhaseBegan, Progress, UnitEnded
from printcare.domain.batch import UnitState
from printcare.domain.reading import Identity
from printcare.errors import PrintcareError
from printcare.workstation import crash, log, settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, folder in (("DATA", "data"), ("CONFIG", "config"), ("STATE", "state"), ("CACHE", "cache")):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def _settings_file(home: Path, text: str) -> None:
    folder = home / "config" / "printcare"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(text, "utf-8")


def test_settings_come_from_the_platforms_own_place(home: Path) -> None:
    _settings_file(home, 'site = "st-elsewhere"\nworkstation = "ws-7"\n')
    here = settings.workstation()
    assert (here.site, here.name) == ("st-elsewhere", "ws-7")
    assert here.data.is_relative_to(home)


def test_a_settings_file_that_cannot_be_read_is_told_and_not_ignored(home: Path) -> None:
    _settings_file(home, "site = ")
    with pytest.raises(PrintcareError, match="SETTINGS_UNREADABLE"):
        settings.workstation()


def test_the_record_lies_in_the_users_data_directory_unless_named(home: Path) -> None:
    assert options.database_url(argparse.Namespace(db=None)).startswith(f"sqlite:///{home}")
    assert options.database_url(argparse.Namespace(db="sqlite:////srv/r.sqlite")) == "sqlite:////srv/r.sqlite"


def test_a_plain_path_is_taken_as_an_sqlite_record(home: Path) -> None:
    assert options.database_url(argparse.Namespace(db=str(home / "r.sqlite"))) == f"sqlite:///{home}/r.sqlite"


def test_a_password_is_read_from_the_named_file_and_never_from_the_command_line(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "secret").write_text("four words are enough\n", "utf-8")
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(home / "secret"))
    assert options.password("ada") == "four words are enough"
    monkeypatch.setenv("PRINTCARE_PASSWORD_FILE", str(home / "none"))
    with pytest.raises(PrintcareError, match="USAGE"):
        options.password("ada")


@pytest.mark.hazard("HZ-13")
def test_a_crash_file_names_places_in_the_code_and_no_values(home: Path) -> None:
    patient = "Robin Specimen"
    try:
        raise ValueError(patient)
    except ValueError as fault:
        told = crash.keep_crash(fault)
    (path,) = (home / "state").rglob("crash-*.txt")
    text = path.read_text("utf-8")
    assert "ValueError" in text
    assert "test_places.py" in text
    assert patient not in text
    assert patient not in told.message
    assert str(path) in told.message


def test_the_log_turns_over_and_is_kept_in_the_platforms_place(home: Path) -> None:
    logger = log.open_log()
    try:
        logger.info("demo begins")
        (handler,) = logger.handlers
        assert isinstance(handler, logging.handlers.RotatingFileHandler)
        assert handler.maxBytes > 0
        assert handler.backupCount > 0
        assert Path(handler.baseFilename).is_relative_to(home)
        assert "demo begins" in Path(handler.baseFilename).read_text("utf-8")
    finally:
        for handler in list(logger.handlers):
            handler.close()
            logger.removeHandler(handler)


def _unit(state: UnitState) -> UnitEnded:
    return UnitEnded(
        3, "A3", state, Decimal("381.4"), "", "381.4 mg, gate 401.9 to 448.1 mg", 1.0, 1.0, 38.0, 90.0, 1, 1.0
    )


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_shows_on_a_terminal_and_stays_quiet_in_a_pipe(
    is_terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: is_terminal)
    bar = progress.ProgressBar(10)
    bar(DeviceFound("printer", Identity("Marlin", "1", True, Decimal(100))))
    bar(PhaseBegan(Phase.PRINT))
    bar(Progress(Phase.PRINT, 0.25, 800.0, 3))
    bar(_unit(UnitState.REJECTED))
    bar.close()
    told = capsys.readouterr().err
    assert ("unit 3 of 10" in told) is is_terminal
    assert ("8 s left" in told) is is_terminal
    assert ("unit 3 at A3 rejected: 381.4 mg" in told) is is_terminal
    assert is_terminal or told == ""


@pytest.mark.parametrize("system", [MacOS, Unix, Windows])
def test_what_this_client_remembers_lies_apart_from_the_record_on_every_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: type[platformdirs.PlatformDirs]
) -> None:
    places = {"user_data_dir": "data", "user_config_dir": "config", "user_log_dir": "log"}
    places["user_state_dir"] = "state" if system is Unix else "data"  # as platformdirs has it
    for name, folder in places.items():
        monkeypatch.setattr(system, name, property(lambda own, at=tmp_path / folder: str(at / own.appname)))
    monkeypatch.setattr(platformdirs, "PlatformDirs", system)
    here = settings.workstation()
    assert not here.state.is_relative_to(here.data)
    assert not here.data.is_relative_to(here.state)
