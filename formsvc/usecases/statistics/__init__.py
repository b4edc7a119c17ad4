"""Counts of the office's work, by views that are data."""
