"""Checks of an authority's power to do an act."""
