"""Seeded chance, one stream per component, so that adding a fault does not shift the others."""

from __future__ import annotations

import numpy as np

COMPONENTS = ("ink", "density", "heat", "balance", "pressure", "link", "fault", "spare")
TOOL_COMPONENTS = ("ink", "density", "heat", "pressure")
_BLOCK = 512


class Stream:
    """A PCG64 stream handing out plain floats from blocks, cheap enough for the inner loop."""

    def __init__(self, sequence: np.random.SeedSequence) -> None:
        self._rng = np.random.Generator(np.random.PCG64(sequence))
        self._normals: list[float] = []

    def normal(self) -> float:
        """Return one N(0, 1) value."""
        if not self._normals:
            self._normals = self._rng.standard_normal(_BLOCK).tolist()
        return self._normals.pop()

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return one value in [low, high)."""
        return float(self._rng.uniform(low, high))

    def below(self, count: int) -> int:
        """Return one whole number in 0 … count − 1."""
        return int(self._rng.integers(count))


def streams(seed: int, tools: int = 1) -> dict[str, Stream]:
    """Return one independent stream per component, those of a further tool as `ink-1`."""
    names = [*COMPONENTS, *(f"{name}-{tool}" for tool in range(1, tools) for name in TOOL_COMPONENTS)]
    children = np.random.SeedSequence(seed).spawn(len(names))
    made = {name: Stream(child) for name, child in zip(names, children, strict=True)}
    return {**made, "spectrometer": Stream(np.random.SeedSequence((seed, len(COMPONENTS))))}
