"""The demonstration printer in each firmware's dialect, as far as its line is concerned."""

from __future__ import annotations

from dataclasses import replace

from printcare.domain.machine import FirmwareProfile
from printcare.formats.profile import load_profile

MARLIN = load_profile("marlin-syringe")


def _profile(dialect: str, identity: str, **link: object) -> FirmwareProfile:
    return replace(
        MARLIN,
        dialect=dialect,
        identity_pattern=identity,
        required_caps=(),
        asserted=(),
        link=replace(MARLIN.link, **link),
    )


KLIPPER = _profile(
    "klipper",
    "FIRMWARE_NAME:Klipper",
    integrity="none",
    boot_pattern="^// Klipper state: (?:Ready|Startup)$",
    fatal_patterns=("^// Klipper state: (?:Shutdown|Disconnect)", "^!! Shutdown"),
    failed_patterns=("^!!", "^// Unknown command"),
)
RRF = _profile(
    "reprapfirmware",
    "FIRMWARE_NAME: RepRapFirmware",
    integrity="n_crc16",
    rx_bytes=256,
    boot_pattern="^(?!)",
    resend_pattern="^(?!)()",
    fatal_patterns=("^Error: Emergency stop",),
    failed_patterns=("^Error",),
)
RRF_XOR = replace(RRF, link=replace(RRF.link, integrity="n_xor"))
SMOOTHIE = _profile(
    "smoothieware",
    "FIRMWARE_NAME:Smoothieware",
    rx_bytes=256,
    command_queue=2,  # ping-pong
    boot_pattern="^Smoothie$",
    fatal_patterns=("^!!", "Emergency Stop Requested"),
    failed_patterns=("^[Ee]rror",),
)
PROFILES = {
    "marlin": MARLIN, "klipper": KLIPPER, "reprapfirmware": RRF, "reprapfirmware-xor": RRF_XOR, "smoothieware": SMOOTHIE
}  # fmt: skip
