"""Print medicines at the point of care: from a prescription to a dose-exact, weighed and recorded batch."""

__version__ = "0.1.0"
