"""A made-up label for the document tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from printcare.formats.label import LabelContent


def label(**changes: object) -> LabelContent:
    fields: dict[str, object] = {
        "pharmacy": "Demonstration Hospital Pharmacy",
        "address": "1 Sample Street, Exampletown",
        "phone": "+00 0 000 0000",
        "patient": "Robin Specimen",
        "product": "cycloPHOSphamide",
        "product_code": "CYCLOPHOSPHAMIDE-SSE-1",
        "expressed_as": "cyclophosphamide anhydrous",
        "dosage_form": "chewable unit",
        "route": "oral",
        "doses_per_unit_mg": (Decimal("17"),),
        "units_per_dose": 1,
        "doses_per_day": 1,
        "count": 7,
        "give": "Chew, or disperse in 5 mL of water, and give all of it. Never give part of a unit.",
        "hazard_class": "cytotoxic",
        "excipients": ("sorbitol", "gelatin", "potassium sorbate"),
        "storage": "Store at 2 to 8 °C, in the closed container.",
        "batch_id": "B-2026-0417",
        "lot_id": "CP-2601-A",
        "order_id": "RX-2026-000417",
        "prepared_on": "2026-01-05",
        "use_by": datetime(2026, 1, 19, 14, 30, tzinfo=timezone(timedelta(hours=1))),
        "serial": "L-000213",
        "kind": "final",
        "is_simulated": True,
        "anchor_size": 412,
        "anchor_paper": "LXE5U6NHAZM2TLKVTSZQDXWZUK",
    }
    return LabelContent(**(fields | changes))  # type: ignore[arg-type] # the fields above are those of the class
