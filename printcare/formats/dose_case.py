"""A dose case as JSON read into texts: every problem of its shape at once, and no number interpreted on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from printcare.domain.checks import Finding, error
from printcare.domain.dose_case import (
    BsaEntry,
    DoseCase,
    InfantRuleEntry,
    InkEntry,
    OrderEntry,
    PatientEntry,
    Quantity,
    RecipeEntry,
    RoundingEntry,
    WeightBand,
)
from printcare.domain.numbers import normalised_unit
from printcare.formats.strict_json import Number

MAX_CASE_BYTES = 1_000_000
_PARTS = ("patient", "order", "ink", "recipe")


class _BadJsonError(Exception):
    """Carries the finding of a JSON hook out of the parser."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def read_dose_case(received: bytes) -> DoseCase | tuple[Finding, ...]:
    """Return the case, or all findings about its shape; keys beside patient, order, ink and recipe are ignored."""
    document = _document(received)
    if isinstance(document, Finding):
        return (document,)
    reader = _Reader()
    parts = {name: reader.table(document, name, "") for name in _PARTS}
    for name in _PARTS:
        if document.get(name) is None:
            reader.object_to("E_MISSING", f"The case has no {name}.", f"Add the object “{name}”.", name)
    case = DoseCase(
        patient=_patient(reader, parts["patient"]),
        order=_order(reader, parts["order"]),
        ink=_ink(reader, parts["ink"]),
        recipe=_recipe(reader, parts["recipe"]),
    )
    return tuple(reader.findings) or case


def _document(received: bytes) -> dict[str, object] | Finding:
    if len(received) > MAX_CASE_BYTES:
        told = f"The case has {len(received)} bytes; at most {MAX_CASE_BYTES} are read."
        return error("E_CASE_SIZE", told, "Send one case per file.")
    try:
        document = json.loads(
            received.decode("utf-8"),
            parse_float=Number,
            parse_int=Number,
            parse_constant=_not_finite,
            object_pairs_hook=_unique,
        )
    except _BadJsonError as bad:
        return bad.finding
    except (ValueError, RecursionError) as broken:
        told = f"The case is not JSON in UTF-8: {type(broken).__name__}."
        return error("E_CASE_JSON", told, "Send one JSON object with patient, order, ink and recipe.")
    if not isinstance(document, dict):
        return error("E_CASE_JSON", "The case is not a JSON object.", "Send one object with the four parts.")
    return document


def _not_finite(constant: str) -> object:
    told = f"The case holds the number {constant}."
    raise _BadJsonError(error("E_NOT_FINITE", told, "Send finite numbers, written as text."))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        told = f"The key “{twice}” stands twice in one object."
        raise _BadJsonError(error("E_CASE_DUPLICATE_KEY", told, "State each key once.", twice))
    return table


class _Reader:
    """Takes values out of parsed JSON by key path and collects what is wrong with their shape."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def object_to(self, code: str, reason: str, remedy: str, where: str) -> None:
        self.findings.append(error(code, reason, remedy, where))

    def table(self, parent: Mapping[str, object], key: str, path: str) -> dict[str, object] | None:
        return self.as_table(parent.get(key), _join(path, key))

    def as_table(self, value: object, where: str) -> dict[str, object] | None:
        if value is None or isinstance(value, dict):
            return value
        self._wrong(value, "an object", where)
        return None

    def known(self, table: Mapping[str, object], path: str, keys: tuple[str, ...]) -> None:
        """Refuse keys nobody reads: a misspelt limit would otherwise silently not apply."""
        for key in table.keys() - set(keys):
            told = f"The key “{key}” is not known here."
            self.object_to("E_CASE_KEY", told, f"Known are {', '.join(keys)}.", _join(path, key))

    def text(self, table: Mapping[str, object], key: str, path: str) -> str | None:
        return self._text(table.get(key), _join(path, key))

    def truth(self, table: Mapping[str, object], key: str, path: str, absent: bool) -> bool:
        value = table.get(key, absent)
        if isinstance(value, bool):
            return value
        self._wrong(value, "true or false", _join(path, key))
        return absent

    def texts(self, table: Mapping[str, object], key: str, path: str) -> tuple[str, ...] | None:
        """Return names, their case and blanks evened out so that equal names are equal."""
        found = self.array(table, key, path)
        if found is None:
            return None
        names = [self._text(name, f"{_join(path, key)}[{index}]") for index, name in enumerate(found)]
        return tuple(" ".join(name.split()).casefold() for name in names if name is not None)

    def array(self, table: Mapping[str, object], key: str, path: str) -> list[object] | None:
        value = table.get(key)
        if value is None or isinstance(value, list):
            return value
        self._wrong(value, "a list", _join(path, key))
        return None

    def pair(self, table: Mapping[str, object], key: str, path: str) -> tuple[str | None, str | None] | None:
        found = self.array(table, key, path)
        if found is None:
            return None
        if len(found) != 2:
            self._wrong(found, "a list of two", _join(path, key))
            return None
        where = _join(path, key)
        return self._text(found[0], f"{where}[0]"), self._text(found[1], f"{where}[1]")

    def quantity(self, table: Mapping[str, object], key: str, path: str) -> Quantity | None:
        found = self.table(table, key, path)
        if found is None:
            return None
        where = _join(path, key)
        self.known(found, where, ("value", "unit"))
        unit = self.text(found, "unit", where)
        return Quantity(self.text(found, "value", where), None if unit is None else normalised_unit(unit))

    def _text(self, value: object, where: str) -> str | None:
        if value is None or isinstance(value, str):
            return value
        self._wrong(value, "a text", where)
        return None

    def _wrong(self, value: object, expected: str, where: str) -> None:
        told = f"{where} is {_KINDS.get(type(value), 'something else')}; expected {expected}."
        self.object_to("E_CASE_TYPE", told, f"State {expected}.", where)


_KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    bool: "true or false",
    str: "a text",
    Number: "a number",
}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _patient(reader: _Reader, found: dict[str, object] | None) -> PatientEntry:
    table, path = found or {}, "patient"
    reader.known(
        table,
        path,
        (
            *("age_years", "sex", "measured_days_ago", "weight", "height"),
            *("contraindicated_excipients", "gestational_weeks"),
        ),
    )
    return PatientEntry(
        age_years=reader.text(table, "age_years", path),
        sex=reader.text(table, "sex", path),
        measured_days_ago=reader.text(table, "measured_days_ago", path),
        weight=reader.quantity(table, "weight", path),
        height=reader.quantity(table, "height", path),
        contraindicated_excipients=reader.texts(table, "contraindicated_excipients", path) or (),
        gestational_weeks=reader.text(table, "gestational_weeks", path),
    )


def _order(reader: _Reader, found: dict[str, object] | None) -> OrderEntry:
    table, path = found or {}, "order"
    plain_keys = ("form", "basis", "per", "doses_per_day", "reduction_pct", "max_single_mg", "max_daily_mg")
    reader.known(table, path, (*plain_keys, "amount", "rounding", "bsa", "infant_rule", "bands"))
    form, basis, per, doses_per_day, reduction, single, daily = (reader.text(table, key, path) for key in plain_keys)
    return OrderEntry(
        form=form,
        basis=basis,
        per=per,
        doses_per_day=doses_per_day,
        rounding=_rounding(reader, table),
        amount=reader.quantity(table, "amount", path),
        reduction_pct=reduction,
        max_single_mg=single,
        max_daily_mg=daily,
        bsa=_bsa(reader, table),
        infant_rule=_infant_rule(reader, table),
        bands=_bands(reader, table),
    )


def _rounding(reader: _Reader, order: Mapping[str, object]) -> RoundingEntry | None:
    table, path = reader.table(order, "rounding", "order"), "order.rounding"
    if table is None:
        return None
    keys = ("mode", "step_mg", "max_deviation_pct")
    reader.known(table, path, keys)
    return RoundingEntry(*(reader.text(table, key, path) for key in keys))


def _bsa(reader: _Reader, order: Mapping[str, object]) -> BsaEntry | None:
    table, path = reader.table(order, "bsa", "order"), "order.bsa"
    if table is None:
        return None
    keys = ("formula", "round_dp", "cap_m2")
    reader.known(table, path, keys)
    return BsaEntry(*(reader.text(table, key, path) for key in keys))


def _infant_rule(reader: _Reader, order: Mapping[str, object]) -> InfantRuleEntry | Literal["none"] | None:
    if order.get("infant_rule") == "none":
        return "none"
    table, path = reader.table(order, "infant_rule", "order"), "order.infant_rule"
    if table is None:
        return None
    keys = ("weight_lt_kg", "age_lt_years", "divisor")
    reader.known(table, path, keys)
    return InfantRuleEntry(*(reader.text(table, key, path) for key in keys))


def _bands(reader: _Reader, order: Mapping[str, object]) -> tuple[WeightBand, ...] | None:
    found = reader.array(order, "bands", "order")
    if found is None:
        return None
    bands = []
    for index, entry in enumerate(found):
        path = f"order.bands[{index}]"
        table = reader.as_table(entry, path) or {}
        reader.known(table, path, ("max_kg", "amount"))
        bands.append(WeightBand(reader.text(table, "max_kg", path), reader.quantity(table, "amount", path)))
    return tuple(bands)


def _ink(reader: _Reader, found: dict[str, object] | None) -> InkEntry:
    table, path = found or {}, "ink"
    plain_keys = ("strength_mg_per_g", "form", "assay_pct_of_label", "lod_pct", "strength_basis")
    reader.known(table, path, (*plain_keys, "assay_limits_pct", "excipients"))
    strength, form, assay, lod, basis = (reader.text(table, key, path) for key in plain_keys)
    return InkEntry(
        strength_mg_per_g=strength,
        form=form,
        assay_pct_of_label=assay,
        assay_limits_pct=reader.pair(table, "assay_limits_pct", path),
        lod_pct=lod,
        strength_basis=basis,
        excipients=reader.texts(table, "excipients", path),
    )


def _recipe(reader: _Reader, found: dict[str, object] | None) -> RecipeEntry:
    table, path = found or {}, "recipe"
    reader.known(table, path, ("dose_per_unit_mg", "unit_wet_mass_g", "max_units_per_dose", "assay_correction"))
    return RecipeEntry(
        dose_per_unit_mg=reader.pair(table, "dose_per_unit_mg", path),
        unit_wet_mass_g=reader.pair(table, "unit_wet_mass_g", path),
        max_units_per_dose=reader.text(table, "max_units_per_dose", path),
        # The case format has the correction chosen unless it says otherwise.
        assay_correction=reader.truth(table, "assay_correction", path, absent=True),
    )
