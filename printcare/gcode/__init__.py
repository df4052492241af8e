"""Toolpath to program, program to moves by a reader that shares no code, and the gate before a print."""
