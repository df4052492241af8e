"""The rotating log: codes, ids and times, nothing personal."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

from printcare.workstation.settings import workstation

MAX_BYTES, KEPT = 1_000_000, 5


def open_log() -> logging.Logger:
    """Return the program's logger, writing to the platform's log directory; a read-only disk leaves it silent."""
    logger = logging.getLogger("printcare")
    if logger.handlers:
        return logger
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        folder = workstation().log
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = RotatingFileHandler(
            folder / "printcare.log", maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger
