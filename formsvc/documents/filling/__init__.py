"""Filling a Word template with answers."""
