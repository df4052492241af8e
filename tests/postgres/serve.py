"""Start a PostgreSQL server in a temporary directory, run the words after it against it, and take it down again.

Used by `make test-postgres`. PostgreSQL refuses to run as root, so root lends it to the user `postgres` of its package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

URL = "PRINTCARE_TEST_POSTGRESQL"


def programs() -> Path:
    """Return where the server's programs are, the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if found:
        return found[-1].parent
    beside = shutil.which("initdb")
    if beside is None:
        sys.exit("PostgreSQL is not installed. On Debian: apt-get install postgresql")
    return Path(beside).parent


def as_owner(words: list[str]) -> None:
    """Run a program as a user PostgreSQL accepts."""
    lent = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*lent, *words], check=True, stdout=subprocess.DEVNULL)


def main(words: list[str]) -> int:
    """Serve while the words run, and return their exit code."""
    binaries = programs()
    memory = Path("/dev/shm")  # what the tests write need not outlive them
    folder = Path(tempfile.mkdtemp(prefix="printcare-pg-", dir=memory if memory.is_dir() else None))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    owner = "postgres"
    as_owner([f"{binaries}/initdb", "-D", str(data), "-U", owner, "-A", "trust", "-E", "UTF8", "--data-checksums"])
    options = f"-c listen_addresses= -c unix_socket_directories={folder}"
    control = [f"{binaries}/pg_ctl", "-D", str(data), "-w"]
    as_owner([*control, "-l", str(folder / "log"), "-o", options, "start"])
    try:
        url = f"postgresql+psycopg://{owner}@/postgres?host={folder}"
        return subprocess.run(words, env=os.environ | {URL: url}, check=False).returncode
    finally:
        as_owner([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
