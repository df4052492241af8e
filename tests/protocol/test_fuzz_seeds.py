"""Every conversation the fuzzer has kept, played to its parser: none raises, hangs or claims progress."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from fuzz_parsers import PARSERS, kept, play


@pytest.mark.parametrize("name", list(PARSERS))
def test_what_the_fuzzer_kept_is_taken_without_harm(name: str) -> None:
    pool = kept(name)
    for chunks in pool:
        play(name, chunks)
    assert pool
