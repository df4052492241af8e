"""Real devices: a transport plus a protocol, speaking the domain's words."""
