"""Numbers: issuing, reserving, manual entries, registers."""
