"""The cleaning procedure after an ink, with what its hazard class brings into the steps."""

from __future__ import annotations

from printcare.domain.procedure import Picture, procedure
from printcare.records.store import Store


def procedure_for(records: Store, ink_id: str) -> tuple[Picture, ...]:
    """Return the steps after an ink on record; of one nobody wrote down the strictest."""
    rows = [state for key, state in records.all("ink_formulation").items() if key.rpartition("/")[0] == ink_id]
    hazards = [str(row.get("content", row).get("hazard_class", "")) for row in rows]
    return procedure(hazards[-1] if hazards else "")
