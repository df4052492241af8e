"""The program: immutable G-code in segments, each with its volume, and one digest over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

from printcare.errors import PrintcareError


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a program that is sent as a whole, comments included, which the sender leaves out.

    `first_line` and `last_line` are 1-based, inclusive, physical. `volume_mm3` is the net commanded E × feedstock
    area. `compensation_mm3` is pressed in at the start and taken back at the end of a unit, and is in no unit's volume.
    `end_mm` is where the tool stands after it, and `end_e_mm` what E reads there.
    """

    lines: tuple[str, ...]
    kind: str  # prologue | prime | prime_end | unit | epilogue
    index: int  # 1-based within its kind
    first_line: int
    last_line: int
    volume_mm3: float
    compensation_mm3: float
    end_mm: tuple[float, float, float]
    end_e_mm: float
    part: int = 1  # 1-based; which ink of a unit of several: each has its own segment, its prime and its weighing
    flow_mm3_s: float = 0.0  # of a prime chunk, as it is written


@dataclass(frozen=True, slots=True)
class Header:
    """What a file's first lines say; no name and no date, so that the same job gives the same bytes."""

    recipe: str
    basis: str  # the ink lot, or the nominal strength where there is none
    dose_mg: str  # empty where only a volume is asked for
    for_patients: bool


@dataclass(frozen=True, slots=True)
class Program:
    """The segments of a file, for one profile; `digest` is the SHA-256 of its bytes as they were planned.

    A unit that is re-written later has a digest of its own in its event: the file is not hashed again for each.

    `tools` has one entry for each part, `targets_mm3` one for each unit segment in order; the feedstock's diameter is
    the first part's.
    """

    segments: tuple[Segment, ...]
    profile_id: str
    feedstock_diameter_mm: float
    target_volume_mm3: float
    header: Header
    digest: str
    tools: tuple[int, ...] = (0,)
    targets_mm3: tuple[float, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Return every line in order, put together anew each time."""
        return tuple(chain.from_iterable(segment.lines for segment in self.segments))

    @property
    def text(self) -> str:
        """Return the file's content."""
        return text_of(self.lines)

    @property
    def units(self) -> tuple[Segment, ...]:
        """Return the units in order."""
        return self.of_kind("unit")

    @property
    def total_volume_mm3(self) -> float:
        """Return what all units hold together, prime not counted."""
        return sum(segment.volume_mm3 for segment in self.units)

    def of_kind(self, kind: str) -> tuple[Segment, ...]:
        """Return the segments of one kind in order."""
        return tuple(segment for segment in self.segments if segment.kind == kind)

    def unit(self, index: int, part: int = 1) -> Segment:
        """Return unit `index` (1-based), of several inks one part; raises PrintcareError where there is none."""
        for segment in self.segments:
            if segment.kind == "unit" and (segment.index, segment.part) == (index, part):
                return segment
        told = f"The program has no unit {index}" + (f" with a part {part}." if part > 1 else ".")
        raise PrintcareError("PROGRAM_UNIT", told, "Ask for one of its units.")


def text_of(lines: Iterable[str]) -> str:
    """Return lines as a file holds them, each ended by a line feed."""
    return "\n".join(lines) + "\n"


def digest_of(lines: Iterable[str]) -> str:
    """Return the SHA-256 of a file of these lines."""
    return digest_of_text(text_of(lines))


def digest_of_text(text: str) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def with_unit(program: Program, made: Segment) -> Program:
    """Return the program with a unit, of several inks one part of it, as it is made anew; its digest stays the plan's.

    Raises PrintcareError unless the unit keeps its number of lines: a correction changes E, never the path.
    """
    old = program.unit(made.index, made.part)
    if len(made.lines) != len(old.lines):
        raise PrintcareError(
            "PROGRAM_SHAPE", f"The corrected unit {made.index} has another number of lines.", "Lay the batch out again."
        )
    new = replace(old, lines=made.lines, volume_mm3=made.volume_mm3, end_e_mm=made.end_e_mm)
    return replace(program, segments=tuple(new if segment is old else segment for segment in program.segments))
