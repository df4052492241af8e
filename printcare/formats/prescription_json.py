"""A prescription in the project's own JSON becomes a prescription, or a list of everything wrong with it.

The file is one object; amounts are texts or numbers, dates are ISO 8601, keys marked ? may be left out, no other key
is known and nothing may be null::

    {"schema": "printcare.prescription/1",
     "id": "RX-1", "authored_on": "2026-01-05", "prescriber": "Dr Ada Example", "indication"?: "...",
     "patient": {"identifier": "...", "name": "...", "birth_date": "2021-09-14", "sex"?: "F" | "M"},
     "product": {"code": "cyclophosphamide", "text"?: "...", "form"?: "cyclophosphamide anhydrous"},
     "route": "oral",
     "dose_mg"?: "17", "basis"?: {"basis": "per_m2" | "per_kg", "amount_mg": "25", "per": "day" | "dose"},
     "doses_per_day": 1, "duration_days": 7,
     "weight"?: {"value": "16.0", "unit": "kg" | "g" | "lb", "measured_on"?: "2026-01-02"},
     "height"?: {"value": "102", "unit": "cm" | "m" | "mm" | "in", "measured_on"?: "2026-01-02"},
     "stated_bsa_m2"?: "0.67", "contraindicated_excipients"?: ["..."], "notes"?: ["..."]}

One of `dose_mg` and `basis` must be there; `dose_mg` is the amount per administration.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from printcare.domain.checks import Finding
from printcare.domain.numbers import HEIGHT_UNITS_CM, WEIGHT_UNITS_KG, read_count, read_positive
from printcare.domain.prescription import Measurement, OrderedBasis, PatientIdentity, Prescription
from printcare.formats.imported import ImportResult, Notes, pseudonym
from printcare.formats.strict_json import Number, read_json

SCHEMA = "printcare.prescription/1"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_TEXT = 4000
MAX_DOSES_PER_DAY, MAX_DAYS = 24, 366


class _Fields:
    """One object of the file; every key asked for is known, the rest is refused by `close`."""

    def __init__(self, values: Mapping[str, object], path: str, notes: Notes) -> None:
        self._values, self._path, self._notes = values, path, notes
        self._asked: set[str] = set()

    def where(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._values

    def wrong(self, key: str, expected: str) -> None:
        where = self.where(key)
        missing = key not in self._values
        reason = f"{where} is missing." if missing else f"{where} is not {expected}."
        self._notes.stop("PJSON_MISSING" if missing else "PJSON_VALUE", reason, f"State {expected}.", where)

    def text(self, key: str, default: str | None = None) -> str:
        if not self.has(key) and default is not None:
            return default
        value = self._values.get(key)
        if isinstance(value, str) and not isinstance(value, Number) and value.strip() and len(value) <= MAX_TEXT:
            return value
        self.wrong(key, "a text")
        return ""

    def one_of(self, key: str, choices: Collection[str]) -> str:
        value = self.text(key)
        if value and value not in choices:
            self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def amount(self, key: str) -> str:
        """Return the digits of a positive amount, as they stand in the file."""
        value = self._values.get(key) if self.has(key) else None
        digits = str(value) if isinstance(value, str) else None
        exact = read_positive(digits, self.where(key))
        if isinstance(exact, Finding):
            self._notes.findings.append(exact)
            return "1"
        return digits or "1"

    def count(self, key: str, most: int) -> int:
        value = self._values.get(key) if self.has(key) else None
        number = read_count(value if isinstance(value, Number) else None, 1, most, "PJSON_VALUE", self.where(key))
        if isinstance(number, Finding):
            self._notes.findings.append(number)
            return 1
        return number

    def day(self, key: str) -> date:
        value = self.text(key)
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass  # 30 February: told below, as any other text that is no day
        if value:
            self.wrong(key, "a day such as 2026-01-05")
        return date(2000, 1, 1)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._values.get(key, []) if self.has(key) else []
        if isinstance(value, list) and all(isinstance(each, str) and not isinstance(each, Number) for each in value):
            return tuple(str(each) for each in value)
        self.wrong(key, "a list of texts")
        return ()

    def object(self, key: str) -> _Fields:
        value = self._values.get(key) if self.has(key) else None
        if isinstance(value, dict):
            return _Fields(value, self.where(key), self._notes)
        self.wrong(key, "an object")
        return _Fields({}, self.where(key), Notes())

    def close(self) -> None:
        for key in self._values:
            if key not in self._asked:
                remedy = f"Known here: {', '.join(sorted(self._asked))}."
                self._notes.stop("PJSON_UNKNOWN", f"{self.where(key)} is not known.", remedy, self.where(key))


def read_prescription_json(data: bytes, pseudonym_key: bytes, today: date | None = None) -> ImportResult:
    """Return the prescription of a file, or None with the findings; `today` refuses dates in the future."""
    notes = Notes()
    value, objections = read_json(data)
    notes.findings.extend(objections)
    if not objections and not isinstance(value, dict):
        notes.stop("PJSON_VALUE", "The file holds no object.", "Send one prescription as an object.", "")
    if not notes.may_go_on or not isinstance(value, dict):
        return notes.result(None)
    root = _Fields(value, "", notes)
    root.one_of("schema", (SCHEMA,))
    prescription = _prescription(root, hashlib.sha256(data).hexdigest(), pseudonym_key, notes)
    root.close()
    if notes.may_go_on:
        _check_days(prescription, today, notes)
        notes.understood.extend((key, "read") for key in value)
    return notes.result(prescription)


def _prescription(root: _Fields, sha256: str, key: bytes, notes: Notes) -> Prescription:
    product = root.object("product")
    dose_mg = Decimal(root.amount("dose_mg")) if root.has("dose_mg") else None
    basis = _basis(root.object("basis")) if root.has("basis") else None
    if dose_mg is None and basis is None:
        reason = "Neither dose_mg nor basis is stated."
        notes.stop("PJSON_MISSING", reason, "State the ordered dose, its basis, or both.", "dose_mg")
    prescription = Prescription(
        id=root.text("id"),
        source="json",
        received_sha256=sha256,
        patient=_patient(root.object("patient"), key),
        product_code=product.text("code"),
        product_text=product.text("text", ""),
        form=product.text("form", ""),
        route=root.one_of("route", ("oral",)),
        indication=root.text("indication", ""),
        prescriber=root.text("prescriber"),
        authored_on=root.day("authored_on"),
        ordered_dose_mg=dose_mg,
        basis=basis,
        doses_per_day=root.count("doses_per_day", MAX_DOSES_PER_DAY),
        duration_days=root.count("duration_days", MAX_DAYS),
        weight=_measurement(root, "weight", WEIGHT_UNITS_KG, notes),
        height=_measurement(root, "height", HEIGHT_UNITS_CM, notes),
        stated_bsa_m2=Decimal(root.amount("stated_bsa_m2")) if root.has("stated_bsa_m2") else None,
        contraindicated_excipients=root.texts("contraindicated_excipients"),
        notes=root.texts("notes"),
    )
    product.close()
    return prescription


def _patient(fields: _Fields, key: bytes) -> PatientIdentity:
    identifier = fields.text("identifier")
    sex = fields.one_of("sex", ("F", "M")) if fields.has("sex") else None
    patient = PatientIdentity(
        identifier, fields.text("name"), fields.day("birth_date"), sex, pseudonym(key, [identifier])
    )
    fields.close()
    return patient


def _basis(fields: _Fields) -> OrderedBasis:
    basis = OrderedBasis(
        fields.one_of("basis", ("per_m2", "per_kg")), fields.amount("amount_mg"), fields.one_of("per", ("day", "dose"))
    )
    fields.close()
    return basis


def _measurement(root: _Fields, key: str, units: Mapping[str, object], notes: Notes) -> Measurement | None:
    if not root.has(key):
        return None
    fields = root.object(key)
    unit = fields.one_of("unit", tuple(units))
    measured_on = fields.day("measured_on") if fields.has("measured_on") else None
    measurement = Measurement(fields.amount("value"), unit, measured_on)
    fields.close()
    return measurement


def _check_days(prescription: Prescription, today: date | None, notes: Notes) -> None:
    born = prescription.patient.birth_date
    dated = [("authored_on", prescription.authored_on)]
    for key, measurement in (("weight", prescription.weight), ("height", prescription.height)):
        if measurement is not None and measurement.measured_on is not None:
            dated.append((f"{key}.measured_on", measurement.measured_on))
    for where, day in dated:
        if day < born or (today is not None and day > today):
            reason = f"{where} is {day}: before birth or in the future."
            notes.stop("PJSON_DATE", reason, "Correct the date.", where)
