"""An order from its arrival to a dose that two people stand for."""
