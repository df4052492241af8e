"""One batch from its plan to its last unit, and the laboratory results that judge it."""
