"""How devices speak, bytes in and events out: no port, no thread, no clock."""
