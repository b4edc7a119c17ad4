"""Cases: deadlines, hazards, next steps, responsibility."""
