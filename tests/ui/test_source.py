"""What the second pharmacist reads."""

from printcare.ui.source import source_lines

MESSAGE = b"""{"resourceType": "Bundle", "entry": [
 {"resource": {"resourceType": "Observation", "code": {"text": "Body weight"}, "effectiveDateTime": "2026-01-02T08:15",
  "valueQuantity": {"value": 16.0, "unit": "kg"}}},
 {"resource": {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "cyclophosphamide"},
  "dosageInstruction": [{"text": "17 mg once a day"}]}}]}"""


def test_a_measurement_is_shown_digit_for_digit():
    weight = source_lines(MESSAGE)[0]
    assert (weight.name, weight.value, weight.unit, weight.note) == ("Body weight", "16.0", "kg", "2026-01-02")


def test_the_dosage_is_shown_as_written():
    assert source_lines(MESSAGE)[-1].value == "17 mg once a day"
