"""Every string of the window can be said in every language it offers."""

import ast
import re
from pathlib import Path

import pytest

import printcare.ui
from printcare.domain.balance_check import READINGS, Kind
from printcare.domain.batch import BatchState, UnitState
from printcare.domain.cartridge import CartridgeStatus
from printcare.domain.cleaning import PartState
from printcare.domain.equipment import KINDS as EQUIPMENT
from printcare.domain.equipment import EquipmentStatus
from printcare.domain.ink_lot import LotStatus
from printcare.domain.laboratory import InvestigationStatus, ResultStatus
from printcare.domain.people import Role
from printcare.domain.policy import POLICIES
from printcare.domain.procedure import procedure
from printcare.domain.qualification import RunStatus, StepOutcome
from printcare.domain.recipe_life import MOVES, LifeState
from printcare.domain.training import MODULES
from printcare.domain.upkeep import CALIBRATION, FOUND, MAINTENANCE, UpkeepSchedule
from printcare.records.account_changes import STANDING
from printcare.ui.figures import exact, figure, local
from printcare.ui.words import LANGUAGES, decimal_sign, speak, table, tr
from printcare.workflow.batch.produce import PREPARATION
from printcare.workflow.batch.recover import INTERRUPTED
from printcare.workflow.ink.inks import AGREEMENT
from printcare.workflow.paper.label_book import LabelStatus
from printcare.workflow.quality import complaints
from printcare.workflow.recipe.controlled import KINDS
from printcare.workflow.recipe.keys import REVOKED, TRUSTED
from printcare.workflow.record.backup import VERIFIED
from printcare.workflow.record.retention import LIFTED, PLACED
from printcare.workflow.release.review import FINISHING
from printcare.workflow.study.experiments import FAILED, OPEN, PRINTED, PROPOSED, QUEUED

ROOM = Path(printcare.ui.__file__).parent
SOURCES = sorted([*ROOM.rglob("*.py"), ROOM.parent / "app.py"])
TRANSLATING = ("tr", "phrase")
# Which argument of a call is shown or read aloud; a name of Qt or a code is none.
SHOWN = {
    "label": 0, "button": 0, "Card": 0, "Fact": 0, "Notice": 1, "EntryField": 1, "TextField": 1, "Reading": 1,
    "setText": 0, "setAccessibleName": 0, "setPlaceholderText": 0, "setToolTip": 0, "setTitle": 0, "addItem": 0,
}  # fmt: skip
PLACES = re.compile(r"\{[^{}]*\}")
WORDS = re.compile(r"[A-Za-z]{2,}")
COMPLETE, STARTED = ("fr",), ("es",)  # a language moves to the first when nothing of it is missing
# What a language that is only started has to say whole: where it begins, what waits, what prints and what alarms.
FIRST = (
    "frame.py", "run_plan.py", "run_state.py", "run_lead.py", "stages.py", "figures.py", "unit_look.py",
    "pages/page.py", "pages/sign_in.py", "pages/worklist.py", "pages/run.py", "widgets/alarm_banner.py",
    "widgets/band.py", "widgets/lock_strip.py", "widgets/mass_plot.py", "widgets/notice.py",
    "widgets/pressure_plot.py", "widgets/rail.py", "widgets/reading.py", "widgets/scan_field.py",
    "widgets/signature_dialog.py", "widgets/tray.py",
)  # fmt: skip
STATES = (
    Role, BatchState, UnitState, LotStatus, CartridgeStatus, LifeState, PartState, EquipmentStatus, RunStatus,
    StepOutcome, ResultStatus, InvestigationStatus, complaints.Kind, complaints.Status, LabelStatus, Kind,
)  # fmt: skip
STATUSES = {each.value for kind in STATES for each in kind}
# What a register shows as the core names it: equipment, modules of a training, tasks, steps of a cleaning, modes.
STATUSES |= {*EQUIPMENT, *FOUND, MAINTENANCE, CALIBRATION, *(task.name for task in UpkeepSchedule().tasks)}
STATUSES |= {words for each in MODULES for words in (each.name, each.reading, each.practical)}
STATUSES |= {words for hazard in ("", "hazardous", "cytotoxic") for each in procedure(hazard)
             for words in (each.name, each.words)}  # fmt: skip
STATUSES |= {words for policy in POLICIES.values() for words in (policy.mode, policy.band)}
# What stands in the record as a plain word: of accounts, holds, backups, experiments and their runs.
STATUSES |= {
    *STANDING,
    "withdrawn",
    *AGREEMENT,
    TRUSTED,
    REVOKED,
    PLACED,
    LIFTED,
    VERIFIED,
    OPEN,
    PROPOSED,
    QUEUED,
    PRINTED,
    FAILED,
    INTERRUPTED,
}
VERBS = {move.verb.replace("_", " ").capitalize() for move in MOVES} | {kind.words for kind in KINDS.values()}
CORE = STATUSES | VERBS | {".", *PREPARATION, *FINISHING, *READINGS, *(order for _, _, order in READINGS.values())}
UNITS = {
    "UNEXPECTED",
    "printcare audit verify audit-export.jsonl",
    "mg",
    "kPa",
    "°C",
    "kg",
    "cm",
    "g",
    "h",
    "%",
    "JSON (*.json)",
}


@pytest.fixture(autouse=True)
def _english_again():
    yield
    speak("en")


def _calls(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            yield name, node


def _said(sources=SOURCES, core=CORE):
    """Return every text of some sources that is translated."""
    found = set(core)
    for path in sources:
        for name, node in _calls(path):
            if name in TRANSLATING and node.args and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return found


def _untranslated(path):
    for name, node in _calls(path):
        place = SHOWN.get(name)
        if place is None or len(node.args) <= place:
            continue
        shown = node.args[place]
        texts = [shown] if isinstance(shown, ast.Constant) else getattr(shown, "values", [])
        for text in texts:
            is_words = isinstance(text, ast.Constant) and isinstance(text.value, str) and WORDS.search(text.value)
            if is_words and text.value.strip() not in UNITS:
                yield f"{path.name}:{node.lineno}: {text.value!r}"


def test_nothing_is_shown_that_no_table_can_translate():
    assert [line for path in SOURCES for line in _untranslated(path)] == []


@pytest.mark.parametrize("language", COMPLETE)
def test_no_string_is_missing(language):
    assert sorted(_said() - set(table(language))) == []


@pytest.mark.parametrize("language", STARTED)
def test_a_started_language_says_the_first_pages_and_the_run_whole(language):
    of_people = {each.value for kind in (Role, BatchState, UnitState) for each in kind}
    assert sorted(_said([ROOM / name for name in FIRST], of_people) - set(table(language))) == []


@pytest.mark.parametrize("language", [*COMPLETE, *STARTED])
def test_no_string_is_left_over_or_empty(language):
    assert sorted(set(table(language)) - _said()) == []
    assert [english for english, text in table(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", [*COMPLETE, *STARTED])
def test_every_placeholder_has_its_place(language):
    both = table(language).items()
    assert [each for each, text in both if sorted(PLACES.findall(each)) != sorted(PLACES.findall(text))] == []


def test_a_language_without_a_table_is_english():
    speak("xx")
    assert tr("Sign in") == "Sign in"
    assert decimal_sign() == "."


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_the_decimal_comma_is_shown_where_the_language_has_one(language):
    speak(language)
    assert figure(17.5, 1, "mg") == "17,5 mg"
    assert local("0.25 mg, twice 1.50") == "0,25 mg, twice 1,50"


def test_what_is_no_number_keeps_its_points():
    speak("fr")
    for text in ("2026-01-05", "CP-2601.5-A", "version 1.0.2", "v2.1", "127.0.0.1"):
        assert local(text) == text
    assert exact(None) == "–"
