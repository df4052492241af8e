"""Where the shipped data files are: in the installed wheel, else in the checkout, never by the working directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from printcare.errors import PrintcareError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def shipped(folder: str) -> Traversable:
    """Return a shipped folder: `recipes` or `firmware_profiles`.

    A wheel carries them inside the package; an editable install finds them beside it; a package that is no folder, as
    in a zip, is asked for its resources.
    """
    here = Path(__file__).resolve()
    for place in (here.parents[1] / "shipped" / folder, here.parents[2] / folder):
        if place.is_dir():
            return place
    from importlib.resources import files  # a tenth of the time of a whole command, and a folder needs none of it

    packaged = files("printcare") / "shipped" / folder
    if packaged.is_dir():
        return packaged
    raise PrintcareError(
        "DATA_MISSING", f"The folder {folder} is neither in the package nor beside it.", "Install printcare again."
    )


def data_file(folder: str, name_or_path: str, suffix: str = ".toml") -> tuple[str, bytes]:
    """Return name and bytes of a shipped file by its id, or of any file by its path.

    Raises PrintcareError when neither exists; an id never reaches outside its folder.
    """
    if "/" in name_or_path or "\\" in name_or_path or name_or_path.endswith(suffix):
        return _read_path(Path(name_or_path))
    candidate = shipped(folder) / f"{name_or_path}{suffix}"
    if candidate.is_file():
        return candidate.name, candidate.read_bytes()
    known = ", ".join(ids(folder, suffix)) or "none"
    raise PrintcareError(
        "DATA_UNKNOWN", f"There is no {name_or_path} in {folder}.", f"Use one of: {known}; or give a path."
    )


def _read_path(path: Path) -> tuple[str, bytes]:
    try:
        return path.name, path.read_bytes()
    except OSError as fault:
        raise PrintcareError(
            "FILE_UNREADABLE", f"{path} cannot be read: {fault.strerror}.", "Check the path and the permissions."
        ) from fault


def ids(folder: str, suffix: str = ".toml") -> list[str]:
    """Return the ids of a shipped folder, sorted."""
    return sorted(entry.name.removesuffix(suffix) for entry in shipped(folder).iterdir() if entry.name.endswith(suffix))
