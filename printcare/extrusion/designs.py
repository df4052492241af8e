"""Designs of experiments: which settings to run, in which order and on which cartridge (process.md §5.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from printcare.errors import PrintcareError

Coded = npt.NDArray[np.float64]
DEALS = 200  # random deals of runs to cartridges, of which the best balanced is kept
MOST_RUNS = 1000
# Which product of the base factors each further one follows: the fractions of resolution IV or more, by the number of
# factors (Montgomery, Design and Analysis of Experiments, appendix of alias relationships).
GENERATORS = {
    4: "a b c abc",
    5: "a b c d abcd",
    6: "a b c d abc bcd",
    7: "a b c d abc bcd acd",
    8: "a b c d bcd acd abc abd",
    9: "a b c d e bcde acde abde abce",
    10: "a b c d e abcd abce abde acde bcde",
    11: "a b c d e abc bcd cde acd ade bde",
}
_REMEDY = "Choose another design, other factors or another number of runs."


@dataclass(frozen=True, slots=True)
class Factor:
    """A setting to vary between two ends, both ever printed at; `step` is the finest value the machine takes."""

    name: str
    unit: str
    low: Decimal
    high: Decimal
    step: Decimal

    def __post_init__(self) -> None:
        if not self.low < self.high or self.step <= 0 or self.step > (self.high - self.low) / 2:
            told = f"{self.name} runs from {self.low} to {self.high} {self.unit} in steps of {self.step}: no range."
            raise PrintcareError(
                "DESIGN_FACTOR", told, "Give a low end below the high end, and a step that fits twice."
            )

    @property
    def middle(self) -> Decimal:
        """Return the middle of the range, in the factor's unit."""
        return (self.low + self.high) / 2

    def actual(self, coded: float) -> Decimal:
        """Return the setting of a coded level, −1 at the low end and +1 at the high end, on the machine's step."""
        exact = self.middle + Decimal(repr(coded)) * (self.high - self.low) / 2
        return min(self.high, max(self.low, (exact / self.step).quantize(Decimal(1), ROUND_HALF_EVEN) * self.step))

    def coded(self, actual: Decimal) -> float:
        """Return where a setting stands between the ends."""
        return float((actual - self.middle) / ((self.high - self.low) / 2))


@dataclass(frozen=True, slots=True)
class Run:
    """One row of a design: its place in the order of printing, the cartridge it is printed from, and its settings."""

    number: int
    block: int
    settings: tuple[Decimal, ...]
    is_centre: bool


@dataclass(frozen=True, slots=True)
class Design:
    """A design in the order it is to be printed; `coded` gives its rows for the analysis."""

    kind: str
    factors: tuple[Factor, ...]
    runs: tuple[Run, ...]
    seed: int

    def coded(self) -> Coded:
        """Return the settings as levels, shape (runs, factors): what was rounded for the machine is not hidden."""
        return np.array(
            [
                [factor.coded(value) for factor, value in zip(self.factors, run.settings, strict=True)]
                for run in self.runs
            ]
        )


def _full(count: int, _runs: int, _rng: np.random.Generator) -> Coded:
    from pyDOE3 import ff2n

    return np.asarray(ff2n(count), dtype=float)


def _fractional(count: int, _runs: int, _rng: np.random.Generator) -> Coded:
    """Return the smallest fraction in which no main effect stands for an interaction of two."""
    from pyDOE3 import fracfact

    return np.asarray(fracfact(GENERATORS[count]), dtype=float)


def _plackett_burman(count: int, _runs: int, _rng: np.random.Generator) -> Coded:
    from pyDOE3 import pbdesign

    return np.asarray(pbdesign(count), dtype=float)


def _central_composite(count: int, _runs: int, _rng: np.random.Generator) -> Coded:
    """Return the inscribed design: its star points stand at the ends, because no setting may leave its range."""
    from pyDOE3 import ccdesign

    return np.asarray(ccdesign(count, center=(0, 0), alpha="rotatable", face="inscribed"), dtype=float)


def _face_centred(count: int, _runs: int, _rng: np.random.Generator) -> Coded:
    from pyDOE3 import ccdesign

    return np.asarray(ccdesign(count, center=(0, 0), face="faced"), dtype=float)


def _box_behnken(count: int, _runs: int, _rng: np.random.Generator) -> Coded:
    from pyDOE3 import bbdesign

    return np.asarray(bbdesign(count, center=0), dtype=float)


def _latin_hypercube(count: int, runs: int, rng: np.random.Generator) -> Coded:
    """Return one run in each slice of every factor, drawn at random (McKay, Beckman and Conover 1979)."""
    slices = np.array([rng.permutation(runs) for _ in range(count)]).T
    return (slices + rng.random((runs, count))) / runs * 2 - 1


# Which design, for how many factors; only the last takes the number of runs from its user.
DESIGNS: dict[str, tuple[Callable[[int, int, np.random.Generator], Coded], range]] = {
    "full-factorial": (_full, range(1, 8)),
    "fractional-factorial": (_fractional, range(4, 12)),
    "plackett-burman": (_plackett_burman, range(2, 24)),
    "central-composite": (_central_composite, range(2, 7)),
    "central-composite-faced": (_face_centred, range(2, 7)),
    "box-behnken": (_box_behnken, range(3, 8)),
    "latin-hypercube": (_latin_hypercube, range(1, 12)),
}


def lay_out(
    kind: str,
    factors: Sequence[Factor],
    *,
    centres: int = 0,
    replicates: int = 1,
    blocks: int = 1,
    runs: int = 0,
    seed: int,
) -> Design:
    """Return the design in a random order, dealt to `blocks` cartridges so that no factor goes with a cartridge.

    `centres` runs at the middle are added and shared out evenly; `replicates` repeats all others; `runs` is asked for
    by the Latin hypercube alone. The same seed gives the same design. Raises PrintcareError DESIGN_UNKNOWN,
    DESIGN_FACTOR or DESIGN_SIZE.
    """
    count = len(factors)
    _refuse_what_is_no_design(kind, factors, centres, replicates, blocks, runs)
    rng = np.random.default_rng(seed)
    make, _counts = DESIGNS[kind]
    cube = np.tile(make(count, runs, rng), (replicates, 1))
    rows = np.vstack([cube, np.zeros((centres, count))])
    if not blocks <= len(rows) <= MOST_RUNS:
        told = (
            f"The design has {len(rows)} runs on {blocks} cartridges; 1 run a cartridge to {MOST_RUNS} in all can be."
        )
        raise PrintcareError("DESIGN_SIZE", told, _REMEDY)
    dealt = _dealt(cube, centres, blocks, rng)
    # Each cartridge is printed to its end before the next, in an order of its own.
    order = sorted(range(len(rows)), key=lambda row: (dealt[row], rng.random()))
    return Design(
        kind,
        tuple(factors),
        tuple(
            Run(
                number,
                int(dealt[row]) + 1,
                tuple(factor.actual(float(level)) for factor, level in zip(factors, rows[row], strict=True)),
                row >= len(cube),
            )
            for number, row in enumerate(order, start=1)
        ),
        seed,
    )


def _refuse_what_is_no_design(
    kind: str, factors: Sequence[Factor], centres: int, replicates: int, blocks: int, runs: int
) -> None:
    if kind not in DESIGNS:
        told = f"{kind!r} is no design of ours; there are {', '.join(DESIGNS)}."
        raise PrintcareError("DESIGN_UNKNOWN", told, "Choose one of those.")
    counts, names = DESIGNS[kind][1], [factor.name for factor in factors]
    if len(factors) not in counts or len(set(names)) < len(names):
        told = f"A {kind} design has {counts[0]} to {counts[-1]} different factors, not {', '.join(names) or 'none'}."
        raise PrintcareError("DESIGN_FACTOR", told, _REMEDY)
    takes_runs = kind == "latin-hypercube"
    if min(centres, replicates - 1, blocks - 1) < 0 or (runs > 1) is not takes_runs or not 0 <= runs <= MOST_RUNS:
        told = (
            f"{runs} runs, {centres} centre points, {replicates} replicates and {blocks} cartridges were asked for"
            f" a {kind} design, which {'needs its' if takes_runs else 'brings its own'} number of runs."
        )
        raise PrintcareError("DESIGN_SIZE", told, _REMEDY)


def _dealt(cube: Coded, centres: int, blocks: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the block of each row; of many random deals the one that lays the least of any effect on a cartridge."""
    shares = np.arange(len(cube)) % blocks
    middle = (np.arange(centres) + len(cube)) % blocks
    if blocks == 1:
        return np.concatenate([shares, middle])
    effects = np.column_stack([cube, _pairs(cube)])
    best: Any = None
    least = np.inf
    for _ in range(DEALS):
        deal = rng.permutation(shares)
        spread = sum(float(np.sum(effects[deal == block].sum(axis=0) ** 2)) for block in range(blocks))
        if spread < least:
            best, least = deal, spread
    return np.concatenate([best, middle])


def _pairs(cube: Coded) -> Coded:
    """Return the products of each two columns: the interactions, less weighty than the effects themselves."""
    count = cube.shape[1]
    products = [cube[:, one] * cube[:, other] / 2 for one in range(count) for other in range(one + 1, count)]
    return np.column_stack(products) if products else np.zeros((len(cube), 0))
