"""What plan and run pages know of a batch: from the planned batch, and again from the record after a new start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from printcare.domain.control_recipe import ControlPart, ControlRecipe, ink_needed_g
from printcare.domain.gate import MassGate
from printcare.domain.prescription import Prescription
from printcare.domain.recipe import MasterRecipe, Part, Range
from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.ui.figures import UNITS, exact, figure
from printcare.ui.models import Fact, PartPlan, PlanChoice, PlanView, RunPlan, Scan, objections
from printcare.ui.words import phrase, tr
from printcare.workflow.batch.plan import PlannedBatch, parts_of, unit_key
from printcare.workflow.batch.produce import PREPARATION
from printcare.workflow.batch.scanned import Code, codes_of

if TYPE_CHECKING:
    from printcare.gcode.preview import UnitView


class Rows(Protocol):
    """The one thing these pages read of a record: the latest state of a row."""

    def get(self, table: str, key: str) -> dict[str, object] | None:
        """Return a row's state, or None."""
        ...


def recorded_run_plan(records: Rows, batch_id: str) -> RunPlan:
    """Return a recorded batch as the run page needs it; raises PrintcareError BATCH_UNKNOWN or BATCH_UNIT_MISSING."""
    state = records.get("batch", batch_id)
    if state is None:
        raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See `printcare batch list`.")
    recipe = load_recipe(str(state["recipe"]).partition("/")[0])
    tray = load_profile(str(state["profile"])).tray
    low, high = (str(end) for end in _texts(state["accepted_mg"]))
    count = int(str(state["units"]))
    return RunPlan(
        batch_id=batch_id,
        product=recipe.product.tall_man,
        dose=f"{state['dose_per_unit_mg']} mg",
        positions=tuple(_position(records, batch_id, index) for index in range(1, count + 1)),
        columns=tray.columns,
        rows=tray.rows,
        target_mg=float(str(state["target_mass_mg"])),
        low_mg=float(low),
        high_mg=float(high),
        predicted_kpa=float(str(state["predicted_kpa"])),
        pressure_window_pct=float(recipe.limits.pressure_window_pct),
        pressure_max_kpa=float(recipe.limits.pressure_max_kpa),
        cartridge_c=(float(recipe.parameters.cartridge_c.normal[0]), float(recipe.parameters.cartridge_c.normal[1])),
        lot=str(state["lot"]),
        cartridge=str(state["cartridge"]),
        further=tuple(_further(recipe, row) for row in parts_of(state)[1:]),
    )


def _further(recipe: MasterRecipe, row: dict[str, object]) -> PartPlan:
    low, high = (float(str(end)) for end in _texts(row["accepted_mg"]))
    product = recipe.of_part(int(str(row["number"]))).product.tall_man
    return PartPlan(product, float(str(row["target_mass_mg"])), low, high)


def _position(records: Rows, batch_id: str, index: int) -> str:
    """Return where a unit stands as it was planned: a keep-out may have left positions of the tray out."""
    unit = records.get("unit", unit_key(batch_id, index))
    if unit is None:
        raise PrintcareError(
            "BATCH_UNIT_MISSING", f"Batch {batch_id} has no unit {index} on record.", "Have the record verified."
        )
    return str(unit["position"])


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def plan_choices(order: Prescription) -> tuple[PlanChoice, ...]:
    """Return what a batch of an order may be made of: the whole course, or one dose of one step."""
    if not order.steps:
        return (PlanChoice(tr("Plan a batch of {} days").format(order.duration_days)),)
    return tuple(
        PlanChoice(tr("Plan step {}, the dose at {}").format(number, dose.time_of_day), number, dose.time_of_day)
        for number, step in enumerate(order.steps, start=1)
        for dose in step.doses
    )


def plan_view(records: Rows, planned: PlannedBatch) -> PlanView:
    """Return a planned batch as the plan page shows it."""
    recipe, master = planned.recipe, planned.recipe.master
    allocation = master.allocation
    uses = tr("{} for the patient + {} retained + {} for tests + {} spare").format(
        recipe.units_for_patient, allocation.retain, allocation.test, allocation.spare
    )
    doses = (f"{part.part.product.tall_man} {exact(part.dose_per_unit_mg)} mg" for part in recipe.parts)
    step = (records.get("batch", planned.id) or {}).get("step")
    made_for = tr("Step {}, at {}").format(step["step"], step["time_of_day"]) if isinstance(step, dict) else ""
    return PlanView(
        run=recorded_run_plan(records, planned.id),
        headline=tr("{} units of {}").format(recipe.units_total, " + ".join(doses)),
        recipe=(
            Fact(tr("Recipe"), tr("{} version {}").format(master.id, master.version), "", tr("approved and effective")),
            Fact(tr("Printer profile"), planned.profile.title),
            *_of_each(recipe, lambda part: _process(planned, part)),
        ),
        materials=_of_each(recipe, lambda part: _materials(recipe, part)),
        units=(
            *_of_each(recipe, lambda part: _masses(part, planned.gates[part.number - 1])),
            Fact(tr("Units"), str(recipe.units_total), "", uses),
        ),
        parameters=tuple(row for part in recipe.parts for row in _parameters(part.part, _of(recipe, part))),
        uses=f"{made_for} · {uses}" if made_for else uses,
        findings=objections(planned.findings),
        steps=tuple(map(tr, PREPARATION)),
        scans=tuple(_scan(each, master.parts) for each in codes_of(planned)),
        ink_share=max(_ink_share(recipe, part) for part in recipe.parts),
    )


def _of(recipe: ControlRecipe, part: ControlPart) -> str:
    """Return what stands before a figure of one drug of several."""
    return f"{part.part.product.tall_man} · " if len(recipe.parts) > 1 else ""


def _of_each(recipe: ControlRecipe, facts: Callable[[ControlPart], tuple[Fact, ...]]) -> tuple[Fact, ...]:
    """Return the facts of each drug in turn, with its name where there are several."""
    return tuple(replace(fact, name=_of(recipe, part) + fact.name) for part in recipe.parts for fact in facts(part))


def _process(planned: PlannedBatch, part: ControlPart) -> tuple[Fact, ...]:
    nozzle, predicted_kpa = part.part.nozzle, planned.job.parts[part.number - 1].predicted_kpa
    bore = tr("{}, {} mm bore").format(nozzle.gauge, exact(nozzle.bore_mm))
    return (
        Fact(tr("Nozzle"), bore, "", nozzle.part_number),
        Fact(tr("Predicted pressure"), figure(predicted_kpa, 1, "kPa")),
    )


def _materials(recipe: ControlRecipe, part: ControlPart) -> tuple[Fact, ...]:
    lot, cartridge = part.lot, part.cartridge
    left = tr("{} in the cartridge").format(figure(cartridge.left_g, 2, "g"))
    return (
        Fact(tr("Ink lot"), lot.id, "", tr("released, expires {}").format(lot.expires_on)),
        Fact(tr("Assay of label"), exact(lot.assay_pct_of_label), "%", lot.certificate),
        Fact(tr("Cartridge"), cartridge.id, "", tr("filled {}, for one batch").format(cartridge.filled_on)),
        Fact(tr("Ink needed"), figure(ink_needed_g(recipe, part), 2, "g"), "", left),
    )


def _ink_share(recipe: ControlRecipe, part: ControlPart) -> float:
    left_g = part.cartridge.left_g
    return float(ink_needed_g(recipe, part) / left_g) if left_g else 1.0


def _masses(part: ControlPart, gate: MassGate) -> tuple[Fact, ...]:
    low, high = gate.accepted_mg
    accepted = tr("{} to {}").format(figure(low, 1), figure(high, 1, "mg"))
    return (
        Fact(tr("Dose per unit"), exact(part.dose_per_unit_mg), "mg"),
        Fact(tr("Target mass"), figure(part.target_mass_mg, 1, "mg"), "", tr("wet, as printed")),
        Fact(tr("Accepted at once"), accepted, "", tr("gate ±{} %").format(exact(gate.gate_pct))),
    )


def toolpath(planned: PlannedBatch) -> tuple[UnitView, ...]:
    """Return what the program of a batch lays down, as the independent reader found it."""
    from printcare.gcode.check import check  # the reader and numpy: a tenth of the time to the first page
    from printcare.gcode.preview import preview

    return preview(check(planned.program.text, planned.profile), planned.profile)


SCANS = {  # step of the preparation, counted from 0, and its words
    "cartridge": (1, phrase("Scan the cartridge")),
    "lot": (1, phrase("Scan the ink lot on its label")),
    "nozzle": (2, phrase("Scan the nozzle's part number")),
}


def _scan(code: Code, parts: tuple[Part, ...]) -> Scan:
    step, words = SCANS[code.of]
    title = tr(words) if len(parts) == 1 else f"{tr(words)} · {parts[code.part - 1].product.tall_man}"
    return Scan(code.what, step, title, code.wanted)


def _parameters(part: Part, drug: str) -> tuple[tuple[str, str, str, str], ...]:
    parameters = part.parameters
    table = (
        (tr("Cartridge temperature"), parameters.cartridge_c),
        (tr("Soak"), parameters.soak_min),
        (tr("Print speed"), parameters.print_speed_mm_s),
        (tr("Layer height"), parameters.layer_height_mm),
        (tr("Prime volume"), parameters.prime_mm3),
        (tr("Dwell before weighing"), parameters.dwell_s),
    )
    return tuple(_row(drug + name, limits) for name, limits in table)


def _row(name: str, limits: Range) -> tuple[str, str, str, str]:
    unit = UNITS.get(limits.unit, limits.unit)

    def told(ends: tuple[Decimal, Decimal]) -> str:
        return f"{exact(ends[0])}–{exact(ends[1])} {unit}"

    return name, f"{exact(limits.target)} {unit}", told(limits.normal), told(limits.proven)
