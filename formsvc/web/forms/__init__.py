"""Pages on which forms are filled."""
