"""What a balance was last found to be: zero, check weight, repeatability and corners, and for how long that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from printcare.domain.checks import Finding, error, warning
from printcare.domain.gate import Weighing
from printcare.domain.uniformity import sample_sd

_EXACT = Context(prec=40)
FEWEST_WEIGHINGS = 10  # USP <41>
CORNERS = 5  # the middle and four corners
PASSED, FAILED = "passed", "failed"
SQRT_3 = Decimal("1.732050807568877293527446341505872366943")  # half a width over it is a rectangular uncertainty


class Kind(StrEnum):
    """What is checked."""

    DAILY = "daily"  # zero and one check weight
    REPEATABILITY = "repeatability"
    CORNERS = "corners"


# Kind -> its fewest readings, its most, and in which order they are taken.
READINGS = {
    Kind.DAILY: (2, 2, "the empty balance, then the weight"),
    Kind.REPEATABILITY: (FEWEST_WEIGHINGS, 100, "the same weight each time, put on anew"),
    Kind.CORNERS: (CORNERS, CORNERS, "the weight in the middle, then in each corner"),
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """The site's rules: how long each check stands, h, its limits, and the evaporation it found by experiment, mg.

    `deviation_pct` is of the check weight (USP <41>: 0.10 %); `zero_mg` and `corner_pct` are the site's own, and so is
    `below_minimum`: why the unit gate may decide on units the balance cannot weigh accurately, or empty where it may
    not (quality.md §6).
    """

    daily_h: Decimal = Decimal(24)
    repeatability_h: Decimal = Decimal(24 * 31)
    corners_h: Decimal = Decimal(24 * 93)
    deviation_pct: Decimal = Decimal("0.10")
    zero_mg: Decimal = Decimal("0.5")
    corner_pct: Decimal = Decimal("0.10")
    u_evap_mg: Decimal = Decimal("0.3")
    below_minimum: str = ""

    def valid_h(self, kind: Kind) -> Decimal:
        """Return how long a check of a kind stands."""
        return {Kind.DAILY: self.daily_h, Kind.REPEATABILITY: self.repeatability_h, Kind.CORNERS: self.corners_h}[kind]


@dataclass(frozen=True, slots=True)
class BalanceCheck:
    """One check as made: what was put on, what the balance showed, net, and what it means.

    A daily check holds two readings: the empty balance and the check weight. `figure_mg` is s of a repeatability, the
    largest deviation of the others; `u_weight_mg` the standard uncertainty of the weight by its certificate.
    """

    balance: str
    kind: Kind
    at: datetime
    weight_mg: Decimal
    readings_mg: tuple[Decimal, ...]
    readability_mg: Decimal
    u_weight_mg: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a check passed, its figure in mg, and why not where it did not."""

    status: str  # of PASSED, FAILED
    figure_mg: Decimal
    findings: tuple[Finding, ...]


def judge(check: BalanceCheck, schedule: Schedule) -> Outcome | tuple[Finding, ...]:
    """Return what a check means, or why its readings are none: too few of them, or no weight."""
    fewest, most, order = READINGS[check.kind]
    if not fewest <= len(check.readings_mg) <= most or check.weight_mg <= 0 or check.readability_mg <= 0:
        told = f"A {check.kind} check needs a weight, a readability and {fewest} readings: {order}; "
        told += f"it has {len(check.readings_mg)}."
        return (error("E_BALANCE_READINGS", told, "Make the check again from its start.", "balance"),)
    judges = {Kind.DAILY: _daily, Kind.REPEATABILITY: _repeatability, Kind.CORNERS: _corners}
    figure_mg, reasons = judges[check.kind](check, schedule)
    findings = tuple(
        error("E_BALANCE_CHECK", told, "Take the balance out of use and have it serviced.", "balance")
        for told in reasons
    )
    return Outcome(FAILED if findings else PASSED, figure_mg, findings)


def _daily(check: BalanceCheck, schedule: Schedule) -> tuple[Decimal, list[str]]:
    zero_mg, shown_mg = check.readings_mg[:2]
    off_mg, limit_mg = abs(shown_mg - zero_mg - check.weight_mg), check.weight_mg * schedule.deviation_pct / 100
    reasons = []
    if abs(zero_mg) > schedule.zero_mg:
        reasons.append(f"The empty balance shows {zero_mg} mg, {schedule.zero_mg} mg are allowed.")
    if off_mg > limit_mg:
        reasons.append(f"The weight of {check.weight_mg} mg is off by {off_mg} mg, {limit_mg} mg are allowed.")
    return off_mg, reasons


def _repeatability(check: BalanceCheck, _schedule: Schedule) -> tuple[Decimal, list[str]]:
    """Return s; whether it suffices depends on what is weighed, so that the minimum weight judges it later."""
    with localcontext(_EXACT):
        return sample_sd(check.readings_mg), []


def _corners(check: BalanceCheck, schedule: Schedule) -> tuple[Decimal, list[str]]:
    middle_mg, *corners_mg = check.readings_mg
    off_mg, limit_mg = max(abs(each - middle_mg) for each in corners_mg), check.weight_mg * schedule.corner_pct / 100
    if off_mg <= limit_mg:
        return off_mg, []
    return off_mg, [f"A corner is off the middle by {off_mg} mg, {limit_mg} mg are allowed."]


@dataclass(frozen=True, slots=True)
class Judged:
    """A check on record with its outcome."""

    check: BalanceCheck
    outcome: Outcome


def latest(checks: Iterable[Judged], kind: Kind) -> Judged | None:
    """Return the last check of a kind, passed or not, or None."""
    return max((each for each in checks if each.check.kind is kind), key=lambda each: each.check.at, default=None)


def standing(checks: Sequence[Judged], schedule: Schedule, now: datetime, balance: str) -> tuple[Finding, ...]:
    """Return why a balance may not judge a unit now: a check was never made, is over, failed, or lies in the future."""
    findings = []
    for kind in Kind:
        last = latest(checks, kind)
        if last is None:
            told = f"Balance {balance} has no {kind} check on record."
            findings.append(_blocked("E_BALANCE_UNCHECKED", told))
        elif last.outcome.status == FAILED:
            told = f"Balance {balance} failed its {kind} check of {last.check.at:%Y-%m-%d %H:%M}."
            findings.append(_blocked("E_BALANCE_CHECK", told))
        elif not timedelta(0) <= now - last.check.at <= timedelta(hours=float(schedule.valid_h(kind))):
            told = f"The {kind} check of balance {balance} was made {last.check.at:%Y-%m-%d %H:%M} and stands "
            told += f"{schedule.valid_h(kind)} h."
            findings.append(_blocked("E_BALANCE_CHECK_EXPIRED", told))
    return tuple(findings)


def _blocked(code: str, told: str) -> Finding:
    return error(code, told, "Check the balance with `printcare balance check`.", "balance")


def weighing_from(checks: Sequence[Judged], schedule: Schedule) -> Weighing | None:
    """Return the figures the gate judges by, from the last repeatability and daily check that passed, or None.

    s is the measured one, never below 0.41·d (USP <41>). u_cal joins the weight's own uncertainty with what the check
    weight was off by, taken as rectangular: what is not corrected for is uncertain.
    """
    passed = [each for each in checks if each.outcome.status == PASSED]
    repeated, daily = latest(passed, Kind.REPEATABILITY), latest(passed, Kind.DAILY)
    if repeated is None or daily is None:
        return None
    readability_mg = repeated.check.readability_mg
    with localcontext(_EXACT):
        off_mg = daily.outcome.figure_mg / SQRT_3
        u_cal_mg = (daily.check.u_weight_mg**2 + off_mg**2).sqrt().quantize(Decimal("0.0001"))
        s_mg = max(repeated.outcome.figure_mg, Decimal("0.41") * readability_mg).quantize(Decimal("0.0001"))
    return Weighing(s_mg, u_cal_mg, schedule.u_evap_mg, readability_mg)


def below_minimum(net_mg: Decimal, weighing: Weighing, justification: str) -> tuple[Finding, ...]:
    """Return what a unit below the minimum weight means: in-process check only, and that by a justification.

    2000·max(s, 0.41·d) is what the balance can weigh accurately; below it the unit gate decides, where the site says
    in writing why that is enough (quality.md §6).
    """
    minimum_mg = weighing.minimum_weight_mg
    if net_mg >= minimum_mg:
        return ()
    told = f"A unit of {net_mg} mg is below the minimum weight of {minimum_mg:.0f} mg; its weighing is an "
    told += "in-process check and nothing more."
    if justification.strip():
        return (warning("W_BELOW_MINIMUM_WEIGHT", f"{told} {justification.strip()}", "Read it as such.", "balance"),)
    remedy = "Use a better balance, or have the site justify the unit gate in writing: `printcare balance schedule`."
    return (error("E_BELOW_MINIMUM_WEIGHT", told, remedy, "balance"),)


def since_last_good(
    checks: Sequence[Judged], failed: Judged, weighed: Mapping[str, datetime]
) -> tuple[datetime | None, tuple[str, ...]]:
    """Return when the balance was last known good in what now failed, and every unit weighed after that.

    `weighed` says when each unit was. Without a good check every unit it ever weighed is listed.
    """
    good = latest(
        (each for each in checks if each.outcome.status == PASSED and each.check.at < failed.check.at),
        failed.check.kind,
    )
    since = None if good is None else good.check.at
    listed = tuple(sorted(unit for unit, at in weighed.items() if since is None or at > since))
    return since, listed
