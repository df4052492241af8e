"""The batch record on paper: everything on it, on every page what must be, the same bytes for the same content."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pypdfium2
import pytest
import zxingcpp
from sample_batch import CHECKPOINT, sample

from printcare.formats.batch_content import Fact
from printcare.formats.batch_record import batch_record_pdf
from printcare.formats.fonts import printable
from printcare.formats.wording import LANGUAGES, tongue_of


def pages(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


@pytest.fixture(scope="module")
def record() -> bytes:
    return batch_record_pdf(sample())


def test_the_same_content_gives_the_same_bytes(record: bytes) -> None:
    assert batch_record_pdf(sample()) == record


def test_every_page_is_numbered_and_names_batch_and_record(record: bytes) -> None:
    listed = pages(record)
    assert len(listed) >= 3
    for number, text in enumerate(listed, start=1):
        assert f"page {number} of {len(listed)}" in text
        assert "B-2026-0417" in text
        assert "BR-2026-0417-1" in text
        assert "LOCKED MODE" in text


def test_every_signature_stands_with_name_user_role_meaning_time_and_zone(record: bytes) -> None:
    text = " ".join(pages(record))
    for signature in sample().signatures:
        for word in (signature.name, signature.user, signature.role, signature.signed_at):
            assert word in text
        assert signature.meaning.split()[0] in text


def test_size_root_and_paper_anchor_stand_in_text(record: bytes) -> None:
    text = " ".join(pages(record))
    anchor = sample().anchor
    assert f"{anchor.size} events" in text
    assert anchor.root in text
    assert anchor.paper in text


def test_the_printed_code_reads_as_the_whole_checkpoint(record: bytes) -> None:
    document = pypdfium2.PdfDocument(record)
    image = document[len(document) - 1].render(scale=4).to_pil()
    document.close()
    assert [found.text for found in zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)] == [CHECKPOINT]


def test_a_simulated_batch_is_marked_across_every_page_and_a_real_one_is_not(record: bytes) -> None:
    assert all("NOT FOR PATIENTS" in text for text in pages(record))
    assert not any("NOT FOR PATIENTS" in text for text in pages(batch_record_pdf(sample(is_simulated=False))))


def test_every_unit_stands_with_its_state_and_the_reason_of_its_rejection(record: bytes) -> None:
    text = " ".join(pages(record))
    assert text.count("accepted") >= 11
    assert "mass outside the gate" in text
    assert "381.4" in text


def test_the_tall_man_name_and_the_surface_sign_are_printed(record: bytes) -> None:
    text = " ".join(pages(record))
    assert "cycloPHOSphamide" in text
    assert "m²" in text


def test_no_figure_of_a_dose_has_a_trailing_zero_or_lacks_a_leading_one(record: bytes) -> None:
    import re

    listed = " ".join(pages(record))
    assert not re.search(r"(?<![0-9])\.[0-9]+ mg", listed)
    assert not re.search(r"\b17\.0+ mg", listed)


def test_a_sign_the_font_lacks_is_named_and_not_dropped() -> None:
    content = replace(sample(), identity=(Fact("site", "Łódź 薬"),))
    assert "[U+85AC]" in " ".join(pages(batch_record_pdf(content)))


def test_markup_in_a_value_is_printed_as_text() -> None:
    content = replace(sample(), identity=(Fact("site", "<b>&amp; x</b>"),))
    assert "<b>&amp; x</b>" in " ".join(pages(batch_record_pdf(content)))


def test_a_batch_without_a_weighed_unit_still_has_a_record() -> None:
    unit = replace(
        sample().units[0],
        state="unprinted",
        mass_mg=None,
        deviation_pct=None,
        dose_estimate_mg=None,
        pressure=(),
        use="",
    )
    content = replace(sample(), units=(unit,), verdicts=(), alarms=(), deviations=(), signatures=())
    assert "Not signed yet." in " ".join(pages(batch_record_pdf(content)))


@pytest.fixture(scope="module")
def hundred() -> list[str]:
    return pages(batch_record_pdf(sample(units=100)))


def test_a_batch_of_a_hundred_units_keeps_the_head_of_its_table_on_each_page(hundred: list[str]) -> None:
    assert sum("balance, as sent" in text for text in hundred) >= 2


def test_the_pressure_of_every_unit_is_drawn_once_on_as_many_pages_as_it_takes(hundred: list[str]) -> None:
    drawn = [[int(number) for number in re.findall(r"\bunit (\d+) mean ", text)] for text in hundred]
    assert sorted(number for found in drawn for number in found) == list(range(1, 101))
    assert sum(bool(found) for found in drawn) > 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_names_of_the_first_figures_do_not_run_into_each_other(code):
    document = pypdfium2.PdfDocument(batch_record_pdf(replace(sample(), language=code)))
    page = document[0]
    text, tongue = page.get_textpage(), tongue_of(code)
    boxes = []
    for name in ("units planned", "units accepted", "units rejected", "target mass, mg"):
        start, length = text.search(printable(tongue(name))).get_next()
        letters = [text.get_charbox(start + place) for place in range(length)]
        boxes.append((letters[0][0], letters[-1][2]))
    document.close()
    assert all(end + 3 < begin for (_, end), (begin, _) in pairwise(boxes))
