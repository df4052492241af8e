"""Hold the modules in which a wrong branch harms somebody at 100 % branch coverage; run after pytest --cov."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

LISTED = (
    "printcare/domain/",
    "printcare/protocol/",
    "printcare/control/",
    "printcare/gcode/check.py",
    "printcare/records/merkle.py",
    "printcare/records/audit.py",
)


def main() -> int:
    """Print every listed module with something uncovered; return 1 if there is one."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)]
        subprocess.run(command, check=True)
        files = json.loads(report.read_text("utf-8"))["files"]
    short = []
    for name, found in sorted(files.items()):
        summary = found["summary"]
        if name.startswith(LISTED) and (summary["missing_lines"] or summary["missing_branches"]):
            lines = found["missing_lines"] + [branch[0] for branch in found["missing_branches"]]
            short.append(f"{name}: {summary['percent_covered']:.1f} %, lines {sorted(set(lines))[:12]}")
    for line in short:
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"{len(short)} of the listed modules below 100 %\n")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
