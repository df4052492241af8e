"""Designs of experiments: the published tables, their balance over cartridges, and what is refused."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.errors import PrintcareError
from printcare.extrusion.designs import DESIGNS, Factor, lay_out

SPEED = Factor("speed", "mm/s", Decimal(5), Decimal(15), Decimal("0.1"))
LAYER = Factor("layer", "mm", Decimal("0.3"), Decimal("0.7"), Decimal("0.01"))
WARMTH = Factor("cartridge temperature", "°C", Decimal(30), Decimal(40), Decimal("0.5"))
DWELL = Factor("dwell", "s", Decimal(0), Decimal(2), Decimal("0.1"))
FOUR = (SPEED, LAYER, WARMTH, DWELL)


@pytest.mark.parametrize(
    ("kind", "factors", "options", "runs"),
    [
        ("full-factorial", FOUR, {"centres": 3}, 19),  # 2⁴ + 3
        ("full-factorial", FOUR[:2], {"replicates": 3}, 12),
        ("fractional-factorial", FOUR, {}, 8),  # 2⁴⁻¹, resolution IV
        ("plackett-burman", FOUR, {}, 8),
        ("central-composite", FOUR[:3], {"centres": 6}, 20),  # 8 + 6 + 6
        ("central-composite-faced", FOUR[:2], {"centres": 5}, 13),
        ("box-behnken", FOUR[:3], {"centres": 3}, 15),  # process.md §5.4
        ("box-behnken", FOUR, {"centres": 3}, 27),
        ("latin-hypercube", FOUR, {"runs": 30}, 30),
    ],
)
def test_a_design_has_the_runs_of_its_table_and_no_setting_leaves_its_range(kind, factors, options, runs):
    design = lay_out(kind, factors, seed=1, **options)
    assert len(design.runs) == runs
    assert np.abs(design.coded()).max() <= 1
    assert [run.number for run in design.runs] == list(range(1, runs + 1))


def test_a_box_behnken_design_never_runs_a_corner():
    levels = lay_out("box-behnken", FOUR[:3], centres=3, seed=2).coded()
    assert sorted(np.count_nonzero(levels, axis=1).tolist()) == [0] * 3 + [2] * 12


@pytest.mark.parametrize("count", DESIGNS["fractional-factorial"][1])
def test_in_a_fraction_no_factor_stands_for_another_or_for_an_interaction_of_two(count):
    levels = lay_out("fractional-factorial", _some(count), seed=3).coded()
    pairs = [levels[:, one] * levels[:, other] for one in range(count) for other in range(one + 1, count)]
    assert np.allclose(levels.T @ np.column_stack(pairs), 0)
    assert np.allclose(levels.T @ levels, len(levels) * np.eye(count))


def test_a_latin_hypercube_visits_every_slice_of_every_factor_once():
    wide = tuple(Factor(each.name, each.unit, each.low, each.high, Decimal("0.0001")) for each in FOUR)
    levels = lay_out("latin-hypercube", wide, runs=20, seed=4).coded()
    slices = np.floor((levels + 1) / 2 * 20)
    assert all(sorted(slices[:, column].tolist()) == list(range(20)) for column in range(4))


def test_the_same_seed_gives_the_same_order_and_another_seed_another():
    first, again, other = (lay_out("full-factorial", FOUR, centres=4, seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert [run.settings for run in other.runs] != [run.settings for run in first.runs]


@given(seed=st.integers(0, 10**6), blocks=st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_cartridges_are_printed_one_after_another_with_their_share_of_runs_and_centres(seed, blocks):
    design = lay_out("full-factorial", FOUR[:3], centres=blocks * 2, blocks=blocks, seed=seed)
    order = [run.block for run in design.runs]
    assert order == sorted(order)
    counts = [order.count(block) for block in range(1, blocks + 1)]
    centres = [sum(run.is_centre for run in design.runs if run.block == block) for block in range(1, blocks + 1)]
    assert max(counts) - min(counts) <= 1
    assert set(centres) == {2}


def test_two_cartridges_take_nothing_of_a_factor_s_effect():
    design = lay_out("full-factorial", FOUR, blocks=2, seed=5)
    levels, blocks = design.coded(), np.array([run.block for run in design.runs])
    assert np.abs(levels[blocks == 1].sum(axis=0)).max() <= 2  # of 8 runs, where chance alone lays 8 together


def test_a_setting_stands_on_the_machine_s_step_and_is_analysed_as_it_was_run():
    coarse = Factor("warmth", "°C", Decimal(30), Decimal(40), Decimal(2))
    design = lay_out("central-composite", (coarse, SPEED), seed=6)
    assert {run.settings[0] % 2 for run in design.runs} == {Decimal(0)}
    assert set(np.round(design.coded()[:, 0], 6).tolist()) <= {-1.0, -0.6, -0.2, 0.2, 0.6, 1.0}


@pytest.mark.parametrize(
    ("kind", "factors", "options", "code"),
    [
        ("taguchi", FOUR, {}, "DESIGN_UNKNOWN"),
        ("box-behnken", FOUR[:2], {}, "DESIGN_FACTOR"),
        ("full-factorial", (SPEED, SPEED), {}, "DESIGN_FACTOR"),
        ("latin-hypercube", FOUR, {}, "DESIGN_SIZE"),
        ("full-factorial", FOUR, {"runs": 12}, "DESIGN_SIZE"),
        ("full-factorial", FOUR, {"centres": -1}, "DESIGN_SIZE"),
        ("full-factorial", FOUR, {"replicates": 100}, "DESIGN_SIZE"),
        ("full-factorial", FOUR[:1], {"blocks": 3}, "DESIGN_SIZE"),
    ],
)
def test_what_is_no_design_is_refused(kind, factors, options, code):
    with pytest.raises(PrintcareError) as refused:
        lay_out(kind, factors, seed=1, **options)
    assert refused.value.code == code


@pytest.mark.parametrize("ends", [("5", "5", "0.1"), ("5", "4", "0.1"), ("1", "2", "0"), ("1", "2", "0.7")])
def test_a_factor_without_a_range_is_refused(ends):
    with pytest.raises(PrintcareError, match="no range"):
        Factor("speed", "mm/s", *(Decimal(end) for end in ends))


def test_every_design_is_offered_for_some_number_of_factors():
    for kind, (_make, counts) in DESIGNS.items():
        assert lay_out(kind, _some(counts[0]), runs=10 if kind == "latin-hypercube" else 0, seed=1).runs


def _some(count: int) -> list[Factor]:
    return [Factor(f"x{at}", "mm", Decimal(0), Decimal(1), Decimal("0.01")) for at in range(count)]
