"""How long one line of a program may be, so that no more than the allowed motion is ever in flight."""

from __future__ import annotations

import math
from dataclasses import dataclass

from printcare.domain.machine import FirmwareProfile

HORIZON_SHARE = 0.98  # rounding XY may lengthen a segment by a micrometre
MOST_PIECES = 64  # of one arc; more would not fit any planner
ANY_LENGTH = 0.8  # of the longest arc; rather a little less, and no length below it forbidden
ARC_WORDS = frozenset({"G2", "G3"})


@dataclass(frozen=True, slots=True)
class Reach:
    """The longest straight line, and what lines may be where some are arcs, at one speed.

    A host that stops sending waits until the firmware's planner and command queue have run out (process.md §3.4). A
    straight line takes one place of either. An arc takes one place of the queue, and of the planner one for each
    piece it is cut into: as few as its length over `cut_mm`. With N planner blocks, Q places in the queue, no piece
    longer than q and no line longer than L, N·q + Q·L is in flight at most.
    """

    straight_mm: float  # longest line where every one is straight
    arc_mm: float | None = None  # L; None where arcs would be no longer than straight lines, or are not known
    piece_mm: float = 0.0  # q, and so the longest straight line among arcs
    cut_mm: float = 0.0  # longest piece the firmware cuts

    def may_be(self, length_mm: float) -> bool:
        """Whether an arc may have that length."""
        pieces = max(1, math.ceil(length_mm / self.cut_mm - 1e-9))
        return length_mm <= (self.arc_mm or 0.0) and length_mm / pieces <= self.piece_mm

    def pieces(self, length_mm: float, least: int) -> int:
        """Return into how many equal arcs, at least `least`, a longer one has to be cut."""
        count = max(1, least)
        while not self.may_be(length_mm / count):
            count += 1
        return count


def reach_of(profile: FirmwareProfile, feed_mm_s: float) -> Reach:
    """Return what one line may cover on a printer at a speed."""
    straight_mm = segment_limit_mm(profile, feed_mm_s)
    if not (profile.has_arcs and set(profile.allowed_words) >= ARC_WORDS):
        return Reach(straight_mm)
    cut_mm = profile.arc_segment_mm[1]
    arc_mm, pieces = max((_longest(profile, feed_mm_s, pieces), pieces) for pieces in range(1, MOST_PIECES + 1))
    if arc_mm <= straight_mm:
        return Reach(straight_mm)
    link = profile.link
    flight_mm = HORIZON_SHARE * link.max_horizon_s * feed_mm_s
    any_mm = (flight_mm - link.planner_blocks * cut_mm) / link.command_queue  # with pieces as long as they come
    if any_mm > ANY_LENGTH * arc_mm:
        return Reach(straight_mm, any_mm, cut_mm, cut_mm)
    return Reach(straight_mm, arc_mm, arc_mm / pieces, cut_mm)


def _longest(profile: FirmwareProfile, feed_mm_s: float, pieces: int) -> float:
    """Return the longest arc in so many pieces that keeps the motion in flight; 0 where it would be cut into fewer."""
    link, cut_mm = profile.link, profile.arc_segment_mm[1]
    flight_mm = HORIZON_SHARE * link.max_horizon_s * feed_mm_s
    length_mm = min(flight_mm / (link.planner_blocks / pieces + link.command_queue), pieces * cut_mm)
    return length_mm if length_mm > (pieces - 1) * cut_mm else 0.0


def segment_limit_mm(profile: FirmwareProfile, feed_mm_s: float) -> float:
    """Return the longest segment that keeps a full planner and queue within the profile's motion in flight."""
    blocks = profile.link.planner_blocks + profile.link.command_queue
    return HORIZON_SHARE * profile.link.max_horizon_s / blocks * feed_mm_s
