"""An STL file, binary or text, becomes triangles; its lengths carry no unit and none is guessed."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from printcare.errors import PrintcareError

HEAD_BYTES, FACET_BYTES = 84, 50
FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
MAX_BYTES = 512 * 1024 * 1024
_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_VERTEX = re.compile(rb"\bvertex\s+(" + _NUMBER + rb")\s+(" + _NUMBER + rb")\s+(" + _NUMBER + rb")\s")
_END = re.compile(rb"endsolid\b[^\n]*\s*$")


def read_stl(data: bytes, name: str) -> NDArray[np.float32]:
    """Return the triangles' corners, (n, 3, 3), as written; raises PrintcareError for anything but one whole STL."""
    if len(data) > MAX_BYTES:
        raise _refused(name, f"has {len(data)} bytes, at most {MAX_BYTES} are read")
    count = int.from_bytes(data[HEAD_BYTES - 4 : HEAD_BYTES], "little")
    if len(data) >= HEAD_BYTES and len(data) == HEAD_BYTES + FACET_BYTES * count:
        corners = np.frombuffer(data, dtype=FACET, offset=HEAD_BYTES)["corners"]
    elif data.lstrip()[:5].lower() == b"solid":
        corners = _text(data, name)
    else:
        raise _refused(name, "is neither a text STL nor a binary one of its stated length; it may be cut short")
    if not len(corners):
        raise _refused(name, "holds no triangle")
    if not np.isfinite(corners).all():
        raise _refused(name, "holds a coordinate that is no number")
    return np.ascontiguousarray(corners)


def _text(data: bytes, name: str) -> NDArray[np.float32]:
    found = _VERTEX.findall(data)
    facets = len(re.findall(rb"\bendfacet\b", data))
    if len(found) != 3 * facets or data.count(b"vertex") != len(found) or _END.search(data) is None:
        raise _refused(name, "is a text STL with a facet that cannot be read, or without its end")
    return np.array(found, dtype=np.float32).reshape(-1, 3, 3)


def _refused(name: str, reason: str) -> PrintcareError:
    return PrintcareError("FILE_NOT_STL", f"{name} {reason}.", "Export the mesh again, as one STL.")
