"""Complaints, recalls and deviations."""
