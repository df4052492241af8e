"""What was typed and not yet taken, kept in a file of its own so that leaving a page, a crash or a lock loses nothing.

Passwords are never kept. A draft goes when what it was for is done.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

Draft = dict[str, str]


class Drafts:
    """One file for each order or page, readable by this user alone; a disk that cannot be written keeps none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, typed: Draft) -> None:
        """Keep what stands in the fields now."""
        path = self._path(name)
        new = path.with_suffix(".new")
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump(typed, file, ensure_ascii=False)
            new.replace(path)

    def kept(self, name: str) -> Draft:
        """Return what was typed before, nothing where there is no draft or it cannot be read."""
        try:
            found = json.loads(self._path(name).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(field): str(text) for field, text in found.items()} if isinstance(found, dict) else {}

    def forget(self, name: str) -> None:
        """Remove a draft: what it was for is done."""
        with suppress(OSError):
            self._path(name).unlink()

    def _path(self, name: str) -> Path:
        safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name)
        return self._folder / f"{safe}.json"
