"""What each firmware says when it does not do as it is told counts as a failed command: by every shipped profile."""

import pytest

from printcare.emulator.voices import VOICES
from printcare.formats.find import ids
from printcare.formats.profile import load_profile
from printcare.protocol.marlin_reply import Failed, Fatal, Remark, ReplyParser, Unknown

PROFILES = ids("firmware_profiles")
# devices.md §2 (unknown code, error), §4 and §5 (recorded), §6 (from source), or longer as firmware says it
REFUSED = {
    "marlin": (
        "echo: cold extrusion prevented",
        "echo: too long extrusion prevented",
        'echo:Unknown command: "M900 K0"',
        "echo:T3 Invalid extruder",
        "echo:G2/G3 bad parameters",
        "Error:Homing Failed",
    ),
    "klipper": (
        "!! Extrude below minimum temp",
        "!! Must home axis first: 10.000 0.000 0.000 [0.000]",
        "!! Move out of range: 500.000 10.000 0.000 [0.000]",
        '// Unknown command:"M154"',
    ),
    "reprapfirmware": (
        "Warning: Tool 0 was not driven because its heater temperatures were not high enough or it has a heater fault",
        "Error: G1/G2/G3: Tool 0 was not driven because its heater temperatures were not high enough",
        "Error: Bad command: M900 K0",
        "Warning: Unknown command: M900",
        "Error: G0/G1: insufficient axes homed",
    ),
    "smoothieware": (
        "T3 invalid tool ",
        "error:Unsupported command",
        "Error: out of range",
        "ERROR: Homing cycle failed - resetting",
    ),
}
STOPPED = {
    "marlin": ("Error:Printer halted. kill() called!", "Error:Thermal Runaway, system stopped! Heater_ID: 0"),
    "klipper": (
        "// Klipper state: Shutdown",
        "// Klipper state: Disconnect",
        "!! Shutdown due to M112 command",
        "// Stepper too far in past",
    ),
    "reprapfirmware": (
        "Error: Heater 1 fault: temperature excursion exceeded 15.0C",
        "Error: Heating fault on heater 1, temperature excursion exceeded 15.0C",
        "Error: Temperature reading fault on heater 1",
        "Emergency Stop! Reset the controller to continue.",
    ),
    "smoothieware": (
        "!!",
        "ALARM: Kill button pressed - reset or M999 to continue",
        "ERROR: Temperature runaway on T (delta temp 20)",
        "ok Emergency Stop Requested - reset or M999 required to exit HALT state",
    ),
}


@pytest.mark.parametrize("profile_id", PROFILES)
def test_an_extrusion_the_firmware_refuses_for_cold_is_never_taken_for_done(profile_id):
    profile = load_profile(profile_id)
    cold = VOICES[profile.dialect].cold
    heard = ReplyParser(profile.link).classify(cold.format(tool=0).encode("latin-1"))
    assert isinstance(heard, Failed if cold else Remark)  # Smoothieware refuses nothing, and says nothing


@pytest.mark.parametrize("profile_id", PROFILES)
def test_every_refusal_known_of_a_dialect_fails_its_command(profile_id):
    profile = load_profile(profile_id)
    parser = ReplyParser(profile.link)
    heard = {text: parser.classify(text.encode("latin-1")) for text in REFUSED[profile.dialect]}
    assert [text for text, reply in heard.items() if not isinstance(reply, Failed | Unknown)] == []


@pytest.mark.parametrize("profile_id", PROFILES)
def test_every_stop_known_of_a_dialect_ends_the_job(profile_id):
    profile = load_profile(profile_id)
    parser = ReplyParser(profile.link)
    heard = {text: parser.classify(text.encode("latin-1")) for text in STOPPED[profile.dialect]}
    assert [text for text, reply in heard.items() if not isinstance(reply, Fatal)] == []


@pytest.mark.parametrize("profile_id", PROFILES)
def test_ordinary_talk_of_a_firmware_is_no_failure(profile_id):
    parser = ReplyParser(load_profile(profile_id).link)
    ordinary = ("ok", "echo:busy: processing", "T:38.0 /38.0 B:21.0 /0.0 @:0 B@:0", "X:1.00 Y:2.00 Z:3.00 E:0.00")
    assert [t for t in ordinary if isinstance(parser.classify(t.encode()), Failed | Fatal | Unknown)] == []
