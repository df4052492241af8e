"""STL files, binary and text."""

from pathlib import Path

import numpy as np
import pytest

from printcare.errors import PrintcareError
from printcare.formats.stl import read_stl

BALL = (Path(__file__).parents[1] / "data" / "ball.stl").read_bytes()


def as_text(corners):
    facets = "".join(
        "facet normal 0 0 0\n outer loop\n"
        + "".join(f"  vertex {x:.9g} {y:.9g} {z:.9g}\n" for x, y, z in triangle.tolist())
        + " endloop\nendfacet\n"
        for triangle in corners
    )
    return f"solid ball\n{facets}endsolid ball\n".encode()


def test_a_binary_file_is_read_whole():
    corners = read_stl(BALL, "ball.stl")
    assert corners.shape == (960, 3, 3)
    assert np.linalg.norm(corners, axis=2).max() == pytest.approx(5.0, rel=1e-6)


def test_text_and_binary_say_the_same():
    corners = read_stl(BALL, "ball.stl")
    assert np.array_equal(read_stl(as_text(corners), "ball.stl"), corners)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        BALL[:-1],
        BALL + b"\0",
        b"\0" * 80 + b"\0\0\0\0",
        b"solid a\nendsolid a\n",
        as_text(np.ones((2, 3, 3)))[:-12],
        as_text(np.ones((2, 3, 3))).replace(b"vertex 1 1 1", b"vertex 1 1 one", 1),
        as_text(np.ones((2, 3, 3))).replace(b"  vertex 1 1 1\n", b"", 1),
        BALL[:84] + np.full(12, np.nan, "<f4").tobytes() + BALL[84 + 48 :],
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises(PrintcareError, match="FILE_NOT_STL"):
        read_stl(data, "x.stl")
