"""Time of a batch record of a hundred units as PDF, in each language.

Target (issue of the records): under 2 s; of the processor, so that other programs take nothing from the figure.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "formats"))

from sample_batch import sample

from printcare.formats.batch_record import batch_record_pdf
from printcare.formats.wording import LANGUAGES

BOUND_S = 2.0


def main() -> int:
    """Time it, and return 1 where the target is missed."""
    slow = 0
    for code in LANGUAGES:
        content = replace(sample(units=100), language=code)
        begun = time.process_time()
        batch_record_pdf(content)
        took_s = time.process_time() - begun
        slow += took_s >= BOUND_S
        print(f"batch record of 100 units, {code}: {took_s:.2f} s of CPU (target under {BOUND_S} s)")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
