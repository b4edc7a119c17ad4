"""Adjustment of a filled Word file to its lines and pages."""
