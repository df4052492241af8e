"""The reader against the firmware's own rules, one at a time, and bulk reading against word-by-word reading."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.gcode import reader
from printcare.gcode.moves import ARC, RAPID, RELATIVE_E, RELATIVE_XYZ, UNHOMED
from printcare.gcode.reader import read

HOMED = "G28\n"


def ends(text, dialect="marlin"):
    return read(text, dialect).moves.end_mm.tolist()


def advances(text, dialect="marlin"):
    return read(text, dialect).moves.e_mm.tolist()


def test_positions_are_absolute_until_g91_says_otherwise():
    assert ends("G1 X10 Y5\nG91\nG1 X1 Y1 Z2\nG90\nG1 X3") == [[10, 5, 0], [11, 6, 2], [3, 6, 2]]


def test_inches_count_for_path_feed_and_feedstock():
    moves = read("G20\nG1 X1 E1 F60").moves
    assert moves.end_mm[0, 0] == 25.4
    assert moves.e_mm[0] == 25.4
    assert moves.feed_mm_s[0] == 25.4
    assert ends("G20\nG1 X1\nG21\nG1 X5") == [[25.4, 0, 0], [5, 0, 0]]


def test_e_is_absolute_with_m82_and_relative_with_m83():
    assert advances("G1 X1 E1\nG1 X2 E1.5\nM83\nG1 X3 E0.25\nG1 X4 E0.25\nM82\nG1 X5 E3") == [1, 0.5, 0.25, 0.25, 1]


@pytest.mark.parametrize(
    ("dialect", "last"), [("marlin", 0.5), ("smoothieware", 0.5), ("klipper", 2), ("reprapfirmware", 2)]
)
def test_whether_g90_ends_relative_e_depends_on_the_firmware(dialect, last):
    assert advances("M83\nG1 X1 E1.5\nG90\nG1 X2 E2", dialect) == [1.5, last]


def test_klipper_takes_e_as_relative_while_positions_are():
    assert advances("G91\nG1 X1 E1\nG1 X1 E1", "klipper") == [1, 1]
    assert advances("G91\nG1 X1 E1\nG1 X1 E1", "reprapfirmware") == [1, 0]


def test_g92_moves_the_origin_and_not_the_tool():
    back = read("G1 X10 E2\nG92 X0 E0\nG1 X5 E1\nG92\nG1 X1")
    assert back.moves.end_mm[:, 0].tolist() == [10, 15, 16]
    assert back.moves.e_mm.tolist() == [2, 1, 0]
    assert back.origins == (2, 4)


def test_volumetric_e_is_divided_by_the_filament_s_area():
    area = math.pi * 1.75**2 / 4
    assert advances("M200 D1.75\nG1 X1 E2.405281875\nM200 D0\nG1 X2 E3.405281875") == pytest.approx(
        [2.405281875 / area, 1]
    )
    assert advances("M200 D1.75 S0\nG1 X1 E2") == [2]


def test_flow_and_speed_factors_count():
    moves = read("M221 S90\nM220 S50\nG1 X1 E1 F600").moves
    assert moves.e_mm[0] == pytest.approx(0.9)
    assert moves.feed_mm_s[0] == pytest.approx(5.0)
    assert read("M221\nM220\nG1 X1 E1 F600").moves.e_mm[0] == 1.0


def test_homing_brings_the_named_axes_to_zero():
    text = "G1 X10 Y10 Z10\nG28 X\nG1 F600\nG1 X1\nG28\nG1 X2"
    moves = read(text).moves
    assert moves.end_mm.tolist() == [[10, 10, 10], [1, 10, 10], [2, 0, 0]]
    assert [bool(flag & UNHOMED) for flag in moves.flags] == [True, True, False]
    assert ends("G1 X9 Y9\nG28 X0 Y\nG1 Z1") == [[9, 9, 0], [0, 0, 1]]
    assert ends("G1 X9 Y9\nG28 Y X\nG1 Z1") == [[9, 9, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    "arc",
    ["G3 X0 Y10 I-10 J0", "G3 X0 Y10 R10", "G2 X0 Y10 R-10", "G2 X0 Y10 I-10"],
)
def test_arcs_keep_their_radius_and_carry_their_true_length(arc):
    moves = read(f"{HOMED}G1 X10 Y0 F600\n{arc} E1 F600").moves
    bent = moves.flags & ARC != 0
    quarter = 10 * math.pi / 2
    expected = quarter if arc.startswith("G3") else 3 * quarter
    assert moves.length_mm[bent].sum() == pytest.approx(expected)
    assert moves.e_mm[bent].sum() == pytest.approx(1.0)
    if "R-" not in arc:
        assert np.allclose(np.hypot(*moves.end_mm[bent][:, :2].T), 10)
    assert moves.end_mm[-1].tolist() == pytest.approx([0, 10, 0])


def test_an_arc_back_to_its_start_is_a_full_circle_and_may_climb():
    moves = read("G1 X10\nG2 X10 Y0 Z3 I-10 J0").moves
    assert moves.length_mm[1:].sum() == pytest.approx(math.hypot(20 * math.pi, 3))
    assert moves.end_mm[-1].tolist() == [10, 0, 3]


@pytest.mark.parametrize(
    "line",
    [
        "G2 X5 Y5",
        "G2 X5 Y5 I1 J1 R3",
        "G2 X1 Y1 R5",
        "G2 X100 Y0 R5",
        "G2 X5 Y0 I30 J0",
        "G2 X5 I0 J0",
        "G2 X5 Q1 I1",
        "G1 X",
        "G1 X1X",
        "G1 X1 Q2",
        "G1 X--1",
        "G1 X1-2",
        "G1 X1.2.3",
        "G1 5X3",
        "G1 X.",
        "G1 X-",
        "G",
        "X10",
        "HELLO",
        "G1.X5",
        "G28 E",
        "*33",
        "G1 X1234567890123456 Yq",
    ],
)
def test_what_cannot_be_foretold_is_a_problem_with_its_line(line):
    back = read(f"G28\nG1 X1 Y1 F600\n{line}\nG1 X2 Y2\n")
    assert [problem.where for problem in back.problems] == ["line 3"]
    assert len(back.moves) == 2


@pytest.mark.parametrize(
    "line",
    [
        "g1 x5 y6",
        "N7 G1 X5 Y6*45",
        "N7 (a*b) G1 X5 Y6 *5",
        "(a*b) G1 X5 Y6",
        "G01 X5 Y6 ; there",
        "G1 (slowly) X5 Y6",
        "G1\tX5 Y6",
        "G1X5Y6",
        "G1 X5. Y+6",
    ],
)
def test_the_ways_to_write_a_line_are_one_line(line):
    back = read(line)
    assert back.moves.end_mm.tolist() == [[5, 6, 0]]
    assert back.words == {"G1": 1}
    assert back.problems == ()


def test_comments_and_empty_lines_do_nothing():
    back = read("; said\n\n   \n(said)\nG1 X1\n")
    assert len(back.moves) == 1
    assert back.payload.tolist() == [0, 0, 0, 6, 5]


def test_text_commands_keep_their_text_to_themselves():
    back = read("M117 X9 E9 hello\nG1 X1")
    assert back.problems == ()
    assert len(back.moves) == 1
    assert back.commands[0].word == "M117"


def test_commands_keep_their_letters_and_their_place():
    (command,) = read("G1 X1\nM204 P500 T900\nG1 X2").commands
    assert (command.line, command.at_move) == (2, 1)
    assert command.get("T") == 900
    assert command.get("S") is None


def test_g0_is_marked_as_rapid_and_speed_lines_are_no_moves():
    moves = read("G0 X1\nG1 F600\nG1 X2").moves
    assert [bool(flag & RAPID) for flag in moves.flags] == [True, False]
    assert moves.feed_mm_s.tolist() == [0, 10]
    assert moves.line.tolist() == [1, 3]


def test_relative_moves_are_marked():
    flags = read("G91\nG1 X1 E1").moves.flags
    assert flags[0] & RELATIVE_XYZ
    assert flags[0] & RELATIVE_E


@pytest.mark.parametrize("mark", ["\x01", "\x02", "\x03", "\x07"])
def test_control_bytes_are_never_taken_for_letters(mark):
    back = read(f"G1 X1\nG1 {mark}5\nG1 X2\n")
    assert [problem.where for problem in back.problems] == ["line 2"]
    assert back.moves.end_mm[:, 0].tolist() == [1, 2]


NUMBERS = st.one_of(
    st.decimals("-300", "300", places=3).map(str),
    st.integers(-300, 300).map(str),
    st.sampled_from([".5", "-.25", "7.", "-0.000", "0", "123456789.123456"]),
)
LINES = st.one_of(
    st.builds(
        lambda word, letters, numbers: word + "".join(f" {a}{b}" for a, b in zip(letters, numbers, strict=False)),
        st.sampled_from(["G0", "G1"]),
        st.permutations("XYZEF").flatmap(lambda order: st.integers(1, 5).map(lambda count: order[:count])),
        st.lists(NUMBERS, min_size=5, max_size=5),
    ),
    st.sampled_from(
        ["G92 E0", "G90", "G91", "M82", "M83", "G20", "G21", "G28", "M220 S50", "M221 S90", "; said", "", "G1 X1 X2"]
    ),
)


@given(st.lists(LINES, max_size=30), st.sampled_from(["marlin", "klipper", "reprapfirmware"]))
def test_reading_in_bulk_is_reading_word_by_word(lines, dialect):
    bulk = read("".join(f"{line}\n" for line in lines), dialect)
    singly = read("".join(f"{line} ;\n" for line in lines), dialect)  # a comment keeps every line out of the bulk
    assert bulk.words == singly.words
    assert bulk.commands == singly.commands
    assert bulk.payload.tolist() == singly.payload.tolist()
    assert [p.where for p in bulk.problems] == [p.where for p in singly.problems]
    assert bulk.moves.line.tolist() == singly.moves.line.tolist()
    assert bulk.moves.flags.tolist() == singly.moves.flags.tolist()
    for name in ("start_mm", "end_mm", "length_mm", "e_mm", "feed_mm_s"):
        one, other = getattr(bulk.moves, name), getattr(singly.moves, name)
        assert np.allclose(one, other, rtol=1e-12, atol=1e-7)


@given(st.lists(st.decimals("0", "999", places=5), min_size=1, max_size=20))
def test_bulk_numbers_are_the_very_doubles_python_reads(numbers):
    text = "\n".join(f"G1 X{number}" for number in numbers)
    assert read(text).moves.end_mm[:, 0].tolist() == [float(number) for number in numbers]


def test_a_file_of_waits_alone_has_commands_and_no_moves():
    back = read("M400\nM400\n")
    assert [(command.word, command.line) for command in back.commands] == [("M400", 1), ("M400", 2)]
    assert back.words == {"M400": 1}
    assert len(back.moves) == 0
    assert back.problems == ()


def test_waits_and_origins_among_plain_lines_keep_their_order_and_place():
    back = read("G1 X1 E1\nM400\nG92 E0\nG1 X2 E1\nM400\nM4000\nG1 X3 E2\n")
    assert [(c.word, c.line, c.at_move) for c in back.commands] == [
        ("M400", 2, 1),
        ("G92", 3, 1),
        ("M400", 5, 2),
        ("M4000", 6, 2),
    ]
    assert back.moves.e_mm.tolist() == [1, 1, 1]
    assert back.origins == (3,)


def test_arcs_in_bulk_are_the_arcs_of_word_by_word_reading():
    lines = ["G28", "G1 X10 Y0 F600", "G3 X0 Y10 I-10 J0 E1", "G2 X5 Y5 I0 J-5 E1.5", "G1 X6 Y5 E1.6", "G3 X8 Y5 I1 E2"]
    plain, worded = read("\n".join(lines)), read("\n".join(line.replace(" ", "  ") for line in lines))
    assert np.allclose(plain.moves.end_mm, worded.moves.end_mm)
    assert np.allclose(plain.moves.e_mm, worded.moves.e_mm)
    assert np.allclose(plain.arcs.length_mm, worded.arcs.length_mm)
    assert plain.arcs.line.tolist() == worded.arcs.line.tolist() == [3, 4, 6]
    assert plain.words == worded.words


PIECED = (
    "G28\nG21\nG92 E0\nG1 X1 Y2 Z3 E0.5 F600\nG1 X2\nG2 X4 Y2 I1 J0 E1\nnonsense here\nM83\nG1 X5 E0.1\nG1 X6 E0.2\n"
    "M400\nG91\nG1 X1\nG90\nM82\nG92 E1\nG3 X1 Y2 I-3 J0.5\nG1 Y7 E1.2 ; a remark\nT1\nG1 Z9 E1.3\nM400\n"
)


@pytest.mark.parametrize("piece", [0, 7, 40, 90])
def test_where_a_long_file_is_cut_for_reading_changes_nothing(monkeypatch, piece):
    whole = read(PIECED)
    monkeypatch.setattr(reader, "PIECE", piece)
    cut = read(PIECED)
    for field in ("line", "start_mm", "end_mm", "length_mm", "e_mm", "feed_mm_s", "flags", "tool"):
        assert np.array_equal(getattr(cut.moves, field), getattr(whole.moves, field)), field
    assert (cut.commands, cut.origins, cut.words) == (whole.commands, whole.origins, whole.words)
    assert cut.payload.tolist() == whole.payload.tolist()
    assert [finding.where for finding in cut.problems] == [finding.where for finding in whole.problems] != []
    assert cut.arcs.line.tolist() == whole.arcs.line.tolist() != []
