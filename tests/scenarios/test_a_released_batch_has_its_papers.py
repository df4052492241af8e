"""A batch released in locked mode: its record says what it was made on and by what whom it was released."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from rehearsing import ONE_DAY
from releasing import released_in

from printcare.domain.policy import LOCKED
from printcare.formats.wording import LANGUAGES, tongue_of
from printcare.workflow.demonstration import PHARMACY
from printcare.workflow.paper.documents import write_documents
from printcare.workflow.record.configuration import configuration_sha256


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """Return the released batch."""
    one = released_in(tmp_path_factory.mktemp("released"), days=ONE_DAY)
    yield one
    one.close()


@pytest.fixture(scope="module")
def papers(released, tmp_path_factory):
    """Return what stands on batch record and label in each language."""
    told = {}
    for code in LANGUAGES:
        folder = tmp_path_factory.mktemp(code)
        about = (released.planned, released.order, released.message, released.calculated, released.decision)
        releaser = released.demonstration.people["r.releaser"]
        write_documents(released.records, releaser, folder, *about, LOCKED, PHARMACY, code)
        told[code] = {name: text_of(folder / name) for name in ("batch-record.pdf", "label.pdf")}
    return told


def text_of(path):
    document = pypdfium2.PdfDocument(path.read_bytes())
    text = " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
    document.close()
    return text


@pytest.mark.parametrize("code", LANGUAGES)
def test_its_papers_bear_no_mark_of_a_simulation(papers, code):
    tongue = tongue_of(code)
    for text in papers[code].values():
        assert tongue("SIMULATED – NOT FOR PATIENTS") not in text
        assert tongue("SIMULATED") not in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_its_record_is_released_with_no_value_outside_the_proven_range(papers, code):
    text, tongue = papers[code]["batch-record.pdf"], tongue_of(code)
    assert tongue("released").upper() in text
    assert tongue("outside PAR") not in text


def test_its_record_says_what_the_printer_is_qualified_and_calibrated_for(papers):
    text = papers["en"]["batch-record.pdf"]
    for told in ("IQ until 2027-03-02", "OQ until 2027-03-02", "PQ cyclophosphamide-sse/1 until 2027-03-02"):
        assert told in text
    assert "temperature calibrated 2026-03-02" in text
    assert "pressure calibrated 2026-03-02" in text
    assert "no qualification on record" not in text


def test_its_record_bears_the_digest_of_the_configuration_it_was_printed_under(papers, released):
    assert configuration_sha256(released.records) in papers["en"]["batch-record.pdf"]


@pytest.mark.parametrize(("code", "told"), [("en", "waste destroyed: no"), ("fr", "déchets détruits: no")])
def test_its_record_says_in_its_language_that_the_waste_was_destroyed(papers, code, told):
    assert told in papers[code]["batch-record.pdf"]


def test_its_record_says_the_soak_that_the_job_timed(papers):
    assert "Soak min 6 6 to 30 6 to 60 6 in NOR" in papers["en"]["batch-record.pdf"]


def test_its_record_names_the_formulas_as_their_authors_are_written(papers):
    for code, told in (("en", "body surface (Mosteller)"), ("fr", "surface corporelle (Mosteller)")):
        assert told in papers[code]["batch-record.pdf"]
        assert "mosteller" not in papers[code]["batch-record.pdf"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_its_label_is_final_and_names_the_patient(released, papers, code):
    born = re.search(rb'birthDate": "([0-9-]+)"', released.message)[1].decode()
    assert tongue_of(code)("QUARANTINE – do not use, do not give") not in papers[code]["label.pdf"]
    assert "Robin Specimen" in papers[code]["label.pdf"]
    assert born in papers[code]["label.pdf"]  # two things a patient is known by
