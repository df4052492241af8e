"""What people see; widgets show and ask, workflow decides."""
