"""Write docs/errors.md from the source: every code with what it says and what to do; run by `make errors`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from error_codes import CODE, ROOT, WORD, codes_in_source

from printcare.domain.recipe_life import NOT_IN_FORCE, LifeState
from printcare.domain.requirement import QUALIFY, REQUIREMENTS

OPENING = """# Error codes
Every code the program can show, with what it tells and what to do; … stands for the value at hand. `E_` refuses, `W_`
is shown, acknowledged where it needs a reason, and recorded, `F_` is a problem of a file. A test compares this list
with the source; `make errors` writes it again.

| code | what happened | what to do | room |
|---|---|---|---|
"""
# Where the words are put together far from the code, they are told here.
TOLD = {
    "CANONICAL_VALUE": ("A value cannot stand in the record.", "Pass plain JSON, numbers as strings."),
    "EVENT_INCOMPLETE": ("An event lacks action, object, rule or bytes.", "Complete it as the message says."),
    "E_ACKNOWLEDGEMENT_MISSING": ("A warning stands without a reason.", "Give a reason, or correct what it names."),
    "E_BMI_IMPLAUSIBLE": ("The body mass index is impossible at this age.", "Measure weight and height again."),
    "E_WEIGHT_FOR_AGE": ("The weight is impossible at this age.", "Measure again; check the birth date and the unit."),
    "E_HEIGHT_FOR_AGE": ("The height is impossible at this age.", "Measure again; check the birth date and the unit."),
    "W_GROWTH_CONFIRM_WEIGHT": ("The weight is unusual at this age.", "Confirm with a reason and a second person."),
    "W_GROWTH_CONFIRM_HEIGHT": ("The height is unusual at this age.", "Confirm with a reason and a second person."),
    "W_GROWTH_CONFIRM_BMI": (
        "The body mass index is unusual at this age.",
        "Confirm with a reason and a second person.",
    ),
    "E_SECOND_ENTRY_WEIGHT": ("The second person's weight is another.", "Both look at the source and enter it again."),
    "E_SECOND_ENTRY_HEIGHT": ("The second person's height is another.", "Both look at the source and enter it again."),
    "E_DOSES_PER_DAY": ("Doses a day are no whole number from 1 to 24.", "Correct the order."),
    "E_FILE_UNREADABLE": ("The file cannot be opened.", "Name a readable file."),
    "E_GEOMETRY_KIND": ("The shape or path is not one this program lays.", "Use a listed shape and path."),
    "E_UNITS_RANGE": ("The number of units is not a whole number in range.", "State one within the tray."),
    "FAULT_TRIGGER": ("This fault has no such trigger.", "Use one of the forms shown."),
    "FAULT_VALUE": ("The fault's value is wrong or out of range.", "Use one of the forms shown."),
    "F_KEY_CHOICE": ("A key holds something outside its list.", "Use one of the words shown."),
    "F_REFUSED": ("A message was refused.", "See its findings."),
    "LINK_SILENT": (
        "Neither the line nor the questions after it were answered.",
        "Check cable and power, then recover.",
    ),
    "LINE_COUNT_LOST": ("The printer insists on a line it has certainly executed.", "Recover the batch; never resend."),
    "RESEND_LOOP": ("The printer asks for lines without end.", "Check the cable for noise."),
    "PRINTER_HALTED": ("The printer has stopped itself.", "Read its text, reset the board, then recover."),
    "PRINTER_RESTARTED": (
        "The board restarted in the middle of the job.",
        "Its position is unknown: recover the batch.",
    ),
    "PRINTER_NO_ANSWER": ("The printer does not answer the greeting.", "Check power, cable and baud rate."),
    "FHIR_SEVERAL": ("Several orders, dosages or ingredients came.", "Send one, or enter the order by hand."),
    "FILE_NOT_STL": ("The file is not one whole STL.", "Export the mesh again, as one STL."),
    "LINE_UNCERTAIN": ("A line was not answered, and must not be sent again.", "Recover the batch."),
    "STOP_SENT": ("The emergency stop was sent.", "Reset the board before the next use."),
    "UNIT_DIMENSION": ("Two units do not measure the same.", "Use a unit of the same kind."),
}
TOLD |= {code: (f"The version is {state}.", remedy) for state, (code, remedy) in NOT_IN_FORCE.items()}
TOLD["E_VERSION_NOT_YET"] = ("The version is effective only from a later date.", NOT_IN_FORCE[LifeState.EFFECTIVE][1])
for needed in REQUIREMENTS:
    whose = "training of the operator" if needed.name == "training" else needed.name
    TOLD |= {
        needed.missing: (f"There is no {whose} on record for what is to be used.", needed.remedy),
        needed.over: (f"The {whose} on record has ended.", needed.remedy),
        needed.due: (f"The {whose} on record ends soon.", needed.remedy),
    }
# One code asked of several: told of the first thing that has to be done.
TOLD |= {
    "E_PRINTER_UNREGISTERED": ("The printer is not on the register, or not in use.", REQUIREMENTS[0].remedy),
    "E_QUALIFICATION_MISSING": ("The printer was never qualified (IQ, OQ).", QUALIFY),
    "E_QUALIFICATION_EXPIRED": ("The printer's qualification has ended.", QUALIFY),
    "W_QUALIFICATION_DUE": ("A qualification ends soon.", QUALIFY),
    "E_BALANCE_UNREGISTERED": (
        "The balance is not on the register, or not in use.",
        "Enter it with `printcare printer register --kind balance`, then take it into use.",
    ),
    "E_BALANCE_UNQUALIFIED": ("The balance was never qualified (OQ).", QUALIFY),
    "E_RECIPE_UNQUALIFIED": ("The recipe was never qualified on this printer (PQ).", QUALIFY),
    "E_RECIPE_QUALIFICATION_EXPIRED": ("The recipe's qualification on this printer has ended.", QUALIFY),
    "E_CARTRIDGE_DISCARDED": ("The cartridge was discarded.", "Take another cartridge."),
    "E_CARTRIDGE_QUARANTINED": ("The cartridge stands in quarantine.", "Have it released, or take another."),
    "E_CARTRIDGE_IN_USE": ("The cartridge is past its time in use.", "Discard it and take another."),
    "E_FILAMENT_MOISTURE": ("The spool has stood open longer than its moisture allows.", "Dry it or take another."),
    "E_SCAN_DIFFERS": ("What was scanned is not what the plan names.", "Take the one of the plan and scan it."),
    "SWEEP_ENDED": ("The flow sweep ended before its last flow.", "Look at the printer, then begin again."),
}
GATE = ("The independent reader found it in the program.", "Do not print; write the file again with `printcare gcode`.")


def main() -> None:
    """Write the document, codes in alphabetical order."""
    said = _said()
    rows = []
    for code in sorted(codes_in_source()):
        room, words = said.get(code, ("", []))
        told = TOLD.get(code) or (tuple(words[:2]) if len(words) >= 2 else None)
        if told is None:
            told = (
                GATE
                if code.startswith("E_GATE")
                else (words[0] if words else "See the message.", "As the message says.")
            )
        cells = [cell.replace("|", "\\|").replace("\n", " ") for cell in told]
        rows.append(f"| `{code}` | {cells[0]} | {cells[1]} | {room} |")
    (ROOT / "docs" / "errors.md").write_text(OPENING + "\n".join(rows) + "\n", "utf-8")


def _said() -> dict[str, tuple[str, list[str]]]:
    """Return, for each code, the room that uses it and the words that follow it in the fullest of its calls."""
    found: dict[str, tuple[str, list[str]]] = {}
    for path in sorted((ROOT / "printcare").rglob("*.py")):
        room = path.relative_to(ROOT / "printcare").parts[0].removesuffix(".py")
        for code, words in _uses(path):
            if code not in found or len(words) > len(found[code][1]):
                found[code] = (room, words)
    return found


def _uses(path: Path) -> Iterator[tuple[str, list[str]]]:
    tree = ast.parse(path.read_text("utf-8"))
    shared = _names(tree.body)
    for scope in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] or [tree]:
        assigned = sorted(
            (each for each in ast.walk(scope) if isinstance(each, ast.Assign)), key=lambda one: one.lineno
        )
        for node in ast.walk(scope):
            if isinstance(node, ast.Call | ast.Tuple):
                # A name says what was last assigned to it above: one function may tell several things as `told`.
                names = shared | _names([each for each in assigned if each.lineno <= node.lineno])
                yield from _codes(node.args if isinstance(node, ast.Call) else node.elts, names)
    for statement in tree.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Tuple):
                yield from _codes(node.elts, shared)


def _codes(parts: list[ast.expr], names: dict[str, ast.expr]) -> Iterator[tuple[str, list[str]]]:
    for place, part in enumerate(parts):
        choices = [part.body, part.orelse] if isinstance(part, ast.IfExp) else [part]
        for choice in choices:
            code = choice.value if isinstance(choice, ast.Constant) else None
            if isinstance(code, str) and CODE.fullmatch(code) and not WORD.fullmatch(code):
                words = [_text(later, names) for later in parts[place + 1 : place + 3]]
                yield code, [word for word in words if len(word.strip("… .")) > 3]


def _names(statements: list[ast.AST] | list[ast.stmt]) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in statements
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _text(node: ast.expr, names: dict[str, ast.expr], depth: int = 0) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left, names, depth) + _text(node.right, names, depth)
    if isinstance(node, ast.IfExp):
        return _text(node.body, names, depth)
    if isinstance(node, ast.Name) and node.id in names and depth < 3:
        return _text(names[node.id], names, depth + 1)
    return "…"


if __name__ == "__main__":
    main()
