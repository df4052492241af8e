"""The label: what it says, what its symbols hold, and what it refuses to print."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from datetime import datetime
from decimal import Decimal
from importlib.resources import files

import pypdfium2
import pytest
import zxingcpp
from sample_label import label

from printcare.errors import PrintcareError
from printcare.formats.codes import data_matrix, element_string, qr, read_symbol
from printcare.formats.find import ids
from printcare.formats.fonts import printable
from printcare.formats.ink_lot import load_ink_lot
from printcare.formats.label import Line, fitting_label, label_code, label_elements, label_pdf
from printcare.formats.label_templates import COUNTRIES, HANDLING, SIZES_MM, label_template
from printcare.formats.recipe import load_recipe
from printcare.formats.wording import ENGLISH, LANGUAGES, tongue_of

KNOWN = {"language", "national", "children", *filter(None, HANDLING)}
LOTS = [load_ink_lot(name.removeprefix("lot-"))[0] for name in ids("recipes/demonstration") if name.startswith("lot-")]


def label_of(recipe, country, size, kind="final"):
    """Return the label of a shipped recipe at its highest dose, in a country's own language."""
    master, template = load_recipe(recipe), label_template(country, size)
    tongue = tongue_of(template.language)
    lots = [next(lot for lot in LOTS if lot.ink_id == part.ink.ink_id) for part in master.parts]
    return label(
        kind=kind,
        template=template,
        product=" + ".join(tongue(part.product.tall_man) for part in master.parts),
        expressed_as=" + ".join(tongue(part.product.strength_form) for part in master.parts),
        dosage_form=tongue(master.product.dosage_form),
        route=tongue(master.product.route),
        doses_per_unit_mg=tuple(part.unit_range.dose_mg[1] for part in master.parts),
        give=tongue(master.product.give),
        hazard_class=master.hazard_class,
        excipients=tuple(dict.fromkeys(tongue(name) for lot in lots for name in lot.excipients)),
        storage=tongue(master.storage).replace("degC", "°C"),
        lot_id=" + ".join(lot.id for lot in lots),
    )


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    text = " ".join(document[0].get_textpage().get_text_bounded().split())
    document.close()
    return text


def symbols_of(data: bytes) -> dict[str, str]:
    document = pypdfium2.PdfDocument(data)
    image = document[0].render(scale=6).to_pil()
    document.close()
    found = zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
    return {symbol.symbology_identifier[:2]: bytes(symbol.bytes).decode() for symbol in found}


@pytest.mark.parametrize("country", ["US", "FR", "ES"])
@pytest.mark.parametrize("recipe", ids("recipes"))
def test_every_shipped_recipe_has_a_label_of_the_common_size_and_never_needs_the_largest(recipe, country):
    assert text_of(label_pdf(label_of(recipe, country, "105x74")))
    fitted, _ = fitting_label(label_of(recipe, country, "100x62"))
    assert fitted.template.size_mm in ("100x62", "105x74")


@pytest.mark.parametrize(("country", "language"), [("FR", "fr"), ("ES", "es")])
def test_a_cytotoxic_label_without_room_takes_the_next_size_and_leaves_no_line_out(country, language):
    wanted = label_of("cyclophosphamide-sse", country, "100x62")
    fitted, pdf = fitting_label(wanted)
    text, template = text_of(pdf), wanted.template
    assert fitted.template.size_mm == "105x74"
    for line in (template.handling["cytotoxic"], template.national, template.children, wanted.give, wanted.storage):
        assert set(line.split()) <= set(text.split()), line
    assert all(name in text for name in (*wanted.excipients, wanted.pharmacy, wanted.phone, wanted.patient))


@pytest.mark.parametrize("recipe", ids("recipes"))
def test_a_quarantine_label_fits_the_smallest_size(recipe):
    assert text_of(label_pdf(label_of(recipe, "FR", "100x62", "quarantine")))


def test_no_words_are_set_smaller_or_closer_than_the_guideline_allows():
    kind = Line("Store at 2 to 8 °C.", 12).at(0.1).style
    assert (kind.fontSize, kind.leading) == (7, 8.5)


def test_a_label_too_full_for_the_largest_size_is_refused():
    with pytest.raises(PrintcareError, match="LABEL_FULL"):
        fitting_label(label(give="Disperse in water and give all of it. " * 60))


def test_another_refusal_than_want_of_room_is_not_answered_by_a_larger_label():
    with pytest.raises(PrintcareError, match="LABEL_HAZARD"):
        fitting_label(label(hazard_class="radioactive"))


def test_the_same_label_gives_the_same_bytes() -> None:
    assert label_pdf(label()) == label_pdf(label())


def test_the_label_says_strength_units_and_total_dose() -> None:
    text = text_of(label_pdf(label(units_per_dose=2, doses_per_unit_mg=(Decimal("8.5"),))))
    assert "8.5 mg per unit" in text
    assert "2 units = 17 mg" in text
    assert "Never give part of a unit." in text
    assert "2026-01-19 14:30" in text


def test_a_cytotoxic_is_labelled_with_its_handling_words() -> None:
    assert "CYTOTOXIC. Wear gloves." in text_of(label_pdf(label()))


def test_a_hazard_class_without_words_is_refused() -> None:
    with pytest.raises(PrintcareError, match="LABEL_HAZARD"):
        label_pdf(label(hazard_class="radioactive"))


def test_a_label_before_release_says_quarantine_and_a_simulated_one_is_marked() -> None:
    text = text_of(label_pdf(label(kind="quarantine")))
    assert "QUARANTINE" in text
    assert "NOT FOR PATIENTS" in text


def test_the_printed_symbol_reads_as_the_records_elements() -> None:
    read = symbols_of(label_pdf(label()))
    expected = "70032601191430\x1d10B-2026-0417\x1d21L-000213\x1d91CYCLOPHOSPHAMIDE-SSE-1"
    assert read["]d"] == expected


def test_the_symbols_hold_no_patient_data_and_no_order() -> None:
    read = "".join(symbols_of(label_pdf(label())).values())
    for word in ("Robin", "Specimen", "RX-2026", "P-", "17 mg", "DEMO-0012345"):
        assert word not in read
    assert {ai for ai, _ in label_elements(label())} == {"7003", "10", "21", "91"}


def test_the_anchor_stands_in_text_and_code() -> None:
    data = label_pdf(label())
    assert "LXE5U6NHAZM2TLKVTSZQDXWZUK" in text_of(data)
    assert symbols_of(data)["]Q"] == "printcare 412 LXE5U6NHAZM2TLKVTSZQDXWZUK"


def test_a_label_too_full_is_refused_and_never_clipped() -> None:
    with pytest.raises(PrintcareError, match="LABEL_FULL"):
        label_pdf(label(give="Disperse in water and give all of it. " * 12))


def test_a_gs1_symbol_announces_itself_as_gs1() -> None:
    identifier, content = read_symbol(data_matrix((("10", "B-1"), ("17", "260131"), ("91", "X"))))
    assert (identifier, content) == ("]d2", "1726013110B-1\x1d91X")


@pytest.mark.parametrize(
    "elements",
    [
        (("10", "a" * 21),),
        (("10", "B(1)"),),
        (("10", "B-1"), ("10", "B-2")),
        (("17", "2601"),),
        (("99", "x"),),
        (("01", "04012345678901"),),
    ],
)
def test_an_element_that_does_not_fit_is_refused(elements: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(PrintcareError, match="GS1_ELEMENT"):
        element_string(elements)


def test_a_qr_code_reads_back_with_its_line_ends() -> None:
    assert read_symbol(qr("one\n— two\n"))[1] == "one\n— two\n"


@pytest.mark.parametrize(
    ("dose_mg", "words"),
    [("17", "17 mg"), ("17.50", "17.5 mg"), ("0.5", "500 micrograms"), ("0.0125", "12.5 micrograms"), ("1.0", "1 mg")],
)
def test_a_dose_is_written_without_trailing_zero_and_small_ones_in_micrograms(dose_mg: str, words: str) -> None:
    assert ENGLISH.amount(Decimal(dose_mg)) == words


def test_a_negative_figure_has_a_minus_and_an_absent_one_a_dash() -> None:
    assert (ENGLISH.figure(Decimal("-0.50")), ENGLISH.figure(None)) == ("−0.5", "–")


def test_printable_text_stays_as_it_is() -> None:
    assert printable("25 mg/m² × 0.67 – é") == "25 mg/m² × 0.67 – é"


def test_the_use_by_time_in_the_symbol_is_the_one_in_the_text() -> None:
    when = datetime.fromisoformat("2026-03-01T08:05:00+01:00")
    assert dict(label_elements(label(use_by=when)))["7003"] == "2603010805"
    assert "2026-03-01 08:05" in text_of(label_pdf(label(use_by=when)))


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_final_label_in_every_language_with_its_national_words(country, language):
    template = label_template(country, "105x74", language)
    text = text_of(label_pdf(label(template=template)))
    assert "17 mg" in text
    assert "Robin Specimen" in text
    assert label_template(country).national.split(".")[0].split()[0] in text or country == "INT"


# British and US words for parents differ, and a US label says what the law there asks of a compounded drug.
@pytest.mark.parametrize(
    ("country", "said"),
    [
        ("GB", ("Keep out of the sight and reach of children.", "Unlicensed medicine (special)", "CYTOTOXIC.")),
        ("IE", ("Keep out of the sight and reach of children.", "Exempt medicinal product")),
        ("US", ("Keep out of reach of children.", "Rx only. This is a compounded drug", "HAZARDOUS DRUG: CYTOTOXIC.")),
        ("FR", ("Tenir hors de la vue et de la portée des enfants.", "Préparation magistrale", "CYTOTOXIQUE.")),
        ("ES", ("Mantener fuera de la vista y del alcance de los niños.", "Fórmula magistral", "CITOTÓXICO.")),
    ],
)
def test_a_label_speaks_as_its_country_does(country, said):
    text = text_of(label_pdf(label(template=label_template(country))))
    assert [words for words in said if words not in text] == []


def test_every_country_of_the_words_is_offered_and_no_other():
    words = tomllib.loads((files("printcare.formats") / "label_words.toml").read_text("utf-8"))
    assert {"INT", *words} == set(COUNTRIES)
    assert all({"language", "national", "children"} <= set(own) <= KNOWN for own in words.values())


@pytest.mark.parametrize("size", [each for each in SIZES_MM if each != "100x62"])
def test_the_page_has_the_size_of_the_template(size):
    document = pypdfium2.PdfDocument(label_pdf(label(template=label_template("INT", size))))
    width, height = document[0].get_size()
    document.close()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == SIZES_MM[size]


def test_a_country_or_a_size_there_is_not_is_refused():
    with pytest.raises(PrintcareError, match="LABEL_TEMPLATE"):
        label_template("XX")
    with pytest.raises(PrintcareError, match="LABEL_TEMPLATE"):
        label_template("FR", "10x10")


def test_a_quarantine_label_names_no_patient_and_gives_no_directions():
    text = text_of(label_pdf(label(kind="quarantine")))
    for word in ("Robin", "Each dose", "Chew", "Patient:"):
        assert word not in text
    assert "17 mg per unit" in text


def test_what_a_scanner_reads_of_the_printed_label_is_what_the_record_expects():
    assert symbols_of(label_pdf(label()))["]d"] == label_code(label())


def test_a_code_in_which_a_reader_sees_a_second_symbol_is_masked_otherwise() -> None:
    def checkpoint(number: int) -> str:
        root = base64.b64encode(hashlib.sha256(str(number).encode()).digest()).decode()
        signed = base64.b64encode(hashlib.sha512(str(number).encode()).digest() + b"1234").decode()
        origin = "printcare.example/demo-site/epoch-1"
        return f"{origin}\n{number + 200}\n{root}\n\n— {origin} {signed}\n"

    for number in (74, 75, 128):  # 75 and 128 hold a second symbol under the mask the standard prefers
        assert read_symbol(qr(checkpoint(number)))[1] == checkpoint(number)
