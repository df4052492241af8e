"""The region of settings that keeps all limits: held to closed forms of one factor, and to the laws of its ranges."""

from decimal import Decimal

import numpy as np
import pytest
from scipy.special import stdtr

from printcare.errors import PrintcareError
from printcare.extrusion.design_space import Attribute, DesignSpace
from printcare.extrusion.designs import Factor, lay_out
from printcare.extrusion.regression import fit, model_matrix

SPEED = Factor("speed", "mm/s", Decimal(5), Decimal(15), Decimal("0.1"))
WARMTH = Factor("warmth", "°C", Decimal(30), Decimal(40), Decimal("0.5"))


def _one_factor(slope: float, scatter: float, seed: int = 1):
    rng = np.random.default_rng(seed)
    coded = np.repeat(np.linspace(-1, 1, 5), 4)[:, None]
    return fit(["speed"], coded, slope * coded[:, 0] + rng.normal(0, scatter, 20), [1] * 20, "linear")


def _two_factors(scatter: float):
    design = lay_out("central-composite-faced", (SPEED, WARMTH), centres=6, seed=3)
    coded = design.coded()
    rng = np.random.default_rng(4)
    mass = 100 + 3 * coded[:, 0] - 2 * coded[:, 1] + 2 * coded[:, 0] ** 2 + rng.normal(0, scatter, len(coded))
    return fit(["speed", "warmth"], coded, mass, [1] * len(coded))


@pytest.mark.parametrize("level", [-1.0, -0.4, 0.0, 0.7, 1.0])
def test_the_probability_of_one_limit_is_student_s_of_the_next_unit(level):
    found = _one_factor(2.0, 1.0)
    space = DesignSpace((SPEED,), (Attribute("bias", found, None, 1.5),), seed=5, draws=100_000)
    row = model_matrix(np.array([[level]]), "linear")[0]
    width = found.residual_sd * (1 + row @ found.covariance @ row) ** 0.5
    exact = stdtr(found.freedom, (1.5 - row @ found.coefficients) / width)
    assert space.probability(np.array([[level]]))[0] == pytest.approx(exact, abs=0.006)


def test_a_proven_range_ends_where_the_probability_falls_below_what_was_asked():
    space = DesignSpace((SPEED,), (Attribute("bias", _one_factor(4.0, 0.5), -3.0, 3.0),), seed=6)
    (proposed,) = space.proposed([Decimal(10)])
    low, high = proposed.par
    assert space.at([low]) >= 0.9
    assert space.at([high]) >= 0.9
    assert space.at([low - Decimal("0.2")]) < 0.9
    assert space.at([high + Decimal("0.2")]) < 0.9


def test_every_combination_inside_the_normal_ranges_keeps_the_probability():
    space = DesignSpace((SPEED, WARMTH), (Attribute("mass", _two_factors(0.5), 97.0, 103.0),), seed=7)
    ranges = space.proposed([Decimal(10), Decimal(35)])
    for speed in np.linspace(*(float(end) for end in ranges[0].nor), 9):
        for warmth in np.linspace(*(float(end) for end in ranges[1].nor), 9):
            assert space.at([Decimal(repr(float(speed))), Decimal(repr(float(warmth)))]) >= 0.895


def test_normal_lies_inside_proven_and_proven_inside_studied():
    for proposed in DesignSpace((SPEED, WARMTH), (Attribute("mass", _two_factors(0.5), 97.0, 103.0),), seed=8).proposed(
        [Decimal(10), Decimal(35)]
    ):
        factor = {"speed": SPEED, "warmth": WARMTH}[proposed.factor]
        assert factor.low <= proposed.par[0] <= proposed.nor[0] <= proposed.target
        assert proposed.target <= proposed.nor[1] <= proposed.par[1] <= factor.high
        assert all(end % factor.step == 0 for end in (*proposed.par, *proposed.nor))


def test_where_nothing_ever_fails_the_whole_studied_range_is_proven_and_normal():
    (proposed,) = DesignSpace((SPEED,), (Attribute("bias", _one_factor(0.1, 0.1), -50, 50),), seed=9).proposed(
        [Decimal(9)]
    )
    assert proposed.par == proposed.nor == (Decimal(5), Decimal(15))


def test_more_limits_never_make_the_region_larger():
    found = _two_factors(0.5)
    grid = np.random.default_rng(1).uniform(-1, 1, (50, 2))
    one = DesignSpace((SPEED, WARMTH), (Attribute("mass", found, 97.0, None),), seed=10).probability(grid)
    both = DesignSpace((SPEED, WARMTH), (Attribute("mass", found, 97.0, 103.0),), seed=10).probability(grid)
    assert (both <= one).all()


def test_the_best_settings_beat_the_middle():
    space = DesignSpace((SPEED,), (Attribute("bias", _one_factor(4.0, 1.0), 2.0, 5.0),), seed=11)
    settings, chance = space.best()
    assert settings[0] > Decimal(12)
    assert chance > space.at([Decimal(10)])


def test_a_target_that_fails_is_refused_with_its_probability():
    space = DesignSpace((SPEED,), (Attribute("bias", _one_factor(4.0, 1.0), 2.0, 5.0),), seed=12)
    with pytest.raises(PrintcareError) as refused:
        space.proposed([Decimal(6)])
    assert refused.value.code == "SPACE_TARGET"


def test_a_target_outside_what_was_studied_is_refused():
    space = DesignSpace((SPEED,), (Attribute("bias", _one_factor(0.1, 0.1), -50, 50),), seed=13)
    with pytest.raises(PrintcareError, match="At the target"):
        space.proposed([Decimal(16)])


def test_no_limit_at_all_is_refused():
    with pytest.raises(PrintcareError) as refused:
        DesignSpace((SPEED,), (), seed=1)
    assert refused.value.code == "SPACE_EMPTY"
