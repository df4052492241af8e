"""Meshes as 3MF and OBJ: read, repaired where there is one answer, refused where there is none."""

import io
import zipfile

import numpy as np
import pytest

from printcare.errors import PrintcareError
from printcare.formats.mesh_file import read_mesh
from printcare.geometry.mesh import enclosed_volume, is_watertight

CORNERS = [(x, y, z) for z in (0, 3) for y in (0, 2) for x in (0, 1)]
FACES = [
    *[(0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4)],
    *[(2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5)],
]  # a box of 6, seen from outside against the clock


def obj(faces=FACES, corners=CORNERS):
    lines = [f"v {x} {y} {z}" for x, y, z in corners] + [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces]
    return ("\n".join(lines) + "\n").encode()


def three_mf(faces=FACES, unit="millimeter", before=""):
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in CORNERS)
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces)
    model = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<model unit="{unit}" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>'
        f'<object id="1" type="model"><mesh><vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh>'
        '</object></resources><build><item objectid="1"/></build></model>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("3D/3dmodel.model", model)
    return packed.getvalue()


@pytest.mark.parametrize(("data", "name"), [(obj(), "box.obj"), (three_mf(), "box.3mf")])
def test_a_box_is_read_whole(data, name):
    mesh = read_mesh(data, name)
    assert len(mesh.corners) == 12
    assert is_watertight(mesh.corners)
    assert enclosed_volume(mesh.corners) == pytest.approx(6.0)


@pytest.mark.parametrize("unit", ["millimeter", "inch"])
def test_a_3mf_s_unit_is_told_and_its_numbers_stay(unit):
    mesh = read_mesh(three_mf(unit=unit), "box.3mf")
    assert [finding.code for finding in mesh.remarks] == ["W_MESH_UNIT"]
    assert unit in mesh.remarks[0].reason
    assert enclosed_volume(mesh.corners) == pytest.approx(6.0)


def test_an_obj_has_no_unit():
    mesh = read_mesh(obj(), "box.obj")
    assert mesh.unit == ""
    assert mesh.remarks == ()


def turned(face):
    return face[::-1]


@pytest.mark.parametrize(
    ("faces", "word"),
    [([turned(face) for face in FACES], "inside out"), ([turned(FACES[0]), *FACES[1:]], "same way")],
)
def test_triangles_turned_wrongly_are_turned_and_that_is_told(faces, word):
    mesh = read_mesh(obj(faces), "box.obj")
    assert [finding.code for finding in mesh.remarks] == ["W_MESH_REPAIRED"]
    assert word in mesh.remarks[0].reason
    assert enclosed_volume(mesh.corners) == pytest.approx(6.0)


def test_corners_written_for_each_triangle_are_joined():
    corners = [CORNERS[corner] for face in FACES for corner in face]
    faces = [(3 * face, 3 * face + 1, 3 * face + 2) for face in range(12)]
    mesh = read_mesh(obj(faces, corners), "box.obj")
    assert is_watertight(mesh.corners)
    assert np.ptp(mesh.corners, axis=(0, 1)).tolist() == [1, 2, 3]


def test_a_hole_is_never_closed():
    assert not is_watertight(read_mesh(obj(FACES[1:]), "box.obj").corners)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.obj"),
        (b"v 1 2\nf 1 2 3\n", "a.obj"),
        (b"PK\x03\x04 cut", "a.3mf"),
        (three_mf()[:-40], "a.3mf"),
        (three_mf(before='<!DOCTYPE a [<!ENTITY b "c">]>'), "a.3mf"),
        (three_mf(faces=[]), "a.3mf"),
    ],
)
def test_what_is_no_whole_mesh_is_refused(data, name):
    with pytest.raises(PrintcareError) as told:
        read_mesh(data, name)
    assert told.value.code == "FILE_NOT_MESH"


def test_any_other_ending_is_read_as_stl():
    with pytest.raises(PrintcareError) as told:
        read_mesh(obj(), "box.stl")
    assert told.value.code == "FILE_NOT_STL"
