"""Platform files and their children: complete when joined, bound by both digests, closed where the parent is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.errors import PrintcareError
from printcare.formats.find import data_file, ids
from printcare.formats.kinds import check_recipe_file
from printcare.formats.platform import read_platform
from printcare.formats.recipe import PLATFORMS, load_recipe, read_recipe
from printcare.formats.tables import FileProblems

PARENT = data_file(PLATFORMS, "minoxidil-capsule-fill")[1].decode()
CHILD = data_file("recipes", "minoxidil-capsule-low")[1].decode()


def child(text=CHILD, parent=PARENT):
    return read_recipe(text.encode(), "child.toml", lambda _: parent.encode())


def problems(read, *texts):
    with pytest.raises(FileProblems) as caught:
        read(*texts)
    return [(finding.code, finding.where) for finding in caught.value.findings]


def test_the_children_of_one_platform_differ_only_in_ink_and_dose():
    low, high = load_recipe("minoxidil-capsule-low"), load_recipe("minoxidil-capsule-high")
    assert low.platform == high.platform == "minoxidil-capsule-fill/1"
    assert (low.unit_range.dose_mg, high.unit_range.dose_mg) == ((Decimal("0.25"), Decimal("1.25")), (1, 5))
    assert (low.parameters, low.limits, low.nozzle) == (high.parameters, high.limits, high.nozzle)
    assert low.shape.vessel is not None
    assert low.shape.vessel.name == "A-0"


def test_a_child_rests_on_the_evidence_of_both():
    assert [entry.id for entry in load_recipe("minoxidil-capsule-low").evidence] == ["DEMO-EV-010", "DEMO-EV-011"]


@pytest.mark.hazard("HZ-12")
def test_a_change_of_the_parent_changes_the_digest_of_every_child():
    assert child().digest != child(parent=PARENT.replace("mass_pct = 10", "mass_pct = 9")).digest
    assert child().digest != child(CHILD.replace("1.25", "1.2")).digest
    assert child().digest == child(parent=PARENT.replace("# Synthetic", "# A")).digest


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("[evidence]", "[limits]\nmass_pct = 12\n\n[[evidence]", "F_PLATFORM_CLOSED", "limits.mass_pct"),
        ("[0.25, 1.25]", "[0.2, 1.25]", "F_PLATFORM_LIMIT", "range.dose_mg"),
        ('"A-0"', '"A-5"', "F_PLATFORM_LIMIT", "shape.shell"),
        ('"minoxidil-oleogel-2.5"', '"another-ink"', "F_PLATFORM_LIMIT", "ink.id"),
        ("fill/1", "fill/2", "F_PLATFORM_VERSION", "platform"),
        ("dose_mg = [0.25, 1.25]\n", "", "F_KEY_MISSING", "range.dose_mg"),
    ],
)
def test_a_child_that_reaches_beyond_its_parent_is_refused_with_the_key_path(old, new, code, where):
    text = (
        CHILD.replace("[[evidence]", new[: -len("[[evidence]")] + "[[evidence]")
        if old == "[evidence]"
        else (CHILD.replace(old, new))
    )
    assert problems(child, text) == [(code, where)]


def test_a_parent_that_is_not_there_is_said_so():
    with pytest.raises(PrintcareError, match="DATA_UNKNOWN"):
        read_recipe(CHILD.replace("minoxidil-capsule-fill", "no-such").encode(), "x")


@pytest.mark.parametrize("name", ["../../etc/passwd/1", "x.toml/1", "a\\\\b/1", "../1", "/1", "fill"])
def test_a_platform_is_named_and_never_a_path(name):
    with pytest.raises(PrintcareError, match=r"PLATFORM_NAME|DATA_UNKNOWN"):
        read_recipe(CHILD.replace("minoxidil-capsule-fill/1", name).encode(), "x")


def test_a_site_keeps_its_platforms_beside_its_recipes(tmp_path):
    own, path = tmp_path / "platforms", tmp_path / "child.toml"
    own.mkdir()
    (own / "ours.toml").write_text(PARENT.replace('"minoxidil-capsule-fill"', '"ours"'), "utf-8")
    path.write_text(CHILD.replace("minoxidil-capsule-fill/1", "ours/1"), "utf-8")
    assert load_recipe(str(path)).platform == "ours/1"
    assert check_recipe_file(path.read_bytes(), path.name, tmp_path) == ()
    assert [finding.code for finding in check_recipe_file(path.read_bytes(), path.name)] == ["DATA_UNKNOWN"]


def test_a_shipped_platform_serves_a_file_from_anywhere(tmp_path):
    path = tmp_path / "child.toml"
    path.write_text(CHILD, "utf-8")
    assert load_recipe(str(path)).digest == load_recipe("minoxidil-capsule-low").digest


def test_every_shipped_platform_lacks_only_what_it_leaves_open():
    for name in ids(PLATFORMS):
        assert check_recipe_file(*reversed(data_file(PLATFORMS, name))) == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("mass_pct = 10\n", "", "F_KEY_MISSING", "limits.mass_pct"),
        ("mass_pct = 10", "mass_pc = 10", "F_KEY_UNKNOWN", "limits.mass_pc"),
        ("schema = 2", "schema = 1", "F_SCHEMA", "schema"),
        ('key = "range.dose_mg", within', 'key = "range.dose_mg", withn', "F_KEY_UNKNOWN", "open[2].withn"),
        ("within = [2.5, 10]", "within = [10, 2.5]", "F_RANGE_ORDER", "open[1].within"),
        ("proven = [36, 45]", "proven = [36, 85]", "F_ABOVE_DEGRADATION", "parameters.cartridge_c.proven"),
    ],
)
def test_a_platform_that_is_wrong_is_refused_with_the_place(old, new, code, where):
    assert old in PARENT
    text = PARENT.replace(old, new, 1)
    assert (code, where) in problems(read_platform, text.encode(), "p.toml")


def test_a_child_of_a_wrong_platform_is_not_read():
    with pytest.raises(FileProblems):
        child(parent=PARENT.replace("mass_pct = 10", "mass_pct = 0"))
