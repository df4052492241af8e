"""This workstation, for every composition root: settings, log, crash file, the record opened, the bench started."""
