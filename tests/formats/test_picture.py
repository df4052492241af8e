"""Pictures of what a file lays down."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from printcare.formats.picture import Bar, drawing, picture
from printcare.formats.profile import load_profile
from printcare.formats.raster import png
from printcare.formats.recipe import load_recipe
from printcare.gcode.check import check
from printcare.gcode.compose import compose
from printcare.gcode.preview import preview
from printcare.gcode.program import Header

VOLUME = 235.6
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def made():
    # straight beads, whose chords are their length
    recipe, profile = load_recipe("cyclophosphamide-sse"), replace(load_profile("marlin-syringe"), has_arcs=False)
    return compose(recipe, profile, VOLUME, 2, Header("t", "n", "10", for_patients=False))


@pytest.fixture(scope="module")
def views(made):
    profile = load_profile("marlin-syringe")
    return preview(check(made.program, profile), profile)


def test_the_preview_is_the_path_that_was_written_with_its_bead_widths(made, views):
    form = made.toolpath.form
    assert [view.index for view in views] == [1, 2]
    assert len(views[0].layers) == form.layers
    volume = 0.0
    for layer in views[1].layers:
        assert layer.height_mm == pytest.approx(form.layer_mm)
        section = layer.height_mm * (layer.width_mm - layer.height_mm) + np.pi * layer.height_mm**2 / 4
        volume += float((section * np.hypot(*(layer.end_mm - layer.start_mm).T)).sum())
    assert volume == pytest.approx(VOLUME, rel=1e-4)


def test_every_unit_lies_on_its_place(made, views):
    for view, centre in zip(views, made.toolpath.centres_mm, strict=True):
        points = np.concatenate([layer.end_mm for layer in view.layers])
        assert np.abs(points - centre).max() <= made.toolpath.form.diameter_mm / 2 + 1e-3


def test_a_picture_is_svg_with_one_panel_a_layer_shown_and_its_title_escaped(views):
    drawn = picture(views[0], "a < b & c")
    root = ElementTree.fromstring(drawn)
    assert root.find(f"{SVG}title").text == "a < b & c"
    captions = [node.text for node in root.iter(f"{SVG}text")]
    assert captions[1].startswith(f"layer 1 of {len(views[0].layers)}, z 0.40")
    assert len(list(root.iter(f"{SVG}polyline"))) == 2 * (len(captions) - 2)  # one bead a layer, drawn thick and thin
    assert picture(views[0], "a < b & c") == drawn


def test_a_file_that_lays_nothing_down_has_no_preview():
    profile = load_profile("marlin-syringe")
    assert preview(check("G21\nG90\n", profile), profile) == ()


def test_a_png_shows_the_same_drawing_twice_as_large(views):
    drawn = drawing(views[0], "unit 1, 235.60 mm³")
    data = png(drawn)
    shown = Image.open(BytesIO(data))
    assert (shown.format, shown.size) == ("PNG", (round(drawn.width * 2), round(drawn.height * 2)))
    pixels = np.asarray(shown.convert("RGB")).reshape(-1, 3).astype(int)
    paper, ink = np.abs(pixels - 255).sum(axis=1) == 0, np.abs(pixels - (0x01, 0x3A, 0x63)).sum(axis=1) < 40
    assert paper.mean() > 0.2  # around the panels
    assert ink.mean() > 0.005  # the nozzle's way
    assert png(drawn) == data


def test_an_arc_is_drawn_near_its_circle():
    recipe, profile = load_recipe("cyclophosphamide-sse"), load_profile("marlin-syringe")
    made = compose(recipe, profile, VOLUME, 1, Header("t", "n", "10", for_patients=False))
    (view,) = preview(check(made.program, profile), profile)
    laid = sum(float(np.hypot(*(layer.end_mm - layer.start_mm).T).sum()) for layer in view.layers)
    straight = compose(recipe, replace(profile, has_arcs=False), VOLUME, 1, Header("t", "n", "10", for_patients=False))
    (plain,) = preview(check(straight.program, profile), profile)
    other = sum(float(np.hypot(*(layer.end_mm - layer.start_mm).T).sum()) for layer in plain.layers)
    assert laid == pytest.approx(other, rel=0.01)
    assert len(view.layers) == len(plain.layers)


def test_strokes_thinner_than_their_edges_are_drawn_without_them(views):
    drawn = drawing(views[0], "thin")
    bars = [mark for mark in drawn.marks if isinstance(mark, Bar) and mark.has_edge]
    assert {bar.edge_px for bar in bars} == {0.6}
    thin = replace(drawn, marks=tuple(replace(bar, height=1.0) for bar in bars))
    pixels = np.asarray(Image.open(BytesIO(png(thin))).convert("RGB")).reshape(-1, 3).astype(int)
    assert not (np.abs(pixels - (0x01, 0x3A, 0x63)).sum(axis=1) < 40).any()
    assert {replace(bar, height=1.0).edge_px for bar in bars} == {0.0}
