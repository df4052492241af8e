"""What is written for people: batch record, label, calculation sheet, paper form, accuracy data."""
