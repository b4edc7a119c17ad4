"""Finished and pending acts: search, details, service, copies."""
