"""Checks of definitions against templates, and the folders both stand in."""
