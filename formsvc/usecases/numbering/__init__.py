"""Issuing, reserving and entering numbers."""
