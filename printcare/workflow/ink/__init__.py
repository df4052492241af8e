"""Inks: materials, formulations, lots, cartridges, and the way from a lot to its units."""
