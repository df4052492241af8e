"""The least-squares fit, held to certified figures, to sums done by hand and to fits that leave a run out."""

import math

import numpy as np
import pytest

from printcare.errors import PrintcareError
from printcare.extrusion.regression import fit, term_names

# NIST Statistical Reference Datasets, Longley: 16 years, six regressors, certified to fifteen digits.
LONGLEY = """
60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962
"""
CERTIFIED = (15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359, -0.0511041056535807)
CERTIFIED_ERRORS = (84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675, 0.226073200069370)


@pytest.fixture(scope="module")
def longley():
    rows = np.array([[float(value) for value in line.split()] for line in LONGLEY.split("\n") if line])
    given = rows[:, 1:]
    middle, half = (given.max(axis=0) + given.min(axis=0)) / 2, (given.max(axis=0) - given.min(axis=0)) / 2
    names = [f"x{at}" for at in range(1, 7)]
    return fit(names, (given - middle) / half, rows[:, 0], [1] * 16, "linear"), half


def test_the_coefficients_and_their_errors_are_the_certified_ones(longley):
    found, half = longley
    for term, width, value, error in zip(found.terms[1:], half, CERTIFIED, CERTIFIED_ERRORS, strict=False):
        assert term.coefficient / width == pytest.approx(value, rel=1e-9)
        assert term.standard_error / width == pytest.approx(error, rel=1e-9)


def test_the_scatter_and_what_is_explained_are_the_certified_ones(longley):
    found, _half = longley
    assert found.residual_sd == pytest.approx(304.854073561965, rel=1e-10)
    assert found.r2 == pytest.approx(0.995479004577296, rel=1e-12)
    assert found.freedom == 9


def test_the_interval_and_p_of_a_coefficient_are_student_s():
    # x = −1, 0, 1 twice; slope 1, s² = 6.8333/4, tables: t(0.975; 4) = 2.776445.
    found = fit(["x"], _column(-1, -1, 0, 0, 1, 1), [1, 2, 4, 5, 3, 4], [1] * 6, "linear")
    slope = found.terms[1]
    error = (6.833333333 / 4 / 4) ** 0.5
    assert slope.coefficient == pytest.approx(1.0)
    assert slope.standard_error == pytest.approx(error)
    assert slope.high == pytest.approx(1 + 2.776445 * error, rel=1e-6)
    assert slope.low == pytest.approx(1 - 2.776445 * error, rel=1e-6)
    angle = math.atan(1 / error / 2)  # Abramowitz and Stegun 26.7.4 for 4 degrees of freedom
    assert slope.p == pytest.approx(1 - math.sin(angle) * (1 + math.cos(angle) ** 2 / 2))


def test_lack_of_fit_is_judged_against_the_scatter_of_replicates():
    found = fit(["x"], _column(-1, -1, 0, 0, 1, 1), [1, 2, 4, 5, 3, 4], [1] * 6, "linear")
    # By hand: 5.3333 of 1 degree of freedom against 1.5 of 3.
    assert found.lack_of_fit is not None
    assert found.lack_of_fit.f == pytest.approx(10.6667, abs=1e-4)
    assert found.lack_of_fit.p == pytest.approx(0.0469, abs=1e-4)
    assert found.lack_of_fit.pure_error_freedom == 3


def test_without_replicates_nothing_is_said_of_lack_of_fit():
    assert fit(["x"], _column(-1, 0, 0.5, 1), [1, 4, 2, 3], [1] * 4, "linear").lack_of_fit is None


def test_predicted_r2_and_cook_s_distance_are_those_of_fits_without_the_run():
    rng = np.random.default_rng(1)
    coded = rng.uniform(-1, 1, (14, 2))
    observed = 3 + coded @ [2, -1] + rng.normal(0, 0.3, 14)
    whole = fit(["a", "b"], coded, observed, [1] * 14, "linear")
    press, distances = 0.0, []
    for left_out in range(14):
        kept = np.arange(14) != left_out
        part = fit(["a", "b"], coded[kept], observed[kept], [1] * 13, "linear")
        press += float(observed[left_out] - part.predict(coded[left_out : left_out + 1])[0]) ** 2
        moved = whole.predict(coded) - part.predict(coded)
        distances.append(float(moved @ moved) / (3 * whole.residual_sd**2))
    assert whole.r2_predicted == pytest.approx(1 - press / float(np.sum((observed - observed.mean()) ** 2)))
    assert whole.cooks_distance == pytest.approx(distances)


def test_a_cartridge_s_own_level_does_not_pass_for_an_effect():
    coded = np.array([[-1.0], [0.0], [1.0]] * 4)
    blocks = [1] * 6 + [2] * 6
    shifted = 10 + 2 * coded[:, 0] + np.where(np.array(blocks) == 1, 5, -5)
    found = fit(["x"], coded, shifted, blocks, "linear")
    assert found.residual_sd == pytest.approx(0, abs=1e-9)
    assert [term.coefficient for term in found.terms] == pytest.approx([10, 2])


def test_a_quadratic_surface_is_found_again():
    rng = np.random.default_rng(2)
    coded = rng.uniform(-1, 1, (30, 2))
    a, b = coded.T
    found = fit(["a", "b"], coded, 1 + 2 * a - 3 * b + 4 * a * b + 5 * a**2 - 6 * b**2, [1] * 30)
    assert [term.name for term in found.terms] == ["mean", "a", "b", "a·b", "a²", "b²"]
    assert [term.coefficient for term in found.terms] == pytest.approx([1, 2, -3, 4, 5, -6])


def test_a_response_that_never_moves_explains_nothing():
    found = fit(["x"], _column(-1, 0, 1, 1), [5, 5, 5, 5], [1] * 4, "linear")
    assert (found.r2, found.r2_predicted, found.residual_sd) == (0.0, 0.0, pytest.approx(0, abs=1e-12))


def test_runs_that_cannot_tell_terms_apart_are_refused():
    with pytest.raises(PrintcareError) as refused:
        fit(["a", "b"], np.array([[-1.0, -1], [1, 1], [-1, -1], [1, 1]]), [1, 2, 1, 2], [1] * 4, "linear")
    assert refused.value.code == "MODEL_RANK"


def test_as_many_terms_as_runs_are_refused():
    with pytest.raises(PrintcareError, match="leave scatter over"):
        fit(["x"], _column(-1, 0, 1), [1, 2, 4], [1] * 3)


def test_an_unknown_model_is_refused():
    with pytest.raises(PrintcareError) as refused:
        fit(["x"], _column(-1, 0, 1), [1, 2, 4], [1] * 3, "cubic")
    assert refused.value.code == "MODEL_UNKNOWN"


def test_an_interaction_model_has_the_pairs_and_no_squares():
    assert term_names(["a", "b", "c"], "interaction") == ("mean", "a", "b", "c", "a·b", "a·c", "b·c")


def _column(*levels: float) -> np.ndarray:
    return np.array(levels, dtype=float)[:, None]
