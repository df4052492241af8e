"""The command line: one small module a command, nothing heavy imported before it is needed."""
