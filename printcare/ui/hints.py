"""What a newcomer does on each page of a rehearsal, in one sentence: the tutorial stands where the work is."""

from __future__ import annotations

from printcare.ui.words import tr


def hints_of_the_tutorial() -> dict[str, str]:
    """Return page -> what to do there."""
    return {
        "sign-in": tr("Sign in as Ben, a pharmacist, with one click. Nobody here is real."),
        "worklist": tr("The tutorial order waits here. Open it."),
        "prescription": tr(
            "Look at each line of the calculation. Then be the second person: type weight, height and dose again, "
            "from the source document on the right."
        ),
        "plan": tr("Look where the units stand and what they are printed from, then go on to prepare."),
        "prepare": tr("Tick each step in its order; where a code is asked for, type what stands beside it and Enter."),
        "run": tr("Watch. Hold waits after the running unit; Stop, or Esc twice, makes the printer safe at once."),
        "finish": tr("Tick each step, then sign as operator."),
        "review": tr("Read the exceptions first, then sign as rehearsed. A simulated batch is never released."),
        "documents": tr("Choose a document to see its pages; the batch record carries everything."),
    }
