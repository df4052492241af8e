"""What pharmacy and printing mean: frozen values and pure functions on the standard library alone."""
