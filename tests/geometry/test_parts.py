"""Units of several inks, zones of several strengths, and trays with keep-outs."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from printcare.domain.machine import Box
from printcare.geometry.form import SolvedForm
from printcare.geometry.layout import Toolpath, lay_out, lay_out_zones
from printcare.geometry.parts import solve_parts
from printcare.geometry.places import free_positions

NEEDLE_OUTER_MM = 0.603 + 2 * 0.16


def parts_of(recipe, count=2):
    layer = recipe.parameters.layer_height_mm
    wide = replace(layer, proven=(Decimal("0.3"), Decimal("0.5")))
    first = replace(recipe.parts[0], parameters=replace(recipe.parameters, layer_height_mm=wide))
    return tuple(replace(first, tool=tool) for tool in range(count))


def solved(recipe, volumes, arrangement, kind="cylinder", path="concentric", **more):
    sizes = (Decimal(6), Decimal(20)), (Decimal(2), Decimal(8))
    shape = replace(recipe.shape, kind=kind, path=path, arrangement=arrangement, **more)
    shape = replace(shape, diameter_mm=sizes[0], height_mm=sizes[1])
    return solve_parts(volumes, shape, parts_of(recipe, len(volumes)))


def laid(recipe, profile, form, stored=20.0):
    part = parts_of(recipe)[0]
    return lay_out(form, 1, profile, part.parameters, part.nozzle, stored)


WAYS = [
    ("layers", "cylinder", "spiral", {}),
    ("layers", "caplet", "concentric", {"width_to_length": Decimal("0.5")}),
    ("layers", "heart", "concentric", {}),
    ("core-shell", "cylinder", "spiral", {}),
    ("core-shell", "caplet", "concentric", {"width_to_length": Decimal("0.6")}),
    ("side-by-side", "cylinder", "concentric", {}),
    ("side-by-side", "film", "rectilinear", {"width_to_length": Decimal("0.6")}),
]


@pytest.mark.parametrize(("arrangement", "kind", "path", "more"), WAYS)
@settings(max_examples=8, deadline=None)
@given(first=st.floats(150, 350), share=st.floats(0.3, 0.7))
def test_every_part_holds_its_own_volume(recipe, profile, arrangement, kind, path, more, first, share):
    volumes = (first, first * share)
    forms = solved(recipe, volumes, arrangement, kind, path, **more)
    assume(isinstance(forms[0], SolvedForm))
    for form, volume in zip(forms, volumes, strict=True):
        found = laid(recipe, profile, form)
        assume(isinstance(found, Toolpath))
        assert found.volume_mm3.sum() == pytest.approx(volume, rel=1e-12)


@pytest.mark.parametrize(("arrangement", "kind", "path", "more"), WAYS)
def test_a_usual_pair_of_inks_can_be_arranged(recipe, profile, arrangement, kind, path, more):
    forms = solved(recipe, (250.0, 120.0), arrangement, kind, path, **more)
    assert all(isinstance(form, SolvedForm) for form in forms)
    assert all(isinstance(laid(recipe, profile, form), Toolpath) for form in forms)


def test_three_layers_stand_upon_one_another_without_a_gap(recipe):
    forms = solved(recipe, (150.0, 100.0, 200.0), "layers")
    assert [form.base_mm for form in forms] == pytest.approx([0.0, forms[0].top_mm, forms[1].top_mm])
    area = math.pi / 4 * forms[0].diameter_mm ** 2
    assert [form.height_mm * area for form in forms] == pytest.approx([150.0, 100.0, 200.0])


def test_a_core_is_filled_into_its_shell_and_the_needle_never_meets_the_wall(recipe, profile):
    shell, core = solved(recipe, (250.0, 120.0), "core-shell")
    outer, wall = shell.regions[0], shell.regions[-1]
    assert core.base_mm == pytest.approx(2 * shell.layer_mm)
    assert core.top_mm == pytest.approx(shell.top_mm)
    assert math.pi * wall.inner_mm**2 * core.height_mm == pytest.approx(120.0)
    assert math.pi * outer.outer_mm**2 * shell.height_mm == pytest.approx(370.0)
    reach = np.hypot(*laid(recipe, profile, core).points_mm[:, :2].T).max()
    assert reach + NEEDLE_OUTER_MM / 2 < wall.inner_mm


def test_the_second_half_s_needle_never_meets_the_first_half(recipe, profile):
    first, second = (laid(recipe, profile, form) for form in solved(recipe, (200.0, 200.0), "side-by-side"))
    edge = first.points_mm[:, 0].max() + first.form.pitch_mm / 2
    assert second.points_mm[:, 0].min() - NEEDLE_OUTER_MM / 2 > edge
    assert first.form.top_mm == pytest.approx(second.form.top_mm)


@pytest.mark.parametrize(
    ("volumes", "arrangement", "kind", "path"),
    [
        ((100.0, 100.0), "layers", "dome", "concentric"),
        ((100.0, 100.0), "layers", "cylinder", "honeycomb"),
        ((100.0, 100.0), "single", "cylinder", "concentric"),
        ((100.0, 100.0), "side-by-side", "cylinder", "spiral"),
        ((100.0, 100.0, 100.0), "core-shell", "cylinder", "concentric"),
        ((100.0, 100.0), "core-shell", "heart", "concentric"),
        ((100.0, math.nan), "layers", "cylinder", "concentric"),
        ((1.0, 900.0), "core-shell", "cylinder", "concentric"),
        ((5.0, 900.0), "layers", "cylinder", "concentric"),
    ],
)
def test_parts_that_cannot_be_printed_are_refused(recipe, volumes, arrangement, kind, path):
    assert [finding.code for finding in solved(recipe, volumes, arrangement, kind, path)] == ["E_GEOMETRY_PARTS"]


def test_zones_take_positions_in_a_row_and_each_unit_holds_its_own_strength(recipe, profile):
    single = replace(recipe.shape, arrangement="layers")
    forms = [solve_parts((volume,), single, parts_of(recipe, 1))[0] for volume in (200.0, 400.0)]
    zones = [(forms[0], 5, 20.0), (forms[1], 4, 20.0)]
    paths = lay_out_zones(zones, profile, recipe.parameters, recipe.nozzle)
    assert [path.positions for path in paths] == [(0, 1, 2, 3, 4), (5, 6, 7, 8)]
    assert [path.volume_mm3.sum() for path in paths] == pytest.approx([200.0, 400.0])
    full = lay_out_zones([(forms[0], 10, 20.0), (forms[1], 4, 20.0)], profile, recipe.parameters, recipe.nozzle)
    assert [finding.code for finding in full] == ["E_TRAY_FULL"]


def test_positions_in_a_keep_out_are_left_free(recipe, profile):
    x, y = profile.tray.centre(1)
    box = Box(x - 1, y - 1, 0.0, x + 1, y + 1, 10.0)
    tray = replace(profile.tray, keep_outs=(*profile.tray.keep_outs, box))
    assert free_positions(tray, 10.0) == (0, *range(2, tray.size))
    form = solve_parts((300.0,), replace(recipe.shape, arrangement="layers"), parts_of(recipe, 1))[0]
    part = parts_of(recipe)[0]
    path = lay_out(form, 3, replace(profile, tray=tray), part.parameters, part.nozzle, 20.0)
    assert path.positions == (0, 2, 3)
    assert np.allclose(path.centres_mm[1], tray.centre(2))
