"""The forms: which region a layer has, by kind, diameter, height and how high up it lies (process.md §8.5)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from printcare.domain.recipe import Shape
from printcare.geometry.region import Array, Flat, Region, Rounded

HEART_CORNERS = 96
SMALLEST_CAVITY_MM = 0.05  # in radius; a narrower one is none
STAR_POINTS, STAR_INNER = 5, 0.5  # of the outer radius


def _cylinder(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    return Rounded(0.0, d_mm / 2)


def _caplet(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    width_mm = d_mm * _share(shape.width_to_length)
    return Rounded(d_mm - width_mm, width_mm / 2)


def _ring(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    return Rounded(0.0, d_mm / 2, d_mm / 2 * _share(shape.hole_to_diameter))


def _hollow(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    """Return a layer of a closed shell: a floor, a wall, and a roof that closes at 45°, so that nothing bridges air."""
    hole = _share(shape.hole_to_diameter)
    skin_mm = min(d_mm / 2 * (1 - hole), height_mm / 4)
    z_mm = share * height_mm
    inner_mm = min(d_mm / 2 * hole, height_mm - skin_mm - z_mm) if z_mm > skin_mm else 0.0
    return Rounded(0.0, d_mm / 2, inner_mm if inner_mm > SMALLEST_CAVITY_MM else 0.0)


def _torus(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    hole = _share(shape.hole_to_diameter)
    middle_mm, tube_mm = d_mm * (1 + hole) / 4, d_mm * (1 - hole) / 4
    half_mm = tube_mm * _round(share)
    return Rounded(0.0, middle_mm + half_mm, middle_mm - half_mm)


def _dome(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    return Rounded(0.0, d_mm / 2 * math.sqrt(1 - share**2))


def _biconvex(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    """Return a disc of the band, or of one of the two spherical caps above and below it."""
    cap_mm = height_mm * (1 - _share(shape.band_to_height)) / 2
    into_mm = max(cap_mm - share * height_mm, share * height_mm - (height_mm - cap_mm), 0.0)
    if into_mm == 0:
        return Rounded(0.0, d_mm / 2)
    ball_mm = (d_mm**2 / 4 + cap_mm**2) / (2 * cap_mm)
    return Rounded(0.0, math.sqrt(ball_mm**2 - (ball_mm - cap_mm + into_mm) ** 2))


def _capsule(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    """Return a layer of a round-ended cylinder that lies on its side; round where width and height are equal."""
    width_mm = d_mm * _share(shape.width_to_length)
    return Rounded(d_mm - width_mm, width_mm / 2 * _round(share))


def _film(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    half = np.array([1.0, _share(shape.width_to_length)])
    half *= d_mm / 2 / np.hypot(*half)  # the diameter is the diagonal: nothing reaches beyond it
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * half
    return Flat((corners,))


def _heart(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    return Flat((HEART * d_mm,))


def _star(d_mm: float, height_mm: float, share: float, shape: Shape) -> Region:
    return Flat((STAR * d_mm,))


def _share(number: object) -> float:
    return float(str(number))


def _round(share: float) -> float:
    """Return how wide a round section is at a share of its height, 1 in the middle."""
    return math.sqrt(1 - (2 * share - 1) ** 2)


def _within_circle(points: Array) -> Array:
    """Return a closed curve moved and scaled into a circle of diameter 1 around the origin."""
    points = points - (points.min(axis=0) + points.max(axis=0)) / 2
    closed: Array = np.concatenate((points, points[:1])) / (2 * float(np.hypot(*points.T).max()))
    return closed


def _heart_curve() -> Array:
    turn = np.linspace(0, 2 * np.pi, HEART_CORNERS, endpoint=False)
    up = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return _within_circle(np.column_stack((16 * np.sin(turn) ** 3, up))[::-1])


def _star_curve() -> Array:
    turn = np.linspace(0, 2 * np.pi, 2 * STAR_POINTS, endpoint=False) + np.pi / 2
    radius = np.where(np.arange(2 * STAR_POINTS) % 2, STAR_INNER, 1.0)
    return _within_circle(np.column_stack((radius * np.cos(turn), radius * np.sin(turn))))


HEART, STAR = _heart_curve(), _star_curve()
KINDS: dict[str, Callable[[float, float, float, Shape], Region]] = {
    "cylinder": _cylinder,
    "caplet": _caplet,
    "oblong": _caplet,
    "ring": _ring,
    "hollow": _hollow,
    "torus": _torus,
    "dome": _dome,
    "biconvex": _biconvex,
    "capsule": _capsule,
    "film": _film,
    "heart": _heart,
    "star": _star,
}


def regions(shape: Shape, d_mm: float, layers: int, layer_mm: float) -> tuple[Region, ...]:
    """Return the region of every layer from the tray up, each taken half-way up its layer."""
    make = KINDS[shape.kind]
    height_mm = layers * layer_mm
    if shape.kind in SAME_LAYERS:
        return (make(d_mm, height_mm, 0.5, shape),) * layers
    return tuple(make(d_mm, height_mm, (layer + 0.5) / layers, shape) for layer in range(layers))


SAME_LAYERS = frozenset({"cylinder", "caplet", "oblong", "ring", "film", "heart", "star"})
