"""Pages one begins the day with: what is to be done today."""
