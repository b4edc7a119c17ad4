"""Sections, columns, page borders and frames."""
