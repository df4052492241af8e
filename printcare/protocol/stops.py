r"""How each firmware is stopped: one row a dialect, from which safe state takes its bytes and the sign to wait for.

Sources: Marlin and Klipper as recorded (devices.md §4.9, §5.3). RepRapFirmware: `GCodes::DoEmergencyStop` says
"Emergency Stop! Reset the controller to continue." with motors and heaters off; M0 and M1 run macros that may do
anything (§6). Smoothieware: `GcodeDispatch` answers M112 by "ok Emergency Stop Requested …" and raises ON_HALT, which
ends heat and motion; control-X is read byte by byte, ahead of every line, and answered by "HALTED, M999 or $X …".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stops:
    """How one firmware stops, and what it says when it has.

    `quick` empties the planner and leaves the board alive, so that the pressure can be relieved; empty where there is
    nothing like it. `kill` ends everything the board does, whatever stands in its queues. `halted` are expressions of
    which a line shows that it has; `clear` brings the board back, and is a person's to send.
    """

    quick: str
    kill: bytes
    kill_told: str
    halted: tuple[str, ...]
    clear: str
    source: str


STOPS = {
    "marlin": Stops(
        quick="M410",
        kill=b"\nM112\n",  # the emergency parser needs the start of a line (quirk 11)
        kill_told="M112",
        halted=("^Error:Printer halted",),
        clear="a reset of the board",
        source="recorded from Marlin 2.1.2.1",
    ),
    "klipper": Stops(
        quick="",
        kill=b"\nM112\n",  # read out of order only while fewer than 20 lines are pending; one is, at most
        kill_told="M112",
        halted=("^// Klipper state: Shutdown", "^!! Shutdown"),
        clear="FIRMWARE_RESTART",
        source="recorded from Klipper v0.13",
    ),
    "reprapfirmware": Stops(
        quick="",
        kill=b"\nM112\n",
        kill_told="M112",
        halted=("^(?:Error: )?Emergency [Ss]top",),
        clear="M999",
        source="from source, not tried on hardware",
    ),
    "smoothieware": Stops(
        quick="",
        kill=b"\x18\nM112\n",  # control-X first: M112 waits behind the lines before it
        kill_told="control-X and M112",
        halted=("Emergency Stop Requested", "^HALTED", "^ALARM", "^!!"),
        clear="M999",
        source="from source, not tried on hardware",
    ),
}
