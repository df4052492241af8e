"""The firmware side of Klipper and RepRapFirmware: bounded buffers, and lines cut by a full queue."""

from __future__ import annotations

from printcare.protocol.marlin_device import Intake
from printcare.protocol.other_devices import KlipperReceiver, RrfReceiver, SmoothieReceiver


def test_a_full_queue_leaves_lines_waiting_and_loses_what_the_buffer_cannot_hold() -> None:
    receiver = RrfReceiver(8, 2)
    intake = receiver.receive(b"G90\nG91\nM82\nM83\nM84\n")  # two lines queued, 12 bytes left for 8 places
    assert list(receiver.queue) == ["G90", "G91"]
    assert (intake.lost_bytes, receiver.free_slots()) == (4, 0)


def test_lines_that_waited_follow_in_order_when_the_queue_has_room() -> None:
    receiver = RrfReceiver(64, 2)
    receiver.receive(b"G90\nG91\nM82\n")
    receiver.queue.popleft()
    assert receiver.free_slots() == 1
    receiver.fill(Intake([], []))
    assert list(receiver.queue) == ["G91", "M82"]


def test_klipper_does_not_read_a_stop_behind_twenty_pending_lines() -> None:
    receiver = KlipperReceiver()
    intake = receiver.receive(b"G4 P100\n" * 20 + b"M112\n")
    assert intake.urgent == []
    receiver.queue.popleft()
    receiver.fill(intake)
    assert intake.urgent == [("M112", "")]


def test_power_up_forgets_lines_and_numbers() -> None:
    receiver = RrfReceiver(64, 1)
    receiver.receive(b"G90\nG91\n")
    receiver.reset()
    assert (list(receiver.queue), receiver.last_number) == ([], 0)
    receiver.receive(b"M82\n")
    assert list(receiver.queue) == ["M82"]


def test_control_x_halts_smoothieware_ahead_of_every_line() -> None:
    receiver = SmoothieReceiver(256, 2)
    receiver.receive(b"G4 P100\nG4 P100\n")
    assert receiver.receive(b"G1 X\x18").urgent == [("M112", "")]
    assert receiver.receive(b"\x18\nM112\n").urgent == [("M112", "")]
