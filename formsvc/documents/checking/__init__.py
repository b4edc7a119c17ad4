"""Checks of definitions against templates, and of the folders of both."""
