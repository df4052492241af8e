"""Forms against volumes computed elsewhere (process.md §8.5), and the curves that fill them."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.recipe import Shape
from printcare.domain.vessels import SIZES, shell
from printcare.geometry.contour import Grid, contours, distances
from printcare.geometry.curve import begun_near, cut, enclosed_mm2, length_mm, stadium, strung, thinned
from printcare.geometry.fill import chains
from printcare.geometry.forms import HEART, STAR, regions
from printcare.geometry.region import Flat, Rounded

LAYERS = 400
CAP = 8 - math.sqrt(39)
SQUARE = np.array([[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0], [-4.0, -4.0]])


def shape(kind, **more):
    return Shape(kind, "concentric", (0, 0), (0, 0), 1, (0, 0), **more)


@pytest.mark.parametrize(
    ("kind", "diameter", "height", "more", "volume"),
    [
        ("cylinder", 10, 4, {}, 314.15927),
        ("caplet", 15, 4, {"width_to_length": 0.4}, 329.09734),
        ("oblong", 15, 4, {"width_to_length": 0.4}, 329.09734),
        ("torus", 11, 3, {"hole_to_diameter": 5 / 11}, 177.65288),
        ("ring", 10, 3, {"hole_to_diameter": 0.4}, 197.92034),
        ("film", math.hypot(20, 30), 0.1, {"width_to_length": 2 / 3}, 60.0),
        ("biconvex", 10, 3 + 2 * CAP, {"band_to_height": 3 / (3 + 2 * CAP)}, 379.11757),
        ("capsule", 20, 7, {"width_to_length": 0.35}, 679.89301),
        ("dome", 10, 10, {}, 523.59878),  # the tip of the suppository of process.md §8.5
    ],
)
def test_fine_layers_of_a_form_hold_its_published_volume(kind, diameter, height, more, volume):
    every = regions(shape(kind, **more), diameter, LAYERS, height / LAYERS)
    assert sum(region.area_mm2 for region in every) * height / LAYERS == pytest.approx(volume, rel=2e-4)


def test_concentric_lines_are_the_published_ones():
    radii = [length_mm(loop) / (2 * math.pi) for loop in chains_of(Rounded(0.0, 4.8), 0.6)]
    assert radii == pytest.approx([4.5, 3.9, 3.3, 2.7, 2.1, 1.5, 0.9, 0.3], rel=0.02)


def chains_of(region, pitch):
    from printcare.geometry.fill import FILLS

    return FILLS["concentric"](region, pitch, 0, 0.2, 0.0)


@pytest.mark.parametrize("region", [Rounded(0.0, 5.0), Rounded(6.0, 3.0), Rounded(0.0, 5.0, 2.0), Flat((HEART * 10,))])
@pytest.mark.parametrize("path", ["concentric", "rectilinear"])
def test_the_lines_of_a_solid_fill_cover_the_area_at_their_pitch(region, path):
    covered = 0.57 * sum(length_mm(chain) for chain in chains(region, path, 0.57, 0, 0.2, 0.0))
    assert covered == pytest.approx(region.area_mm2, rel=0.2)


def test_one_continuous_bead_fills_a_layer_where_the_form_allows_it():
    for region in (Rounded(0.0, 5.0), Rounded(6.0, 3.0), Rounded(0.0, 5.0, 2.0)):
        assert len(chains(region, "concentric", 0.57, 0, 0.2, 0.0)) == 1


@pytest.mark.parametrize("path", ["honeycomb", "gyroid"])
def test_a_lattice_stays_inside_its_rim_and_leaves_cells_open(path):
    found = chains(Rounded(0.0, 6.0), path, 0.57, 3, 1.3, 4.0)
    assert max(np.hypot(*chain.T).max() for chain in found) <= 6.0 - 0.57 / 2 + 1e-9
    assert 0.2 < 0.57 * sum(length_mm(chain) for chain in found) / (math.pi * 36) < 0.8


def test_the_section_of_a_gyroid_lies_on_the_gyroid():
    found = chains(Rounded(0.0, 6.0), "gyroid", 0.57, 3, 1.3, 4.0)
    inner = np.concatenate([chain for chain in found if not np.allclose(np.hypot(*chain.T), 5.715, atol=0.03)])
    inner = inner[np.hypot(*inner.T) < 5.3]
    x, y, z = *(2 * np.pi * inner / 4.0).T, 2 * np.pi * 1.3 / 4.0
    assert np.abs(np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)).max() < 0.08


def test_a_square_moved_inwards_is_a_smaller_square():
    loops = Flat((SQUARE,)).nested(1.0)
    assert len(loops) == 1
    assert enclosed_mm2(loops[0]) == pytest.approx(36.0, rel=0.01)
    assert np.abs(loops[0]).max() == pytest.approx(3.0, abs=0.01)
    assert Flat((SQUARE,)).nested(4.5) == []


def test_a_hole_is_not_filled():
    hole = SQUARE[::-1] / 4
    region = Flat((SQUARE, hole))
    assert region.area_mm2 == pytest.approx(60.0)
    assert region.reach_mm == pytest.approx(3 * math.sqrt(2) / (1 + math.sqrt(2)), abs=0.1)  # corner to corner
    assert all(np.abs(chain).max(axis=1).min() >= 1.0 for chain in chains(region, "rectilinear", 0.5, 0, 0.2, 0.0))


def test_level_lines_keep_higher_values_to_their_left():
    grid = distances([SQUARE], 0.1)
    assert all(enclosed_mm2(line) > 0 for line in contours(grid, 1.0))
    pits = Grid(grid.x0_mm, grid.y0_mm, grid.step_mm, -grid.values)
    assert all(enclosed_mm2(line) < 0 for line in contours(pits, -1.0))


@given(straight=st.floats(0, 10), radius=st.floats(0.3, 8))
def test_a_stadium_has_its_length_and_area(straight, radius):
    loop = stadium(straight, radius)
    assert (loop[0] == loop[-1]).all() or np.allclose(loop[0], loop[-1])
    assert length_mm(loop) == pytest.approx(2 * straight + 2 * math.pi * radius, rel=0.03)
    assert enclosed_mm2(loop) == pytest.approx(2 * straight * radius + math.pi * radius**2, rel=0.06)


def test_thinning_leaves_nothing_out_that_matters_and_cutting_nothing_too_long():
    loop = stadium(0.0, 5.0)
    dense = cut(loop, 0.05)
    assert np.diff(dense, axis=0).max() <= 0.05 + 1e-12
    thin = thinned(dense, 0.02)
    assert len(thin) < len(dense) / 10
    assert enclosed_mm2(thin) == pytest.approx(enclosed_mm2(loop), rel=0.01)


def test_curves_are_strung_by_short_ways_and_entered_at_the_near_end():
    one, near, far = np.array([[0.0, 0], [1, 0]]), np.array([[3.0, 0.5], [1.2, 0.2]]), np.array([[9.0, 9], [8, 8]])
    found = strung([one, far, near], 0.5)
    assert [len(chain) for chain in found] == [4, 2]
    assert (found[0][2] == (1.2, 0.2)).all()
    assert (begun_near(SQUARE, np.array([5.0, 5.0]))[0] == (4, 4)).all()


def test_hearts_and_stars_fit_their_circle():
    for outline in (HEART, STAR):
        assert np.hypot(*outline.T).max() == pytest.approx(0.5)
        assert enclosed_mm2(outline) > 0


def test_shells_hold_what_their_supplier_says_and_unknown_ones_are_not_guessed():
    for supplier, column in (("A", 0), ("B", 1)):
        for size, row in SIZES.items():
            body = shell(f"{supplier}-{size}")
            volume_ml = math.pi / 4 * float(body.inner_mm) ** 2 * float(body.depth_mm) / 1000
            assert volume_ml == pytest.approx(float(row[column]), rel=1e-3)
            assert body.fill_share < Decimal("0.9")
    assert shell("C-0") is None
    assert shell("A-9") is None
