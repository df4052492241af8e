"""The words of a command as Marlin's parser takes them."""

from __future__ import annotations

from printcare.protocol.marlin_device import read_command


def test_of_a_letter_told_twice_the_last_counts_as_in_the_firmware() -> None:
    # GCodeParser::set of Marlin writes every value of a letter to the same place.
    assert read_command("G1 X1 E2 X3").parameters() == {"X": 3.0, "E": 2.0}


def test_a_letter_that_stands_alone_is_there_without_a_number() -> None:
    assert read_command("G28 X Z").parameters() == {"X": None, "Z": None}
