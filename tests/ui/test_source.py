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


def told(message):
    """Return what is read, as name, value and unit."""
    return [(fact.name, fact.value, fact.unit) for fact in source_lines(message)]


def test_a_dosage_without_words_is_shown_by_its_amount_and_time():
    message = b"""{"entry": [{"resource": {"resourceType": "MedicationRequest", "dosageInstruction": [
     {"timing": {"repeat": {"timeOfDay": ["08:00:00"]}},
      "doseAndRate": [{"doseQuantity": {"value": 7.50, "unit": "mg"}}]}]}}]}"""
    (dose,) = [fact for fact in source_lines(message) if fact.name == "Dose each time"]
    assert (dose.value, dose.unit, dose.note) == ("7.50", "mg", "08:00")


def test_an_order_in_the_project_s_own_form_is_shown_digit_for_digit():
    message = b"""{"schema": "printcare.prescription/1", "product": {"code": "cyclophosphamide"}, "dose_mg": "17.0",
     "basis": {"basis": "per_m2", "amount_mg": "25", "per": "day"}, "doses_per_day": 1, "duration_days": 7,
     "weight": {"value": 16.0, "unit": "kg", "measured_on": "2026-01-02"}, "notes": ["no lactose"]}"""
    assert told(message) == [
        ("Weight", "16.0", "kg"),
        ("Medicine", "cyclophosphamide", ""),
        ("Dose each time", "17.0", "mg"),
        ("Basis given", "25", "mg/m² · a day"),
        ("Doses a day", "1", ""),
        ("Days", "7", ""),
        ("Note", "no lactose", ""),
    ]


def test_each_dose_of_each_step_and_of_each_drug_can_be_read():
    steps = b"""{"schema": "printcare.prescription/1", "product": {"code": "p"},
     "steps": [{"days": 3, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": "5"}]}]}"""
    assert told(steps)[1:] == [("Step 1, at 08:00", "10", "mg"), ("Step 1, at 14:00", "5", "mg")]
    drugs = b"""{"schema": "printcare.prescription/1", "product": {"code": "a+b"}, "components": [
     {"product": {"code": "a"}, "dose_mg": "16"}, {"product": {"code": "b"}, "dose_mg": "8"}]}"""
    assert told(drugs)[1:] == [("a", "16", "mg"), ("b", "8", "mg")]
