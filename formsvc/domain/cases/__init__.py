"""Cases: deadlines, hazards, next steps."""
