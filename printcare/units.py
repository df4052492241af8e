"""The one pint registry: converts and checks dimensions at the boundary, and never sees a user's text.

pint reads "5,5 mg" as 55 mg, so a magnitude arrives here as a Decimal from our own parser and a unit as a key of a
closed table (dosing.md §3.3).
"""

from __future__ import annotations

from decimal import Context, Decimal, localcontext

import pint

from printcare.errors import PrintcareError

_REGISTRY: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal)
_WIDE, _TOLD = Context(prec=40), Context(prec=28)
UNITS = {
    "degC": _REGISTRY.degree_Celsius,
    "K": _REGISTRY.kelvin,
    "mm": _REGISTRY.millimetre,
    "um": _REGISTRY.micrometre,
    "mm3": _REGISTRY.millimetre**3,
    "uL": _REGISTRY.microlitre,
    "mL": _REGISTRY.millilitre,
    "mm/s": _REGISTRY.millimetre / _REGISTRY.second,
    "mm/min": _REGISTRY.millimetre / _REGISTRY.minute,
    "mm3/s": _REGISTRY.millimetre**3 / _REGISTRY.second,
    "uL/min": _REGISTRY.microlitre / _REGISTRY.minute,
    "s": _REGISTRY.second,
    "min": _REGISTRY.minute,
    "h": _REGISTRY.hour,
    "kPa": _REGISTRY.kilopascal,
    "bar": _REGISTRY.bar,
    "mg": _REGISTRY.milligram,
    "g": _REGISTRY.gram,
    "1": _REGISTRY.dimensionless,
}


def convert(value: Decimal, unit: str, wanted: str) -> Decimal:
    """Return a value in another unit of the same dimension.

    Raises PrintcareError UNIT_UNKNOWN for a unit outside the table, UNIT_DIMENSION where the two measure other things.
    """
    for name in (unit, wanted):
        if name not in UNITS:
            raise PrintcareError("UNIT_UNKNOWN", f"The unit {name} is not known.", f"Use one of: {', '.join(UNITS)}.")
    try:
        with localcontext(_WIDE):
            converted = _REGISTRY.Quantity(value, UNITS[unit]).to(UNITS[wanted])
    except pint.DimensionalityError as fault:
        raise PrintcareError(
            "UNIT_DIMENSION", f"{unit} does not measure what {wanted} does.", f"Use {wanted}."
        ) from fault
    return _TOLD.plus(Decimal(converted.magnitude))  # 360 s are 6 min: a factor of 1/60 does not end
