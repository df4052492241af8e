"""The releasing decision, and what leaves the pharmacy with a released batch."""
