"""What a recipe promises of its units: attributes, acceptance criteria, the tests by risk, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

# Every plan answers for each of these, by a method or by the reason for leaving it out (EMA/244165/2025 §3.5).
TESTS = (
    "appearance",
    "identity",
    "content",
    "uniformity-of-mass",
    "uniformity-of-dosage-units",
    "disintegration",
    "dissolution",
    "water",
    "microbiology",
    "mechanical-strength",
)
RISKS = ("low", "medium", "high")
FORMS = ("tablet", "capsule", "suppository", "other")  # of Ph. Eur. 2.9.5; other has no class there


class Attribute(NamedTuple):
    """One critical quality attribute (CQA): what has to lie within which limit."""

    id: str
    name: str
    limit: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """When a batch is accepted, beside every unit's own gate.

    `l1` and `l2` are those of Ph. Eur. 2.9.40, which a monograph may change; `mass_for_content` is the id of the
    evidence that mass may stand for content, or empty, and then the software says "estimate" (quality.md §3).
    """

    form: str  # of FORMS
    target_content_pct: Decimal
    l1: Decimal
    l2: Decimal
    mass_bias_max_pct: Decimal
    mass_rsd_max_pct: Decimal
    ppk_min: Decimal
    mass_for_content: str


class QualityTest(NamedTuple):
    """One test of the quality-control plan, or the justification for leaving it out."""

    name: str  # of TESTS, or one of the recipe's own
    risk: str  # of RISKS, if it is left out
    method: str
    limit: str
    units: int  # of the batch's test units; 0 where none is spent
    omitted_because: str


class Evidence(NamedTuple):
    """A document the recipe rests on and what it proves."""

    id: str
    title: str
    proves: str
