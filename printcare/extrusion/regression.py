"""Least squares of a response on coded factors, with the diagnostics that say whether to believe it.

Montgomery, Design and Analysis of Experiments: coefficients with confidence, PRESS (10.4.3), Cook's distance (10.5),
lack of fit against the pure error of replicates (10.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from printcare.errors import PrintcareError

Array = npt.NDArray[np.float64]
MODELS = ("linear", "interaction", "quadratic")
CONFIDENCE = 0.95
RANK_TOLERANCE = 1e-9
SAME_POINT_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Term:
    """One coefficient, in the response's unit per coded step, with its standard error, p and 95 % interval."""

    name: str
    coefficient: float
    standard_error: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LackOfFit:
    """What the model leaves beyond the scatter of replicates: F and p; a small p says the model is the wrong shape."""

    f: float
    p: float
    pure_error_freedom: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted response; arrays are one value a run, in the order of the runs given."""

    model: str
    factors: tuple[str, ...]
    terms: tuple[Term, ...]
    freedom: int
    residual_sd: float
    r2: float
    r2_adjusted: float
    r2_predicted: float
    lack_of_fit: LackOfFit | None
    fitted: Array
    residuals: Array
    studentised: Array
    leverage: Array
    cooks_distance: Array
    coefficients: Array  # of the factors' terms alone; blocks are averaged out
    covariance: Array  # of those, divided by residual_sd²

    def predict(self, coded: Array) -> Array:
        """Return the mean response at coded points, shape (points, factors), of an average cartridge."""
        return model_matrix(coded, self.model) @ self.coefficients


def term_names(factors: Sequence[str], model: str) -> tuple[str, ...]:
    """Return the names of the columns of `model_matrix`, in their order."""
    pairs = [f"{one}·{other}" for at, one in enumerate(factors) for other in factors[at + 1 :]]
    squares = [f"{name}²" for name in factors]
    by_model = {"linear": [], "interaction": pairs, "quadratic": pairs + squares}
    return ("mean", *factors, *by_model[model])


def model_matrix(coded: Array, model: str) -> Array:
    """Return the columns of a model: 1, the factors, their products in pairs, their squares; shape (points, terms)."""
    count = coded.shape[1]
    columns = [np.ones(len(coded)), *coded.T]
    if model != "linear":
        columns += [coded[:, one] * coded[:, other] for one in range(count) for other in range(one + 1, count)]
    if model == "quadratic":
        columns += list((coded**2).T)
    return np.column_stack(columns)


def fit(
    factors: Sequence[str], coded: Array, response: Sequence[float], blocks: Sequence[int], model: str = "quadratic"
) -> Fit:
    """Return the least-squares fit of a response, cartridges (`blocks`) taken out as effects that sum to zero.

    `coded` has shape (runs, factors). Raises PrintcareError MODEL_UNKNOWN, or MODEL_RANK where the runs cannot tell
    the terms apart or leave nothing to judge the scatter by.
    """
    if model not in MODELS:
        raise PrintcareError("MODEL_UNKNOWN", f"{model!r} is no model; there are {', '.join(MODELS)}.", "Choose one.")
    observed = np.asarray(response, dtype=float)
    ours = model_matrix(coded, model)
    matrix = np.hstack([ours, _block_columns(blocks)])
    freedom = len(matrix) - matrix.shape[1]
    names = term_names(factors, model)
    if freedom < 1 or _rank(matrix) < matrix.shape[1]:
        told = (
            f"{len(matrix)} runs cannot tell {matrix.shape[1]} terms of a {model} model apart and leave scatter over."
        )
        raise PrintcareError("MODEL_RANK", told, "Fit a simpler model, or add runs by another design.")
    orthogonal, upper = np.linalg.qr(matrix)
    all_coefficients = np.linalg.solve(upper, orthogonal.T @ observed)
    inverse = np.linalg.inv(upper)
    unscaled = inverse @ inverse.T
    fitted = matrix @ all_coefficients
    residuals = observed - fitted
    leverage = np.sum(orthogonal**2, axis=1)
    squares = float(residuals @ residuals)
    variance = squares / freedom
    spread = float(np.sum((observed - observed.mean()) ** 2))
    free = np.maximum(1 - leverage, RANK_TOLERANCE)  # a run alone at its point is fitted whatever it says
    press = float(np.sum((residuals / free) ** 2))
    sd = float(np.sqrt(variance))
    studentised = residuals / (sd * np.sqrt(free)) if sd else np.zeros_like(residuals)
    kept = len(names)
    return Fit(
        model,
        tuple(factors),
        _terms(names, all_coefficients, np.sqrt(variance * np.diag(unscaled)), freedom),
        freedom,
        sd,
        *_shares(squares, press, spread, freedom, len(observed)),
        _lack_of_fit(coded, blocks, observed, squares, freedom),
        fitted,
        residuals,
        studentised,
        leverage,
        studentised**2 * leverage / free / matrix.shape[1],
        all_coefficients[:kept],
        unscaled[:kept, :kept],
    )


def _block_columns(blocks: Sequence[int]) -> Array:
    """Return one column less than there are blocks, each +1 in its block and −1 in the last."""
    known = sorted(set(blocks))
    given = np.asarray(blocks)
    columns = [(given == block).astype(float) - (given == known[-1]) for block in known[:-1]]
    return np.column_stack(columns) if columns else np.zeros((len(given), 0))


def _rank(matrix: Array) -> int:
    return int(np.linalg.matrix_rank(matrix, tol=RANK_TOLERANCE * float(np.linalg.norm(matrix, 2))))


def _terms(names: Sequence[str], values: Array, errors: Array, freedom: int) -> tuple[Term, ...]:
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
    return tuple(
        Term(
            name,
            float(value),
            float(error),
            float(2 * stdtr(freedom, -abs(value) / error)) if error else 0.0,
            float(value - reach * error),
            float(value + reach * error),
        )
        for name, value, error in zip(names, values, errors, strict=False)
    )


def _shares(squares: float, press: float, spread: float, freedom: int, runs: int) -> tuple[float, float, float]:
    """Return R², R² adjusted and R² predicted; a response that never moved explains nothing."""
    if spread == 0:
        return 0.0, 0.0, 0.0
    return 1 - squares / spread, 1 - squares / freedom / (spread / (runs - 1)), 1 - press / spread


def _lack_of_fit(
    coded: Array, blocks: Sequence[int], observed: Array, squares: float, freedom: int
) -> LackOfFit | None:
    """Return the test against pure error; None where no point was run twice on one cartridge, or nothing is left."""
    from scipy.special import fdtrc

    groups: dict[tuple[float, ...], list[float]] = {}
    for row, block, value in zip(np.round(coded, SAME_POINT_DECIMALS), blocks, observed, strict=True):
        groups.setdefault((*row.tolist(), block), []).append(float(value))
    pure = sum(float(np.sum((np.array(values) - np.mean(values)) ** 2)) for values in groups.values())
    pure_freedom = len(observed) - len(groups)
    lack_freedom = freedom - pure_freedom
    if pure_freedom < 1 or lack_freedom < 1 or pure == 0:
        return None
    f = max(0.0, squares - pure) / lack_freedom / (pure / pure_freedom)
    return LackOfFit(f, float(fdtrc(lack_freedom, pure_freedom, f)), pure_freedom)
