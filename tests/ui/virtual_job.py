"""A job in a thread of the test's own process: virtual time, and everything else real - record, endpoint, control."""

import threading
import time

from printcare.emulator.bench import Bench
from printcare.emulator.labelled import truths_of
from printcare.emulator.virtual import VirtualPorts
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.runner import listening
from printcare.workflow.authority import in_session
from printcare.workflow.batch.produce import plan_again, policy_of, produce


class VirtualJob:
    """Starts the job of a batch as a station does; `outcome` is how it ended."""

    def __init__(self, open_records, path):
        self._open_records, self._path = open_records, path
        self._thread = None
        self.outcome = None

    def start(self, desk, batch_id, operator_id, session):
        """Print in a thread with a connection of its own to the record; return where the job listens."""
        self._thread = threading.Thread(target=self._print, args=(batch_id, operator_id, session), name="virtual job")
        self._thread.start()
        return str(self._path)

    def join(self):
        """Wait for the end."""
        if self._thread is not None:
            self._thread.join()

    def _print(self, batch_id, operator_id, session):
        with self._open_records() as records:
            state = records.get("batch", batch_id)
            recipe, profile = load_recipe(state["recipe"].partition("/")[0]), load_profile(state["profile"])
            policy = policy_of(state)
            job, cartridge_id = plan_again(records, batch_id, recipe, profile, policy)
            ports = VirtualPorts(Bench(profile, seed=1, ink=truths_of(recipe, profile)))
            endpoint = listening(records, batch_id, self._path, ports, time.monotonic, policy)
            try:
                operator = in_session(records, operator_id, session)
                self.outcome = produce(records, operator, job, cartridge_id, ports, endpoint.publish).outcome.value
            finally:
                endpoint.close()
