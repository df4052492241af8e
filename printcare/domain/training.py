"""Who was trained in what, on which recipe and equipment, in which version, and until when: the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from printcare.domain.checks import Finding, error

PASSED, FAILED = "passed", "failed"
UNUSED_DAYS = 183  # quality.md §10: refreshed yearly, or after six months without use


@dataclass(frozen=True, slots=True)
class Module:
    """One module: what it permits, whether it is of a recipe and a printer, and how long it stands."""

    name: str
    permits: tuple[str, ...]  # commands it is needed for
    of_recipe: bool
    of_printer: bool
    valid_days: int
    reading: str  # what is read
    practical: str  # what is done before the assessor


# quality.md §10; refreshed yearly.
MODULES: tuple[Module, ...] = (
    Module("recipe", ("batch.start",), True, False, 365, "the recipe and its hazards", "one supervised batch"),
    Module("printer", ("batch.start",), False, True, 365, "the printer's instructions", "one supervised set-up"),
    Module("workflow", (), False, False, 365, "the guide from prescription to ink", "one rehearsal"),
    Module("verification", ("order.verify",), False, False, 365, "BSA and unit scenarios", "ten scenarios solved"),
    Module(
        "release",
        ("batch.release", "batch.rehearse"),
        False,
        False,
        365,
        "audit review, alarms, deviations",
        "one review",
    ),
    Module("cleaning", ("line.clear", "cleaning.step"), False, False, 365, "the cleaning procedure", "one cleaning"),
    Module("maintenance", ("printer.maintain", "printer.calibrate"), False, False, 365, "the manual", "one service"),
)
BY_NAME = {module.name: module for module in MODULES}


@dataclass(frozen=True, slots=True)
class Trained:
    """One assessment: reading and practical, by whom, of which version, until when."""

    person: str
    module: str
    recipe: str  # id/version, or empty
    printer: str  # or empty
    version: str  # of what was read
    trainer: str
    read_at: datetime
    assessed: str  # of PASSED, FAILED
    note: str

    @property
    def key(self) -> str:
        """Return what the record calls it: one row for each person, module, recipe and printer."""
        return subject_of(self.person, self.module, self.recipe, self.printer)

    def until(self) -> datetime:
        """Return when it has to be renewed."""
        return self.read_at + timedelta(days=BY_NAME[self.module].valid_days)


def still_until(until: datetime, read_at: datetime, used_at: datetime | None) -> datetime:
    """Return until when a training in a recipe or a printer stands: its own end, or six months after the last use."""
    last = read_at if used_at is None else max(read_at, used_at)
    return min(until, last + timedelta(days=UNUSED_DAYS))


def subject_of(person: str, module: str, recipe: str, printer: str) -> str:
    """Return the record's key of a person's training in a module, on a recipe or a printer where it is of one."""
    own = BY_NAME[module]
    scope = [part for part, is_of in ((recipe, own.of_recipe), (printer, own.of_printer)) if is_of]
    return "|".join((person, module, *scope))


def assessment_stops(trained: Trained) -> tuple[Finding, ...]:
    """Return why an assessment does not count: unknown module, no scope, nobody else's eyes."""
    module = BY_NAME.get(trained.module)
    if module is None:
        told = f"There is no module {trained.module!r}; there are {', '.join(BY_NAME)}."
        return (error("E_TRAINING_MODULE", told, "Name one of them.", "module"),)
    findings = []
    if (module.of_recipe and not trained.recipe) or (module.of_printer and not trained.printer):
        told = f"The module {module.name} is of a recipe or a printer, and names none."
        findings.append(error("E_TRAINING_SCOPE", told, "Name the recipe's version, or the printer.", "recipe"))
    if trained.trainer == trained.person:
        told = "Nobody assesses themselves."
        findings.append(error("E_TRAINING_SELF", told, "Have a trainer assess and enter it.", "trainer"))
    if trained.assessed not in (PASSED, FAILED) or not trained.version.strip() or not trained.note.strip():
        told = "An assessment says what was read in which version, what was done, and whether it was passed."
        findings.append(error("E_TRAINING_ENTRY", told, "Complete the entry.", "note"))
    return tuple(findings)
