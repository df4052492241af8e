"""What the core says - findings, errors, alarms - is said in the window's language, its figures by locale."""

import ast
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

import printcare
from printcare.control.alarm_table import ALARMS
from printcare.domain.comparison import usual_range_notices
from printcare.domain.dosing_rule import UsualRange
from printcare.formats.wording import tongue_of
from printcare.ui.messages import said
from printcare.ui.words import speak, told_table, tr
from printcare.verify import MEANINGS

PACKAGE = Path(printcare.__file__).parent
# Rooms whose sentences no window shows: the command line's own, the bench's, and the verifier's.
NOT_SHOWN = ("cli/", "emulator/", "ui/", "verify.py")
# Calls that carry sentences, and where reason and remedy stand.
CARRIERS = dict.fromkeys(("PrintcareError", "RecordUnwritable", "error", "warning"), (1, 2)) | {"Finding": (2, 3)}
LEAST = 4  # signs of a sentence


@pytest.fixture(autouse=True)
def _english_again():
    yield
    speak("en")


def _template(node):
    """Return a text with {} for each of its places, or None for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        ends = _template(node.left), _template(node.right)
        return None if ends == (None, None) else "".join("{}" if end is None else end for end in ends)
    return None


def _assigned(function):
    """Return what each name of a function stands for, in the order of the source."""
    found = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=False) if both else [(target, value)]
            for name, stands in pairs:
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(stands)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in found:
            found[node.target.id][-1] = ast.BinOp(found[node.target.id][-1], node.op, node.value)
    return found


def _sentences(path):
    """Return the reasons and remedies of a module, as templates."""
    found = set()
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(function, ast.FunctionDef | ast.Module):
            continue
        names = _assigned(function)
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            for place in CARRIERS.get(name, ()):
                for node in call.args[place : place + 1]:
                    stands = names.get(node.id, []) if isinstance(node, ast.Name) else [node]
                    both = (end for each in stands for end in _ends(each))
                    found |= {text for end in both if (text := _template(end)) and _words(text)}
    return found


def _words(template):
    return len("".join(sign for sign in template.replace("{}", "") if sign.isalpha())) >= LEAST


def _ends(node):
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def test_every_sentence_of_the_core_is_said_in_french():
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    shown = [path for name, path in modules.items() if not name.startswith(NOT_SHOWN)]
    sentences = set().union(*map(_sentences, shown))
    assert len(sentences) > 1000
    assert sorted(sentences - set(told_table("fr")) - set(tongue_of("fr").words)) == []


@pytest.mark.parametrize("meaning", MEANINGS.values(), ids=MEANINGS)
def test_what_a_verdict_means_is_said_in_french(meaning):
    speak("fr")
    assert said(meaning) != meaning


def test_a_word_in_the_place_of_a_sentence_is_said_in_french_too():
    speak("fr")
    assert said("Lot L-1 is quarantined.") == f"Le lot L-1 est {tr('quarantined')}."
    assert tr("quarantined") != "quarantined"


@pytest.mark.parametrize("language", ["fr", "es"])
@pytest.mark.parametrize("alarm", ALARMS.values(), ids=lambda alarm: alarm.id)
def test_every_alarm_is_said_in_every_language(language, alarm):
    speak(language)
    for text in (alarm.title, alarm.cause, alarm.consequence, alarm.action):
        assert said(text) != text


@pytest.mark.parametrize("language", ["fr", "es"])
def test_every_place_of_a_sentence_is_kept(language):
    table = told_table(language)
    assert [english for english, theirs in table.items() if english.count("{}") != theirs.count("{}")] == []


def test_what_stands_in_a_sentence_is_put_into_its_place_with_a_comma():
    speak("fr")
    told = said("print_speed_mm_s = 7.5 mm/s lies outside the studied 8 to 30.")
    assert told == "print_speed_mm_s = 7,5 mm/s est hors du domaine étudié, 8 à 30."


@pytest.mark.parametrize("dose_mg", ["0.1", "900"])
def test_an_unusual_dose_is_said_in_french_to_the_last_word(dose_mg):
    speak("fr")
    range_mg = (Decimal(10), Decimal(20))
    child = SimpleNamespace(doses_per_day=1, weight_kg=Decimal(16), height_cm=Decimal(102), bsa_m2=None)
    found = usual_range_notices(child, Decimal(dose_mg), UsualRange(range_mg, range_mg, range_mg))
    assert len(found) == 3
    for finding in found:
        assert not {"is", "the", "usual", "a", "day", "per", "to"} & set(said(finding.reason).split())


def test_what_no_table_has_is_said_as_the_core_says_it():
    speak("fr")
    assert said("Nobody ever wrote this sentence down.") == "Nobody ever wrote this sentence down."
    speak("en")
    assert said("The dose is 2.5 mg.") == "The dose is 2.5 mg."
