"""What a batch record says, as plain values: gathered by the workflow from the record, set on paper by batch_record."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.uniformity import Verdict
from printcare.formats.wording import Tongue, tongue_of


@dataclass(frozen=True, slots=True)
class Fact:
    """One named value; the unit is part of `value` where it has one. `changed` says what it was before, and why."""

    name: str
    value: str
    changed: str = ""


@dataclass(frozen=True, slots=True)
class CalculationLine:
    """One step from order to target mass."""

    number: int
    what: str
    formula: str
    result: str
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One process parameter: target, NOR and PAR as set, what it was, and whether that was inside."""

    name: str
    unit: str
    target: str
    normal: str
    proven: str
    actual: str
    verdict: str  # in NOR | in PAR | outside PAR | not measured


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One material with its identity, what its certificate says and how much went in."""

    what: str
    identity: str
    supplier: str
    certificate: str
    expires: str
    used: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One gram of ink in or out."""

    at: str
    reason: str
    mass_g: Decimal


@dataclass(frozen=True, slots=True)
class EquipmentLine:
    """One device with what it said it is."""

    what: str
    identity: str
    serial: str
    state: str  # qualification and calibration
    simulated: bool


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit: what became of it and every figure that decided it; `pressure` is time s against kPa."""

    index: int
    position: str
    state: str
    use: str
    target_mg: Decimal
    mass_mg: Decimal | None
    deviation_pct: Decimal | None
    dose_estimate_mg: Decimal | None
    pressure_mean_kpa: Decimal | None
    pressure_max_kpa: Decimal | None
    balance_line: str
    reason: str
    pressure: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class GateFigures:
    """The mass gate in mg: target, its limits, and the inner limits within which a unit is accepted at once."""

    target_mg: Decimal
    low_mg: Decimal
    high_mg: Decimal
    accepted_low_mg: Decimal
    accepted_high_mg: Decimal
    gate_pct: Decimal
    expanded_mg: Decimal


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One alarm with what was seen and done."""

    at: str
    alarm: str
    unit: str
    seen: str
    cause: str
    action: str
    acknowledged: str


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """One deviation with its judgement."""

    number: str
    what: str
    impact: str
    status: str
    accepted_by: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of preparation or finishing: who did it, who checked it, when."""

    step: str
    done_by: str
    checked_by: str
    at: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One value that was changed after it was entered: from what to what, by whom and why."""

    what: str
    before: str
    after: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class WeighingLine:
    """One weighing of one unit; `drift` was taken off the mass and `evaporation` added to it, mg."""

    unit: str
    at: str
    gross_mg: Decimal
    mass_mg: Decimal
    drift_mg: Decimal
    evaporation_mg: Decimal
    since_s: Decimal
    outcome: str


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One unit that was written again with another multiplier of E."""

    unit: str
    multiplier: Decimal
    gain: Decimal
    volume_mm3: Decimal
    digest: str


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One laboratory result with its method, its limits and its second check."""

    test: str
    method: str
    values: str
    limits: str
    analyst: str
    checked_by: str
    status: str
    raw: str  # name and digest of the instrument's own file


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One printed label and what became of it."""

    serial: str
    kind: str  # quarantine | final
    status: str
    at: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing a person did with the batch."""

    at: str
    who: str
    role: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One electronic signature; `signed_at` carries its zone, `digest` is what it covers (21 CFR 11.50)."""

    name: str
    user: str
    role: str
    meaning: str
    signed_at: str
    digest: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of the batch, and why."""

    outcome: str  # rehearsed | released | partly released | rejected | quarantined
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordAnchor:
    """The record's memory on paper (records.md §8.6): size, root in base64, 26 base32 characters, checkpoint."""

    size: int
    root: str
    paper: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class DrugContent:
    """What is one drug's own in the record of units of several: its dose, parameters, masses, gate and verdicts."""

    drug: str
    calculation: tuple[CalculationLine, ...]
    parameters: tuple[ParameterLine, ...]
    units: tuple[UnitLine, ...]
    gate: GateFigures
    pressure_max_kpa: Decimal | None
    verdicts: tuple[Verdict, ...]
    every_unit: Verdict | None = None  # the figures of all printed units, rejected ones too, which judge nothing


@dataclass(frozen=True, slots=True)
class BatchRecordContent:
    """Everything a batch record shows; nothing in it names the patient but the pseudonym.

    Units of several drugs tell the first here and the others in `further`; `drugs` is all.
    """

    batch_id: str
    record_id: str
    product: str  # tall-man name
    strength: str  # "17 mg per unit"
    dosage_form: str
    band: str  # the words of the mode, Policy.band
    mode: str  # locked | research
    is_simulated: bool
    printed_at: str
    site: str
    application: str
    decision: Decision
    identity: tuple[Fact, ...]
    prescription: tuple[Fact, ...]
    acknowledged: tuple[Fact, ...]  # warnings of the order with the reason they were accepted for
    calculation: tuple[CalculationLine, ...]
    recipe: tuple[Fact, ...]
    parameters: tuple[ParameterLine, ...]
    materials: tuple[MaterialLine, ...]
    ledger: tuple[LedgerLine, ...]
    equipment: tuple[EquipmentLine, ...]
    process: tuple[Fact, ...]
    units: tuple[UnitLine, ...]
    gate: GateFigures
    pressure_max_kpa: Decimal | None  # the recipe's limit, drawn in the plots
    verdicts: tuple[Verdict, ...]
    alarms: tuple[AlarmLine, ...]
    deviations: tuple[DeviationLine, ...]
    reconciliation: tuple[Fact, ...]
    signatures: tuple[SignatureLine, ...]
    anchor: RecordAnchor
    drug: str = ""  # the first one's name, where there are several
    further: tuple[DrugContent, ...] = ()
    every_unit: Verdict | None = None
    language: str = "en"
    justification: tuple[Fact, ...] = ()
    environment: tuple[Fact, ...] = ()
    clearance: tuple[StepLine, ...] = ()
    changes: tuple[ChangeLine, ...] = ()
    corrections: tuple[CorrectionLine, ...] = ()
    weighings: tuple[WeighingLine, ...] = ()
    drift: tuple[Fact, ...] = ()
    results: tuple[ResultLine, ...] = ()
    alarm_figures: tuple[Fact, ...] = ()
    labels: tuple[LabelLine, ...] = ()
    label_count: tuple[Fact, ...] = ()
    yields: tuple[Fact, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    afterwards: tuple[Fact, ...] = ()

    @property
    def tongue(self) -> Tongue:
        """Return the language of the paper."""
        return tongue_of(self.language)

    @property
    def drugs(self) -> tuple[DrugContent, ...]:
        """Return what is each drug's own, in the order of printing; one for most batches."""
        first = DrugContent(
            self.drug,
            self.calculation,
            self.parameters,
            self.units,
            self.gate,
            self.pressure_max_kpa,
            self.verdicts,
            self.every_unit,
        )
        return (first, *self.further)
