"""Sign-in, sessions and the own account."""
