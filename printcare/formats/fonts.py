"""The fonts of all documents: they come with a package, never from the system, so all machines make the same bytes."""

from __future__ import annotations

import unicodedata
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

# Bitstream Vera ships inside reportlab; its figures all have one width, so columns of numbers stand straight.
BODY, BOLD, ITALIC = "Vera", "VeraBd", "VeraIt"
# Signs of the field that Vera lacks, by the words or signs it has.
_INSTEAD = {
    "τ": "tau", "λ": "lambda", "η": "eta", "α": "alpha", "β": "beta", "Δ": "delta ", "Σ": "sum ", "μ": "µ", "→": "->",
    "⁻": "-", "₀": "0", "₁": "1", "₂": "2", "✓": "yes", "✗": "no", "\u00a0": " ", "\u2009": " ", "\u202f": " ",
    "\u2010": "-", "\u2011": "-", "\u2212": "−", "\t": " ",
}  # fmt: skip


@cache
def _glyphs() -> frozenset[int]:
    """Register the fonts once and return the code points all of them can draw."""
    covered: list[set[int]] = []
    for name in (BODY, BOLD, ITALIC):
        font = TTFont(name, f"{name}.ttf")
        pdfmetrics.registerFont(font)
        covered.append(set(font.face.charToGlyph))
    return frozenset(covered[0] & covered[1] & covered[2])


def register() -> None:
    """Make the fonts known; must be called before a document is drawn."""
    _glyphs()


def printable(text: str) -> str:
    """Return the text in signs the fonts hold; what cannot be drawn is named by its code point, never dropped."""
    glyphs = _glyphs()
    if text.isascii() and text.isprintable():
        return text
    drawn = []
    for sign in unicodedata.normalize("NFC", text):
        replaced = _INSTEAD.get(sign, sign)
        if all(ord(each) in glyphs and each.isprintable() for each in replaced) or replaced == "\n":
            drawn.append(replaced)
        else:
            drawn.append(f"[U+{ord(sign):04X}]")
    return "".join(drawn)
