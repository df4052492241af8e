"""Vessels that are filled: capsule bodies by shell part number, and any round cavity (process.md §8.4)."""

from __future__ import annotations

from decimal import Decimal

from printcare.domain.shape import Vessel

WALL_MM = Decimal("0.11")  # of a hard shell, typical; the shell's data sheet decides before clinical use
FILL_SHARE = Decimal("0.85")  # of the body; 80 to 90 % is planned, so that the cap closes
NEEDLE_WALL_MM = 0.16  # of a 20G needle, 0.908 mm outside and 0.603 mm inside (process.md §8.4)
SHELL_SOFTENS_C = Decimal(60)  # about 60 to 70 °C (process.md §8.4, to be verified)
CLEARANCE_MM = 0.2  # between needle and vessel
# Size: body volume in mL of suppliers A and B, and outer diameter in mm; suppliers differ by up to 10 %.
SIZES: dict[str, tuple[str, str, str]] = {
    "000": ("1.37", "1.37", "9.55"),
    "00": ("0.95", "0.90", "8.20"),
    "0": ("0.68", "0.68", "7.34"),
    "1": ("0.50", "0.48", "6.63"),
    "2": ("0.37", "0.36", "6.07"),
    "3": ("0.30", "0.27", "5.57"),
    "4": ("0.21", "0.20", "5.05"),
    "5": ("0.13", "0.13", "4.68"),
}
PI = Decimal("3.14159265")


def shell(part_number: str) -> Vessel | None:
    """Return a capsule body by its part number, supplier and size such as `A-0`; None for one nobody measured.

    The depth is that of a cylinder of the body's volume; the round bottom counts as flat.
    """
    supplier, _, size = part_number.partition("-")
    if supplier not in ("A", "B") or size not in SIZES:
        return None
    volume_ml = Decimal(SIZES[size][0 if supplier == "A" else 1])
    inner_mm = Decimal(SIZES[size][2]) - 2 * WALL_MM
    depth_mm = (volume_ml * 1000 / (PI / 4 * inner_mm**2)).quantize(Decimal("0.01"))
    return Vessel(part_number, inner_mm, depth_mm, FILL_SHARE, SHELL_SOFTENS_C)
