"""Sections, columns, page borders, text frames, vertical text."""
