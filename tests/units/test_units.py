"""The one pint registry converts what it is given and refuses what does not fit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.errors import PrintcareError
from printcare.units import convert


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "result"),
    [
        ("38", "degC", "K", "311.15"),
        ("360", "s", "min", "6"),
        ("1100", "mm/min", "mm/s", "18.33333333333333333333333333"),
        ("0.5", "mL", "mm3", "500"),
        ("1", "bar", "kPa", "100"),
    ],
)
def test_units_of_one_dimension_convert_exactly(value: str, unit: str, wanted: str, result: str) -> None:
    assert round(convert(Decimal(value), unit, wanted), 12) == round(Decimal(result), 12)


def test_units_of_two_dimensions_are_refused() -> None:
    with pytest.raises(PrintcareError, match="UNIT_DIMENSION"):
        convert(Decimal(1), "mm", "mg")


@pytest.mark.parametrize("unit", ["5,5 mg", "MG", "mg per 100 g", ""])
def test_text_that_is_no_key_of_the_table_is_refused(unit: str) -> None:
    with pytest.raises(PrintcareError, match="UNIT_UNKNOWN"):
        convert(Decimal(1), unit, "mg")
