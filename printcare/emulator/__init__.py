"""Devices that are not there, with physics and faults, on one virtual clock."""
