"""A made-up batch for the document tests: ten units, one rejected, on simulated devices."""

from __future__ import annotations

import math
from decimal import Decimal

from printcare.domain.uniformity import Verdict
from printcare.formats.batch_content import (
    AlarmLine,
    BatchRecordContent,
    CalculationLine,
    Decision,
    DeviationLine,
    EquipmentLine,
    Fact,
    GateFigures,
    LedgerLine,
    MaterialLine,
    ParameterLine,
    RecordAnchor,
    SignatureLine,
    UnitLine,
)

CHECKPOINT = (
    "printcare.example/demo-site/epoch-1\n412\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n"
    "— printcare.example/demo-site/epoch-1 q7Xh5m0Zk3Qw2k1u3y9S0b7u8w1o5t3r2e1w0q9p8o7i6u5y4t3r2e1w0qAA=\n"
)
MASSES = ("424.6", "426.1", "423.9", "425.3", "381.4", "425.8", "424.2", "427", "425.1", "424.9", "425.5", "423.2")


def _pressure(index: int) -> tuple[tuple[float, float], ...]:
    dip = 40.0 if index == 5 else 0.0
    return tuple(
        (t / 10, 104 * (1 - math.exp(-t / 8)) + 2.5 * math.sin(t / 7 + index) - (dip if 150 < t < 190 else 0.0))
        for t in range(0, 420, 2)
    )


def _unit(index: int, mass: str) -> UnitLine:
    exact = Decimal(mass)
    rejected = index == 5
    return UnitLine(
        index=index,
        position="ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(index - 1) // 4] + str((index - 1) % 4 + 1),
        state="rejected" if rejected else "accepted",
        use="" if rejected else "patient" if index < 9 else ("retain", "test", "spare")[min(index - 9, 2)],
        target_mg=Decimal("425"),
        mass_mg=exact,
        deviation_pct=((exact - 425) / 425 * 100).quantize(Decimal("0.01")),
        dose_estimate_mg=(exact * Decimal("0.04")).quantize(Decimal("0.01")),
        pressure_mean_kpa=Decimal("103.2"),
        pressure_max_kpa=Decimal("108.9"),
        balance_line=f"S S {mass:>10} mg",
        reason="mass outside the gate" if rejected else "",
        pressure=_pressure(index),
    )


def sample(*, is_simulated: bool = True, units: int = 12) -> BatchRecordContent:
    return BatchRecordContent(
        batch_id="B-2026-0417",
        record_id="BR-2026-0417-1",
        product="cycloPHOSphamide",
        strength="17 mg per unit",
        dosage_form="chewable unit, oral",
        band="LOCKED MODE · validated recipes only",
        mode="locked",
        is_simulated=is_simulated,
        printed_at="2026-01-05 14:32:10 +01:00",
        site="demo-site",
        application="printcare 0.1.0",
        decision=Decision(
            "rehearsed",
            ("Printer, balance and pressure sensor announced themselves as simulated; it is never released.",),
        ),
        identity=(
            Fact("product", "cycloPHOSphamide 17 mg chewable unit"),
            Fact("batch size", "12 units"),
            Fact("site", "demo-site"),
            Fact("mode", "locked"),
            Fact("legal route", "rehearsal, no patient"),
            Fact("application", "printcare 0.1.0"),
            Fact("started", "2026-01-05 13:58:02 +01:00"),
            Fact("ended", "2026-01-05 14:29:47 +01:00"),
        ),
        prescription=(
            Fact("order", "RX-2026-000417"),
            Fact("prescriber", "Dr Ada Example"),
            Fact("patient pseudonym", "P-Y3FU-MKTS-NIGN-73DL"),
            Fact("identifiers verified", "2 of 2"),
            Fact("weight", "16.0 kg, measured 2026-01-02"),
            Fact("height", "102 cm, measured 2026-01-02"),
            Fact("body surface area", "0.673 m² (Mosteller)"),
            Fact("ordered", "25 mg/m²/day, once a day, 7 days"),
            Fact("ordered dose", "17 mg per administration"),
            Fact("recomputed dose", "16.833 mg, difference 1 %"),
            Fact("indication", "Oral metronomic chemotherapy, demonstration protocol"),
        ),
        acknowledged=(Fact("W_ASSAY_CORRECTED: assay 98.5 %", "Target mass computed from the certificate's assay"),),
        calculation=(
            CalculationLine(
                1, "body surface area", "√(16.0 kg × 102 cm ÷ 3600)", "0.673300329", "m²", "Mosteller 1987"
            ),
            CalculationLine(2, "dose by surface", "25 mg/m² × 0.6733 m²", "16.8325", "mg", "dosing rule CYC-DEMO 1"),
            CalculationLine(3, "ordered dose", "as ordered; recomputed within 1 %", "17", "mg", "RX-2026-000417"),
            CalculationLine(
                4, "effective strength", "40 mg/g × 98.5 % ÷ 100", "39.4", "mg/g", "certificate COA-2601-A"
            ),
            CalculationLine(5, "target mass", "17 mg ÷ 39.4 mg/g × 1000", "431.5", "mg", "dosing reference 10"),
        ),
        recipe=(
            Fact("recipe", "cyclophosphamide-sse, version 1"),
            Fact("status", "effective"),
            Fact("title", "Cyclophosphamide chewable unit, semi-solid extrusion, 20G"),
            Fact("SHA-256", "9f2c41d0b7a6e5f4c3b2a1908f7e6d5c4b3a29180f1e2d3c4b5a69788796a5b4"),
        ),
        parameters=(
            ParameterLine("cartridge temperature", "°C", "38", "37 to 39", "35 to 41", "38.1", "in NOR"),
            ParameterLine("soak", "min", "6", "6 to 30", "6 to 60", "6.2", "in NOR"),
            ParameterLine("print speed", "mm/s", "18", "15 to 20", "10 to 25", "18", "in NOR"),
            ParameterLine("layer height", "mm", "0.4", "0.38 to 0.42", "0.3 to 0.45", "0.4", "in NOR"),
            ParameterLine("prime volume", "mm³", "120", "40 to 250", "40 to 400", "262", "in PAR"),
            ParameterLine("dwell before weighing", "s", "5", "4 to 8", "3 to 30", "5.1", "in NOR"),
        ),
        materials=(
            MaterialLine(
                "pharma-ink",
                "CP-2601-A",
                "Demo Inks Ltd, agreement until 2027-06-30",
                "COA-2601-A, assay 98.5 % (95 to 105 %)",
                "2026-06-30",
                "5.42 g",
            ),
            MaterialLine("cartridge", "CP-2601-A-07, 10 mL", "own filling", "filled 2026-01-05", "2026-01-06", "1"),
        ),
        ledger=(
            LedgerLine("2026-01-05 13:20 +01:00", "filled", Decimal("11.0")),
            LedgerLine("2026-01-05 14:05 +01:00", "prime", Decimal("-0.288")),
            LedgerLine("2026-01-05 14:29 +01:00", "12 units", Decimal("-5.132")),
        ),
        equipment=(
            EquipmentLine("printer", "Marlin 2.1.2 (emulated bench)", "SIM-0001", "OQ 2025-11, PQ 2025-12", True),
            EquipmentLine("balance", "MT-SICS, 0.1 mg (emulated bench)", "SIM-0002", "calibrated 2025-12-15", True),
            EquipmentLine("pressure sensor", "ASCII, 0 to 1000 kPa", "SIM-0003", "calibrated 2025-12-15", True),
        ),
        process=(
            Fact("G-code SHA-256", "77aa41d0b7a6e5f4c3b2a1908f7e6d5c4b3a29180f1e2d3c4b5a69788796a5b4"),
            Fact("lines sent", "6,214"),
            Fact("resends", "0"),
            Fact("duration", "31 min 45 s"),
            Fact("reference pressure", "102.4 kPa"),
        ),
        units=tuple(_unit(index, MASSES[(index - 1) % len(MASSES)]) for index in range(1, units + 1)),
        gate=GateFigures(
            Decimal("425"),
            Decimal("393.1"),
            Decimal("456.9"),
            Decimal("394.4"),
            Decimal("455.6"),
            Decimal("7.5"),
            Decimal("1.3"),
        ),
        pressure_max_kpa=Decimal("260"),
        verdicts=(
            Verdict(
                "all units, n = 11, not a 2.9.5 result",
                "after Ph. Eur. text 01/2008; compare with the edition in force before use",
                11,
                {
                    "mean_mg": "425.05",
                    "limit_pct": "5.0",
                    "beyond_limit": "0",
                    "beyond_twice": "0",
                    "largest_pct": "0.5",
                },
                "5.0 % from the mean",
                "0",
                "estimate only",
            ),
            Verdict(
                "mass-based estimate after Ph. Eur. 2.9.40",
                "after Ph. Eur. text 01/2008; compare with the edition in force before use",
                10,
                {"mean_pct": "100.02", "sd_pct": "0.25", "M": "100.02", "k": "2.4", "outside_L2": "0"},
                "AV at most 15.0",
                "0.6",
                "estimate only",
            ),
        ),
        alarms=(
            AlarmLine(
                "14:12:31 +01:00",
                "A08 Unit rejected",
                "5",
                "381.4 mg, gate 393.1 to 456.9 mg",
                "air in the nozzle (pressure dip of 4 s)",
                "Remove unit 5 at Finish, position B1.",
                "o.demo 14:13:02",
            ),
        ),
        deviations=(
            DeviationLine(
                "B-2026-0417/D1",
                "Unit 5 below the mass gate.",
                "Unit rejected, no other affected.",
                "accepted",
                "r.demo",
            ),
        ),
        reconciliation=(
            Fact("planned", "12"),
            Fact("accepted", "11"),
            Fact("rejected", "1"),
            Fact("unprinted", "0"),
            Fact("patient, retain, test, spare", "7, 1, 1, 2"),
            Fact("balances", "yes"),
        ),
        signatures=(
            SignatureLine(
                "Olivia Operator",
                "o.demo",
                "operator",
                "Produced this batch as recorded",
                "2026-01-05 14:30:12 +01:00",
                "ab" * 32,
            ),
            SignatureLine(
                "Rafael Releaser",
                "r.demo",
                "releaser",
                "Reviewed the record and rehearsed the release",
                "2026-01-05 14:31:40 +01:00",
                "cd" * 32,
            ),
        ),
        anchor=RecordAnchor(
            412, "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", "412 LXE5U6NHAZM2TLKVTSZQDXWZUK", CHECKPOINT
        ),
    )
