"""The reference vectors that rooms of the domain and of geometry reproduce; those of one room alone are tested there.

Every id of the data file is asked of some module by name: a vector nobody tests fails here.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from printcare.domain.capability import Capability, capability
from printcare.domain.gate import Weighing, mass_gate
from printcare.domain.recipe import Shape, unit_volume_mm3
from printcare.domain.uniformity import acceptance_value
from printcare.domain.vessels import SIZES, shell
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.sheet import Sheet
from printcare.geometry.bead import bead_area_mm2, equivalent_width_mm, gapless_pitch_mm
from printcare.geometry.curve import length_mm
from printcare.geometry.fill import gyroid, share_covered
from printcare.geometry.forms import regions
from printcare.geometry.region import Rounded
from printcare.geometry.spiral import spiral_length_mm

D = Decimal
LAYERS = 1000
NAMED = re.compile(r'vectors\["([^"]+)"\]', re.IGNORECASE)


def shape(kind: str, **more: float) -> Shape:
    return Shape(kind, "concentric", (D(0), D(0)), (D(0), D(0)), D(1), (D(0), D(0)), **more)


def volume_mm3(kind: str, diameter_mm: float, height_mm: float, **more: float) -> float:
    layer_mm = height_mm / LAYERS
    return sum(layer_mm * each.area_mm2 for each in regions(shape(kind, **more), diameter_mm, LAYERS, layer_mm))


def test_every_vector_of_the_data_file_is_asked_of_some_module_by_its_name(vectors):
    sources = Path(__file__).parent.rglob("test_*.py")
    named = {name for source in sources for name in NAMED.findall(source.read_text(encoding="utf-8"))}
    assert set(vectors) - {"_meta"} - named == set()


def test_the_bore_of_a_syringe_turns_e_into_volume(vectors):
    tool = load_profile("marlin-syringe").tool
    for row in vectors["syringe_bores_from_memory"].values():
        syringe = replace(tool, feedstock_diameter_mm=row["id_mm"])
        assert syringe.feedstock_area_mm2 == pytest.approx(row["area_mm2"], rel=1e-6)
        assert 1000 / syringe.feedstock_area_mm2 == pytest.approx(row["um_per_mm3"], rel=1e-6)


def test_the_smallest_weight_of_a_balance_follows_from_its_repeatability_and_its_last_digit(vectors):
    for row in vectors["usp41"]["rows"]:
        weighing = Weighing(D(str(row["s_mg"])), D(0), D(0), D(str(row["d_mg"])))
        assert float(weighing.minimum_weight_mg) == pytest.approx(row["min_weight_mg"], rel=1e-6)


def test_the_gate_without_assay_terms_is_the_guard_band(vectors):
    row, s_mg = vectors["guard_band"], D(str(vectors["difference_weighing"]["s_mg"]))
    weighing = Weighing(s_mg, D(0), D(0), D("0.1"))
    gate = mass_gate(D(str(row["target_mg"])), D(str(row["tol_pct"])), D(0), D(0), weighing)
    assert [float(limit) for limit in gate.accepted_mg] == pytest.approx(row["accept"], rel=1e-7)
    assert float(weighing.expanded_mg) == pytest.approx(vectors["difference_weighing"]["U_k2_mg"], rel=1e-6)


@pytest.mark.parametrize("is_low", [False, True])
def test_the_acceptance_value_of_ten_units_is_the_reference_s(vectors, is_low):
    row = vectors["acceptance_value_2.9.40_low"] if is_low else vectors["acceptance_value_2.9.40"]
    found = acceptance_value([D(str(content)) for content in row["x_pct"]])
    assert [float(figure) for figure in found] == pytest.approx([row["AV"], row["M"], row["mean"], row["s"]], rel=1e-6)


def test_capability_is_the_reference_s_to_the_digits_it_is_told_with(vectors):
    row = vectors["capability"]
    found = capability([D(str(mass)) for mass in row["x"]], D(row["LSL"]), D(row["USL"]))
    assert isinstance(found, Capability)
    assert (float(found.mean), float(found.sd_overall)) == pytest.approx((row["mean"], row["s"]), rel=1e-6)
    assert (float(found.pp.value), float(found.ppk.value)) == pytest.approx((row["Pp"], row["Ppk"]), abs=0.005)


def test_a_dose_becomes_a_mass_a_volume_and_a_stroke(vectors):
    row = vectors["dose_to_volume"]
    ink = replace(load_recipe("cyclophosphamide-sse").ink, density_mg_mm3=D(str(row["rho_mg_mm3"])))
    volume = unit_volume_mm3(D(str(row["dose_mg"])) / D(str(row["load_w_w"])), ink)
    assert volume == pytest.approx(row["V_mm3"], rel=1e-6)
    for profile, key in (("marlin-syringe", "plunger_mm_10mL"), ("marlin-filament", "E_mm_filament_1.75")):
        stroke_mm = volume / load_profile(profile).tool.feedstock_area_mm2
        assert stroke_mm == pytest.approx(row[key], rel=1e-4)


def test_e_is_written_as_a_sum_and_loses_no_more_than_half_its_last_digit(vectors):
    row = vectors["e_rounding"]
    sheet, step_mm = Sheet(load_profile("marlin-syringe")), row["E_total_mm"] / row["segments"]
    for segment in range(1, row["segments"] + 1):
        sheet.push(step_mm * segment, 1.0)
        assert abs(sheet.e_mm - step_mm * segment) <= row["max_abs_err_bound_mm"] + 1e-12
    assert sheet.e_mm == row["cumulative_5dec"]
    assert sheet.lines[-1].startswith(f"G1 E{row['cumulative_5dec']:.5f} ")


def test_a_bead_has_the_section_and_spacing_of_a_stadium(vectors):
    for row in vectors["stadium"]:
        area = bead_area_mm2(row["w"], row["h"])
        assert area == pytest.approx(row["area"], rel=1e-6)
        assert area / (row["w"] * row["h"]) == pytest.approx(row["ratio"], rel=1e-6)
        assert gapless_pitch_mm(row["w"], row["h"]) == pytest.approx(row["spacing_zero_void"], rel=1e-6)


def test_a_spiral_is_as_long_as_the_reference_s(vectors):
    row = vectors["spiral_length"]
    assert spiral_length_mm(row["pitch"], row["rmax"]) == pytest.approx(row["len_mm"], rel=1e-7)


def test_nested_circles_are_as_long_as_the_reference_s(vectors):
    row = vectors["concentric"]
    disc, width_mm = Rounded(0.0, row["R"]), row["w"]
    circles = [loop for line in range(len(row["radii"])) for loop in disc.nested((line + 0.5) * width_mm)]
    radii = [float(np.hypot(*loop.T).max()) for loop in circles]
    assert radii == pytest.approx(row["radii"], rel=1e-9)
    assert 2 * math.pi * sum(radii) == pytest.approx(row["len_total"], rel=1e-6)
    assert sum(map(length_mm, circles)) == pytest.approx(row["len_total"], rel=3e-3)  # in chords


def test_a_wider_bead_hits_the_target_volume(vectors):
    row = vectors["flow_factor_to_hit_target"]
    width_mm, path_mm = vectors["concentric"]["w"], row["layers"] * row["L_layer"]
    nominal_mm2, wanted_mm2 = bead_area_mm2(width_mm, row["h"]), row["V_target"] / path_mm
    assert nominal_mm2 * path_mm == pytest.approx(row["V_stadium_nominal"], rel=1e-6)
    assert wanted_mm2 / nominal_mm2 == pytest.approx(row["flow_factor"], rel=1e-6)
    assert equivalent_width_mm(wanted_mm2, row["h"]) == pytest.approx(row["equiv_width_at_h"], rel=1e-6)


def test_forms_have_the_volumes_of_the_reference(vectors):
    row = vectors["geometry_volumes"]
    cap_mm = 8 - math.sqrt(39)  # of a ball of 8 mm over a disc of 10 mm
    tip = row["suppository_cone_tip"]
    found = {
        "cylinder_d10_h4": volume_mm3("cylinder", 10, 4),
        "caplet_stadium_L15_W6_H4": volume_mm3("caplet", 15, 4, width_to_length=0.4),
        "torus_R4_r1.5": volume_mm3("torus", 11, 3, hole_to_diameter=5 / 11),
        "ring_Ro5_Ri2_H3": volume_mm3("ring", 10, 3, hole_to_diameter=0.4),
        "film_20x30x0.1": volume_mm3("film", math.hypot(20, 30), 0.1, width_to_length=20 / 30),
        "biconvex_d10_band3_Rc8": volume_mm3("biconvex", 10, 3 + 2 * cap_mm, band_to_height=3 / (3 + 2 * cap_mm)),
        "hemisphere_capped_cyl_capsule_d7_L20": volume_mm3("capsule", 20, 7, width_to_length=7 / 20),
    }
    assert found == pytest.approx({name: row[name] for name in found}, rel=1e-3)
    assert set(row) - set(found) == {"suppository_cone_tip"}  # the form is a cylinder with a dome that is an ellipsoid
    assert volume_mm3("cylinder", 10, 12) == pytest.approx(tip["cyl_d10_h12"], rel=1e-3)
    assert volume_mm3("dome", 10, 10) == pytest.approx(tip["ogive_as_halfellipsoid_d10_h10"], rel=1e-3)


def test_the_gyroid_a_fill_follows_cuts_space_into_the_shares_of_the_reference(vectors):
    row, turn = vectors["gyroid_fraction"], (np.arange(160) + 0.5) / 160 * 2 * math.pi
    values = gyroid(turn[:, None, None], turn[None, :, None], turn[None, None, :])
    for level, share in row["solid = {G<t}"].items():
        assert np.mean(values < float(level)) == pytest.approx(share, abs=1e-3)
    for level, share in row["sheet |G|<t"].items():
        assert np.mean(np.abs(values) < float(level)) == pytest.approx(share, abs=1.1e-3)  # itself drawn at random


def test_a_honeycomb_of_shared_walls_is_a_tenth_more_solid_than_one_of_even_walls(vectors):
    row, far = vectors["honeycomb_fraction"], Rounded(0.0, 1e6)  # so wide that its rim does not count
    for cell_mm, wall_mm in ((3.0, 0.6), (4.0, 0.6)):
        even = row[f"a{cell_mm:g}_t{wall_mm:g}"]
        assert 1 - ((cell_mm - wall_mm) / cell_mm) ** 2 == pytest.approx(even, rel=1e-3)
        assert even < share_covered(far, "honeycomb", wall_mm, cell_mm) < 1.13 * even


def test_capsule_bodies_hold_what_the_suppliers_say(vectors):
    row = vectors["capsules_mL"]
    for supplier, volumes_ml in (("A", row), ("B", row["alt_supplier"])):
        for size in SIZES:
            body = shell(f"{supplier}-{size}")
            held_mm3 = math.pi / 4 * float(body.inner_mm) ** 2 * float(body.depth_mm)
            assert held_mm3 == pytest.approx(1000 * volumes_ml[size], rel=1e-3)
