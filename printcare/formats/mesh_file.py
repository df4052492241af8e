"""A mesh file, STL, 3MF or OBJ, becomes triangles; repairs and units are told, none is guessed."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any  # trimesh states few of its types

import numpy as np
from numpy.typing import NDArray

from printcare.domain.checks import Finding, warning
from printcare.errors import PrintcareError
from printcare.formats.stl import MAX_BYTES, read_stl

FACES_MOST = 5_000_000
MODEL = ".model"  # the parts of a 3MF that hold shapes
READ_BY_TRIMESH = {".3mf": "3mf", ".obj": "obj"}
AGAIN = "Export the mesh again, or as one STL."


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles' corners (n, 3, 3) as written, the unit the file states or "", and what to say of it."""

    corners: NDArray[np.float32]
    unit: str
    remarks: tuple[Finding, ...] = ()


def read_mesh(data: bytes, name: str) -> Mesh:
    """Return a mesh by its file's ending; raises PrintcareError for anything that is not one whole mesh.

    Repaired is only what has one answer: corners in one place are one, and triangles are turned the same way round.
    A hole is never closed and nothing is ever cut; whether the mesh is watertight is judged where it is sliced.
    """
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if ending not in READ_BY_TRIMESH:
        return Mesh(read_stl(data, name), "")
    if len(data) > MAX_BYTES:
        raise _refused(name, f"has {len(data)} bytes, at most {MAX_BYTES} are read")
    if ending == ".3mf":
        _unpacks(data, name)
    return _repaired(*_loaded(data, name, READ_BY_TRIMESH[ending]), name)


def _unpacks(data: bytes, name: str) -> None:
    """Refuse an archive that is none, that unpacks into more than is read, or that brings definitions of its own."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise _refused(name, f"unpacks into more than {MAX_BYTES} bytes")
            models = [archive.read(entry) for entry in archive.infolist() if entry.filename.endswith(MODEL)]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as fault:
        raise _refused(name, "is no whole 3MF archive") from fault
    if not models:
        raise _refused(name, "holds no model")
    if any(b"<!DOCTYPE" in model or b"<!ENTITY" in model for model in models):
        raise _refused(name, "defines entities of its own, which no 3MF needs")


def _loaded(data: bytes, name: str, kind: str) -> tuple[Any, str]:
    """Return the file's bodies as one mesh of trimesh, and the unit it states."""
    try:
        import trimesh
    except ImportError as fault:
        raise PrintcareError(
            "FILE_MESH_READER", f"{name} needs the optional part `meshes`.", "Install it, or export the mesh as STL."
        ) from fault
    try:
        scene = trimesh.load_scene(io.BytesIO(data), file_type=kind)
        mesh = scene.to_mesh()
        faces = len(mesh.faces)
    # The reader raises whatever the file makes it stumble over; each means that the file is no whole mesh.
    except Exception as fault:
        raise _refused(name, f"cannot be read as {kind.upper()}: {type(fault).__name__}") from fault
    if not 0 < faces <= FACES_MOST:
        raise _refused(name, f"holds {faces} triangles; 1 to {FACES_MOST} are read")
    return mesh, str(scene.units or "") if kind == "3mf" else ""


def _repaired(mesh: Any, unit: str, name: str) -> Mesh:
    from trimesh import repair

    done = []
    before = len(mesh.vertices)
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    if len(mesh.vertices) < before:
        done.append("corners in one place were joined")
    if mesh.is_watertight and not mesh.is_winding_consistent:
        turn: Any = repair.fix_winding  # states no types
        turn(mesh)
        done.append("triangles were turned the same way round")
    if mesh.is_watertight and mesh.is_winding_consistent and mesh.volume < 0:
        mesh.invert()
        done.append("the mesh was inside out and was turned")
    corners = np.ascontiguousarray(mesh.triangles, dtype=np.float32)
    if not np.isfinite(corners).all():
        raise _refused(name, "holds a coordinate that is no number")
    remarks = []
    if done:
        told = f"{name} was repaired: {', '.join(done)}."
        remarks.append(warning("W_MESH_REPAIRED", told, "Look at the picture before it is printed.", "mesh"))
    if unit:
        told = f"{name} states its lengths in {unit}; it is scaled to the wanted volume all the same."
        remarks.append(warning("W_MESH_UNIT", told, "Compare the size of the unit with the drawing.", "mesh"))
    return Mesh(corners, unit, tuple(remarks))


def _refused(name: str, reason: str) -> PrintcareError:
    return PrintcareError("FILE_NOT_MESH", f"{name} {reason}.", AGAIN)
