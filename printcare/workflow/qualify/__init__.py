"""Qualification protocols run step by step, and the checks they name."""
