"""Domain objects as the record keeps them: the plain form of `domain.plain`."""

from __future__ import annotations

from printcare.domain.plain import as_state, state_of

__all__ = ["as_state", "state_of"]
