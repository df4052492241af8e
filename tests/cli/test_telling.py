"""What a command tells is lines for a person and one object for a program."""

from __future__ import annotations

import json

from printcare.cli.telling import in_words, tell


def test_plain_values_stand_in_one_column_behind_their_names():
    assert list(in_words({"serial": "P-1", "in use": True, "usb": "", "n": 3, "by": None})) == [
        "serial  P-1",
        "in use  yes",
        "usb     –",
        "n       3",
        "by      –",
    ]


def test_what_has_parts_has_them_indented_below_its_name():
    told = {"equipment": {"bench": {"parts": ["nozzle T0", "tray"]}, "scale": {"parts": []}}, "steps": [{"do": "wash"}]}
    assert list(in_words(told)) == [
        "equipment",
        "  bench",
        "    parts  nozzle T0, tray",
        "  scale",
        "    parts  none",
        "steps",
        "  1",
        "    do  wash",
    ]


def test_nothing_found_is_said():
    assert list(in_words({"equipment": {}})) == ["equipment  none"]


def test_a_program_reads_one_object_with_its_status(capsys):
    tell({"name": "Zoë"}, is_json=True, status="refused")
    assert json.loads(capsys.readouterr().out) == {"status": "refused", "name": "Zoë"}
