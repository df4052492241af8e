"""The electronic record: append-only events, the state they are bound to, accounts and signatures."""
