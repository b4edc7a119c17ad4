"""Checks of a definition beyond its shape."""
