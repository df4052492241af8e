"""QR and GS1 DataMatrix symbols as modules, and the read-back that decides whether a symbol counts.

A GS1 symbol must announce itself as GS1 (`]d2`): without its leading FNC1 it looks the same and means something
else (interoperability.md §6).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import segno
import zxingcpp

from printcare.errors import PrintcareError

Modules = tuple[tuple[bool, ...], ...]

GROUP_SEPARATOR = "\x1d"
_QUIET, _SCALE = 4, 4  # modules of white around a symbol and pixels a module, for reading back
# AI -> pattern of its value and whether its length is predefined (no separator after it).
_ELEMENTS = {
    "17": (re.compile(r"[0-9]{6}"), True),  # expiry YYMMDD
    "7003": (re.compile(r"[0-9]{10}"), False),  # expiry YYMMDDHHMM
    "10": (re.compile(r"[A-Za-z0-9!\"%&'*+,\-./:;<=>?_]{1,20}"), False),  # batch; set 82 without its parentheses
    "21": (re.compile(r"[A-Za-z0-9!\"%&'*+,\-./:;<=>?_]{1,20}"), False),  # serial
    "91": (re.compile(r"[A-Za-z0-9!\"%&'*+,\-./:;<=>?_]{1,60}"), False),  # internal product, where no GTIN is owned
}


def element_string(elements: Sequence[tuple[str, str]]) -> str:
    """Return the GS1 element string: fixed lengths first, a separator after each variable one unless it is last.

    Raises PrintcareError GS1_ELEMENT for an unknown AI, one that comes twice, or a value that does not fit it.
    """
    seen: set[str] = set()
    for ai, value in elements:
        known = _ELEMENTS.get(ai)
        if known is None or ai in seen or not known[0].fullmatch(value):
            raise PrintcareError(
                "GS1_ELEMENT", f"({ai}){value} cannot stand in this symbol.", "Use 17, 7003, 10, 21 and 91, each once."
            )
        seen.add(ai)
    ordered = _ordered(elements)
    parts = [
        f"{ai}{value}" + ("" if _ELEMENTS[ai][1] or place == len(ordered) - 1 else GROUP_SEPARATOR)
        for place, (ai, value) in enumerate(ordered)
    ]
    return "".join(parts)


def data_matrix(elements: Sequence[tuple[str, str]]) -> Modules:
    """Return the modules of a GS1 DataMatrix, read back and found to say exactly these elements."""
    wanted = element_string(elements)
    human = "".join(f"({ai}){value}" for ai, value in _ordered(elements))
    symbol = zxingcpp.create_barcode(human, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    modules = _modules(symbol.to_image(scale=1, add_quiet_zones=False))
    read = read_symbol(modules)
    if read != ("]d2", wanted):
        raise PrintcareError(
            "SYMBOL_UNREADABLE", "The DataMatrix does not read back as written.", "Do not use the label; report it."
        )
    return modules


def qr(text: str) -> Modules:
    """Return the modules of a QR code with medium error correction, read back and found to say the text.

    In one of some two hundred codes a reader sees a second symbol within the pattern; another mask has none.
    """
    for mask in (None, *range(8)):
        symbol = segno.make(text, error="m", micro=False, boost_error=False, encoding="utf-8", mask=mask)
        modules = tuple(tuple(bool(module) for module in row) for row in symbol.matrix)
        if read_symbol(modules)[1] == text:
            return modules
    raise PrintcareError("SYMBOL_UNREADABLE", "The QR code does not read back as written.", "Report it.")


def read_symbol(modules: Modules) -> tuple[str, str]:
    """Return symbology identifier and content of a symbol; empty texts where nothing can be read."""
    import numpy as np

    image = np.pad(np.array(modules, dtype=bool), _QUIET)
    pixels = np.where(np.kron(image, np.ones((_SCALE, _SCALE), dtype=bool)), 0, 255).astype(np.uint8)
    found = zxingcpp.read_barcodes(pixels, text_mode=zxingcpp.TextMode.Plain)
    if len(found) != 1:
        return "", ""
    return str(found[0].symbology_identifier), bytes(found[0].bytes).decode("utf-8", "replace")


def _ordered(elements: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(elements, key=lambda element: not _ELEMENTS[element[0]][1])


def _modules(image: object) -> Modules:
    import numpy as np

    return tuple(tuple(bool(pixel == 0) for pixel in row) for row in np.array(image))
