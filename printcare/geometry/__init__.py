"""Shapes and paths as arrays: a dosage form solved for a volume, and the path that lays it down."""
