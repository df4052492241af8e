"""The site's table of excipients: read whole, or refused with every problem."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.domain.substances import SiteExcipients
from printcare.formats.kinds import read_any
from printcare.formats.site_table import load_excipients, read_site_table
from printcare.formats.tables import FileProblems

HEAD = 'schema = 1\nkind = "site_table"\nid = "excipients"\nversion = 1\ndemonstration = true\n'
LIMIT = '[[limit]]\nname = "Propylene  Glycol"\nalso = ["E 1520"]\nmg_per_kg_day = {}\n{}source = "x"\n'
INK = '[[ink]]\nid = "paste"\nexcipient = [{{ name = "propylene glycol", mg_per_g = {} }}]\n'


def table(*parts: str) -> SiteExcipients:
    return read_site_table((HEAD + "".join(parts)).encode(), "site.toml")


def test_a_limit_holds_for_its_ages_only() -> None:
    read = table(LIMIT.format(50, "below_years = 5\n"), LIMIT.format(500, "from_years = 5\n"), INK.format(1))
    assert read.limits_at(Decimal("4.999")) == {"propylene glycol": Decimal(50)}
    assert read.limits_at(Decimal(5)) == {"propylene glycol": Decimal(500)}


def test_names_are_compared_without_case_and_blanks_and_by_synonym() -> None:
    read = table(LIMIT.format(50, ""), INK.format("0.5"))
    assert read.synonyms(["e  1520", "Water"]) == ("e 1520", "propylene glycol", "water")
    assert read.composition("paste") == {"propylene glycol": Decimal("0.5")}
    assert read.composition("another") == {}


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        ((LIMIT.format(-1, ""), INK.format(1)), "limit[0].mg_per_kg_day"),
        ((LIMIT.format(1, "from_years = 5\nbelow_years = 5\n"), INK.format(1)), "limit[0].from_years"),
        ((LIMIT.format(1, ""), INK.format(-1)), "ink[0].excipient[0].mg_per_g"),
        ((LIMIT.format(1, "per_dose = 1\n"), INK.format(1)), "limit[0].per_dose"),
        ((INK.format(1),), "limit"),
    ],
)
def test_a_wrong_table_is_refused_with_its_key(parts: tuple[str, ...], where: str) -> None:
    with pytest.raises(FileProblems) as fault:
        table(*parts)
    assert where in {finding.where for finding in fault.value.findings}


def test_the_shipped_table_is_a_demonstration_and_known_by_its_kind() -> None:
    shipped = load_excipients()
    assert shipped.demonstration
    assert isinstance(read_any((HEAD + LIMIT.format(1, "") + INK.format(1)).encode(), "x"), SiteExcipients)
