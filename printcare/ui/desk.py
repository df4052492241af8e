"""The open record the window works at: a rehearsal with its made-up people, or the site's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any  # a state is parsed JSON

from printcare.domain.checks import Finding, error
from printcare.domain.control_recipe import ControlPart, DoseTime, PartDose, control_recipe
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.gate import Weighing
from printcare.domain.machine import FirmwareProfile
from printcare.domain.policy import Policy
from printcare.domain.prescription import Prescription
from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.dosing_rule import load_rules
from printcare.formats.fhir import read_fhir
from printcare.formats.find import ids
from printcare.formats.prescription_json import read_prescription_json
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.formats.strict_json import read_json
from printcare.workflow.authority import Refused
from printcare.workflow.batch.plan import PlannedBatch, header_for, parts_of, recipe_doses, recipe_lots
from printcare.workflow.batch.produce import policy_of
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job
from printcare.workflow.entry import Account, Store
from printcare.workflow.ink.materials import cartridge_from, cartridge_stops
from printcare.workflow.mode import present
from printcare.workflow.order.receive import keep, pseudonym_key
from printcare.workflow.order.verified import verified_doses
from printcare.workflow.order.worklist import lot_of, order_of, recipe_for
from printcare.workflow.states import object_of

if TYPE_CHECKING:
    from printcare.workflow.demonstration import Demonstration
    from printcare.workflow.paper.documents import Pharmacy


@dataclass(slots=True)
class Desk:
    """A record with what belongs to it: its folder, its rehearsal where it is one, the balance it weighs by."""

    records: Store
    folder: Path
    rehearsal: Demonstration | None = None
    begun: Callable[[], None] = lambda: None  # told when a rehearsal's people are there
    balance_id: str = ""

    @property
    def today(self) -> date:
        """Return the date the record goes by."""
        return self.records.context.clock().date()

    @property
    def pharmacy(self) -> Pharmacy:
        """Return who prepares, as a label names it."""
        from printcare.workflow.demonstration import PHARMACY
        from printcare.workflow.paper.documents import Pharmacy  # reportlab: a third of the time to the first page

        return Pharmacy(self.records.site(), "", "") if self.rehearsal is None else PHARMACY

    @property
    def balance(self) -> str:
        """Return the serial number of the balance that weighs: its checks on record say what it can."""
        from printcare.workflow.demonstration import BALANCE

        return self.balance_id if self.rehearsal is None else BALANCE

    def policy(self) -> Policy:
        """Return the policy of the site's present mode."""
        return present(self.records)

    def receive(self, account: Account, data: bytes, name: str) -> tuple[Finding, ...]:
        """Keep a message under its file's name and put its order on the worklist; return every finding."""
        value, _ = read_json(data)
        key, today = pseudonym_key(self.folder), self.today
        is_own = isinstance(value, dict) and "schema" in value
        result = read_prescription_json(data, key, today) if is_own else read_fhir(data, key, today)
        return keep(self.records, account, data, result, "json" if is_own else name)

    def order(self, order_id: str) -> Prescription:
        """Return an order, read again from its kept message."""
        return order_of(self.records, order_id, pseudonym_key(self.folder))

    def message(self, order: Prescription) -> bytes:
        """Return the message an order came in."""
        return self.records.kept("received_message", order.received_sha256) or b""

    def recipe(self, order: Prescription) -> MasterRecipe:
        """Return the one approved recipe of an order; raises Refused for none or several."""
        return recipe_for(self.records, [load_recipe(each) for each in ids("recipes")], order)

    def lot(self, recipe: MasterRecipe) -> InkLot:
        """Return the only released lot of a recipe's ink; raises Refused for none or several."""
        return lot_of(self.records, recipe.ink.ink_id, None)

    def lots(self, recipe: MasterRecipe) -> list[InkLot]:
        """Return the lot of every drug of a recipe, in the order of printing; raises Refused as for one."""
        return [self.lot(recipe.of_part(number)) for number in range(1, len(recipe.parts) + 1)]

    def cartridge(self, lot: InkLot) -> Cartridge:
        """Return the cartridge to be used next: of those that may be used, the one filled first; raises Refused."""
        rows = self.records.all("cartridge", lot_id=lot.id).values()
        filled = [cartridge_from(self.records, row) for row in rows if row["status"] in ("filled", "used")]
        usable = [each for each in filled if not cartridge_stops(self.records, each)]
        if not usable:
            told = f"No cartridge of the lot {lot.id} may be used."
            raise Refused((error("E_CARTRIDGE_NONE", told, "Fill or receive one, see the page Inks.", "cartridge"),))
        return min(usable, key=lambda each: (each.filled_on, each.id))

    def materials(self, recipe: MasterRecipe) -> list[tuple[InkLot, Cartridge]]:
        """Return lot and cartridge of every drug of a recipe, in the order of printing; raises Refused as they do."""
        return [(lot, self.cartridge(lot)) for lot in self.lots(recipe)]

    def profile(self, recipe: MasterRecipe) -> FirmwareProfile:
        """Return the printer's profile for a recipe; raises Refused where several fit and none is chosen."""
        if self.rehearsal is not None:
            return load_profile(self.rehearsal.profile)
        every = [load_profile(each) for each in ids("firmware_profiles")]
        fitting = [profile for profile in every if profile.printer_class in recipe.printer_classes]
        if len(fitting) != 1:
            told = f"{len(fitting)} printer profiles fit {recipe.id}."
            raise Refused((error("E_PROFILE_CHOICE", told, "Plan it by `printcare print --profile`.", "profile"),))
        return fitting[0]

    def batches(self, order_id: str) -> dict[str, dict[str, Any]]:
        """Return the batches of an order, by id, as they came."""
        return self.records.all("batch", prescription=order_id)

    def planned(self, batch_id: str) -> tuple[Prescription, PlannedBatch]:
        """Return a recorded batch with its order, planned again as it was; raises PLAN_DIFFERS, or Refused.

        For showing and for papers: the job makes its own plan again, by what its cartridge holds then.
        """
        state = self.records.get("batch", batch_id)
        if state is None:
            raise PrintcareError("BATCH_UNKNOWN", f"There is no batch {batch_id}.", "See the page Worklist.")
        order = self.order(state["prescription"])
        recipe, profile = load_recipe(state["recipe"].partition("/")[0]), load_profile(state["profile"])
        weighing = object_of(Weighing, state["weighing"])
        materials = list(self._materials(state))
        at = DoseTime(**state["step"]) if state.get("step") else None
        doses = verified_doses(
            self.records, order, load_rules(), recipe, [lot for lot, _ in materials], self._planned_on(batch_id), at
        )
        parts = [PartDose(dose, *material) for dose, material in zip(doses, materials, strict=True)]
        control = control_recipe(recipe, parts, state["days"])
        policy, targets = policy_of(state), tuple(_target(part, recipe, weighing) for part in control.parts)
        header = header_for(recipe, recipe_lots(control), recipe_doses(control), policy)
        job = plan_job(batch_id, recipe, targets, state["units"], profile, policy, header)
        if isinstance(job, tuple) or job.program.digest != state["program_digest"]:
            told = f"The plan of batch {batch_id} cannot be made again as it was recorded."
            raise PrintcareError("PLAN_DIFFERS", told, "A file was changed since it was planned: plan a new batch.")
        gates = tuple(target.gate for target in targets)
        return order, PlannedBatch(batch_id, control, profile, job.program, gates, weighing, job, ())

    def _planned_on(self, batch_id: str) -> date:
        found = self.records.events(object_id=batch_id, action="batch.planned", limit=1)
        return datetime.fromisoformat(str(found[0].content["ts_utc"])).astimezone().date() if found else self.today

    def _materials(self, state: dict[str, Any]) -> Iterator[tuple[InkLot, Cartridge]]:
        for row in parts_of(state):
            cartridge = self.records.get("cartridge", row["cartridge"]) or {}
            yield lot_of(self.records, "", row["lot"]), cartridge_from(self.records, cartridge)


def _target(part: ControlPart, recipe: MasterRecipe, weighing: Weighing) -> PartTarget:
    """Return what a part weighs and by which gate, with the ink of a full cartridge: what is left says nothing here."""
    gate = gate_for(recipe.of_part(part.number), part.target_mass_mg, weighing)
    if isinstance(gate, Finding):
        raise Refused((gate,))
    return PartTarget(part.target_mass_mg, gate, part.cartridge.id, part.cartridge.fill_g - part.cartridge.dead_g)
