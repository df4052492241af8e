"""A site in locked mode with one batch that was printed before the window was opened."""

from benchless import NOON, BenchlessStation, records_in

from printcare.domain.people import SYSTEM
from printcare.domain.policy import LOCKED
from printcare.ui.desk import Desk
from printcare.workflow import demonstration
from printcare.workflow.batch import plan, produce
from printcare.workflow.batch.plan import unit_key, units_of
from printcare.workflow.demonstration import Demonstration
from printcare.workflow.order import verify
from printcare.workflow.release import review

MASSES_MG = ("424.6", "426.1", "423.9", "425.3", "424.4", "425.8", "424.2", "427", "425.1", "424.9")


class Printed(Demonstration):
    """A site in locked mode whose one batch was printed by a printer that is none of ours to test here."""

    def set_up(self):
        """Lead the order to a batch that waits for its decision, and leave one alarm in its trail."""
        Demonstration.set_up(self)
        order = self.receive(self.message())
        planned = self.verify_and_plan(order, self.calculate(order))
        self.prepare(planned, 1)
        self._print(planned.id)
        demonstration.finish(self.records, self.people["a.operator"], planned, self.passwords["a.operator"])

    def receive(self, message):
        """Return the order, which came before the window was opened."""
        return self._known if hasattr(self, "_known") else self._receive(message)

    def _receive(self, message):
        self._known = Demonstration.receive(self, message)
        return self._known

    def _print(self, batch_id):
        with self.records.transaction(SYSTEM) as tx:
            state = tx.get("batch", batch_id)
            printing = state | {"status": "printing", "operator": self.people["a.operator"].id, "simulated": False}
            tx.record("batch.started", "batch", batch_id, printing)
            alarm = {
                "batch_id": batch_id, "alarm": "A07", "title": "Room warm", "seen": "31 °C", "cause": "The sun.",
                "consequence": "The ink may age faster.", "action": "Cool the room.", "priority": 3, "unit": None,
            }  # fmt: skip
            tx.record("alarm.raised", "alarm", f"{batch_id}/001", alarm)
            for row, mass in zip(units_of(self.records, batch_id), MASSES_MG, strict=True):
                judged = row | {"status": "accepted", "mass_mg": mass, "reason": ""}
                tx.record("unit.judged", "unit", unit_key(batch_id, row["index"]), judged)
            ended = printing | {
                "status": "finishing",
                "outcome": "completed",
                "reason": "every unit printed and judged",
            }
            tx.record("batch.ended", "batch", batch_id, ended)


class PrintedStation(BenchlessStation):
    """A workstation with the record of that site."""

    def open_rehearsal(self, tell):
        """Return the record, with its people at hand."""
        records = records_in(self.folder)
        return Desk(records, self.folder, Printed(records, NOON.date(), policy=LOCKED))


def printed_station(folder, endpoint, monkeypatch):
    """Return the workstation of that site; of its equipment and people only what the window shows counts."""
    monkeypatch.setattr(demonstration, "switch", lambda *_: None)  # a new record is in locked mode already
    for module in (plan, produce):
        monkeypatch.setattr(module, "use_stops", lambda *_, **__: ())  # of equipment: tested where it is kept
    for module in (verify, review):
        monkeypatch.setattr(module, "not_trained", lambda *_: None)
    monkeypatch.setattr(review, "waste_stops", lambda *_: ())
    monkeypatch.setattr(review, "ink_stops", lambda *_: ())  # nothing was taken from the cartridge's ledger here
    return PrintedStation(folder, endpoint, None)
