"""The age of a patient from calendar dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from printcare.domain.prescription import age_years


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2021, 9, 14), date(2026, 9, 14), "5.000"),
        (date(2021, 9, 14), date(2026, 9, 13), "4.997"),  # 364 of 365 days
        (date(2024, 2, 29), date(2025, 3, 1), "1.000"),
        (date(2024, 2, 29), date(2025, 2, 28), "0.997"),  # 365 of 366 days from 29 February to 1 March
        (date(2026, 1, 5), date(2026, 1, 5), "0.000"),
        (date(2025, 7, 6), date(2026, 1, 5), "0.501"),  # 183 of 365 days
    ],
)
def test_the_age_counts_days_between_birthdays(born: date, on: date, years: str) -> None:
    assert age_years(born, on) == Decimal(years)
