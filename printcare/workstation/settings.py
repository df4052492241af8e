"""Where this workstation keeps its things: record, keys, log and settings, each in the platform's own place."""

from __future__ import annotations

import socket
import tomllib
from dataclasses import dataclass
from pathlib import Path

from printcare.errors import PrintcareError


@dataclass(frozen=True, slots=True)
class Workstation:
    """Settings of one workstation; those of the site are signed records."""

    site: str
    name: str
    language: str
    data: Path
    log: Path
    state: Path  # what this client remembers, apart from the data that a backup brings back
    anchor_sink: Path | None = None  # a share for checkpoints, where they are only ever appended
    timestamp_authority: str = ""
    timestamp_roots: Path | None = None


def workstation() -> Workstation:
    """Return this workstation's settings: defaults, overlaid by settings.toml in the platform's config directory.

    Raises PrintcareError for a settings file that cannot be read, because a silently ignored setting is worse.
    """
    from platformdirs import PlatformDirs

    places, apart = (PlatformDirs(name, appauthor=False) for name in ("printcare", "printcare-memory"))
    # Windows and macOS have no place for state of its own: a backup of the record's folder would bring the memory back.
    is_apart = places.user_state_path != places.user_data_path
    path = Path(places.user_config_dir) / "settings.toml"
    values: dict[str, str] = {}
    if path.exists():
        try:
            values = {key: str(value) for key, value in tomllib.loads(path.read_text("utf-8")).items()}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            told = f"{path} cannot be read: {fault}."
            raise PrintcareError("SETTINGS_UNREADABLE", told, "Correct or remove it.") from fault
    return Workstation(
        site=values.get("site", "demo-site"),
        name=values.get("workstation", socket.gethostname()),
        language=values.get("language", "en"),
        data=Path(places.user_data_dir),
        log=Path(places.user_log_dir),
        state=(places if is_apart else apart).user_state_path,
        anchor_sink=Path(values["anchor_sink"]) if "anchor_sink" in values else None,
        timestamp_authority=values.get("timestamp_authority", ""),
        timestamp_roots=Path(values["timestamp_roots"]) if "timestamp_roots" in values else None,
    )


def record_url(given: str | None) -> str:
    """Return the record's URL: what was given (a plain path is SQLite), else SQLite in the user's data directory."""
    if given:
        return given if "://" in given else f"sqlite:///{Path(given).absolute()}"
    data = workstation().data
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return f"sqlite:///{data / 'record.sqlite'}"


def data_directory(url: str) -> Path:
    """Return where the station key lives: beside an SQLite record, else in the user's data directory."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).parent
    return workstation().data
